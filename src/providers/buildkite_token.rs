use crate::provider::{Algorithm::Token, Mistake, Provider, header, json};

/// [Buildkite](https://buildkite.com/docs/apis/webhooks/pipelines#webhook-token), with *Send a
/// token*. Prefer its signature: [`BUILDKITE`](super::BUILDKITE).
///
/// - **Signed**: nothing. The token itself is sent, in `X-Buildkite-Token`. It proves who sends and
///   nothing of what is sent.
/// - **Time**: none is signed. **The replay store is the only protection against replays**, and a
///   weak one: who knows the token can send anything.
/// - **Event**: no id; the replay key is a digest of the body. The type is the body's `event`, else
///   `X-Buildkite-Event`, both **unsigned**.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the webhook's *Token*, under Notification Services.
/// - **Retries**: unconfirmed.
pub static BUILDKITE_TOKEN: Provider = Provider::new("buildkite-token")
    .title("Buildkite (token)")
    .docs("https://buildkite.com/docs/apis/webhooks/pipelines#webhook-token")
    .signature(Token, header("x-buildkite-token").text())
    .never_secrets(&[Mistake::new(
        "bkua_",
        "this is an API access token: paste the webhook's token, from Notification Services",
    )])
    .signs(&[])
    .event_type(&[json("/event"), header("x-buildkite-event")]);
