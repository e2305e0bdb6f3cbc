use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Dwolla](https://developers.dwolla.com/docs/working-with-webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Request-Signature-SHA-256`.
/// - **Time**: none is signed. **The replay store is the only protection against replays**; Dwolla
///   tries for up to 72 h (unconfirmed).
/// - **Event**: `id` and `topic` of the body, both signed. The id is the replay key.
///   `X-Dwolla-Topic`, which repeats the topic unsigned, is not looked at.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the `secret` you gave when you created the webhook subscription.
/// - **Answer**: 2xx within 10 s, else eight more tries (unconfirmed).
pub static DWOLLA: Provider = Provider::new("dwolla")
    .title("Dwolla")
    .docs("https://developers.dwolla.com/docs/working-with-webhooks")
    .signature(Hmac(Sha256), header("x-request-signature-sha-256").hex())
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/topic")]);
