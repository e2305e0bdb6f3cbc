use super::standard_webhooks::{PARTS, SIGNATURE, TIME};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Provider, Tolerance, json};

/// [Increase](https://increase.com/documentation/webhooks). Its older header is
/// [`INCREASE_LEGACY`](super::INCREASE_LEGACY).
///
/// - **Signed**: as in [Standard Webhooks](super::STANDARD_WEBHOOKS): `webhook-id`, a point,
///   `webhook-timestamp`, a point and the whole body, with HMAC-SHA256 in base64, as the `v1,`
///   entries of `webhook-signature`. Other versions are never looked at.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides.
/// - **Event**: `id` and `category` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the shared secret of the event subscription. Unlike other senders of this family,
///   its characters are the key: nothing is stripped and nothing decoded, as in Increase's library.
pub static INCREASE: Provider = Provider::new("increase")
    .title("Increase")
    .docs("https://increase.com/documentation/webhooks")
    .signature(Hmac(Sha256), SIGNATURE)
    .timestamp(TIME, Tolerance::secs(300))
    .signs(PARTS)
    .event_id(&[json("/id")])
    .event_type(&[json("/category")]);
