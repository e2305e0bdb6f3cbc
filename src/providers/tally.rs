use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Tally](https://tally.so/help/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `Tally-Signature`.
/// - **Time**: none is signed as such (`createdAt` of the body says when the event happened). **The
///   replay store is the only protection against replays.**
/// - **Event**: `eventId` and `eventType` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *signing secret* of the webhook, under the form's Integrations; any text.
///   Without one Tally signs nothing, and its deliveries are refused.
/// - **Answer**: 2xx within 10 s. **Retries**: after 5 min, 30 min, 1 h, 6 h and a day.
pub static TALLY: Provider = Provider::new("tally")
    .title("Tally")
    .docs("https://tally.so/help/webhooks")
    .signature(Hmac(Sha256), header("tally-signature").base64())
    .signs(&[Body])
    .event_id(&[json("/eventId")])
    .event_type(&[json("/eventType")]);
