use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header};

/// [Shopify Events](https://shopify.dev/docs/apps/build/events/verify-deliveries), the developer
/// preview. For webhooks see [`SHOPIFY`](super::SHOPIFY).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `Shopify-Hmac-Sha256`: without the
///   `X-` that webhooks have. One is never taken for the other.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `Shopify-Webhook-Id` and `Shopify-Topic`, both **unsigned**. If one body comes
///   under several topics, name this endpoint's with [`topics`](crate::VerifierBuilder::topics).
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: the app's client secret. After a rotation it takes up to an hour before the new
///   one signs: keep both.
/// - **Retries**: as of webhooks, 8 over 4 h (unconfirmed for events).
pub static SHOPIFY_EVENTS: Provider = Provider::new("shopify-events")
    .title("Shopify Events")
    .docs("https://shopify.dev/docs/apps/build/events/verify-deliveries")
    .signature(Hmac(Sha256), header("shopify-hmac-sha256").base64())
    .never_secrets(&[Mistake::new(
        "shpat_",
        "this is an access token of the Admin API: paste the app's client secret",
    )])
    .signs(&[Body])
    .delivery_id(&[header("shopify-webhook-id")])
    .event_type(&[header("shopify-topic")])
    .topics();
