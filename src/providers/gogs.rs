use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::BodyOrField, Provider, header};

/// [Gogs](https://gogs.io/docs/features/webhook).
///
/// - **Signed**: the JSON payload, with HMAC-SHA256 in hex, in `X-Gogs-Signature`: the whole body,
///   or of a form the decoded field `payload`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-Gogs-Delivery` and `X-Gogs-Event`, both **unsigned**: whoever captured one
///   delivery can change them. The replay key is a digest of the payload. So delivering again by
///   hand does nothing while the delivery is remembered;
///   [`forget`](crate::store::IdempotencyStore::forget) its key first.
/// - **Secret**: what you typed as *Secret* in the repository's Settings, Webhooks. Without one the
///   header comes empty, and is refused.
/// - **Answer**: 2xx, within what the server's configuration allows.
pub static GOGS: Provider = Provider::new("gogs")
    .title("Gogs")
    .docs("https://gogs.io/docs/features/webhook")
    .signature(Hmac(Sha256), header("x-gogs-signature").hex())
    .signs(&[BodyOrField("payload")])
    .document_in("payload")
    .delivery_id(&[header("x-gogs-delivery")])
    .event_type(&[header("x-gogs-event")]);
