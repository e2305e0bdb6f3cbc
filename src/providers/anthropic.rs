use super::standard_webhooks::{PARTS, SECRET, SIGNATURE, TIME};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Provider, Tolerance, json};

/// [Anthropic](https://platform.claude.com/docs/en/managed-agents/webhooks): managed agents.
///
/// - **Signed**: as in [Standard Webhooks](super::STANDARD_WEBHOOKS): `webhook-id`, a point,
///   `webhook-timestamp`, a point and the whole body, with HMAC-SHA256 in base64, as the `v1,`
///   entries of `webhook-signature`. Other versions are never looked at.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides.
/// - **Event**: `id` and `data.type` of the body, both signed; `type` is always `event`. The id is
///   the replay key, as Anthropic's library recommends, and not `webhook-id`.
/// - **Identity**: the signed id, which names one event over all its retries: by the comments of
///   Anthropic's SDK.
/// - **Secret**: `whsec_…` of the endpoint, shown once in the Console under Webhooks;
///   base64-decoded. An API key (`sk-ant-…`) is refused.
/// - **Retries**: when there was no 2xx; a 3xx is not followed, and counts as none.
pub static ANTHROPIC: Provider = Provider::new("anthropic")
    .title("Anthropic (Claude)")
    .docs("https://platform.claude.com/docs/en/managed-agents/webhooks")
    .signature(Hmac(Sha256), SIGNATURE)
    .secret(SECRET)
    .never_secrets(&[Mistake::new(
        "sk-ant-",
        "this is an API key: paste the webhook endpoint's signing secret, `whsec_…`",
    )])
    .timestamp(TIME, Tolerance::secs(300))
    .signs(PARTS)
    .event_id(&[json("/id")])
    .event_type(&[json("/data/type")])
    .identity_source("the comments of Anthropic's SDK");
