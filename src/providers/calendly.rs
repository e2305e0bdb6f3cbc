use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [Calendly](https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures).
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v1`
///   entry of `Calendly-Webhook-Signature`. Calendly's sample writes the parsed body anew; what
///   counts is the body as it was sent.
/// - **Time**: `t`, signed; 300 s to both sides, as peers have it. Calendly's sample takes 180 s
///   into the past.
/// - **Event**: `event` of the body is the type, signed. There is no id: the replay key is a digest
///   of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *signing key* that you gave, or got, when you made the webhook subscription
///   by the API. An access token is refused.
/// - **Retries**: some, then the subscription is disabled (unconfirmed).
pub static CALENDLY: Provider = Provider::new("calendly")
    .title("Calendly")
    .docs("https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures")
    .signature(Hmac(Sha256), header("calendly-webhook-signature").list(",", '=').entry("v1").hex())
    .never_secrets(&[Mistake::new(
        "eyJ",
        "this is an access token: paste the signing key of the webhook subscription",
    )])
    .timestamp(entry("t").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_type(&[json("/event")]);
