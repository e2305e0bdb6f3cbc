use super::standard_webhooks::{ID, PARTS, SECRET, SIGNATURE, TIME};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Provider, Tolerance};

/// [Replicate](https://replicate.com/docs/topics/webhooks/verify-webhook).
///
/// - **Signed**: as in [Standard Webhooks](super::STANDARD_WEBHOOKS): `webhook-id`, a point,
///   `webhook-timestamp`, a point and the whole body, with HMAC-SHA256 in base64, as the `v1,`
///   entries of `webhook-signature`. Other versions are never looked at.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides.
/// - **Event**: `webhook-id`, signed; it is the replay key. There is no type: the body is the
///   prediction, whose `status` says how far it is.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// - **Secret**: `whsec_…`, one for the whole account, from the API (`webhooks/default/secret`);
///   base64-decoded. An API token (`r8_…`) is refused.
/// - Replicate's own library does not look at the clock.
pub static REPLICATE: Provider = Provider::new("replicate")
    .title("Replicate")
    .docs("https://replicate.com/docs/topics/webhooks/verify-webhook")
    .signature(Hmac(Sha256), SIGNATURE)
    .secret(SECRET)
    .never_secrets(&[Mistake::new(
        "r8_",
        "this is an API token: paste the webhook signing secret, `whsec_…`",
    )])
    .timestamp(TIME, Tolerance::secs(300))
    .signs(PARTS)
    .event_id(&[ID])
    .identity_source("https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md");
