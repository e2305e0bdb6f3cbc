use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [Buildkite](https://buildkite.com/docs/apis/webhooks/pipelines#webhook-signature), with *Send an
/// HMAC signature*. For the plain token there is [`BUILDKITE_TOKEN`](super::BUILDKITE_TOKEN).
///
/// - **Signed**: the `timestamp`, a point and the whole body, with HMAC-SHA256 in hex, as the
///   `signature` of `X-Buildkite-Signature`.
/// - **Time**: `timestamp` in that header, signed; 300 s to both sides, which is Buildkite's
///   example of a window.
/// - **Event**: no id; the replay key is a digest of the body. The type is the body's `event`,
///   signed; `X-Buildkite-Event`, **unsigned**, where the body has none.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the webhook's *Token*, under Notification Services.
/// - `ping` is an ordinary signed event. **Retries**: unconfirmed.
pub static BUILDKITE: Provider = Provider::new("buildkite")
    .title("Buildkite")
    .docs("https://buildkite.com/docs/apis/webhooks/pipelines#webhook-signature")
    .signature(
        Hmac(Sha256),
        header("x-buildkite-signature").list(",", '=').entry("signature").hex(),
    )
    .never_secrets(&[Mistake::new(
        "bkua_",
        "this is an API access token: paste the webhook's token, from Notification Services",
    )])
    .timestamp(entry("timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_type(&[json("/event"), header("x-buildkite-event")]);
