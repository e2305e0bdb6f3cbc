use super::standard_webhooks::{ID, PARTS, SECRET, SIGNATURE, TIME};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Provider, Tolerance, json};

/// [Lithic](https://docs.lithic.com/docs/events-api#verifying-webhooks).
///
/// - **Signed**: as in [Standard Webhooks](super::STANDARD_WEBHOOKS): `webhook-id`, a point,
///   `webhook-timestamp`, a point and the whole body, with HMAC-SHA256 in base64, as the `v1,`
///   entries of `webhook-signature`. Other versions are never looked at.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides.
/// - **Event**: `webhook-id` and `event_type` of the body, both signed. `webhook-id` is the replay
///   key.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// - **Secret**: `whsec_…` of the event subscription, from the API; base64-decoded.
/// - `svix-*` headers may be sent beside these, and are not read.
pub static LITHIC: Provider = Provider::new("lithic")
    .title("Lithic")
    .docs("https://docs.lithic.com/docs/events-api#verifying-webhooks")
    .signature(Hmac(Sha256), SIGNATURE)
    .secret(SECRET)
    .timestamp(TIME, Tolerance::secs(300))
    .signs(PARTS)
    .event_id(&[ID])
    .event_type(&[json("/event_type")])
    .identity_source("https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md");
