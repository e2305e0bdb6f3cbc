use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Jira Cloud](https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `sha256=`, in `X-Hub-Signature`. The
///   form allows other methods; only this one is taken. Only webhooks that an administrator made,
///   with a secret, are signed (by peers); a Connect app gets a JWT instead, which is another
///   scheme.
/// - **Time**: none is signed (`timestamp` of the body says when the event happened). **The replay
///   store is the only protection against replays.**
/// - **Event**: `X-Atlassian-Webhook-Identifier`, the same on every retry, and **unsigned**;
///   `webhookEvent` of the body, signed.
/// - **Identity**: a digest of what is signed: no two events sign the same, by [its
///   documentation](https://developer.atlassian.com/cloud/jira/platform/webhooks/).
/// - **Secret**: what you typed or had generated under System, WebHooks, *Secret*; any text.
/// - **Bodies** up to 25 MB (by what receivers report; unconfirmed).
/// - **Retries**: up to 5 tries, 5 to 15 min apart, after 408, 409, 425, 429 and 5xx (unconfirmed).
///
/// ```
/// # use std::time::UNIX_EPOCH;
/// use tower_webhooks::{Verified, providers::JIRA};
///
/// // The example Atlassian prints in its documentation.
/// let (head, body) = http::Request::post("/webhooks/jira")
///     .header(
///         "x-hub-signature",
///         "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
///     )
///     .body("Hello World!")?
///     .into_parts();
/// let verifier = JIRA.verifier("It's a Secret to Everybody").build()?;
///
/// assert!(matches!(verifier.verify(&head, body, UNIX_EPOCH)?, Verified::Event(_)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub static JIRA: Provider = Provider::new("jira")
    .title("Jira Cloud")
    .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks")
    .signature(Hmac(Sha256), header("x-hub-signature").prefix("sha256=").hex())
    .never_secrets(&[Mistake::new(
        "ATATT",
        "this is an Atlassian API token: paste the secret of the webhook, from System, WebHooks",
    )])
    .signs(&[Body])
    .event_id(&[header("x-atlassian-webhook-identifier")])
    .event_type(&[json("/webhookEvent")])
    .max_body(25 * 1024 * 1024)
    .identity_source("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
    .retries_after(&[408..=409, 425..=425, 429..=429, 500..=599]);
