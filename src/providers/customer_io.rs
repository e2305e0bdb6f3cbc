use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, header, json,
};

/// [Customer.io](https://docs.customer.io/integrations/api/webhooks/): reporting webhooks.
///
/// - **Signed**: `v0:`, the time, a colon and the whole body, with HMAC-SHA256 in hex, in
///   `X-CIO-Signature`.
/// - **Time**: `X-CIO-Timestamp`, signed. No window is documented; 300 s to both sides here.
/// - **Event**: `event_id` and `metric` of the body, both signed; `object_type` says of what the
///   metric is. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *webhook signing key* of the reporting webhook; it is not decoded.
/// - **Retries**: for 7 days, when there was no 2xx within 4 s.
pub static CUSTOMER_IO: Provider = Provider::new("customer-io")
    .title("Customer.io")
    .docs("https://docs.customer.io/integrations/api/webhooks/")
    .signature(Hmac(Sha256), header("x-cio-signature").hex())
    .timestamp(header("x-cio-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Text("v0:"), Timestamp, Text(":"), Body])
    .event_id(&[json("/event_id")])
    .event_type(&[json("/metric")]);
