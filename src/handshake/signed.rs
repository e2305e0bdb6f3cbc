//! Setup requests that are answered with an HMAC of a token they carry, under the key that signs
//! deliveries.
//!
//! Such a request is unsigned, so the answer is an oracle: a stranger has any token signed. What
//! keeps that harmless is that no token is the signed content of a delivery. So a description says
//! which characters a token has and how many, and nothing else is ever signed; and a delivery whose
//! signed content could be such a token is refused, whoever signed it.

use crate::keys::{Key, Keys, Material};
use crate::provider::handshake::{Challenge, Piece};

/// The answer for a value in the token's place, signed with one of the keys. `None` if the value is
/// no such token, or the key is not of HMAC.
pub(super) fn answer(
    token: &Challenge,
    pieces: &[Piece],
    value: &[u8],
    keys: &Keys,
    key: usize,
) -> Option<String> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    if !token.takes(value) {
        return None;
    }
    let value = std::str::from_utf8(value).ok()?;
    let Key { material: Material::Hmac(key), name, .. } = keys.keys.get(key)? else { return None };
    let mut mac = key.start();
    mac.update(value.as_bytes());
    let tag = mac.finish();
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Token => text.push_str(value),
            Piece::KeyName => text.push_str(name.as_deref()?),
            Piece::Hex => tag.as_bytes().iter().for_each(|byte| {
                text.extend(
                    [byte >> 4, byte & 15]
                        .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or_default()),
                );
            }),
            Piece::Base64 => text.push_str(&STANDARD.encode(tag.as_bytes())),
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
        let token = Challenge::new(query("t"), "0123456789abcdef", 4, 6);
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
        let _ = Challenge::new(query("t"), "abc{}\"", 1, 20);
    }
}
