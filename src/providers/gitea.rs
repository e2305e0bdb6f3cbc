use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::BodyOrField, Provider, header};

/// [Gitea](https://docs.gitea.com/usage/repository/webhooks).
///
/// - **Signed**: the JSON payload, with HMAC-SHA256 in hex, in `X-Gitea-Signature`: the whole body,
///   or of a form the decoded field `payload`. The signatures that Gitea sends beside it for
///   receivers of Gogs and GitHub are never enough. Hooks that use GET are not covered.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-Gitea-Delivery` and `X-Gitea-Event`, both **unsigned**: whoever captured one
///   delivery can change them. The replay key is a digest of the payload. So delivering again by
///   hand does nothing while the delivery is remembered;
///   [`forget`](crate::store::IdempotencyStore::forget) its key first.
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
