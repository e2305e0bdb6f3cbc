use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, SecretFormat, header};

/// [Airtable](https://airtable.com/developers/web/api/webhooks-overview#webhook-notification-delivery).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `hmac-sha256=`, in
///   `X-Airtable-Content-MAC`.
/// - **Time**: `timestamp` of the body is signed with it, but no window is documented and none is
///   checked. **The replay store is the only protection against replays.**
/// - **Event**: neither id nor type. A delivery is a ping with the ids of base and webhook; fetch
///   the changes with Airtable's cursor.
/// - **Identity**: a digest of what is signed, for a minute after it was handled: a delivery only
///   says "look again", by [its
///   documentation](https://airtable.com/developers/web/api/webhooks-overview).
/// - **Secret**: `macSecretBase64` from the answer that created the webhook, shown only there;
///   base64-decoded.
/// - **Answer**: 200 or 204 with an empty body, within 25 s. **Retries**: 13 tries over about a day.
pub static AIRTABLE: Provider = Provider::new("airtable")
    .title("Airtable")
    .docs("https://airtable.com/developers/web/api/webhooks-overview#webhook-notification-delivery")
    .signature(Hmac(Sha256), header("x-airtable-content-mac").prefix("hmac-sha256=").hex())
    .secret(SecretFormat::Base64)
    .signs(&[Body])
    .looks_again()
    .identity_source("https://airtable.com/developers/web/api/webhooks-overview");
