use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Timestamp},
    Provider, Tolerance, header, json,
};

/// [Cashfree Payments](https://www.cashfree.com/docs/payments/online/webhooks/signature-verification).
///
/// - **Signed**: the time and the whole body, nothing between, with HMAC-SHA256 in base64, in
///   `X-Webhook-Signature`. One page shows a point between the two; Cashfree's libraries and other
///   pages do not. The body is hashed as it arrives: amounts such as `2.00` are lost when it is
///   written anew.
/// - **Time**: `X-Webhook-Timestamp`, in milliseconds, signed. No window is documented; 300 s to
///   both sides here.
/// - **Event**: `type` of the body, signed. No id is named: the replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *client secret* of the API key that the webhook belongs to; it is not decoded.
/// - **Retries**: as you set them, when there was no 200.
pub static CASHFREE: Provider = Provider::new("cashfree")
    .title("Cashfree Payments")
    .docs("https://www.cashfree.com/docs/payments/online/webhooks/signature-verification")
    .signature(Hmac(Sha256), header("x-webhook-signature").base64())
    .timestamp(header("x-webhook-timestamp").millis(), Tolerance::secs(300))
    .signs(&[Timestamp, Body])
    .event_type(&[json("/type")]);
