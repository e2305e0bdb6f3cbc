use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header};

/// [Sentry](https://docs.sentry.io/integrations/integration-platform/webhooks/): the webhooks of
/// integrations.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `Sentry-Hook-Signature`; in
///   `Sentry-App-Signature` where Sentry calls an integration's own components (issue links, alert
///   rule actions). (Sentry's page names header and key; that the raw body is what is signed rests on
///   peers and Sentry's source.)
/// - **Time**: `Sentry-Hook-Timestamp` is **unsigned** and not looked at. **The replay store is the
///   only protection against replays.**
/// - **Event**: `Request-ID` and `Sentry-Hook-Resource` (`issue`, `error`, …), both **unsigned**.
///   What happened to the resource is the body's `action`, signed.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: the integration's *Client Secret*: Settings, Custom Integrations.
/// - **Answer**: a quick 2xx (the limit is unconfirmed).
pub static SENTRY: Provider = Provider::new("sentry")
    .title("Sentry")
    .docs("https://docs.sentry.io/integrations/integration-platform/webhooks/")
    .signature(Hmac(Sha256), header("sentry-hook-signature").hex())
    .signature(Hmac(Sha256), header("sentry-app-signature").hex())
    .never_secrets(&[Mistake::new("sntrys_", TOKEN), Mistake::new("sntryu_", TOKEN)])
    .signs(&[Body])
    .delivery_id(&[header("request-id")])
    .event_type(&[header("sentry-hook-resource")]);

const TOKEN: &str = "this is an auth token: paste the integration's Client Secret";
