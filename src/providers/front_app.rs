use crate::handshake::{Handshake, Mark};
use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, header, json,
};

/// [Front](https://dev.frontapp.com/docs/application-webhooks): application webhooks. Webhooks of
/// rules are signed in another way.
///
/// - **Signed**: the time, a colon and the whole body, with HMAC-SHA256 in base64, in
///   `X-Front-Signature`.
/// - **Time**: `X-Front-Request-Timestamp`, in milliseconds, signed; 300 s to both sides, as Front
///   recommends for its connectors, which send the same headers.
/// - **Event**: `type` of the body, signed. No id is named: the replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the app's *signing key*, under Settings, Developers; it is not decoded.
/// - **Setup**: a signed POST of type `sync` with `X-Front-Challenge`, answered with that header's
///   value once verified. The header itself is unsigned: whoever replays a delivery with one is
///   answered with what they sent, and nothing is run.
/// - **Retries**: three, on 408, 429, 5xx or no answer; then the webhook is disabled.
pub static FRONT_APP: Provider = Provider::new("front-app")
    .title("Front (application webhooks)")
    .docs("https://dev.frontapp.com/docs/application-webhooks")
    .signature(Hmac(Sha256), header("x-front-signature").base64())
    .timestamp(header("x-front-request-timestamp").millis(), Tolerance::secs(300))
    .signs(&[Timestamp, Text(":"), Body])
    .event_type(&[json("/type")])
    .handshakes(&[Handshake::signed(&[
        Mark::Equals(json("/type"), "sync"),
        Mark::Present(header("x-front-challenge")),
    ])
    .echoes(header("x-front-challenge"))])
    .retries_after(&[408..=408, 429..=429, 500..=599]);
