use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Timestamp},
    Provider, Tolerance, entry, header,
};

/// [Ghost](https://docs.ghost.org/webhooks), as it signs now. Before version 5 it signed the body
/// only, under the same header: such a request is refused.
///
/// - **Signed**: the whole body and the time behind it, nothing between, with HMAC-SHA256 in hex,
///   as the `sha256` of `X-Ghost-Signature`.
/// - **Time**: `t` of the same header, in milliseconds, signed. No window is documented; 300 s to
///   both sides here.
/// - **Event**: none is named. `site.changed` always has the body `{}`.
/// - **Identity**: a digest of the body and its signed time, which Ghost makes once for an event
///   and not for each try, by the source of Ghost.
/// - **Secret**: what you typed as the webhook's *Secret* in the custom integration. Without one
///   Ghost does not sign.
/// - **Retries**: none, by the source of Ghost; a 410 deletes the webhook.
/// - The scheme rests on Ghost's source.
pub static GHOST: Provider = Provider::new("ghost")
    .title("Ghost")
    .docs("https://docs.ghost.org/webhooks")
    .signature(Hmac(Sha256), header("x-ghost-signature").list(",", '=').entry("sha256").hex())
    .timestamp(entry("t").millis(), Tolerance::secs(300))
    .signs(&[Body, Timestamp])
    .times_events()
    .identity_source("the source of Ghost")
    .gives_up_after(&[410]);
