use crate::provider::{Algorithm::Hmac, Hash::Sha1, Part::Body, Provider, header, json};

/// [Vercel](https://vercel.com/docs/webhooks/webhooks-api).
///
/// - **Signed**: the whole body, with HMAC-SHA1 in hex, in `x-vercel-signature`. Vercel has nothing
///   better than SHA-1. (By the receivers that were read, all but one of which say SHA-1; Vercel's
///   own page was not read.)
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: shown once, when the webhook is created under the team's Settings, Webhooks. For
///   an integration's webhooks it is the integration's *Client Secret*.
/// - **Retries**: unconfirmed.
pub static VERCEL: Provider = Provider::new("vercel")
    .title("Vercel")
    .docs("https://vercel.com/docs/webhooks/webhooks-api")
    .signature(Hmac(Sha1), header("x-vercel-signature").hex())
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")]);
