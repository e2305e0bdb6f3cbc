use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header,
};

/// [Sanity](https://www.sanity.io/docs/webhooks): GROQ-powered webhooks.
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in base64url, as the
///   `v1` of `sanity-webhook-signature`.
/// - **Time**: `t` in milliseconds, signed. Sanity's library takes any age, and so is done here:
///   **the replay store is the only protection against replays**, unless you set a
///   [`tolerance`](crate::VerifierBuilder::tolerance).
/// - **Event**: `idempotency-key`, **unsigned**. The type is whatever your projection puts into the
///   body.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: what you typed as the webhook's *Secret*; any text.
/// - **Retries**: two, 30 s apart, when there was no 2xx within 30 s.
pub static SANITY: Provider = Provider::new("sanity")
    .title("Sanity")
    .docs("https://www.sanity.io/docs/webhooks")
    .signature(
        Hmac(Sha256),
        header("sanity-webhook-signature").list(", ", '=').entry("v1").base64url(),
    )
    .timestamp(entry("t").millis(), Tolerance::any())
    .signs(&[Timestamp, Text("."), Body])
    .delivery_id(&[header("idempotency-key")])
    .retries_after(&[429..=429, 500..=599]);
