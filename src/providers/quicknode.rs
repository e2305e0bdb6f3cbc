use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Timestamp, Value},
    Provider, Tolerance, header,
};

/// [Quicknode](https://www.quicknode.com/guides/quicknode-products/streams/validating-incoming-streams-webhook-messages):
/// Streams and Webhooks. The older QuickAlerts are signed in another way, and are not covered.
///
/// - **Signed**: a nonce, the time and the whole body, nothing between, with HMAC-SHA256 in hex,
///   in `X-QN-Signature`.
/// - **Time**: `X-QN-Timestamp`, signed. No window is documented; 300 s to both sides here. A wider
///   one would be unwise: where the nonce ends and the time begins is not signed, and only the
///   window keeps a stranger from moving digits between them.
/// - **Event**: none is named. The replay key is a digest of `X-QN-Nonce` and the body; whether a
///   retry has a new nonce is unconfirmed, and if so it is a new event.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *security token* of the stream or webhook; it is not decoded.
/// - **Compression**: with `gzip` turned on, the body is signed before it is compressed, and would
///   be refused here. Turn it off, or decompress in front of this layer.
pub static QUICKNODE: Provider = Provider::new("quicknode")
    .title("Quicknode")
    .docs("https://www.quicknode.com/guides/quicknode-products/streams/validating-incoming-streams-webhook-messages")
    .signature(Hmac(Sha256), header("x-qn-signature").hex())
    .never_secrets(&[Mistake::new(
        "QN_",
        "this is an API key: paste the security token of the stream or webhook",
    )])
    .timestamp(header("x-qn-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Value(header("x-qn-nonce")), Timestamp, Body]);
