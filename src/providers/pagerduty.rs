use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [PagerDuty](https://github.com/PagerDuty/developer-docs/blob/main/docs/webhooks/04-Signatures.md):
/// V3 webhooks.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, as the `v1` entries of
///   `X-PagerDuty-Signature`, between commas. While a secret changes there are several; one match
///   is enough. Other versions are never looked at.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `event.id` and `event.event_type` of the body, both signed. The id is the replay
///   key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: shown once, when the subscription is created. It looks like base64 and is not
///   decoded.
/// - **Answer**: 2xx; 400 and 403 are not tried again, by the advice in PagerDuty's Go library.
pub static PAGERDUTY: Provider = Provider::new("pagerduty")
    .title("PagerDuty")
    .aliases(&["pager-duty"])
    .docs("https://github.com/PagerDuty/developer-docs/blob/main/docs/webhooks/04-Signatures.md")
    .signature(Hmac(Sha256), header("x-pagerduty-signature").list(",", '=').entry("v1").hex())
    .signs(&[Body])
    .event_id(&[json("/event/id")])
    .event_type(&[json("/event/event_type")])
    .gives_up_after(&[400, 403]);
