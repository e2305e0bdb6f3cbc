use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::BodyOrField, Provider, header};

/// [Gitea](https://docs.gitea.com/usage/repository/webhooks).
///
/// - **Signed**: the JSON payload, with HMAC-SHA256 in hex, in `X-Gitea-Signature`: the whole body,
///   or of a form the decoded field `payload`. The signatures that Gitea sends beside it for
///   receivers of Gogs and GitHub are never enough. Hooks that use GET are not covered.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-Gitea-Delivery` and `X-Gitea-Event`, both **unsigned**. A delivery that is sent
///   again by hand keeps its id (unconfirmed), and does nothing while it is remembered;
///   [`forget`](crate::store::IdempotencyStore::forget) its key first.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: what you typed as *Secret* in the repository's Settings, Webhooks. Without one the
///   header comes empty, and is refused.
/// - **Answer**: 2xx within 5 s by default. **Retries**: none by itself.
pub static GITEA: Provider = Provider::new("gitea")
    .title("Gitea")
    .docs("https://docs.gitea.com/usage/repository/webhooks")
    .signature(Hmac(Sha256), header("x-gitea-signature").hex())
    .signs(&[BodyOrField("payload")])
    .document_in("payload")
    .delivery_id(&[header("x-gitea-delivery")])
    .event_type(&[header("x-gitea-event")]);
