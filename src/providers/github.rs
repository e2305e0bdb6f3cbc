use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [GitHub](https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `sha256=`, in
///   `X-Hub-Signature-256`. A form delivery is signed as the raw form; its `payload` is the
///   document. The legacy SHA-1 header beside it is never enough.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-GitHub-Delivery` and `X-GitHub-Event`, both **unsigned**. The *Redeliver* button
///   keeps the id, so it does nothing while the delivery is remembered;
///   [`forget`](crate::store::IdempotencyStore::forget) its key first.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same; the id stays the same over the retries of one delivery, by [its
///   documentation](https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks).
///   Whoever captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: what you typed under Settings, Webhooks, *Secret*; any text.
/// - **Bodies** up to 25 MiB. `ping` is an ordinary signed event.
/// - **Retries**: none by itself (unconfirmed); redelivery by hand for 3 days.
///
/// ```
/// # use std::time::UNIX_EPOCH;
/// use tower_webhooks::{Verified, providers::GITHUB};
///
/// // The example GitHub prints in its documentation.
/// let (head, body) = http::Request::post("/webhooks/github")
///     .header(
///         "x-hub-signature-256",
///         "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
///     )
///     .body("Hello, World!")?
///     .into_parts();
/// let verifier = GITHUB.verifier("It's a Secret to Everybody").build()?;
///
/// assert!(matches!(verifier.verify(&head, body, UNIX_EPOCH)?, Verified::Event(_)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub static GITHUB: Provider = Provider::new("github")
    .title("GitHub")
    .aliases(&["gh"])
    .docs("https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries")
    .signature(Hmac(Sha256), header("x-hub-signature-256").prefix("sha256=").hex())
    .signs(&[Body])
    .document_in("payload")
    .delivery_id(&[header("x-github-delivery")])
    .event_type(&[header("x-github-event")])
    .max_body(25 * 1024 * 1024)
    .identity_source(
        "https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks",
    );
