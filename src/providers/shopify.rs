use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [Shopify](https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `X-Shopify-Hmac-SHA256`.
/// - **Time**: `X-Shopify-Triggered-At` is not signed. **The replay store is the only protection
///   against replays.**
/// - **Event**: `X-Shopify-Webhook-Id` and `X-Shopify-Topic`, both **unsigned**. One order snapshot
///   goes out under several topics with one body: name this endpoint's with
///   [`topics`](crate::VerifierBuilder::topics).
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same; the id stays the same over the retries of one delivery, by [its
///   documentation](https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates). Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: the app's client secret, or for webhooks made in a store's admin the key shown
///   under Settings, Notifications, Webhooks. After a rotation it takes up to an hour before the
///   new one signs: keep both.
/// - **Retries**: 8 over 4 h, then an API-made subscription is deleted (by an article that cites
///   Shopify).
pub static SHOPIFY: Provider = Provider::new("shopify")
    .title("Shopify")
    .docs("https://shopify.dev/docs/apps/build/webhooks/verify-deliveries")
    .signature(Hmac(Sha256), header("x-shopify-hmac-sha256").base64())
    .signs(&[Body])
    .delivery_id(&[header("x-shopify-webhook-id")])
    .event_type(&[header("x-shopify-topic")])
    .topics()
    .identity_source("https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates");
