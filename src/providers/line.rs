use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [LINE](https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/): the
/// Messaging API.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `x-line-signature`.
/// - **Time**: none is signed for the delivery; each event of the body has its own `timestamp`.
///   **The replay store is the only protection against replays.**
/// - **Event**: none is named: a delivery is a batch, `events[]`, each with its `webhookEventId`.
///   The replay key is a digest of the body. A redelivery says so in the body
///   (`deliveryContext.isRedelivery`; unconfirmed) and is then **another** delivery: tell events
///   apart by their `webhookEventId`.
/// - **Identity**: a digest of what is signed: no two events sign the same, by [its
///   documentation](https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects).
/// - **Secret**: the *Channel secret* under Basic settings, not the channel access token.
/// - **Setup**: *Verify* in the console posts an empty `events`, signed; it reaches the handler.
/// - **Retries**: redelivery is off until you turn it on (unconfirmed).
pub static LINE: Provider = Provider::new("line")
    .title("LINE")
    .docs("https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/")
    .signature(Hmac(Sha256), header("x-line-signature").base64())
    .signs(&[Body])
    .identity_source(
        "https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects",
    );
