//! A token that is answered with its HMAC.

use crate::provider::Place;

/// Longer tokens than this are signed for nobody.
pub(crate) const MAX_TOKEN: usize = 256;

/// A token that is answered with its HMAC: where it stands, and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    pub(crate) place: Place,
    alphabet: &'static str,
    min: usize,
    max: usize,
}

/// A piece of an answer that holds the HMAC of a [`Challenge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// These characters.
    Text(&'static str),
    /// The token itself.
    Token,
    /// The name of the key.
    KeyName,
    /// The HMAC in hexadecimal.
    Hex,
    /// The HMAC in padded standard base64.
    Base64,
}

impl Challenge {
    /// A token at this place, of at least `min` and at most `max` of these characters. Take the
    /// narrowest that the sender's tokens fit in: they must never be the signed content of a
    /// delivery.
    ///
    /// # Panics
    ///
    /// If the characters are not among ASCII letters, digits and `+/=_-`, or the lengths not among
    /// 1 and 256; in a `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn new(place: Place, alphabet: &'static str, min: usize, max: usize) -> Self {
        assert!(1 <= min && min <= max && max <= MAX_TOKEN, "a token has 1 to 256 characters");
        let bytes = alphabet.as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            let is_harmless = bytes[index].is_ascii_alphanumeric()
                || matches!(bytes[index], b'+' | b'/' | b'=' | b'_' | b'-');
            assert!(is_harmless, "a token is made of letters, digits and +/=_-");
            index += 1;
        }
        Self { place, alphabet, min, max }
    }

    /// Whether a value is such a token, and so may be signed.
    pub(crate) fn takes(&self, value: &[u8]) -> bool {
        (self.min..=self.max).contains(&value.len())
            && value.iter().all(|byte| self.alphabet.as_bytes().contains(byte))
    }
}
