use crate::provider::{Algorithm::Hmac, Hash::Sha1, Part::Body, Provider, header, json};

/// [Segment](https://segment.com/docs/connections/destinations/catalog/webhooks/#authentication), the
/// webhooks destination.
///
/// - **Signed**: the whole body, with HMAC-SHA1 in hex, in `X-Signature`. SHA-1 is broken as a hash,
///   not as an HMAC; Segment has nothing better.
/// - **Time**: none is signed as such. **The replay store is the only protection against replays.**
/// - **Event**: `messageId` and `type` (`track`) of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *shared secret* in the settings of the destination; any text. Without one
///   Segment signs nothing, and its deliveries are refused.
/// - **Retries**: for up to 4 h, after a 5xx.
pub static SEGMENT: Provider = Provider::new("segment")
    .title("Segment")
    .docs("https://segment.com/docs/connections/destinations/catalog/webhooks/#authentication")
    .signature(Hmac(Sha1), header("x-signature").hex())
    .signs(&[Body])
    .event_id(&[json("/messageId")])
    .event_type(&[json("/type")])
    .retries_after(&[500..=599]);
