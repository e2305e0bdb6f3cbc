use crate::provider::{
    Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, SecretFormat, header, json,
};

/// [Microsoft Teams](https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook),
/// outgoing webhooks.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64 behind `HMAC `, in `Authorization`.
/// - **Time**: none is signed as such (`timestamp` of the body says when the message was written).
///   **The replay store is the only protection against replays.**
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *security token* shown once when the webhook is made; base64-decoded.
/// - **Answer**: the reply as a JSON message, within 5 s (10 s by newer pages). A repeated delivery is
///   acknowledged without a reply.
pub static TEAMS_OUTGOING: Provider = Provider::new("teams-outgoing")
    .title("Microsoft Teams outgoing webhooks")
    .aliases(&["microsoft-teams", "ms-teams", "teams"])
    .docs("https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook")
    .signature(Hmac(Sha256), header("authorization").prefix("HMAC ").base64())
    .secret(SecretFormat::Base64)
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")]);
