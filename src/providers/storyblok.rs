use std::time::Duration;

use crate::provider::{Algorithm::Hmac, Hash::Sha1, Part::Body, Provider, header, json};

/// [Storyblok](https://www.storyblok.com/docs/concepts/webhooks). By two implementations; Storyblok's
/// own page was not read.
///
/// - **Signed**: the whole body, with HMAC-SHA1 in hex, in `webhook-signature`: the name of Standard
///   Webhooks' header, but not their scheme. SHA-1 is broken as a hash, not as an HMAC; Storyblok has
///   nothing better.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; `action` of the body (`published`), signed. The replay key is a digest of the
///   body. The body says neither when nor which version, so a story that is published again has the
///   same: the default retention is 5 minutes. What is published twice within it is handled once, and
///   a captured request can be replayed after it.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *webhook secret* in the space's settings, Webhooks; any text. Without one nothing
///   is signed, and deliveries are refused.
pub static STORYBLOK: Provider = Provider::new("storyblok")
    .title("Storyblok")
    .docs("https://www.storyblok.com/docs/concepts/webhooks")
    .signature(Hmac(Sha1), header("webhook-signature").hex())
    .signs(&[Body])
    .event_type(&[json("/action")])
    .retention(Duration::from_secs(300));
