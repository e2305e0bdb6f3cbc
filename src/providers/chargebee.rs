use crate::provider::{Algorithm::Token, Mistake, Provider, header, json};

/// [Chargebee](https://www.chargebee.com/docs/2.0/webhook_settings.html).
///
/// - **Signed**: nothing. `Authorization: Basic` carries user name and password, compared in
///   constant time: they prove who sends, and nothing of what is sent. Who has seen one request can
///   send any other: rely on TLS.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: `id` and `event_type` of the body, both **unsigned**. The replay key is a digest of
///   the body. `webhook_status` of the body may differ between the tries of one event
///   (unconfirmed); such a retry is a new event.
/// - **Identity**: a digest of the body, in which an id of the event stands, by [its
///   documentation](https://www.chargebee.com/docs/billing/2.0/site-configuration/webhook_settings).
/// - **Secret**: `user:password`, as you typed them under Settings, Webhooks, *Basic
///   authentication*.
/// - **Retries**: for about 2 days, when there was no 2xx.
pub static CHARGEBEE: Provider = Provider::new("chargebee")
    .title("Chargebee")
    .docs("https://www.chargebee.com/docs/2.0/webhook_settings.html")
    .signature(Token, header("authorization").scheme("Basic").base64())
    .never_secrets(&[Mistake::new(
        "Basic ",
        "this is the whole header: give the user name, a colon and the password",
    )])
    .signs(&[])
    .event_id(&[json("/id")])
    .event_type(&[json("/event_type")])
    .identity_source(
        "https://www.chargebee.com/docs/billing/2.0/site-configuration/webhook_settings",
    );
