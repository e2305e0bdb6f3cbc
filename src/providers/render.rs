use super::standard_webhooks::{ID, PARTS, SECRET, SIGNATURE, TIME};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Provider, Tolerance, json};

/// [Render](https://render.com/docs/webhooks).
///
/// - **Signed**: as in [Standard Webhooks](super::STANDARD_WEBHOOKS): `webhook-id`, a point,
///   `webhook-timestamp`, a point and the whole body, with HMAC-SHA256 in base64, as the `v1,`
///   entries of `webhook-signature`. Other versions are never looked at.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides.
/// - **Event**: `webhook-id` and `type` of the body, both signed. `webhook-id` is the replay key.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// - **Secret**: `whsec_…`, the webhook's *Signing Secret* in the dashboard; base64-decoded. An API
///   key (`rnd_…`) is refused.
pub static RENDER: Provider = Provider::new("render")
    .title("Render")
    .docs("https://render.com/docs/webhooks")
    .signature(Hmac(Sha256), SIGNATURE)
    .secret(SECRET)
    .never_secrets(&[Mistake::new(
        "rnd_",
        "this is an API key: paste the webhook's signing secret, `whsec_…`",
    )])
    .timestamp(TIME, Tolerance::secs(300))
    .signs(PARTS)
    .event_id(&[ID])
    .event_type(&[json("/type")])
    .identity_source("https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md");
