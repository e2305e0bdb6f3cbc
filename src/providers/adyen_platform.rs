use crate::provider::{
    Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, SecretFormat, header, json,
};

/// [Adyen](https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures):
/// the webhooks of its platforms, management and banking, signed in a header. The standard payment
/// webhooks, signed item by item in the body, are another provider.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `HmacSignature`.
/// - **Time**: none is signed as such (`timestamp` of the body, where it has one, says when the event
///   happened). **The replay store is the only protection against replays.**
/// - **Event**: no id; `type` of the body (`balancePlatform.accountHolder.created`), signed. The
///   replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *HMAC key* of the webhook, from the Customer Area; hex, decoded.
///
/// ```
/// use tower_webhooks::providers::ADYEN_PLATFORM;
///
/// // Hexadecimal, as the Customer Area shows it; anything else is refused.
/// let key = "11223344D785FBAE710E7F943F307971BB61B21281C98C9129B3D4018A57B2EB";
/// assert!(ADYEN_PLATFORM.verifier(key).build().is_ok());
/// assert!(ADYEN_PLATFORM.verifier("AQEyhmfxK4").build().is_err());
/// ```
pub static ADYEN_PLATFORM: Provider = Provider::new("adyen-platform")
    .title("Adyen for Platforms")
    .docs("https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures")
    .signature(Hmac(Sha256), header("hmacsignature").base64())
    .secret(SecretFormat::Hex)
    .signs(&[Body])
    .event_type(&[json("/type")]);
