use crate::provider::{Algorithm::Token, Provider, header, json};

/// [Telegram Bot API](https://core.telegram.org/bots/api#setwebhook).
///
/// - **Signed**: nothing. `X-Telegram-Bot-Api-Secret-Token` carries the secret itself, compared in
///   constant time: it proves who sends, and nothing of what is sent. Who has seen one request can
///   send any other: rely on TLS.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: `update_id` of the body, **unsigned**. The replay key is a digest of the body. The
///   type is the one other member at the top of the body.
/// - **Identity**: a digest of the body, in which an id of the event stands, by [its
///   documentation](https://core.telegram.org/bots/api#update).
/// - **Secret**: the `secret_token` that you gave to `setWebhook`: 1 to 256 of `A-Z`, `a-z`, `0-9`,
///   `_` and `-`. Not the bot's own token.
/// - **Retries**: when there was no 2xx, a reasonable number of times.
pub static TELEGRAM: Provider = Provider::new("telegram")
    .title("Telegram Bot API")
    .docs("https://core.telegram.org/bots/api#setwebhook")
    .signature(Token, header("x-telegram-bot-api-secret-token").text())
    .signs(&[])
    .event_id(&[json("/update_id")])
    .identity_source("https://core.telegram.org/bots/api#update");
