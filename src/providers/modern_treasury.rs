use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Modern Treasury](https://docs.moderntreasury.com/platform/reference/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; the replay key is a digest of the body. The type is the body's `event`,
///   signed, such as `completed`; what it happened to is `data.object`.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *webhook key*, under Developers, Webhooks.
/// - **Retries**: unconfirmed.
pub static MODERN_TREASURY: Provider = Provider::new("modern-treasury")
    .title("Modern Treasury")
    .docs("https://docs.moderntreasury.com/platform/reference/webhooks")
    .signature(Hmac(Sha256), header("x-signature").hex())
    .signs(&[Body])
    .event_type(&[json("/event")]);
