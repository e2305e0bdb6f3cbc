use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [Persona](https://docs.withpersona.com/webhooks-best-practices#checking-signatures).
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v1`
///   of `Persona-Signature`. During a rotation there are two groups `t=…,v1=…`, separated by a
///   space: one match is enough. Two groups of different times are refused.
/// - **Time**: `t`, signed. No window is documented; 300 s to both sides here.
/// - **Event**: `data.id` and `data.attributes.name` of the body, both signed. The id is the
///   replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: `wbhsec_…` of the webhook, in the dashboard under Webhooks. The whole string is
///   the key; it is not decoded.
/// - **Retries**: seven, when there was no 200, 201, 202 or 204 within 5 s.
pub static PERSONA: Provider = Provider::new("persona")
    .title("Persona")
    .docs("https://docs.withpersona.com/webhooks-best-practices#checking-signatures")
    .signature(Hmac(Sha256), header("persona-signature").list(", ", '=').entry("v1").hex())
    .timestamp(entry("t").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_id(&[json("/data/id")])
    .event_type(&[json("/data/attributes/name")]);
