use crate::provider::{
    Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, Tolerance, header, json,
};

/// [Linear](https://linear.app/developers/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `Linear-Signature`.
/// - **Time**: `webhookTimestamp` of the body in milliseconds, signed; 8 h to both sides, since
///   Linear tries again after 1 min, 1 h and 6 h, by a report with the same bytes. Linear's library
///   takes 60 s. The header `Linear-Timestamp` is unsigned and never looked at.
/// - **Event**: `Linear-Delivery`, **unsigned**; `type` of the body, signed. Where a retry is sent
///   with a new time, it is **a new event**: let the handler do the same twice without harm.
/// - **Identity**: a digest of what is signed, in which the time of the delivery stands, by [its
///   documentation](https://linear.app/developers/webhooks).
/// - **Secret**: the webhook's *Signing secret*, `lin_wh_…`, under Settings, API. An API key is
///   refused.
/// - **Bodies** up to 5 MiB, as Linear's library has it.
/// - **Answer**: 200 within 5 s. **Retries**: after 1 min, 1 h and 6 h (both unconfirmed).
pub static LINEAR: Provider = Provider::new("linear")
    .title("Linear")
    .docs("https://linear.app/developers/webhooks")
    .signature(Hmac(Sha256), header("linear-signature").hex())
    .never_secrets(&[Mistake::new("lin_api_", API_KEY), Mistake::new("lin_oauth_", API_KEY)])
    .timestamp(json("/webhookTimestamp").millis(), Tolerance::secs(8 * 60 * 60))
    .signs(&[Body])
    .event_id(&[header("linear-delivery")])
    .event_type(&[json("/type")])
    .max_body(5 * 1024 * 1024)
    .identity_source("https://linear.app/developers/webhooks");

const API_KEY: &str = "this is a key for the API: paste the webhook's *Signing secret*, `lin_wh_…`";
