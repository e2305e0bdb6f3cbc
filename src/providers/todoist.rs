use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Todoist](https://developer.todoist.com/api/v1/#tag/Webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `X-Todoist-Hmac-SHA256`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-Todoist-Delivery-ID`, **unsigned**; `event_name` of the body, signed.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: the app's *client secret*, from the App Management Console. Not the verification
///   token.
/// - **Answer**: 200. **Retries**: 3, 15 min apart (unconfirmed).
pub static TODOIST: Provider = Provider::new("todoist")
    .title("Todoist")
    .docs("https://developer.todoist.com/api/v1/#tag/Webhooks")
    .signature(Hmac(Sha256), header("x-todoist-hmac-sha256").base64())
    .signs(&[Body])
    .delivery_id(&[header("x-todoist-delivery-id")])
    .event_type(&[json("/event_name")]);
