//! Signature grammars: bare, prefixed, and lists of `key assign value` elements.

use std::borrow::Cow;

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, Engine};

use crate::provider::{Algorithm, Encoding, Grammar, Signature};
use crate::rejection::RejectionKind;
use crate::scheme::form::Twice;
use crate::scheme::token;

/// The longest text that is looked at for signatures, in bytes.
pub(crate) const MAX_LENGTH: usize = 8 * 1024;
/// The most signatures one text may hold.
const MAX_SIGNATURES: usize = 16;
/// The longest signature, in bytes.
const MAX_SIGNATURE_LENGTH: usize = 64;

/// One decoded signature as it was sent, for one of the provider's ways of signing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) way: usize,
    bytes: [u8; MAX_SIGNATURE_LENGTH],
    len: usize,
}

impl Sent {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// The signatures of a request. The usual single one costs no allocation.
#[derive(Debug, Default)]
pub(crate) struct SentSignatures {
    first: Option<Sent>,
    more: Vec<Sent>,
    /// How many texts were looked at, well-formed or not.
    looked_at: usize,
}

impl SentSignatures {
    pub(crate) fn of_way(&self, way: usize) -> impl Iterator<Item = &Sent> {
        self.first.iter().chain(&self.more).filter(move |sent| sent.way == way)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Adds the well-formed signatures of a text. Malformed ones are passed over: another one
    /// beside them may be right.
    ///
    /// # Errors
    ///
    /// If the text is longer, or has more signatures, than any sender's.
    pub(crate) fn read(
        &mut self,
        text: &[u8],
        way: usize,
        Signature { algorithm, place, .. }: &Signature,
    ) -> Result<(), RejectionKind> {
        if text.len() > MAX_LENGTH {
            return Err(RejectionKind::MalformedSignature);
        }
        let len = algorithm.signature_len();
        for candidate in candidates(text, place.grammar) {
            self.looked_at = self.looked_at.saturating_add(1);
            if self.looked_at > MAX_SIGNATURES {
                return Err(RejectionKind::MalformedSignature);
            }
            let mut sent = Sent { way, bytes: [0; MAX_SIGNATURE_LENGTH], len };
            let read = |bytes: &mut [u8]| match algorithm {
                Algorithm::Token => decode_token(candidate, place.encoding, bytes),
                _ => decode(candidate, place.encoding, bytes),
            };
            if sent.bytes.get_mut(..len).and_then(read).is_none() {
                continue;
            }
            match self.first {
                None => self.first = Some(sent),
                Some(_) => self.more.push(sent),
            }
        }
        Ok(())
    }
}

/// The texts that may be signatures.
fn candidates(text: &[u8], grammar: Grammar) -> Candidates<'_> {
    match grammar {
        Grammar::Bare => Candidates::One(Some(text)),
        Grammar::Prefixed(prefix) => Candidates::One(text.strip_prefix(prefix.as_bytes())),
        Grammar::Scheme(scheme) => Candidates::One(behind_scheme(text, scheme)),
        Grammar::List { separators, assign, key } => {
            Candidates::List { elements: Elements { rest: Some(text), separators, assign }, key }
        }
    }
}

/// What stands behind an authentication scheme and its spaces.
fn behind_scheme<'a>(text: &'a [u8], scheme: &str) -> Option<&'a [u8]> {
    let (sent, rest) = text.split_at_checked(scheme.len())?;
    let is_apart = rest.first() == Some(&b' ');
    (is_apart && sent.eq_ignore_ascii_case(scheme.as_bytes())).then(|| rest.trim_ascii_start())
}

enum Candidates<'a> {
    One(Option<&'a [u8]>),
    List { elements: Elements<'a>, key: &'static str },
}

impl<'a> Iterator for Candidates<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::One(text) => text.take(),
            Self::List { elements, key } => {
                elements.find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value)
            }
        }
    }
}

/// The elements of a list, white space around them left out.
struct Elements<'a> {
    rest: Option<&'a [u8]>,
    separators: &'static str,
    assign: char,
}

impl<'a> Iterator for Elements<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (element, rest) = split(self.rest?, self.separators);
            self.rest = rest;
            let mut assign = [0; 4];
            let assign = self.assign.encode_utf8(&mut assign);
            if let (name, Some(value)) = split(element.trim_ascii(), assign) {
                return Some((name, value));
            }
        }
    }
}

/// What stands before the first of the separators, and what stands behind it if it is there.
fn split<'a>(text: &'a [u8], separators: &str) -> (&'a [u8], Option<&'a [u8]>) {
    let at = match separators.as_bytes() {
        [only] => memchr::memchr(*only, text),
        several => text.iter().position(|byte| several.contains(byte)),
    };
    match at.and_then(|at| text.split_at_checked(at)) {
        Some((before, behind)) => (before, behind.get(1..)),
        None => (text, None),
    }
}

/// The value of the element with this name in a signature's list. `Err` if there are several that
/// are not the same.
pub(crate) fn element<'a>(
    text: &'a [u8],
    grammar: Grammar,
    name: &str,
) -> Result<Option<&'a [u8]>, Twice> {
    let Grammar::List { separators, assign, .. } = grammar else {
        return Ok(None);
    };
    if text.len() > MAX_LENGTH {
        return Ok(None);
    }
    let mut found = Elements { rest: Some(text), separators, assign }
        .filter(|(key, _)| *key == name.as_bytes())
        .map(|(_, value)| value);
    let first = found.next();
    if found.any(|other| Some(other) != first) { Err(Twice) } else { Ok(first) }
}

fn decode(text: &[u8], encoding: Encoding, bytes: &mut [u8]) -> Option<()> {
    match encoding {
        Encoding::Hex => decode_hex(text, bytes),
        Encoding::Base64 => decode_base64(text, bytes),
        Encoding::Base64Url => decode_base64url(text, bytes),
        // Only a token is sent as text, and it is not decoded here.
        Encoding::Text => None,
    }
}

/// What is kept of a token, whatever its length. An empty one is none.
fn decode_token(text: &[u8], encoding: Encoding, bytes: &mut [u8]) -> Option<()> {
    let token = match encoding {
        Encoding::Base64 => Cow::Owned(STANDARD.decode(text).ok()?),
        Encoding::Hex | Encoding::Base64Url | Encoding::Text => Cow::Borrowed(text),
    };
    if token.is_empty() || bytes.len() != 32 {
        return None;
    }
    bytes.copy_from_slice(&token::hashed(&token));
    Some(())
}

/// Decodes exactly as many hex digits as there is room for.
pub(crate) fn decode_hex(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    if text.len() != bytes.len().checked_mul(2)? {
        return None;
    }
    let mut seen = 0;
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let (high, low) = (value(*high), value(*low));
        seen |= high | low;
        *byte = (high << 4) | low;
    }
    // Once for all: digits are random, so a branch on each would be guessed wrong half the time.
    (seen < NO_DIGIT).then_some(())
}

/// All bits, so that it stands out of any values it is joined with.
const NO_DIGIT: u8 = 0xFF;

/// The value of every hex digit, for each byte.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut byte = 0_u8;
    while byte < u8::MAX {
        if let Some(value) = (byte as char).to_digit(16) {
            values[byte as usize] = value as u8;
        }
        byte += 1;
    }
    values
};

fn value(digit: u8) -> u8 {
    VALUES.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT)
}

/// Decodes padded standard base64 of exactly as many bytes as there is room for.
fn decode_base64(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    let encoded_len = bytes.len().div_ceil(3).checked_mul(4)?;
    if text.len() != encoded_len {
        return None;
    }
    // The engine wants room for whole groups of three.
    let mut room = [0; MAX_SIGNATURE_LENGTH + 2];
    let len = STANDARD.decode_slice(text, &mut room).ok()?;
    if len != bytes.len() {
        return None;
    }
    bytes.copy_from_slice(room.get(..len)?);
    Some(())
}

/// Decodes base64url of exactly as many bytes as there is room for, padded or not.
fn decode_base64url(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    const EITHER: GeneralPurpose = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let mut room = [0; MAX_SIGNATURE_LENGTH + 2];
    let len = EITHER.decode_slice(text, &mut room).ok()?;
    if len != bytes.len() {
        return None;
    }
    bytes.copy_from_slice(room.get(..len)?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Hash, SecretFormat, SignaturePlace, header};

    fn count(text: &str, place: SignaturePlace) -> Result<usize, RejectionKind> {
        let mut sent = SentSignatures::default();
        let algorithm = Algorithm::Hmac(Hash::Md5);
        sent.read(text.as_bytes(), 0, &Signature { algorithm, place, secret: SecretFormat::Text })?;
        Ok(sent.of_way(0).count())
    }

    const HEX: &str = "00112233445566778899aabbccddeeff";

    #[test]
    fn only_elements_with_the_key_are_signatures() {
        let place = header("x").list(",", '=').entry("v1").hex();
        assert_eq!(count(&format!("t=1,v1={HEX},v0={HEX}, v1={HEX}"), place), Ok(2));
        assert_eq!(count(&format!("t=1,v0={HEX}"), place), Ok(0));
        assert_eq!(count("no signature at all", place), Ok(0));
    }

    #[test]
    fn too_short_and_too_long_are_no_signatures() {
        let place = header("x").hex();
        assert_eq!(count(HEX, place), Ok(1));
        assert_eq!(count(&HEX[..30], place), Ok(0));
        assert_eq!(count(&format!("{HEX}00"), place), Ok(0));
        assert_eq!(count("", place), Ok(0));
        assert_eq!(count("AAECAwQFBgcICQoLDA0ODw==", header("x").base64()), Ok(1));
        assert_eq!(count("AAECAwQFBgcICQoLDA0ODw", header("x").base64()), Ok(0));
    }

    #[test]
    fn an_authentication_scheme_may_be_of_any_case_and_is_whole() {
        let place = header("x").scheme("Basic").hex();
        for name in ["Basic ", "basic ", "BASIC   "] {
            assert_eq!(count(&format!("{name}{HEX}"), place), Ok(1), "{name:?}");
        }
        for name in ["", "Basic", " Basic ", "Basically ", "Bearer ", "Basic\u{e9} "] {
            assert_eq!(count(&format!("{name}{HEX}"), place), Ok(0), "{name:?}");
        }
    }

    #[test]
    fn more_than_sixteen_signatures_are_refused_and_sixteen_are_not() {
        let place = header("x").list(",", '=').entry("v1").hex();
        let many = |n: usize| vec![format!("v1={HEX}"); n].join(",");
        assert_eq!(count(&many(16), place), Ok(16));
        assert_eq!(count(&many(17), place), Err(RejectionKind::MalformedSignature));
    }

    #[test]
    fn an_over_long_text_is_refused_unread() {
        let text = "a".repeat(MAX_LENGTH + 1);
        assert_eq!(count(&text, header("x").hex()), Err(RejectionKind::MalformedSignature));
    }

    #[test]
    fn an_element_that_comes_twice_with_two_values_is_not_guessed_at() {
        let grammar = header("x").list(",", '=').grammar;
        assert_eq!(element(b"t=1,t=2", grammar, "t"), Err(Twice));
        assert_eq!(element(b"t=1,t=1", grammar, "t"), Ok(Some(b"1".as_slice())));
        assert_eq!(element(b"v1=x,t=2", grammar, "t"), Ok(Some(b"2".as_slice())));
    }
}
