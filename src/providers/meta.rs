use crate::handshake::{Handshake, Mark};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json, query};

/// [Meta](https://developers.facebook.com/docs/graph-api/webhooks/getting-started): Facebook,
/// Instagram, Messenger, WhatsApp.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `sha256=`, in
///   `X-Hub-Signature-256`. The legacy SHA-1 header beside it is never enough. The body arrives
///   with its non-ASCII characters escaped and is hashed as it arrives.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named; a delivery is a batch, `entry[]`. Its `object`, the product, is
///   given as the type (signed). The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *App secret* under App settings, Basic.
/// - **Setup**: `GET ?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…`, unsigned; answered
///   with the challenge to who knows the verify token, else 403. Give the token that you entered
///   in the dashboard with [`verify_token`](crate::VerifierBuilder::verify_token).
/// - **Retries**: for up to 36 h (unconfirmed).
pub static META: Provider = Provider::new("meta")
    .title("Meta (Facebook, Instagram, WhatsApp)")
    .aliases(&["facebook", "instagram", "messenger", "whatsapp"])
    .docs("https://developers.facebook.com/docs/graph-api/webhooks/getting-started")
    .signature(Hmac(Sha256), header("x-hub-signature-256").prefix("sha256=").hex())
    .signs(&[Body])
    .event_type(&[json("/object")])
    .handshakes(&[Handshake::unsigned_get()
        .requires(&[Mark::Equals(query("hub.mode"), "subscribe")])
        .verify_token(query("hub.verify_token"))
        .echoes(query("hub.challenge"))]);
