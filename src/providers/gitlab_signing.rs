use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp, Value},
    Provider, SecretFormat, Tolerance, header,
};

/// [GitLab](https://docs.gitlab.com/user/project/integrations/webhooks/), by its signing token
/// (2026, behind the feature flag `webhook_signing_token`).
///
/// - **Signed**: as in Standard Webhooks: `webhook-id`, a point, `webhook-timestamp`, a point and
///   the whole body, with HMAC-SHA256 in base64, as the `v1,` entries of `webhook-signature`. An
///   `X-Gitlab-Token` beside it is never enough.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides, as the library that GitLab tests
///   with.
/// - **Event**: `webhook-id`, signed, the same on every retry; it is the replay key. One with a full
///   stop in it is refused. The type is `X-Gitlab-Event`, **unsigned**; `object_kind` of the body says
///   it signed.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://docs.gitlab.com/user/project/integrations/webhooks/).
/// - **Secret**: the webhook's *Signing token*: `whsec_` and the base64 of 32 bytes.
/// - **Bodies** up to 25 MB, by GitLab's default limit (unconfirmed).
/// - By merge requests 230944 and 231325 of GitLab; the headers of the first proposal,
///   `X-Gitlab-Signature` and `X-Gitlab-Timestamp`, did not ship.
pub static GITLAB_SIGNING: Provider = Provider::new("gitlab-signing")
    .title("GitLab (signing token)")
    .docs("https://docs.gitlab.com/user/project/integrations/webhooks/")
    .signature(Hmac(Sha256), header("webhook-signature").list(" ", ',').entry("v1").base64())
    .secret(SecretFormat::MustPrefixBase64("whsec_"))
    .never_secrets(&[Mistake::new("glpat-", ACCESS_TOKEN)])
    .timestamp(header("webhook-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Value(header("webhook-id")), Text("."), Timestamp, Text("."), Body])
    .event_id(&[header("webhook-id")])
    .event_type(&[header("x-gitlab-event")])
    .max_body(25 * 1024 * 1024)
    .identity_source("https://docs.gitlab.com/user/project/integrations/webhooks/");

const ACCESS_TOKEN: &str =
    "this is a personal access token: paste the webhook's signing token, `whsec_…`";
