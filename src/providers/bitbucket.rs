use crate::handshake::{Handshake, Mark};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header, json};

/// [Bitbucket](https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/): Cloud, and
/// Data Center, which signs alike.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `sha256=`, in `X-Hub-Signature`:
///   the name that carries a SHA-1 elsewhere. A webhook without a secret is not signed, and is
///   refused.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-Request-UUID` (Data Center: `X-Request-Id`) and `X-Event-Key`, both **unsigned**
///   (the Cloud's by peers' code; unconfirmed).
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: what you typed under Repository settings, Webhooks, *Secret*; any text.
/// - **Setup**: *Test connection* of Data Center, an unsigned POST of type `diagnostics:ping`, is
///   answered with an empty 200.
/// - **Bodies** of the Cloud up to 256 KB.
/// - **Retries**: some; `X-Attempt-Number` counts them (unconfirmed).
pub static BITBUCKET: Provider = Provider::new("bitbucket")
    .title("Bitbucket")
    .docs("https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/")
    .signature(Hmac(Sha256), header("x-hub-signature").prefix("sha256=").hex())
    .signs(&[Body])
    .delivery_id(&[header("x-request-uuid"), header("x-request-id")])
    .event_type(&[header("x-event-key")])
    .handshakes(&[Handshake::unsigned_post(&[
        Mark::Equals(header("x-event-key"), "diagnostics:ping"),
        Mark::Present(json("/test")),
    ])]);
