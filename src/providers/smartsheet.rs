use crate::handshake::{Handshake, Mark};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Smartsheet](https://developers.smartsheet.com/api/smartsheet/openapi/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `Smartsheet-Hmac-SHA256`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named; a delivery is a batch, `events[]`. The replay key is a digest of the
///   body, which has a `nonce` of its own.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the webhook's `sharedSecret`, from the API.
/// - **Setup**: when a webhook is enabled, and again every hundred deliveries, an unsigned POST
///   with `Smartsheet-Hook-Challenge` is answered with its value, in
///   `Smartsheet-Hook-Response` and as `{"smartsheetHookResponse": …}`, if its body has the same
///   `challenge`.
/// - **Retries**: unconfirmed.
pub static SMARTSHEET: Provider = Provider::new("smartsheet")
    .title("Smartsheet")
    .docs("https://developers.smartsheet.com/api/smartsheet/openapi/webhooks")
    .signature(Hmac(Sha256), header("smartsheet-hmac-sha256").hex())
    .signs(&[Body])
    .handshakes(&[Handshake::unsigned_post(&[Mark::Present(header("smartsheet-hook-challenge"))])
        .requires(&[Mark::Same(header("smartsheet-hook-challenge"), json("/challenge"))])
        .echoes_header("smartsheet-hook-response", header("smartsheet-hook-challenge"))
        .echoes_json("smartsheetHookResponse", header("smartsheet-hook-challenge"))]);
