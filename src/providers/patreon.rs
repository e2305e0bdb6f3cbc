use crate::provider::{Algorithm::Hmac, Hash::Md5, Part::Body, Provider, header};

/// [Patreon](https://docs.patreon.com/#webhooks).
///
/// - **Signed**: the whole body, with HMAC-MD5 in hex, in `X-Patreon-Signature`. **Weak**: MD5 is
///   long broken as a hash, and no HMAC in use today is shorter. Nobody is known to forge one without
///   the key, but nothing of value should hang on a delivery alone: ask Patreon's API.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; `X-Patreon-Event` (`members:pledge:create`), **unsigned**: whoever captured a
///   delivery can pass it off as another event. The replay key is a digest of the body. One member
///   may go out under several events with one body: name this endpoint's with
///   [`topics`](crate::VerifierBuilder::topics), and each is handled once.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *secret* of the webhook, from the developer portal; any text.
/// - **Retries**: for up to a week (unconfirmed); a webhook that fails is paused, and what was queued
///   comes when it is resumed (by a peer), so later than the store remembers.
pub static PATREON: Provider = Provider::new("patreon")
    .title("Patreon")
    .docs("https://docs.patreon.com/#webhooks")
    .signature(Hmac(Md5), header("x-patreon-signature").hex())
    .signs(&[Body])
    .event_type(&[header("x-patreon-event")])
    .topics()
    .known_types(&[
        "members:create",
        "members:delete",
        "members:pledge:create",
        "members:pledge:delete",
        "members:pledge:update",
        "members:update",
        "posts:delete",
        "posts:publish",
        "posts:update",
    ]);
