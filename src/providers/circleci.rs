use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [CircleCI](https://circleci.com/docs/webhooks/#validate-webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, as the `v1` entry of
///   `circleci-signature`. Other versions are never looked at. Without a secret CircleCI sends no
///   signature.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key, as CircleCI
///   advises.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://circleci.com/docs/webhooks/).
/// - **Secret**: what you typed as *Secret token* under Project Settings, Webhooks; any text.
/// - **Answer**: 2xx within 10 s, else it is tried again (how long is unconfirmed).
///
/// ```
/// # use std::time::UNIX_EPOCH;
/// use tower_webhooks::{Verified, providers::CIRCLECI};
///
/// // An example CircleCI prints in its documentation.
/// let (head, body) = http::Request::post("/webhooks/circleci")
///     .header(
///         "circleci-signature",
///         "v1=9be2242094a9a8c00c64306f382a7f9d691de910b4a266f67bd314ef18ac49fa",
///     )
///     .body("an-important-request-payload")?
///     .into_parts();
/// let verifier = CIRCLECI.verifier("hunter123").build()?;
///
/// assert!(matches!(verifier.verify(&head, body, UNIX_EPOCH)?, Verified::Event(_)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub static CIRCLECI: Provider = Provider::new("circleci")
    .title("CircleCI")
    .docs("https://circleci.com/docs/webhooks/#validate-webhooks")
    .signature(Hmac(Sha256), header("circleci-signature").list(",", '=').entry("v1").hex())
    .never_secrets(&[Mistake::new(
        "CCIPAT_",
        "this is a personal API token: paste the webhook's secret token",
    )])
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")])
    .identity_source("https://circleci.com/docs/webhooks/");
