use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [Discourse](https://meta.discourse.org/t/configure-webhooks-that-trigger-on-discourse-events-to-integrate-with-external-services/49045).
///
/// - **Signed**: the whole body, JSON or form, raw, with HMAC-SHA256 in hex behind `sha256=`, in
///   `X-Discourse-Event-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `X-Discourse-Event-Id` and `X-Discourse-Event` (`post_created`), both **unsigned**.
///   Where one body may come under several events (a user who logs in and out), name this
///   endpoint's with [`topics`](crate::VerifierBuilder::topics).
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: what you typed under Admin, API, Webhooks, *Secret*; any text. Without one Discourse
///   signs nothing, and its deliveries are refused.
/// - `ping` is an ordinary signed event.
/// - **Retries**: after 1, 5, 25 and 125 min where the site's settings allow; after 4 tries a 404 or
///   410 disables the webhook (by Discourse's source).
pub static DISCOURSE: Provider = Provider::new("discourse")
    .title("Discourse")
    .docs("https://meta.discourse.org/t/configure-webhooks-that-trigger-on-discourse-events-to-integrate-with-external-services/49045")
    .signature(Hmac(Sha256), header("x-discourse-event-signature").prefix("sha256=").hex())
    .signs(&[Body])
    .delivery_id(&[header("x-discourse-event-id")])
    .event_type(&[header("x-discourse-event")])
    .topics()
    .gives_up_after(&[404, 410]);
