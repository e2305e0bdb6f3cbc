use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::BodyOrField, Provider, header};

/// [Forgejo](https://forgejo.org/docs/latest/user/webhooks/), and with it Codeberg.
///
/// - **Signed**: the JSON payload, with HMAC-SHA256 in hex, in `X-Forgejo-Signature`: the whole
///   body, or of a form the decoded field `payload`. The signatures that Forgejo sends beside it
///   for receivers of Gitea, Gogs and GitHub are never enough. Hooks that use GET are not covered.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-Forgejo-Delivery` and `X-Forgejo-Event`, both **unsigned**: whoever captured one
///   delivery can change them. The replay key is a digest of the payload. So delivering again by
///   hand does nothing while the delivery is remembered;
///   [`forget`](crate::store::IdempotencyStore::forget) its key first.
/// - **Secret**: what you typed as *Secret* in the repository's Settings, Webhooks.
/// - **Answer**: 2xx. **Retries**: none by itself, as in Gitea (unconfirmed).
pub static FORGEJO: Provider = Provider::new("forgejo")
    .title("Forgejo")
    .docs("https://forgejo.org/docs/latest/user/webhooks/")
    .signature(Hmac(Sha256), header("x-forgejo-signature").hex())
    .signs(&[BodyOrField("payload")])
    .document_in("payload")
    .delivery_id(&[header("x-forgejo-delivery")])
    .event_type(&[header("x-forgejo-event")]);
