use crate::provider::{Algorithm::Hmac, Hash::Sha1, Part::Body, Provider, header};

/// [Help Scout](https://developer.helpscout.com/webhooks/).
///
/// - **Signed**: the whole body, with HMAC-SHA1 in base64, in `X-HelpScout-Signature`. SHA-1 is
///   broken as a hash, not as an HMAC; Help Scout has nothing better.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; `X-HelpScout-Event` (`convo.created`), **unsigned**: whoever captured a
///   delivery can pass it off as another event. The replay key is a digest of the body, a
///   conversation or customer. Where one body may come under several events, name this endpoint's
///   with [`topics`](crate::VerifierBuilder::topics).
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *secret key* that you typed for the webhook; any text.
/// - **Answer**: 200 within 10 s.
pub static HELP_SCOUT: Provider = Provider::new("help-scout")
    .title("Help Scout")
    .docs("https://developer.helpscout.com/webhooks/")
    .signature(Hmac(Sha1), header("x-helpscout-signature").base64())
    .signs(&[Body])
    .event_type(&[header("x-helpscout-event")])
    .topics();
