use crate::provider::{Algorithm::Token, Provider, header, json};

/// [Cloudflare Notifications](https://developers.cloudflare.com/notifications/get-started/configure-webhooks/).
///
/// - **Signed**: nothing. `cf-webhook-auth` carries the secret itself, compared in constant time:
///   it proves who sends, and nothing of what is sent. Who has seen one request can send any other:
///   rely on TLS.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: `alert_type` of the body is the type, **unsigned**. The replay key is a digest of
///   the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: what you typed as the destination's *Secret*; any text. Without one the header is
///   not sent.
/// - **Setup**: a test message when the destination is saved, an ordinary delivery; it wants a 2xx.
pub static CLOUDFLARE_NOTIFICATIONS: Provider = Provider::new("cloudflare-notifications")
    .title("Cloudflare Notifications")
    .docs("https://developers.cloudflare.com/notifications/get-started/configure-webhooks/")
    .signature(Token, header("cf-webhook-auth").text())
    .signs(&[])
    .event_type(&[json("/alert_type")]);
