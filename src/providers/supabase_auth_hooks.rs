use super::standard_webhooks::{ID, PARTS, SIGNATURE, TIME};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Provider, SecretFormat, Tolerance};

/// [Supabase Auth Hooks](https://supabase.com/docs/guides/auth/auth-hooks). Database webhooks of
/// Supabase are unsigned.
///
/// - **Signed**: as in [Standard Webhooks](super::STANDARD_WEBHOOKS): `webhook-id`, a point,
///   `webhook-timestamp`, a point and the whole body, with HMAC-SHA256 in base64, as the `v1,`
///   entries of `webhook-signature`. Other versions are never looked at.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides.
/// - **Event**: `webhook-id`, signed; it is the replay key. No type is named.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// - **Secret**: `v1,whsec_…` of the hook: dashboard, Authentication, Hooks. What stands behind
///   the prefix is base64-decoded.
/// - **Answer**: 200 with the JSON that the hook asks for, within 5 s: a hook decides, it does not
///   only inform. So a repetition, which is acknowledged without the handler, answers without that
///   JSON.
pub static SUPABASE_AUTH_HOOKS: Provider = Provider::new("supabase-auth-hooks")
    .title("Supabase Auth Hooks")
    .aliases(&["supabase"])
    .docs("https://supabase.com/docs/guides/auth/auth-hooks")
    .signature(Hmac(Sha256), SIGNATURE)
    .secret(SecretFormat::MayPrefixBase64("v1,whsec_"))
    .timestamp(TIME, Tolerance::secs(300))
    .signs(PARTS)
    .event_id(&[ID])
    .identity_source("https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md");
