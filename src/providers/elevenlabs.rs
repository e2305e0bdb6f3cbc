use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [ElevenLabs](https://elevenlabs.io/docs/overview/administration/webhooks).
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v0` of
///   `ElevenLabs-Signature`.
/// - **Time**: `t`, signed. 30 minutes into the past as in ElevenLabs' library; here also into the
///   future.
/// - **Event**: `type` of the body, signed. No id is named: the replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: `wsec_…`, shown once when the webhook is created. The whole string is the key; it
///   is not decoded.
/// - **Bodies**: `post_call_audio` carries a whole call in base64; no limit is documented, 32 MiB
///   are taken here.
/// - **Retries**: none until you turn them on. A webhook that fails ten times in a row, and has not
///   succeeded for 7 days, is disabled.
pub static ELEVENLABS: Provider = Provider::new("elevenlabs")
    .title("ElevenLabs")
    .docs("https://elevenlabs.io/docs/overview/administration/webhooks")
    .signature(Hmac(Sha256), header("elevenlabs-signature").list(",", '=').entry("v0").hex())
    .never_secrets(&[Mistake::new(
        "sk_",
        "this is an API key: paste the webhook's secret, `wsec_…`",
    )])
    .timestamp(entry("t").seconds(), Tolerance::secs(30 * 60))
    .signs(&[Timestamp, Text("."), Body])
    .event_type(&[json("/type")])
    .max_body(32 * 1024 * 1024);
