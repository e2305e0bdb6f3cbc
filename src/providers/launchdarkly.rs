use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [LaunchDarkly](https://launchdarkly.com/docs/home/infrastructure/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-LD-Signature`, which is sent only
///   if the webhook has a secret.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `_id` and `kind` of the body, both signed. The id is the replay key. `kind` is the
///   kind of resource (`flag`); what happened to it is `titleVerb`.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the webhook's *Secret*, under Integrations, Webhooks.
/// - **Retries**: unconfirmed.
pub static LAUNCHDARKLY: Provider = Provider::new("launchdarkly")
    .title("LaunchDarkly")
    .aliases(&["launch-darkly"])
    .docs("https://launchdarkly.com/docs/home/infrastructure/webhooks")
    .signature(Hmac(Sha256), header("x-ld-signature").hex())
    .never_secrets(&[
        Mistake::new("api-", "this is an API access token: paste the webhook's secret"),
        Mistake::new("sdk-", "this is an SDK key: paste the webhook's secret"),
    ])
    .signs(&[Body])
    .event_id(&[json("/_id")])
    .event_type(&[json("/kind")]);
