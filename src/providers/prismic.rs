use crate::provider::{Algorithm::Token, Provider, json};

/// [Prismic](https://prismic.io/docs/webhooks).
///
/// - **Signed**: nothing. `secret` of the body is the secret itself, compared in constant time: it
///   proves who sends, and nothing of what is sent. Who has seen one request can send any other:
///   rely on TLS, and keep bodies out of logs.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: `type` of the body, **unsigned**. The replay key is a digest of the body. Two
///   publications of the same documents may have one body, so that the second is taken for a
///   repetition.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: what you typed as the webhook's *Secret*; any text. Without one Prismic sends
///   `null`, and is refused.
pub static PRISMIC: Provider = Provider::new("prismic")
    .title("Prismic")
    .docs("https://prismic.io/docs/webhooks")
    .signature(Token, json("/secret").text())
    .signs(&[])
    .event_type(&[json("/type")]);
