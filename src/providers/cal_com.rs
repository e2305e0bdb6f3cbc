use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Cal.com](https://cal.com/docs/developing/guides/automation/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Cal-Signature-256`. A webhook
///   without a secret sends the text `no-secret-provided` there, by Cal.com's source; it is
///   refused.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; the replay key is a digest of the body. The type is the body's
///   `triggerEvent`, signed.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: what you typed as *Secret* under Settings, Developer, Webhooks.
/// - **Retries**: unconfirmed.
pub static CAL_COM: Provider = Provider::new("cal-com")
    .title("Cal.com")
    .aliases(&["calcom"])
    .docs("https://cal.com/docs/developing/guides/automation/webhooks")
    .signature(Hmac(Sha256), header("x-cal-signature-256").hex())
    .never_secrets(&[Mistake::new(
        "cal_live_",
        "this is an API key: paste the secret you typed for the webhook",
    )])
    .signs(&[Body])
    .event_type(&[json("/triggerEvent")]);
