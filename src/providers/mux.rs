use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [Mux](https://www.mux.com/docs/core/verify-webhook-signatures).
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v1`
///   entries of `Mux-Signature`. One match is enough; other versions are never looked at.
/// - **Time**: `t`, signed. 300 s into the past as in Mux's library; here also into the future.
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the signing secret of that one endpoint: Settings, Webhooks. It is not decoded.
/// - **Retries**: for 24 h, when there was no 2xx within 5 s (unconfirmed).
pub static MUX: Provider = Provider::new("mux")
    .title("Mux")
    .docs("https://www.mux.com/docs/core/verify-webhook-signatures")
    .signature(Hmac(Sha256), header("mux-signature").list(",", '=').entry("v1").hex())
    .timestamp(entry("t").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")]);
