use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Timestamp},
    Provider, Tolerance, header, json,
};

/// [Zendesk](https://developer.zendesk.com/documentation/webhooks/verifying/).
///
/// - **Signed**: the time and the whole body, nothing between them, with HMAC-SHA256 in base64, in
///   `X-Zendesk-Webhook-Signature`. (An early version of the page had the body in front; that is
///   refused.)
/// - **Time**: `X-Zendesk-Webhook-Signature-Timestamp`, ISO 8601, signed as it stands. Zendesk
///   names no window; 300 s to both sides here.
/// - **Event**: `X-Zendesk-Webhook-Invocation-Id`, **unsigned**, and the body's `type`, signed,
///   which only event subscriptions have.
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same. That the id stays the same over retries is unconfirmed. Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: the webhook's *Signing secret*, in Admin Center under Webhooks. It looks like
///   base64 and is not decoded. The test button of a webhook that is not saved yet signs with a
///   secret that the page prints; that one is refused.
/// - **Method**: POST, or what a trigger's webhook was set to: GET, PUT, PATCH or DELETE. Method and
///   query are **unsigned**: do not let them decide what is done.
/// - **Retries**: after some answers and time-outs, by Zendesk's own list.
/// - **Statuses**: 409, 429 and 503 are tried again, others not (unconfirmed): what passes by itself
///   is answered 503.
pub static ZENDESK: Provider = Provider::new("zendesk")
    .title("Zendesk")
    .docs("https://developer.zendesk.com/documentation/webhooks/verifying/")
    .signature(Hmac(Sha256), header("x-zendesk-webhook-signature").base64())
    .never_secrets(&[Mistake::published(
        "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==",
        "this is the secret that Zendesk's page prints, with which tests of a webhook that is not saved yet are signed: save the webhook, and paste its own *Signing secret*, from Admin Center, Apps and integrations, Webhooks",
    )])
    .timestamp(header("x-zendesk-webhook-signature-timestamp").rfc3339(), Tolerance::secs(300))
    .signs(&[Timestamp, Body])
    .methods(&["POST", "GET", "PUT", "PATCH", "DELETE"])
    .delivery_id(&[header("x-zendesk-webhook-invocation-id")])
    .event_type(&[json("/type")])
    .retries_after(&[409..=409, 429..=429, 503..=503]);
