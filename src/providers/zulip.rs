use crate::provider::{Acknowledgement, Algorithm::Token, Provider, json};

/// [Zulip](https://zulip.com/api/outgoing-webhooks): outgoing webhooks in Zulip's own format.
///
/// - **Signed**: nothing. `token` of the body is the secret itself, compared in constant time: it
///   proves who sends, and nothing of what is sent. Who has seen one request can send any other:
///   rely on TLS, and keep bodies out of logs.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: none is named; `message.id` is the message, and `trigger` says why it is sent. The
///   replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: `token` of the bot in its `botserverrc`, or from its settings.
/// - **Answer**: JSON within 10 s, `{"content": "…"}` to reply or `{"response_not_required":
///   true}`, which is what the layer itself answers, to a repetition too.
pub static ZULIP: Provider = Provider::new("zulip")
    .title("Zulip (outgoing webhooks)")
    .docs("https://zulip.com/api/outgoing-webhooks")
    .signature(Token, json("/token").text())
    .signs(&[])
    .acknowledges(Acknowledgement::json(r#"{"response_not_required": true}"#));
