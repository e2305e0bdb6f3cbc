use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [ClickUp](https://developer.clickup.com/docs/webhooksignature).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; the replay key is a digest of the body. The type is the body's `event`,
///   signed. Without `history_items`, which have ids, two events of one kind and task have the same
///   body, and are one event while the first is remembered.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: `webhook.secret` of the answer that created the webhook. An API token (`pk_…`) is
///   refused.
/// - **Retries**: unconfirmed.
pub static CLICKUP: Provider = Provider::new("clickup")
    .title("ClickUp")
    .docs("https://developer.clickup.com/docs/webhooksignature")
    .signature(Hmac(Sha256), header("x-signature").hex())
    .never_secrets(&[Mistake::new(
        "pk_",
        "this is an API token: paste `webhook.secret` of the answer that created the webhook",
    )])
    .signs(&[Body])
    .event_type(&[json("/event")]);
