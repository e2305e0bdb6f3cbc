//! `application/x-www-form-urlencoded`, decoded exactly: bytes stay bytes.
//!
//! The usual decoders replace what is not UTF-8, so that two different bodies would have one
//! signed content.

use std::borrow::Cow;

use http::request::Parts;
use percent_encoding::percent_decode;

use crate::rejection::RejectionKind;

/// More parameters than this are sent by no sender. Each costs memory and time before the signature
/// over them can be looked at.
pub(crate) const MAX_PARAMETERS: usize = 1_000;

/// A decoded name and its decoded value.
pub(crate) type Pair<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// The content type of a form.
pub(crate) const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// Whether the head says that its body is a form.
pub(crate) fn is_form(head: &Parts) -> bool {
    head.headers.get(http::header::CONTENT_TYPE).is_some_and(|sent| is_form_type(sent.as_bytes()))
}

/// Whether a body begins as JSON does, which a form's values must not be looked for in: what stands
/// in its texts may look like one.
pub(crate) fn begins_as_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
}

/// Whether a content type is that of a form, whatever its parameters.
pub(crate) fn is_form_type(content_type: &[u8]) -> bool {
    let name = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(CONTENT_TYPE.as_bytes())
}

/// The decoded pairs of a form or query, in order.
pub(crate) fn pairs(text: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default();
        (decode(name), decode(value))
    })
}

/// The decoded pairs in the order of their names, and of one name in that of their values.
///
/// # Errors
///
/// If there are more than [`MAX_PARAMETERS`]: they are counted before any is decoded.
pub(crate) fn sorted(text: &[u8]) -> Result<Vec<Pair<'_>>, RejectionKind> {
    if is_long(text) {
        return Err(RejectionKind::TooManyParameters);
    }
    let mut all: Vec<_> = pairs(text).collect();
    all.sort_unstable();
    Ok(all)
}

/// The value of the one field with this name. `Err` if there are several, or more fields than any
/// sender's.
pub(crate) fn single<'a>(text: &'a [u8], name: &str) -> Result<Option<Cow<'a, [u8]>>, Twice> {
    if is_long(text) {
        return Err(Twice);
    }
    let mut found = pairs(text).filter(|(key, _)| **key == *name.as_bytes());
    let first = found.next().map(|(_, value)| value);
    if found.next().is_some() { Err(Twice) } else { Ok(first) }
}

/// What a form holds in its first field, as it is written there: the document of a delivery that
/// comes as JSON or as such a form. `None` if the body is no such form, which its bytes say and no
/// unsigned header does: it begins with the field's name and is a form throughout. No JSON is one.
/// `Err` if the field stands there again.
pub(crate) fn document<'a>(body: &'a [u8], field: &str) -> Result<Option<&'a [u8]>, Twice> {
    let halves = |pair: &'a [u8]| {
        let equals = memchr::memchr(b'=', pair)?;
        Some((pair.get(..equals)?, pair.get(equals.saturating_add(1)..)?))
    };
    // Most bodies are JSON: nothing of theirs is looked for.
    if begins_as_json(body) {
        return Ok(None);
    }
    let is_it = |name: &[u8]| *decode(name) == *field.as_bytes();
    let mut pairs = body.split(|byte| *byte == b'&');
    match pairs.next().and_then(halves) {
        Some((name, value)) if is_it(name) && body.iter().all(is_of_form) => {
            if is_long(body) {
                return Err(Twice);
            }
            match pairs.any(|pair| is_it(halves(pair).map_or(pair, |(name, _)| name))) {
                true => Err(Twice),
                false => Ok(Some(value)),
            }
        }
        _ => Ok(None),
    }
}

/// What a URL may hold (RFC 3986, section 2), and so a form.
const fn is_of_form(byte: &u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// Whether there are more parameters than any sender's. Empty ones count: they cost time as well.
fn is_long(text: &[u8]) -> bool {
    memchr::memchr_iter(b'&', text).nth(MAX_PARAMETERS.saturating_sub(1)).is_some()
}

/// A value that may stand only once stands there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Twice;

pub(crate) fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if text.contains(&b'+') {
        let spaced: Vec<u8> =
            text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        Cow::Owned(percent_decode(&spaced).collect())
    } else {
        percent_decode(text).into()
    }
}

/// A pair as a form or query has it.
#[cfg(feature = "testing")]
pub(crate) fn write_pair(name: &str, value: &str) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!("{}={}", encode(name), encode(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_utf8_stay_apart() {
        let values: Vec<_> = pairs(b"a=%FF&b=%FE").map(|(_, value)| value.into_owned()).collect();
        assert_eq!(values, [vec![0xff], vec![0xfe]]);
    }

    #[test]
    fn a_blank_value_and_a_missing_one_are_the_same_and_plus_is_a_space() {
        let all: Vec<_> = pairs(b"a&b=&c=x+y%2B").map(|(_, value)| value.into_owned()).collect();
        assert_eq!(all, [b"".to_vec(), b"".to_vec(), b"x y+".to_vec()]);
    }

    #[test]
    fn a_document_is_the_first_field_of_what_is_a_form_throughout() {
        let read = |body: &'static str| document(body.as_bytes(), "payload");
        assert_eq!(read("payload=%7B%7D"), Ok(Some(b"%7B%7D".as_slice())));
        assert_eq!(read("p%61yload=1"), Ok(Some(b"1".as_slice())));
        assert_eq!(read("payload=&x=1"), Ok(Some(b"".as_slice())));
        for other in [
            "",
            "payload",
            "x=1&payload=%7B%7D",
            "payloads=%7B%7D",
            "payload={}",
            "payload=%7B%7D\n",
            "payload=1&x=\"",
            "{\"x\":\"&payload=%7B%7D&\"}",
        ] {
            assert_eq!(read(other), Ok(None), "{other}");
        }
        for twice in ["payload=1&payload=1", "payload=1&x&pa%79load=2", "payload=1&payload"] {
            assert_eq!(read(twice), Err(Twice), "{twice}");
        }
    }

    #[test]
    fn more_parameters_than_any_senders_are_not_collected() {
        let form = |count: usize| vec!["a=1"; count].join("&");
        assert_eq!(sorted(form(MAX_PARAMETERS).as_bytes()).map(|all| all.len()), Ok(1_000));
        let one_more = form(MAX_PARAMETERS + 1);
        assert_eq!(sorted(one_more.as_bytes()), Err(RejectionKind::TooManyParameters));
        assert_eq!(single(one_more.as_bytes(), "b"), Err(Twice));
        assert_eq!(sorted(&[b'&'; 2_000]), Err(RejectionKind::TooManyParameters));
    }

    #[test]
    fn parameters_are_sorted_by_name_and_then_by_value() {
        let all = sorted(b"b=1&a=2&B=3&a=1&%61=0").unwrap();
        let text = all.iter().flat_map(|(name, value)| [&**name, b"=", &**value, b" "].concat());
        assert_eq!(text.collect::<Vec<_>>(), b"B=3 a=0 a=1 a=2 b=1 ");
    }

    #[test]
    fn a_field_that_comes_twice_is_not_guessed_at() {
        assert_eq!(single(b"a=1&a=1", "a"), Err(Twice));
        assert_eq!(single(b"a=1&b=2", "b"), Ok(Some(b"2".as_slice().into())));
        assert_eq!(single(b"a=1", "b"), Ok(None));
    }
}
