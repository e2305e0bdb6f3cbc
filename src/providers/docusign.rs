use std::time::Duration;

use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [DocuSign Connect](https://developers.docusign.com/platform/webhooks/connect/validate/).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `X-DocuSign-Signature-1` and, with
///   several active keys, `-2` and so on: one match is enough. DocuSign may send up to
///   100 of them; a request with more than 16 is refused.
/// - **Time**: none is signed as such (`generatedDateTime` of the body says when the event happened).
///   **The replay store is the only protection against replays**, so it remembers for 15 days, as
///   long as DocuSign retries.
/// - **Event**: no id; `event` of the body, signed. The replay key is a digest of the body. The body
///   holds `retryCount`: where that changes (unconfirmed), a retry is a new event, so handle an
///   envelope's event twice without harm.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: a Connect key: Connect, *Connect Keys*, shown once when it is made; its text is the
///   key. HTTP Basic, mutual TLS and OAuth, which DocuSign offers beside it, are not looked at.
/// - **Bodies** with documents in them are as large as those: set the layer's
///   [`max_body`](crate::layer::WebhookLayerBuilder::max_body).
/// - **Answer**: 2xx within 100 s. **Retries**: for up to 15 days.
pub static DOCUSIGN: Provider = Provider::new("docusign")
    .title("DocuSign Connect")
    .aliases(&["docusign-connect"])
    .docs("https://developers.docusign.com/platform/webhooks/connect/validate/")
    .signature(Hmac(Sha256), header("x-docusign-signature-").base64().numbered())
    .signs(&[Body])
    .event_type(&[json("/event")])
    .retention(Duration::from_secs(15 * 24 * 60 * 60));
