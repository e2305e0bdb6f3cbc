use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Lemon Squeezy](https://docs.lemonsqueezy.com/help/webhooks/signing-requests).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; the replay key is a digest of the body. The type is `meta.event_name` of the
///   body, signed; `X-Event-Name`, which repeats it unsigned, is not looked at.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *Signing secret* you typed under Settings, Webhooks; 6 to 40 characters.
/// - **Answer**: 200; up to four tries (unconfirmed).
pub static LEMON_SQUEEZY: Provider = Provider::new("lemon-squeezy")
    .title("Lemon Squeezy")
    .aliases(&["lemonsqueezy"])
    .docs("https://docs.lemonsqueezy.com/help/webhooks/signing-requests")
    .signature(Hmac(Sha256), header("x-signature").hex())
    .never_secrets(&[Mistake::new(
        "eyJ",
        "this is an API key: paste the signing secret you typed for the webhook",
    )])
    .signs(&[Body])
    .event_type(&[json("/meta/event_name")]);
