use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [Increase](https://increase.com/documentation/webhooks), in its older way. New webhooks follow
/// Standard Webhooks: see [`INCREASE`](super::INCREASE).
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v1` of
///   `Increase-Webhook-Signature`.
/// - **Time**: `t`, a date and time in UTC, signed. No window is documented; 300 s to both sides
///   here, as a peer has it.
/// - **Event**: `id` and `category` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the shared secret of the event subscription. The whole string is the key, a
///   `whsec_` in front included; it is not decoded.
/// - The scheme rests on the older libraries of Increase and their tests.
pub static INCREASE_LEGACY: Provider = Provider::new("increase-legacy")
    .title("Increase (older signature)")
    .docs("https://increase.com/documentation/webhooks")
    .signature(Hmac(Sha256), header("increase-webhook-signature").list(",", '=').entry("v1").hex())
    .timestamp(entry("t").rfc3339(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/category")]);
