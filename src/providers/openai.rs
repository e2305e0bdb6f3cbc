use super::standard_webhooks::{ID, PARTS, SECRET, SIGNATURE, TIME};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Provider, Tolerance, json};

/// [OpenAI](https://platform.openai.com/docs/guides/webhooks).
///
/// - **Signed**: as in [Standard Webhooks](super::STANDARD_WEBHOOKS): `webhook-id`, a point,
///   `webhook-timestamp`, a point and the whole body, with HMAC-SHA256 in base64, as the `v1,`
///   entries of `webhook-signature`. Other versions are never looked at.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides.
/// - **Event**: `webhook-id` and `type` of the body, both signed. `webhook-id` is the replay key,
///   the same on every retry; the body's own `id` names the event, and is not used.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://platform.openai.com/docs/guides/webhooks).
/// - **Secret**: `whsec_…`, shown once when the endpoint is made: project settings, Webhooks;
///   base64-decoded. An API key (`sk-…`) is refused.
/// - **Retries**: for up to 72 h, when there was no 2xx within a few seconds.
pub static OPENAI: Provider = Provider::new("openai")
    .title("OpenAI")
    .docs("https://platform.openai.com/docs/guides/webhooks")
    .signature(Hmac(Sha256), SIGNATURE)
    .secret(SECRET)
    .never_secrets(&[Mistake::new(
        "sk-",
        "this is an API key: paste the webhook endpoint's signing secret, `whsec_…`",
    )])
    .timestamp(TIME, Tolerance::secs(300))
    .signs(PARTS)
    .event_id(&[ID])
    .event_type(&[json("/type")])
    .identity_source("https://platform.openai.com/docs/guides/webhooks");
