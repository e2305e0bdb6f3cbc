use crate::handshake::{Handshake, Mark};
use crate::provider::{
    Algorithm::Hmac,
    Hash::{Sha1, Sha256, Sha384, Sha512},
    Part::Body,
    Provider, header, query,
};

/// [WebSub](https://www.w3.org/TR/websub/#authenticated-content-distribution), formerly
/// PubSubHubbub: YouTube and every other hub.
///
/// - **Signed**: the whole body, with the HMAC that stands before the `=` of `X-Hub-Signature`:
///   `sha1`, `sha256`, `sha384` or `sha512`, in hex. The hub chooses, YouTube's takes SHA-1, which is
///   broken as a hash, not as an HMAC. A digest that is not of the named method is refused.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named; a delivery is the feed, usually Atom. The replay key is a digest of
///   the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the `hub.secret` that you gave when you subscribed; any text, one for all methods.
///   Without one the hub signs nothing, and its deliveries are refused.
/// - **Setup**: the GET with `hub.challenge` that asks whether you subscribed is answered with the
///   challenge for a topic given with [`expect_setup`](crate::VerifierBuilder::expect_setup), with
///   404 for any other. The one that asks whether you unsubscribed is refused: let the lease end.
/// - **Answer**: 2xx. WebSub asks for a 2xx even if the signature is wrong; here such a request gets
///   401, which a hub may count as a failed delivery.
pub static WEBSUB: Provider = Provider::new("websub")
    .title("WebSub")
    .docs("https://www.w3.org/TR/websub/#authenticated-content-distribution")
    .signature(Hmac(Sha256), header("x-hub-signature").prefix("sha256=").hex())
    .signature(Hmac(Sha1), header("x-hub-signature").prefix("sha1=").hex())
    .signature(Hmac(Sha384), header("x-hub-signature").prefix("sha384=").hex())
    .signature(Hmac(Sha512), header("x-hub-signature").prefix("sha512=").hex())
    .signs(&[Body])
    .handshakes(&[Handshake::unsigned_get()
        .when(&[Mark::Equals(query("hub.mode"), "subscribe")])
        .expects(query("hub.topic"))
        .refused_with(404)
        .echoes(query("hub.challenge"))]);
