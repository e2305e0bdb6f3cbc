//! Setup requests that are answered with an HMAC of a token they carry, under the key that signs
//! deliveries.
//!
//! Such a request is unsigned, so the answer is an oracle: a stranger has any token signed. What
//! keeps that harmless is that no token is the signed content of a delivery. So a description says
//! which characters a token has and how many, and nothing else is ever signed.

use crate::keys::{Key, Keys, Material};
use crate::provider::Place;

/// Longer tokens than this are signed for nobody.
const MAX_TOKEN: usize = 256;

/// A token that is answered with its HMAC: where it stands, and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub(crate) place: Place,
    alphabet: &'static str,
    min: usize,
    max: usize,
}

/// A piece of an answer that holds the HMAC of a [`Token`].
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

impl Token {
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
    fn takes(&self, value: &[u8]) -> bool {
        (self.min..=self.max).contains(&value.len())
            && value.iter().all(|byte| self.alphabet.as_bytes().contains(byte))
    }
}

/// The answer for a value in the token's place: signed with the first of the keys, which is the one
/// given first. `None` if the value is no such token, or no key is of HMAC.
pub(super) fn answer(token: &Token, pieces: &[Piece], value: &[u8], keys: &Keys) -> Option<String> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    if !token.takes(value) {
        return None;
    }
    let value = std::str::from_utf8(value).ok()?;
    let Key { material: Material::Hmac(key), name, .. } = keys.keys.first()? else { return None };
    let mut mac = key.start();
    mac.update(value.as_bytes());
    let tag = mac.tag();
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Token => text.push_str(value),
            Piece::KeyName => text.push_str(name.as_deref()?),
            Piece::Hex => tag.iter().for_each(|byte| {
                text.extend(
                    [byte >> 4, byte & 15]
                        .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or_default()),
                );
            }),
            Piece::Base64 => text.push_str(&STANDARD.encode(&tag)),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::query;

    #[test]
    fn nothing_is_signed_but_a_token() {
        let token = Token::new(query("t"), "0123456789abcdef", 4, 6);
        for value in ["0123", "abcdef", "aaaaa"] {
            assert!(token.takes(value.as_bytes()), "{value:?}");
        }
        for value in
            ["", "012", "0123456", "abcg", "ABCD", "012\n", "01 3", "{\"a\"}", "0123\0", "ａｂ"]
        {
            assert!(!token.takes(value.as_bytes()), "{value:?}");
        }
    }

    #[test]
    #[should_panic(expected = "letters, digits")]
    fn a_token_that_could_be_json_is_refused() {
        let _ = Token::new(query("t"), "abc{}\"", 1, 20);
    }
}
