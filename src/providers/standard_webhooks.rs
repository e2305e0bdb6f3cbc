use crate::provider::{
    Algorithm::{Ed25519, Hmac},
    Hash::Sha256,
    Mistake,
    Part::{self, Body, Text, Timestamp, Value},
    Place, Provider, SecretFormat, SignaturePlace, TimestampPlace, Tolerance, header, json,
};

/// [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
/// the specification, and every sender that follows it.
///
/// - **Signed**: `webhook-id`, a point, `webhook-timestamp`, a point and the whole body. Entries
///   of `webhook-signature` are separated by spaces: `v1,` with HMAC-SHA256, `v1a,` with Ed25519,
///   both in base64. One match is enough; other versions are never looked at.
/// - **Time**: `webhook-timestamp`, signed; 300 s to both sides.
/// - **Event**: `webhook-id`, signed, the same on every retry; it is the replay key. An id with a
///   full stop in it is refused, as the specification asks: it could lend its end to the time. The body's `type` is signed, and recommended, not required.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// - **Secret**: `whsec_` and base64 for `v1`; the sender's public key, `whpk_` and base64, for
///   `v1a` (feature `ed25519`). A key only ever verifies entries of its own version.
/// - Senders may brand the headers:
///   [`header_prefix("acme")`](crate::VerifierBuilder::header_prefix) reads `acme-id` and so on.
/// - No published vector carries its `v1a` key; those here were made for the tests.
///
/// ```
/// # use std::time::{Duration, UNIX_EPOCH};
/// use tower_webhooks::{Verified, providers::STANDARD_WEBHOOKS};
///
/// // From the tests of the reference libraries.
/// let (head, body) = http::Request::post("/webhooks")
///     .header("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
///     .header("webhook-timestamp", "1614265330")
///     .header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
///     .body(r#"{"test": 2432232314}"#)?
///     .into_parts();
/// let verifier = STANDARD_WEBHOOKS.verifier("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").build()?;
/// let now = UNIX_EPOCH + Duration::from_secs(1_614_265_330);
///
/// let Verified::Event(event) = verifier.verify(&head, body, now)? else { panic!() };
/// assert!(event.id().is_some_and(|id| id.is_signed()));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub static STANDARD_WEBHOOKS: Provider = Provider::new("standard-webhooks")
    .title("Standard Webhooks")
    .aliases(&["standard-webhooks-v1a", "standardwebhooks"])
    .docs("https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md")
    .signature(Hmac(Sha256), SIGNATURE)
    .secret(SECRET)
    .signature(Ed25519, SIGNATURE.entry("v1a"))
    .secret(SecretFormat::MustPrefixBase64("whpk_"))
    .never_secrets(&[Mistake::new("whsk_", PRIVATE_KEY)])
    .header_families(&["webhook"])
    .timestamp(TIME, Tolerance::secs(300))
    .signs(PARTS)
    .event_id(&[ID])
    .event_type(&[json("/type")])
    .identity_source("https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md")
    .gives_up_after(&[410]);

/// The `v1` entries, for the senders that follow it.
pub(super) const SIGNATURE: SignaturePlace =
    header("webhook-signature").list(" ", ',').entry("v1").base64();
/// The secret for `v1`, as most senders write it.
pub(super) const SECRET: SecretFormat = SecretFormat::MayPrefixBase64("whsec_");
pub(super) const ID: Place = header("webhook-id");
pub(super) const TIME: TimestampPlace = header("webhook-timestamp").seconds();
pub(super) const PARTS: &[Part] = &[Value(ID), Text("."), Timestamp, Text("."), Body];

const PRIVATE_KEY: &str = "this is the sender's private key, which only the sender may have: paste the public key, `whpk_…`";
