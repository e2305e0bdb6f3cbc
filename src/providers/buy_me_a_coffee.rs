use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Buy Me a Coffee](https://help.buymeacoffee.com/en/articles/7977957-webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Signature-Sha256`. (By two
///   receivers that were read; Buy Me a Coffee's own page was not.)
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `event_id` and `type` of the body, both signed. The id is the replay key; it is a
///   small number, so give each account its own endpoint.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the webhook's secret, from the dashboard.
/// - **Retries**: counted in the body's `attempt`; how long is unconfirmed.
pub static BUY_ME_A_COFFEE: Provider = Provider::new("buy-me-a-coffee")
    .title("Buy Me a Coffee")
    .aliases(&["bmac", "buymeacoffee"])
    .docs("https://help.buymeacoffee.com/en/articles/7977957-webhooks")
    .signature(Hmac(Sha256), header("x-signature-sha256").hex())
    .signs(&[Body])
    .event_id(&[json("/event_id")])
    .event_type(&[json("/type")]);
