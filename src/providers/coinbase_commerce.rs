use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Coinbase Commerce](https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-security).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-CC-Webhook-Signature`. (The
///   Coinbase Developer Platform's `X-Hook0-Signature` is another scheme, and not covered.)
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `event.id` and `event.type` of the body, both signed. The id is the replay key; the
///   `id` and `attempt_number` beside `event` are the delivery's.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *shared secret* under Settings, Notifications.
/// - **Retries**: unconfirmed.
pub static COINBASE_COMMERCE: Provider = Provider::new("coinbase-commerce")
    .title("Coinbase Commerce")
    .aliases(&["coinbase"])
    .docs("https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-security")
    .signature(Hmac(Sha256), header("x-cc-webhook-signature").hex())
    .signs(&[Body])
    .event_id(&[json("/event/id")])
    .event_type(&[json("/event/type")]);
