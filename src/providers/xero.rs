use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [Xero](https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `x-xero-signature`.
/// - **Time**: none is signed as such (each event has its date). **The replay store is the only
///   protection against replays.**
/// - **Event**: none is named; a delivery is a batch, `events[]`, without ids. The replay key is a
///   digest of the body.
/// - **Identity**: a digest of what is signed: no two events sign the same, by [its
///   documentation](https://developer.xero.com/documentation/guides/webhooks/overview/).
/// - **Secret**: the app's *Webhooks key*, from the developer portal. It looks like base64 and is
///   not decoded.
/// - **Setup**: the *intent to receive*: bodies with an empty `events`, some signed wrongly. They are
///   ordinary deliveries: the wrong ones get 401, the right ones come to the handler, which has to
///   answer 200 with an empty body.
/// - **Answer**: 200 with an empty body, within 5 s.
pub static XERO: Provider = Provider::new("xero")
    .title("Xero")
    .docs("https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/")
    .signature(Hmac(Sha256), header("x-xero-signature").base64())
    .signs(&[Body])
    .identity_source("https://developer.xero.com/documentation/guides/webhooks/overview/");
