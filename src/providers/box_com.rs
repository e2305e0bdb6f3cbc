use crate::handshake::Mark;
use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Timestamp},
    Provider, Tolerance, header, json,
};

/// [Box](https://developer.box.com/guides/webhooks/v2/signatures-v2/): webhooks of version 2.
///
/// - **Signed**: the whole body and the time, with nothing between, with HMAC-SHA256 in base64:
///   once with each of the app's two keys, in `BOX-SIGNATURE-PRIMARY` and
///   `BOX-SIGNATURE-SECONDARY`. One match is enough, so that either key can be replaced. Only
///   version `1` and algorithm `HmacSHA256` are taken, both said in headers. `BOX-DELIVERY-ID` is
///   not signed.
/// - **Time**: `BOX-DELIVERY-TIMESTAMP`, RFC 3339, signed; 10 minutes, as Box's SDK has it; here to
///   both sides. Nothing can be moved between body and time: a body of JSON ends with a brace, and
///   no shorter or longer text is a time.
/// - **Event**: `id` and `trigger` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *Primary Signature Key* and the *Secondary Signature Key* of the app's
///   Webhooks tab, as text. Give both.
/// - **Retries**: up to 10, when there was no 2xx within 30 s.
pub static BOX: Provider = Provider::new("box")
    .title("Box")
    .docs("https://developer.box.com/guides/webhooks/v2/signatures-v2/")
    .signature(Hmac(Sha256), header("box-signature-primary").base64())
    .signature(Hmac(Sha256), header("box-signature-secondary").base64())
    .requires(&[
        Mark::Equals(header("box-signature-version"), "1"),
        Mark::Equals(header("box-signature-algorithm"), "HmacSHA256"),
    ])
    .timestamp(header("box-delivery-timestamp").rfc3339(), Tolerance::secs(600))
    .signs(&[Body, Timestamp])
    .event_id(&[json("/id")])
    .event_type(&[json("/trigger")]);
