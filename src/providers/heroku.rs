use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Heroku](https://devcenter.heroku.com/articles/app-webhooks#securing-webhook-requests).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `Heroku-Webhook-Hmac-SHA256`.
/// - **Time**: none is signed as such. **The replay store is the only protection against replays.**
/// - **Event**: `webhook_metadata.event.id` and `webhook_metadata.event.include` (`api:build`) of
///   the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the one of the subscription, which you gave or the CLI printed when it was made; any
///   text. Without one Heroku signs nothing, and its deliveries are refused. An API token (`HRKU-…`)
///   is refused.
/// - **Answer**: 2xx. **Retries**: only for subscriptions of level `sync`.
pub static HEROKU: Provider = Provider::new("heroku")
    .title("Heroku")
    .docs("https://devcenter.heroku.com/articles/app-webhooks#securing-webhook-requests")
    .signature(Hmac(Sha256), header("heroku-webhook-hmac-sha256").base64())
    .never_secrets(&[Mistake::new(
        "HRKU-",
        "this is an API token: paste the secret of the webhook subscription",
    )])
    .signs(&[Body])
    .event_id(&[json("/webhook_metadata/event/id")])
    .event_type(&[json("/webhook_metadata/event/include")]);
