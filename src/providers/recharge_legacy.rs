use crate::provider::{
    Algorithm::Digest,
    Hash::Sha256,
    Part::{Body, Secret},
    Provider, header,
};

/// [Recharge](https://docs.getrecharge.com/docs/webhooks-overview#validating-webhooks): the older
/// header, `X-Recharge-Hmac-Sha256`.
///
/// - **Signed**: the API client secret and the whole body, hashed one after the other with plain
///   SHA-256 in hex. In spite of the header's name this is no HMAC: whoever has seen one delivery
///   can hash on from its end, and so sign that body with something appended, without the secret.
///   What is between them is never UTF-8, so a body that is not is refused here
///   ([`BodyMismatch`](crate::RejectionKind::BodyMismatch)). Where Recharge sends its newer header
///   as well, verify that.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: neither id nor type. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *API client secret* of the token that made the webhook, as text.
/// - **Retries**: 20 over 48 h, when there was no 200 within 5 s; then the webhook is deleted.
pub static RECHARGE_LEGACY: Provider = Provider::new("recharge-legacy")
    .title("Recharge (older header)")
    .docs("https://docs.getrecharge.com/docs/webhooks-overview#validating-webhooks")
    .signature(Digest(Sha256), header("x-recharge-hmac-sha256").hex())
    .signs(&[Secret, Body]);
