use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [TikTok for Developers](https://developers.tiktok.com/doc/webhooks-verification). TikTok Shop
/// signs in another way, and is not covered.
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `s` of
///   `TikTok-Signature`.
/// - **Time**: `t`, signed. No window is documented; 300 s to both sides here.
/// - **Event**: `event` of the body is the type, signed. No id is named: the replay key is a
///   digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the app's *Client secret*; it is not decoded.
/// - **Retries**: for up to 72 h, when there was no 200.
pub static TIKTOK: Provider = Provider::new("tiktok")
    .title("TikTok for Developers")
    .docs("https://developers.tiktok.com/doc/webhooks-verification")
    .signature(Hmac(Sha256), header("tiktok-signature").list(",", '=').entry("s").hex())
    .timestamp(entry("t").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_type(&[json("/event")]);
