use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [AfterShip Tracking](https://www.aftership.com/docs/tracking/webhook/webhook-signature).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `aftership-hmac-sha256`. AfterShip's
///   other products sign alike in `as-signature-hmac-sha256` (by a peer): read it with
///   [`rename_header`](crate::VerifierBuilder::rename_header).
/// - **Time**: none is signed as such (`ts` of the body says when the event happened). **The replay
///   store is the only protection against replays.**
/// - **Event**: `event_id` and `event` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *webhook secret* under Settings, Webhooks; any text. An API key (`asat_…`) is
///   refused.
/// - **Answer**: 2xx. **Retries**: up to 14 (unconfirmed).
pub static AFTERSHIP: Provider = Provider::new("aftership")
    .title("AfterShip Tracking")
    .docs("https://www.aftership.com/docs/tracking/webhook/webhook-signature")
    .signature(Hmac(Sha256), header("aftership-hmac-sha256").base64())
    .never_secrets(&[Mistake::new(
        "asat_",
        "this is an API key: paste the webhook secret, from Settings, Webhooks",
    )])
    .signs(&[Body])
    .event_id(&[json("/event_id")])
    .event_type(&[json("/event")]);
