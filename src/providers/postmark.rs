use crate::provider::{Algorithm::Token, Provider, header, json};

/// [Postmark](https://postmarkapp.com/developer/webhooks/webhooks-overview).
///
/// - **Signed**: nothing. The sender shows a user name and a password, which you put into the
///   webhook's URL, as HTTP Basic in `Authorization`. It proves who sends and nothing of what is
///   sent; rely on TLS, and on Postmark's list of addresses if you can.
/// - **Time**: none is signed. **The replay store is the only protection against replays**, and a
///   weak one: who knows the password can send anything.
/// - **Event**: no id (`MessageID` repeats over the events of one message). `RecordType` is the
///   type, **unsigned**. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: `user:password`, as in the URL `https://user:password@…`; percent-decoded. The
///   first colon ends the user name. Postmark's custom headers are not looked at.
/// - **Retries**: inbound messages ten times over about 10.5 h, none after 403; other events are
///   retried less often (unconfirmed).
/// - **Bodies**: the attachments of an inbound message may come to 35 MB, here as base64.
pub static POSTMARK: Provider = Provider::new("postmark")
    .title("Postmark")
    .docs("https://postmarkapp.com/developer/webhooks/webhooks-overview")
    .signature(Token, header("authorization").prefix("Basic ").base64())
    .signs(&[])
    .event_type(&[json("/RecordType")])
    .max_body(48 * 1024 * 1024)
    .gives_up_after(&[403]);
