use crate::provider::{Algorithm::Hmac, Hash::Sha1, Part::Body, Provider, header, json};

/// [Front](https://dev.frontapp.com/docs/webhooks-1), the webhooks of rules. Those of applications
/// are signed otherwise, and are another provider.
///
/// - **Signed**: the whole body, compact JSON as it arrives, with HMAC-SHA1 in base64, in
///   `X-Front-Signature`. SHA-1 is broken as a hash, not as an HMAC; rules have nothing better.
/// - **Time**: none is signed as such (`emitted_at` of the body says when the event happened). **The
///   replay store is the only protection against replays.**
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key. It names what
///   happened, not the rule: give two rules that may meet in one event two endpoints.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *API secret* of the Webhooks app; any text.
/// - **Answer**: 2xx within 5 s. **Retries**: none.
pub static FRONT_RULES: Provider = Provider::new("front-rules")
    .title("Front (rules)")
    .docs("https://dev.frontapp.com/docs/webhooks-1")
    .signature(Hmac(Sha1), header("x-front-signature").base64())
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")]);
