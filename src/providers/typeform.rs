use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Typeform](https://www.typeform.com/developers/webhooks/secure-your-webhooks/).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in **base64** behind `sha256=`, in
///   `Typeform-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `event_id` and `event_type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: what you typed for the webhook under Connect, Webhooks, *Secret*, or gave to the
///   API; any text.
/// - **Retries**: unconfirmed.
pub static TYPEFORM: Provider = Provider::new("typeform")
    .title("Typeform")
    .docs("https://www.typeform.com/developers/webhooks/secure-your-webhooks/")
    .signature(Hmac(Sha256), header("typeform-signature").prefix("sha256=").base64())
    .never_secrets(&[Mistake::new(
        "tfp_",
        "this is a personal access token: paste the secret that you chose for the webhook",
    )])
    .signs(&[Body])
    .event_id(&[json("/event_id")])
    .event_type(&[json("/event_type")]);
