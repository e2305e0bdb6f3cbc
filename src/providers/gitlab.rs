use crate::provider::{Algorithm::Token, Mistake, Provider, header};

/// [GitLab](https://docs.gitlab.com/user/project/integrations/webhooks/), by its secret token.
///
/// - **Signed**: **nothing.** `X-Gitlab-Token` carries the secret itself: it proves who sends, and
///   whoever sees one delivery can send what they like. Rely on TLS, and use
///   [`GITLAB_SIGNING`](super::GITLAB_SIGNING) where your GitLab has it.
/// - **Time**: none. **The replay store is the only protection against replays.**
/// - **Event**: `Idempotency-Key` (17.4 or newer), else `X-Gitlab-Event-UUID`, and
///   `X-Gitlab-Event`, such as `Push Hook`, all **unsigned**.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same; the id stays the same over the retries of one delivery, by [its
///   documentation](https://docs.gitlab.com/user/project/integrations/webhooks/). Whoever captured
///   a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: what you typed under Settings, Webhooks, *Secret token*. For a rotation give the
///   old and the new one.
/// - **Bodies** up to 25 MB, by GitLab's default limit (unconfirmed).
/// - **Answer**: quickly; newer versions disable a hook that keeps failing (unconfirmed).
pub static GITLAB: Provider = Provider::new("gitlab")
    .title("GitLab (secret token)")
    .aliases(&["gl"])
    .docs("https://docs.gitlab.com/user/project/integrations/webhooks/")
    .signature(Token, header("x-gitlab-token").text())
    .never_secrets(&[Mistake::new("glpat-", ACCESS_TOKEN)])
    .signs(&[])
    .delivery_id(&[header("idempotency-key"), header("x-gitlab-event-uuid")])
    .event_type(&[header("x-gitlab-event")])
    .max_body(25 * 1024 * 1024)
    .identity_source("https://docs.gitlab.com/user/project/integrations/webhooks/");

const ACCESS_TOKEN: &str = "this is a personal access token: paste the *Secret token* of the webhook, from Settings, Webhooks";
