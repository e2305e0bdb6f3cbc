use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Timestamp, Value},
    Provider, Tolerance, json,
};

/// [Mailgun](https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
///
/// - **Signed**: only the time and a random token, both in the body's `signature` object, with
///   HMAC-SHA256 in hex. **The event itself is not signed**: whoever sees one delivery can put
///   another event under its signature until the token is remembered. So the token is the replay
///   key, a second body under one token is refused
///   ([`ReusedSignature`](crate::RejectionKind::ReusedSignature)), and
///   [`Event::assurance`](crate::Event::assurance) says `PartOfBody`. Rely on TLS.
/// - **Time**: `signature.timestamp`, signed. Mailgun leaves the window to you; 300 s to both
///   sides here, as Symfony has it.
/// - **Event**: `event-data.id` and `event-data.event`, both **unsigned**.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *HTTP webhook signing key* under API security.
/// - Subaccounts' `parent-signature` and the form posts of inbound routes are not covered.
/// - **Retries**: for 8 h (unconfirmed).
pub static MAILGUN: Provider = Provider::new("mailgun")
    .title("Mailgun")
    .docs("https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks")
    .signature(Hmac(Sha256), json("/signature/signature").hex())
    .timestamp(json("/signature/timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Value(json("/signature/token"))])
    .event_id(&[json("/event-data/id")])
    .event_type(&[json("/event-data/event")]);
