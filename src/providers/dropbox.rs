use crate::handshake::Handshake;
use crate::provider::{
    Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, query,
};

/// [Dropbox](https://www.dropbox.com/developers/reference/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Dropbox-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named; a delivery lists the accounts in which something changed. The replay
///   key is a digest of the body. Two changes of one account have **the same body**: the second is
///   taken for a repetition while the first is remembered. So it is remembered for the least time
///   that the layer takes, about a minute; look for changes once more after that, or one of that
///   minute may wait for the next. A replay only makes you ask Dropbox for what is new.
/// - **Secret**: the *App secret* in the App Console.
/// - **Setup**: `GET ?challenge=…`, unsigned; answered with the challenge as plain text.
/// - **Answer**: 2xx within 10 s (unconfirmed).
/// - By several libraries that agree; Dropbox's page itself was not at hand.
pub static DROPBOX: Provider = Provider::new("dropbox")
    .title("Dropbox")
    .docs("https://www.dropbox.com/developers/reference/webhooks")
    .signature(Hmac(Sha256), header("x-dropbox-signature").hex())
    .never_secrets(&[Mistake::new("sl.", "this is an access token: paste the *App secret*")])
    .signs(&[Body])
    .handshakes(&[Handshake::unsigned_get().echoes(query("challenge"))])
    .looks_again();
