use crate::provider::{Algorithm::Token, Provider, header};

/// [Auth0](https://auth0.com/docs/customize/log-streams/custom-log-streams): custom log streams.
///
/// - **Signed**: nothing. `Authorization` carries the secret itself, compared in constant time: it
///   proves who sends, and nothing of what is sent. Who has seen one request can send any other:
///   rely on TLS.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: none is named: a delivery is a batch of log entries, each with its `log_id` and
///   `data.type`; handle an entry by its `log_id` once. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the stream's *Authorization Token*, the whole value of the header: with `Bearer `
///   in front if you typed that.
/// - **Retries**: three, when there was no 2xx.
pub static AUTH0_LOG_STREAMS: Provider = Provider::new("auth0-log-streams")
    .title("Auth0 (custom log streams)")
    .aliases(&["auth0"])
    .docs("https://auth0.com/docs/customize/log-streams/custom-log-streams")
    .signature(Token, header("authorization").text())
    .signs(&[]);
