use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [Smartsheet](https://developers.smartsheet.com/api/smartsheet/openapi/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `Smartsheet-Hmac-SHA256`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named; a delivery is a batch, `events[]`. The replay key is a digest of the
///   body, which has a `nonce` of its own.
/// - **Secret**: the webhook's `sharedSecret`, from the API.
/// - **Setup**: when a webhook is enabled, and again every hundred deliveries, an unsigned POST
///   with `Smartsheet-Hook-Challenge` is to be answered with its value, in
///   `Smartsheet-Hook-Response` or as `{"smartsheetHookResponse": …}`. It is not answered here but
///   refused as unsigned: answer it in front of the layer.
/// - **Retries**: unconfirmed.
pub static SMARTSHEET: Provider = Provider::new("smartsheet")
    .title("Smartsheet")
    .docs("https://developers.smartsheet.com/api/smartsheet/openapi/webhooks")
    .signature(Hmac(Sha256), header("smartsheet-hmac-sha256").hex())
    .signs(&[Body]);
