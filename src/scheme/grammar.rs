//! Signature grammars: bare, prefixed, and lists of `key assign value` elements.

use std::borrow::Cow;

use base64::engine::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::encoding::{decode_base64, decode_base64url, decode_hex};
use crate::provider::{Algorithm, Encoding, Grammar, Provider, Signature};
use crate::rejection::RejectionKind;
use crate::scheme::token;
use crate::wire::elements::{Elements, MAX_LENGTH};
use crate::wire::form::Twice;

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
        signature: &Signature,
    ) -> Result<(), RejectionKind> {
        if text.len() > MAX_LENGTH {
            return Err(RejectionKind::MalformedSignature);
        }
        texts(text, signature.place.grammar).try_for_each(|text| self.add(text, way, signature))
    }

    /// Adds the well-formed signatures of all ways, which share one list, and returns the value of
    /// its element named `other`, if one is asked for. The list is scanned once for all of them.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(crate) fn read_list<'t>(
        &mut self,
        text: &'t [u8],
        provider: &Provider,
        other: Option<&str>,
    ) -> Result<Listed<'t>, RejectionKind> {
        if text.len() > MAX_LENGTH {
            return Err(RejectionKind::MalformedSignature);
        }
        let mut listed = Ok(None);
        let grammars = provider.signatures().map(|way| way.place.grammar);
        for (name, value) in grammars.take(1).flat_map(|grammar| Elements::under(grammar, text)) {
            if other.is_some_and(|other| name == other.as_bytes()) {
                listed = match listed {
                    Ok(None) => Ok(Some(value)),
                    Ok(Some(first)) if first == value => listed,
                    _ => Err(Twice),
                };
            }
            for (way, signature) in provider.signatures().enumerate() {
                if signature.place.grammar.names(name) {
                    self.add(value, way, signature)?;
                }
            }
        }
        Ok(listed)
    }

    /// Adds one text if it is a well-formed signature.
    fn add(
        &mut self,
        text: &[u8],
        way: usize,
        Signature { algorithm, place, .. }: &Signature,
    ) -> Result<(), RejectionKind> {
        self.looked_at = self.looked_at.saturating_add(1);
        if self.looked_at > MAX_SIGNATURES {
            return Err(RejectionKind::MalformedSignature);
        }
        let len = algorithm.signature_len();
        let mut sent = Sent { way, bytes: [0; MAX_SIGNATURE_LENGTH], len };
        let read = |bytes: &mut [u8]| match algorithm {
            Algorithm::Token => decode_token(text, place.encoding, bytes),
            _ => decode(text, place.encoding, bytes),
        };
        if sent.bytes.get_mut(..len).and_then(read).is_some() {
            match self.first {
                None => self.first = Some(sent),
                Some(_) => self.more.push(sent),
            }
        }
        Ok(())
    }
}

/// The value of an element beside the signatures; `Err` if it stands there with two values.
pub(crate) type Listed<'t> = Result<Option<&'t [u8]>, Twice>;

/// The texts that may be signatures.
fn texts(text: &[u8], grammar: Grammar) -> Texts<'_> {
    match grammar {
        Grammar::Bare => Texts::One(Some(text)),
        Grammar::Prefixed(prefix) => Texts::One(text.strip_prefix(prefix.as_bytes())),
        Grammar::Scheme(scheme) => Texts::One(behind_scheme(text, scheme)),
        Grammar::List { separators, assign, key, .. } => {
            Texts::List { elements: Elements::of(text, separators, assign), key }
        }
    }
}

/// What stands behind an authentication scheme and its spaces.
fn behind_scheme<'a>(text: &'a [u8], scheme: &str) -> Option<&'a [u8]> {
    let (sent, rest) = text.split_at_checked(scheme.len())?;
    let is_apart = rest.first() == Some(&b' ');
    (is_apart && sent.eq_ignore_ascii_case(scheme.as_bytes())).then(|| rest.trim_ascii_start())
}

enum Texts<'a> {
    One(Option<&'a [u8]>),
    List { elements: Elements<'a>, key: &'static str },
}

impl<'a> Iterator for Texts<'a> {
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
}
