use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header,
};

/// [Cloudflare Stream](https://developers.cloudflare.com/stream/manage-video-library/using-webhooks/).
///
/// - **Signed**: the time, a point and the whole body, with HMAC-SHA256 in hex, as the `sig1` of
///   `Webhook-Signature`.
/// - **Time**: `time` of the same header, signed. Cloudflare leaves the window to you; 300 s to
///   both sides here.
/// - **Event**: none is named. `uid` of the body is the video, not the event. The replay key is a
///   digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: `secret` in the answer of the API call that sets the webhook; it is not decoded.
pub static CLOUDFLARE_STREAM: Provider = Provider::new("cloudflare-stream")
    .title("Cloudflare Stream")
    .docs("https://developers.cloudflare.com/stream/manage-video-library/using-webhooks/")
    .signature(Hmac(Sha256), header("webhook-signature").list(",", '=').entry("sig1").hex())
    .timestamp(entry("time").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body]);
