use crate::handshake::{Handshake, Mark};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, form, header};

/// [WooCommerce](https://developer.woocommerce.com/docs/webhooks/).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `X-WC-Webhook-Signature`. A
///   WordPress filter can change the hash; only SHA-256 is taken.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-WC-Webhook-Delivery-ID` and `X-WC-Webhook-Topic`, both **unsigned**. One order
///   may go out under several topics with one body (`order.created`, `order.updated`): name this
///   endpoint's with [`topics`](crate::VerifierBuilder::topics).
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: WooCommerce, Settings, Advanced, Webhooks, *Secret*, as you typed it: WordPress may
///   store it HTML-encoded, and signs with the decoded text. A REST consumer key (`ck_…`) is
///   refused.
/// - **Setup**: on saving, an unsigned form `webhook_id=<n>` and nothing else, answered with an empty
///   200. Any other request without a signature is refused.
/// - **Answer**: 200 to 302, within 60 s. After more than 5 failures in a row the webhook is
///   disabled (by WooCommerce's source).
pub static WOOCOMMERCE: Provider = Provider::new("woocommerce")
    .title("WooCommerce")
    .aliases(&["woo-commerce"])
    .docs("https://developer.woocommerce.com/docs/webhooks/")
    .signature(Hmac(Sha256), header("x-wc-webhook-signature").base64())
    .never_secrets(&[Mistake::new(
        "ck_",
        "this is a consumer key of the REST API: paste the secret of the webhook, from Settings, Advanced, Webhooks",
    )])
    .signs(&[Body])
    .delivery_id(&[header("x-wc-webhook-delivery-id")])
    .event_type(&[header("x-wc-webhook-topic")])
    .topics()
    .known_types(&["coupon.created", "coupon.deleted", "coupon.restored", "coupon.updated", "customer.created", "customer.deleted", "customer.restored", "customer.updated", "order.created", "order.deleted", "order.restored", "order.updated", "product.created", "product.deleted", "product.restored", "product.updated"])
    .handshakes(&[Handshake::unsigned_post(&[
        Mark::OnlyField("webhook_id"),
        Mark::Number(form("webhook_id")),
    ])]);
