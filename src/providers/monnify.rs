use crate::provider::{Algorithm::Hmac, Hash::Sha512, Mistake, Part::Body, Provider, header, json};

/// [Monnify](https://developers.monnify.com/docs/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA512 in hex, in `monnify-signature`. The older
///   `transactionHash` in the body is never looked at.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; `eventType` of the body, signed. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *client secret key*, under Developer, API Keys. An API key (`MK_…`) is refused.
pub static MONNIFY: Provider = Provider::new("monnify")
    .title("Monnify")
    .docs("https://developers.monnify.com/docs/webhooks")
    .signature(Hmac(Sha512), header("monnify-signature").hex())
    .never_secrets(&[Mistake::new(
        "MK_",
        "this is the API key: paste the client secret key, which stands beside it",
    )])
    .signs(&[Body])
    .event_type(&[json("/eventType")]);
