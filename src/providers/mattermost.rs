use crate::provider::{Algorithm::Token, Provider, form, json};

/// [Mattermost](https://developers.mattermost.com/integrate/webhooks/outgoing/): outgoing webhooks.
///
/// - **Signed**: nothing. `token`, a field of the form or a member of the JSON body as you chose
///   the content type, is the secret itself, compared in constant time: it proves who sends, and
///   nothing of what is sent. Who has seen one request can send any other: rely on TLS, and keep
///   bodies out of logs.
/// - **Time**: none that is signed. **The replay store is the only protection against replays**,
///   and weeds out repetitions only.
/// - **Event**: none is named; `post_id` is the message. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *Token* of the outgoing webhook.
/// - **Answer**: JSON with `text` is posted as a message. A repetition is acknowledged without one.
pub static MATTERMOST: Provider = Provider::new("mattermost")
    .title("Mattermost (outgoing webhooks)")
    .docs("https://developers.mattermost.com/integrate/webhooks/outgoing/")
    .signature(Token, form("token").text())
    .signature(Token, json("/token").text())
    .signs(&[]);
