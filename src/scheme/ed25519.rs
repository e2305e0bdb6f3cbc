//! Ed25519, verified strictly.

use crate::config_error::{ConfigError, ConfigErrorKind};

/// A sender's public key.
pub(crate) struct PublicKey(#[cfg(feature = "ed25519")] ed25519_dalek::VerifyingKey);

impl PublicKey {
    /// Parses 32 bytes. A point of small order is refused here: it would verify anything.
    #[cfg(feature = "ed25519")]
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, ConfigError> {
        <[u8; 32]>::try_from(bytes)
            .ok()
            .and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(&bytes).ok())
            .filter(|key| !key.is_weak())
            .map(Self)
            .ok_or_else(|| {
                ConfigError::new(
                    ConfigErrorKind::MalformedSecret,
                    "the key is not an Ed25519 public key (32 bytes): paste the public key, whole",
                )
            })
    }

    #[cfg(not(feature = "ed25519"))]
    pub(crate) fn new(_: &[u8]) -> Result<Self, ConfigError> {
        Err(ConfigError::new(
            ConfigErrorKind::MissingFeature,
            "Ed25519 keys need feature `ed25519` of tower-webhooks: enable it in Cargo.toml",
        ))
    }

    /// Whether this key signed the message. Strict: small-order and non-canonical forms, which
    /// plain verification lets pass, are refused.
    #[cfg(feature = "ed25519")]
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        #[cfg(test)]
        super::count::public_key_operation();
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }

    #[cfg(not(feature = "ed25519"))]
    pub(crate) fn verifies(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }
}
