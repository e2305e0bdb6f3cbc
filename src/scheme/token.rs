//! Shared tokens: the secret itself is sent. Kept and compared as SHA-256, so that neither length
//! nor content shows in the time it takes.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A token that a sender must know.
pub(crate) struct TokenKey([u8; 32]);

impl TokenKey {
    pub(crate) fn new(token: &[u8]) -> Self {
        Self(hashed(token))
    }

    /// Whether this is the token whose hash was read.
    pub(crate) fn matches(&self, sent: &[u8]) -> bool {
        self.0.ct_eq(sent).into()
    }
}

/// What is kept of a token that was sent.
pub(crate) fn hashed(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}
