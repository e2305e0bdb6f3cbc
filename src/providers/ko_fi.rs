use crate::provider::{Algorithm::Token, Provider, form_json};

/// [Ko-fi](https://ko-fi.com/manage/webhooks). A delivery is a form; its field `data` holds JSON.
///
/// - **Signed**: nothing. `verification_token` of that JSON is the secret itself, compared in
///   constant time: it proves who sends, and nothing of what is sent. Who has seen one request can
///   send any other: rely on TLS, and keep bodies out of logs.
/// - **Time**: none that is signed. **The replay store is the only protection against replays**,
///   and weeds out repetitions only.
/// - **Event**: `message_id` and `type` of that JSON, both **unsigned**. The replay key is a digest
///   of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *verification token* on Ko-fi's webhooks page, under Advanced.
/// - **Retries**: when there was no 200, a reasonable number of times.
pub static KO_FI: Provider = Provider::new("ko-fi")
    .title("Ko-fi")
    .aliases(&["kofi"])
    .docs("https://ko-fi.com/manage/webhooks")
    .signature(Token, form_json("data", "/verification_token").text())
    .signs(&[])
    .document_in("data")
    .event_id(&[form_json("data", "/message_id")])
    .event_type(&[form_json("data", "/type")]);
