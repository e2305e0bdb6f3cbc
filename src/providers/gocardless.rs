use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [GoCardless](https://developer.gocardless.com/api-reference/#appendix-webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `Webhook-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: a delivery is a batch, `events[]`, each with its own `id`, `resource_type` and
///   `action`; so there is no type. `meta.webhook_id` of the body, signed, names the delivery and
///   is the replay key; where it is missing, as in old payloads, that is a digest of the body. An
///   event may come in more than one batch: remember each one's `id` too.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the webhook endpoint's *Secret*: Dashboard, Developers.
/// - **Answer**: 2xx for the whole batch, which is tried again as one. GoCardless' examples answer
///   498 to a wrong signature; any 4xx will do.
pub static GOCARDLESS: Provider = Provider::new("gocardless")
    .title("GoCardless")
    .docs("https://developer.gocardless.com/api-reference/#appendix-webhooks")
    .signature(Hmac(Sha256), header("webhook-signature").hex())
    .signs(&[Body])
    .event_id(&[json("/meta/webhook_id")]);
