use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [Paddle Billing](https://developer.paddle.com/webhooks/signature-verification).
///
/// - **Signed**: the time `ts`, a colon and the whole body, with HMAC-SHA256 in hex, as the `h1`
///   entries of `Paddle-Signature`, between semicolons. While a secret rotates there are several;
///   one match is enough.
/// - **Time**: `ts`, signed; 300 s to both sides. Paddle's Node and Python libraries take 5 s, into
///   the past, which slow networks and clocks overrun.
/// - **Event**: `event_id` and `event_type` of the body, both signed. The id is the replay key.
///   `notification_id` names the delivery.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *Secret key* of the notification destination, `pdl_ntfset_…`: Developer Tools,
///   Notifications, edit destination. The whole string is the key. An API key is refused.
/// - **Answer**: 200 within 5 s. **Retries**: 60 over 3 days in live accounts.
pub static PADDLE: Provider = Provider::new("paddle")
    .title("Paddle")
    .docs("https://developer.paddle.com/webhooks/signature-verification")
    .signature(Hmac(Sha256), header("paddle-signature").list(";", '=').entry("h1").hex())
    .never_secrets(&[
        Mistake::new("pdl_live_", API_KEY),
        Mistake::new("pdl_sdbx_", API_KEY),
        Mistake::new("ntfset_", "this is the destination's id: paste its secret, `pdl_ntfset_…`"),
    ])
    .timestamp(entry("ts").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text(":"), Body])
    .event_id(&[json("/event_id")])
    .event_type(&[json("/event_type")]);

const API_KEY: &str =
    "this is an API key: paste the secret of the notification destination, `pdl_ntfset_…`";
