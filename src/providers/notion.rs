use crate::handshake::{Challenge, Handshake, Mark};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

const SECRET: Challenge = Challenge::new(
    json("/verification_token"),
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
    16,
    256,
);

/// [Notion](https://developers.notion.com/reference/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `sha256=`, in `X-Notion-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key; the body of a
///   retry has another `attempt_number`.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the verification token of the subscription, `secret_…`. The whole string is the
///   key.
/// - **Setup**: the first POST holds nothing but `verification_token`. It is answered while a
///   registration is pending ([`Registrations`](crate::handshake::Registrations)), and refused as
///   unsigned at any other time. The sink must show the token to the person who pastes it into
///   Notion. One that is signed with that very token (unconfirmed) is an event without id or type,
///   and refused before the token is known.
/// - **Retries**: with growing pauses, how long is unconfirmed.
pub static NOTION: Provider = Provider::new("notion")
    .title("Notion")
    .docs("https://developers.notion.com/reference/webhooks")
    .signature(Hmac(Sha256), header("x-notion-signature").prefix("sha256=").hex())
    .never_secrets(&[Mistake::new(
        "ntn_",
        "this is the integration's API token: paste the webhook subscription's verification token, `secret_…`",
    )])
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")])
    .handshakes(&[
        Handshake::unsigned_post(&[Mark::OnlyMember("verification_token")]).learns(SECRET)
    ]);
