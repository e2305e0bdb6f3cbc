use crate::provider::{Algorithm::Token, Provider, json};

/// [Rocket.Chat](https://docs.rocket.chat/docs/integrations): outgoing webhooks. All of it is
/// (unconfirmed): no page of Rocket.Chat was found that says it.
///
/// - **Signed**: nothing. `token` of the body is the secret itself, compared in constant time: it
///   proves who sends, and nothing of what is sent. Who has seen one request can send any other:
///   rely on TLS, and keep bodies out of logs.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: `message_id` of the body, **unsigned**. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *Token* of the outgoing integration.
/// - **Answer**: JSON with `text` is posted as a message. A repetition is acknowledged without one.
pub static ROCKET_CHAT: Provider = Provider::new("rocket-chat")
    .title("Rocket.Chat (outgoing webhooks)")
    .docs("https://docs.rocket.chat/docs/integrations")
    .signature(Token, json("/token").text())
    .signs(&[])
    .event_id(&[json("/message_id")]);
