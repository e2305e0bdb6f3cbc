//! The token of a setup request.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::refuse_text;
use crate::config_error::{ConfigError, ConfigErrorKind};

/// The token of an unsigned setup request, kept only as a hash: equal lengths for a comparison in
/// constant time, and nothing to print.
#[derive(Clone)]
pub(crate) struct VerifyToken([u8; 32]);

impl VerifyToken {
    pub(crate) fn new(text: &str) -> Result<Self, ConfigError> {
        refuse_text(text).map_err(|error| {
            let advice = format!("the verify token cannot be right, as {error}");
            ConfigError::new(ConfigErrorKind::VerifyToken, advice)
        })?;
        Ok(Self(Sha256::digest(text.as_bytes()).into()))
    }

    pub(crate) fn matches(&self, sent: &[u8]) -> bool {
        self.0.ct_eq(&<[u8; 32]>::from(Sha256::digest(sent))).into()
    }
}

impl fmt::Debug for VerifyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_token() {
        assert_eq!(format!("{:?}", VerifyToken::new("hunter2").unwrap()), "VerifyToken(..)");
    }

    #[test]
    fn a_token_that_was_never_filled_in_is_refused() {
        for text in ["", " ", "undefined", "${TOKEN}", "\"quoted\"", " padded"] {
            let error = VerifyToken::new(text).unwrap_err();
            assert_eq!(error.kind(), ConfigErrorKind::VerifyToken, "{text:?}");
        }
    }
}
