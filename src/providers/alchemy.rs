use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Alchemy](https://www.alchemy.com/docs/reference/notify-api-quickstart#webhook-signature--security):
/// Notify webhooks.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Alchemy-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the *Signing Key* of that one webhook, in the dashboard under Webhooks. It may
///   begin with `whsec_`: the whole string is the key, it is not decoded.
/// - **Retries**: with growing pauses, from about 10 minutes to 1 h.
pub static ALCHEMY: Provider = Provider::new("alchemy")
    .title("Alchemy")
    .docs(
        "https://www.alchemy.com/docs/reference/notify-api-quickstart#webhook-signature--security",
    )
    .signature(Hmac(Sha256), header("x-alchemy-signature").hex())
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")]);
