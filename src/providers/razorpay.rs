use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Razorpay](https://razorpay.com/docs/webhooks/validate-test/).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Razorpay-Signature`. (The signature
///   of a checkout's callback, over order and payment id, is another scheme.)
/// - **Time**: none is signed. **The replay store is the only protection against replays**;
///   Razorpay tries for 24 h.
/// - **Event**: `X-Razorpay-Event-Id`, **unsigned**, and the body's `event`, signed.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same; the id stays the same over the retries of one delivery, by [its
///   documentation](https://razorpay.com/docs/webhooks/best-practices). Whoever captured a delivery
///   can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: what you typed as *Secret* under Account & Settings, Webhooks; not the API key's.
///   While it changes keep both: an older event is tried again with the older secret.
/// - **Retries**: with growing pauses for 24 h, then the webhook is disabled.
pub static RAZORPAY: Provider = Provider::new("razorpay")
    .title("Razorpay")
    .docs("https://razorpay.com/docs/webhooks/validate-test/")
    .signature(Hmac(Sha256), header("x-razorpay-signature").hex())
    .never_secrets(&[Mistake::new("rzp_live_", API_KEY), Mistake::new("rzp_test_", API_KEY)])
    .signs(&[Body])
    .delivery_id(&[header("x-razorpay-event-id")])
    .event_type(&[json("/event")])
    .identity_source("https://razorpay.com/docs/webhooks/best-practices");

const API_KEY: &str = "this is an API key's id: paste the secret you typed for the webhook";
