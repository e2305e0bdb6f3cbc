use crate::handshake::{Handshake, Mark};
use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Timestamp, Value},
    Provider, Tolerance, header, json,
};

/// [Twitch EventSub](https://dev.twitch.tv/docs/eventsub/handling-webhook-events/).
///
/// - **Signed**: `Twitch-Eventsub-Message-Id`, `Twitch-Eventsub-Message-Timestamp` and the whole
///   body, joined without separators, with HMAC-SHA256 in hex behind `sha256=`, in
///   `Twitch-Eventsub-Message-Signature`. No character can change sides: the time must be one of
///   RFC 3339.
/// - **Time**: signed as it is written, up to nanoseconds; 10 minutes (unconfirmed) to both sides.
/// - **Event**: the message id, signed, the same on every retry; it is the replay key. The type is
///   `subscription.type` of the body, signed. `Twitch-Eventsub-Message-Type` is **unsigned**: a
///   revocation reaches the handler as an event whose `subscription.status` is not `enabled`.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://dev.twitch.tv/docs/eventsub/handling-webhook-events/).
/// - **Secret**: the one you chose when you made the subscription, 10 to 100 ASCII characters
///   (Twurple asks for that length; unconfirmed in Twitch's pages).
/// - **Setup**: the challenge, a signed POST whose `subscription.status` is
///   `webhook_callback_verification_pending`, is answered once verified.
/// - **Answer**: 2xx within a few seconds. A subscription that fails too often is revoked.
/// - **Statuses**: a request that is not authentic gets 403, as Twitch's page has it.
pub static TWITCH: Provider = Provider::new("twitch")
    .title("Twitch")
    .docs("https://dev.twitch.tv/docs/eventsub/handling-webhook-events/")
    .signature(Hmac(Sha256), header("twitch-eventsub-message-signature").prefix("sha256=").hex())
    .timestamp(header("twitch-eventsub-message-timestamp").rfc3339(), Tolerance::secs(600))
    .signs(&[Value(header("twitch-eventsub-message-id")), Timestamp, Body])
    .event_id(&[header("twitch-eventsub-message-id")])
    .event_type(&[json("/subscription/type")])
    .handshakes(&[Handshake::signed(&[Mark::Equals(
        json("/subscription/status"),
        "webhook_callback_verification_pending",
    )])
    .echoes(json("/challenge"))])
    .identity_source("https://dev.twitch.tv/docs/eventsub/handling-webhook-events/")
    .refuses_with(403);
