//! A few members of a JSON body, found in one pass without building a tree.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::Place;

/// How many members one provider may name.
const MAX_POINTERS: usize = 12;

/// The JSON pointers (RFC 6901) that a provider names, split once when the verifier is built.
#[derive(Debug, Default)]
pub(crate) struct Pointers {
    pointers: Vec<Pointer>,
}

#[derive(Debug)]
struct Pointer {
    text: &'static str,
    segments: Vec<String>,
}

/// What stood where the pointers point.
#[derive(Debug, Default)]
pub(crate) struct Members<'a> {
    found: [Option<&'a RawValue>; MAX_POINTERS],
}

/// A set of pointers, by position.
type Set = u16;

impl Pointers {
    /// # Errors
    ///
    /// If a pointer does not begin with a slash, or there are more than twelve.
    pub(crate) fn of(places: impl Iterator<Item = Place>) -> Result<Self, ConfigError> {
        let mut pointers: Vec<Pointer> = Vec::new();
        for place in places {
            for text in place.pointers() {
                if pointers.iter().any(|known| known.text == *text) {
                    continue;
                }
                let Some(path) = text.strip_prefix('/') else {
                    return Err(description(format!(
                        "`{text}` is no JSON pointer (RFC 6901): begin it with `/`"
                    )));
                };
                let unescape = |segment: &str| segment.replace("~1", "/").replace("~0", "~");
                pointers.push(Pointer { text, segments: path.split('/').map(unescape).collect() });
            }
        }
        if pointers.len() > MAX_POINTERS {
            return Err(description(format!(
                "the description names {} JSON members, and {MAX_POINTERS} is the most",
                pointers.len()
            )));
        }
        Ok(Self { pointers })
    }

    /// Reads the members. A body that is not JSON, or has a wanted member twice, has none: what
    /// two parsers would read differently is not read at all.
    pub(crate) fn read<'a>(&self, body: &'a [u8]) -> Members<'a> {
        let mut members = Members::default();
        if self.pointers.is_empty() {
            return members;
        }
        let all = self.select(Set::MAX, |_| true);
        let mut json = serde_json::Deserializer::from_slice(without_bom(body));
        let walk = Walk { pointers: self, active: all, depth: 0, members: &mut members };
        let read = walk.deserialize(&mut json).and_then(|()| json.end());
        if read.is_err() { Members::default() } else { members }
    }

    /// Whether the pointer's member is there, whatever it is.
    pub(crate) fn has(&self, members: &Members<'_>, text: &str) -> bool {
        self.raw(members, text).is_some()
    }

    /// The pointer's member if it is a string or an integer; an integer in decimal.
    pub(crate) fn text<'a>(&self, members: &Members<'a>, text: &str) -> Option<Cow<'a, str>> {
        let raw = self.raw(members, text)?.get();
        match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => Some(plain.into()),
            Some(_) => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
            None => {
                let digits = raw.strip_prefix('-').unwrap_or(raw);
                digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(raw.into())
            }
        }
    }

    /// The texts of several pointers with a text between them, if all are there.
    pub(crate) fn joined(
        &self,
        members: &Members<'_>,
        texts: &[&str],
        between: &str,
    ) -> Option<String> {
        let texts: Option<Vec<_>> = texts.iter().map(|text| self.text(members, text)).collect();
        texts.map(|texts| texts.join(between))
    }

    fn raw<'a>(&self, members: &Members<'a>, text: &str) -> Option<&'a RawValue> {
        let index = self.pointers.iter().position(|known| known.text == text)?;
        *members.found.get(index)?
    }

    /// The pointers of `within` for which the test holds.
    fn select(&self, within: Set, test: impl Fn(&Pointer) -> bool) -> Set {
        let bits = self.pointers.iter().enumerate().filter_map(|(index, pointer)| {
            let bit = bit(index);
            (within & bit != 0 && test(pointer)).then_some(bit)
        });
        bits.fold(0, |set, bit| set | bit)
    }
}

/// A JSON text without the byte order mark in front, which some senders write and no parser of ours
/// takes.
pub(crate) fn without_bom(json: &[u8]) -> &[u8] {
    json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json)
}

/// Whether a body is a JSON object or array, whole and nothing else.
pub(crate) fn is_container(body: &[u8]) -> bool {
    let body = without_bom(body);
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
        && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

/// The one member at a pointer of a JSON text.
pub(crate) fn read_one(json: &[u8], pointer: &'static str) -> Option<String> {
    let pointers = Pointers::of([Place::Json(pointer)].into_iter()).ok()?;
    pointers.text(&pointers.read(json), pointer).map(Cow::into_owned)
}

/// What stands at a pointer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// Nothing, or `null`.
    Absent,
    /// A string or an integer.
    Text(String),
    /// Something else.
    Other,
}

/// What stands at each of these pointers, at most twelve.
pub(crate) fn read_all<const N: usize>(json: &[u8], wanted: [&'static str; N]) -> [Member; N] {
    let places = wanted.into_iter().map(Place::Json);
    let pointers = Pointers::of(places).unwrap_or_default();
    let members = pointers.read(json);
    wanted.map(|pointer| match pointers.raw(&members, pointer).map(RawValue::get) {
        None | Some("null") => Member::Absent,
        Some(_) => match pointers.text(&members, pointer) {
            Some(text) => Member::Text(text.into_owned()),
            None => Member::Other,
        },
    })
}

/// More elements than this are in no array of any sender: each costs memory before the signature is
/// looked at.
const MAX_ELEMENTS: usize = 10_000;

/// The elements of an array, if there are not too many.
#[derive(Default)]
struct Elements<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_seq(Self::default())
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Elements<'a> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of a sender's length")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Self, A::Error> {
        while let Some(element) = seq.next_element()? {
            if self.0.len() == MAX_ELEMENTS {
                return Err(A::Error::custom("more elements than any sender's"));
            }
            self.0.push(element);
        }
        Ok(self)
    }
}

/// The elements of the array at a pointer; none if there is no array.
pub(crate) fn elements<'a>(json: &'a [u8], pointer: &'static str) -> Vec<&'a [u8]> {
    let pointers = Pointers::of([Place::Json(pointer)].into_iter()).unwrap_or_default();
    let Some(array) = pointers.raw(&pointers.read(json), pointer) else { return Vec::new() };
    let elements: Elements<'a> = serde_json::from_str(array.get()).unwrap_or_default();
    elements.0.into_iter().map(|element| element.get().as_bytes()).collect()
}

/// The member at a pointer in each element of the array that stands at another pointer; `None` if
/// there is no such array.
pub(crate) fn read_each(
    json: &[u8],
    array: &'static str,
    pointer: &'static str,
) -> Option<Vec<Option<String>>> {
    let arrays = Pointers::of([Place::Json(array)].into_iter()).ok()?;
    let array = arrays.raw(&arrays.read(json), array)?.get();
    let Elements(elements) = serde_json::from_str(array).ok()?;
    let pointers = Pointers::of([Place::Json(pointer)].into_iter()).ok()?;
    let read = |element: &RawValue| {
        let members = pointers.read(element.get().as_bytes());
        pointers.text(&members, pointer).map(Cow::into_owned)
    };
    Some(elements.into_iter().map(read).collect())
}

fn bit(index: usize) -> Set {
    u32::try_from(index).ok().and_then(|index| Set::checked_shl(1, index)).unwrap_or(0)
}

fn description(advice: String) -> ConfigError {
    ConfigError::new(ConfigErrorKind::Description, advice)
}

/// Walks one value in which the `active` pointers have matched down to `depth`.
struct Walk<'w, 'de> {
    pointers: &'w Pointers,
    active: Set,
    depth: usize,
    members: &'w mut Members<'de>,
}

impl<'de> Walk<'_, 'de> {
    /// The active pointers whose next segment this is.
    fn matching(&self, segment: &str) -> Set {
        self.pointers.select(self.active, |pointer| {
            pointer.segments.get(self.depth).is_some_and(|wanted| wanted == segment)
        })
    }

    /// The pointers of a set that end with the segment just read.
    fn ending(&self, set: Set) -> Set {
        let length = self.depth.saturating_add(1);
        self.pointers.select(set, |pointer| pointer.segments.len() == length)
    }

    fn enter(&mut self, active: Set) -> Walk<'_, 'de> {
        let depth = self.depth.saturating_add(1);
        Walk { pointers: self.pointers, active, depth, members: &mut *self.members }
    }

    /// Keeps a value at which pointers end, and walks it for those that go on.
    fn keep<E: Error>(&mut self, set: Set, raw: &'de RawValue) -> Result<(), E> {
        let ending = self.ending(set);
        for (index, slot) in self.members.found.iter_mut().enumerate() {
            if ending & bit(index) != 0 {
                *slot = Some(raw);
            }
        }
        let deeper = set & !ending;
        if deeper == 0 {
            return Ok(());
        }
        let mut json = serde_json::Deserializer::from_str(raw.get());
        self.enter(deeper).deserialize(&mut json).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut seen: Set = 0;
        while let Some(set) = map.next_key_seed(Matching(&self))? {
            if set & seen != 0 {
                return Err(A::Error::custom("a member stands there twice"));
            }
            seen |= set;
            if set == 0 {
                map.next_value::<IgnoredAny>()?;
            } else if self.ending(set) == 0 {
                map.next_value_seed(self.enter(set))?;
            } else {
                let raw = map.next_value::<&RawValue>()?;
                self.keep(set, raw)?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            // Only the first elements can be pointed at; the rest needs no number in text.
            let set = if index < 10 { self.matching(&index.to_string()) } else { 0 };
            let more = if set == 0 {
                seq.next_element::<IgnoredAny>()?.is_some()
            } else if self.ending(set) == 0 {
                seq.next_element_seed(self.enter(set))?.is_some()
            } else {
                match seq.next_element::<&RawValue>()? {
                    Some(raw) => self.keep(set, raw).map(|()| true)?,
                    None => false,
                }
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads a key and says which pointers go on with it, without copying it.
struct Matching<'w, 's, 'de>(&'s Walk<'w, 'de>);

impl<'de> DeserializeSeed<'de> for Matching<'_, '_, '_> {
    type Value = Set;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Set, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Matching<'_, '_, '_> {
    type Value = Set;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Set, E> {
        Ok(self.0.matching(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{json, json_joined};

    fn read(body: &str, pointer: &'static str) -> Option<String> {
        let pointers = Pointers::of([json(pointer)].into_iter()).unwrap();
        pointers.text(&pointers.read(body.as_bytes()), pointer).map(Cow::into_owned)
    }

    #[test]
    fn strings_and_integers_are_read_and_nothing_else_is() {
        for (value, text) in [
            (r#""a""#, Some("a")),
            (r#""a\u00e9\"""#, Some("aé\"")),
            ("17", Some("17")),
            ("-17", Some("-17")),
            ("18446744073709551616", Some("18446744073709551616")),
            ("1.5", None),
            ("1e3", None),
            ("true", None),
            ("null", None),
            ("{}", None),
            (r#"["a"]"#, None),
        ] {
            let body = format!(r#"{{"before":[1,{{"id":0}}],"id":{value},"after":null}}"#);
            assert_eq!(read(&body, "/id").as_deref(), text, "{value}");
        }
    }

    #[test]
    fn members_are_found_at_their_depth_only() {
        let body =
            r#"{"id":"top","a":{"b":{"id":"deep"}},"list":[{"id":"first"},{"id":"second"}]}"#;
        assert_eq!(read(body, "/a/b/id").as_deref(), Some("deep"));
        assert_eq!(read(body, "/list/1/id").as_deref(), Some("second"));
        assert_eq!(read(body, "/a/id"), None);
        assert_eq!(read(r#"{"a/b":{"~":"x"}}"#, "/a~1b/~0").as_deref(), Some("x"));
    }

    #[test]
    fn one_pointer_may_end_where_another_goes_on() {
        let pointers = Pointers::of([json("/event"), json("/event/type")].into_iter()).unwrap();
        let members = pointers.read(br#"{"event":{"type":"x"}}"#);
        assert!(pointers.has(&members, "/event"));
        assert_eq!(pointers.text(&members, "/event/type").as_deref(), Some("x"));
    }

    #[test]
    fn joined_members_are_there_if_all_are() {
        let place = json_joined(&["/a", "/b/c"], ".");
        let pointers = Pointers::of([place].into_iter()).unwrap();
        let joined = |body: &[u8]| pointers.joined(&pointers.read(body), place.pointers(), ".");
        assert_eq!(joined(br#"{"b":{"c":2},"a":"x"}"#).as_deref(), Some("x.2"));
        assert_eq!(joined(br#"{"b":{"c":[]},"a":"x"}"#), None);
        assert_eq!(joined(br#"{"a":"x"}"#), None);
    }

    #[test]
    fn an_array_longer_than_any_senders_is_not_collected() {
        let list = |count: usize| format!("{{\"list\":[{}{{}}]}}", "{},".repeat(count - 1));
        assert_eq!(elements(list(MAX_ELEMENTS).as_bytes(), "/list").len(), MAX_ELEMENTS);
        assert!(elements(list(MAX_ELEMENTS + 1).as_bytes(), "/list").is_empty());
        assert_eq!(read_each(list(MAX_ELEMENTS + 1).as_bytes(), "/list", "/t"), None);
    }

    #[test]
    fn every_element_is_read_and_one_that_lacks_the_member_shows() {
        let each = |body: &str| read_each(body.as_bytes(), "/list", "/t");
        let text = |text: &str| Some(text.to_owned());
        let body = r#"{"list":[{"t":"a"},{"u":1},{"t":"b","t":"b"},7,{"t":"c"}]}"#;
        assert_eq!(each(body), Some(vec![text("a"), None, None, None, text("c")]));
        let many = format!(r#"{{"list":[{}{{"t":"z"}}]}}"#, r#"{"t":"y"},"#.repeat(40));
        assert_eq!(each(&many).unwrap().last(), Some(&text("z")));
        for body in [r#"{"list":{"t":"a"}}"#, r#"{"list":[],"list":[{"t":"a"}]}"#, "{}", "["] {
            assert_eq!(each(body), None, "{body}");
        }
    }

    #[test]
    fn a_member_that_comes_twice_is_not_guessed_at() {
        assert_eq!(read(r#"{"id":"a","id":"b"}"#, "/id"), None);
        assert_eq!(read(r#"{"id":"a","\u0069d":"b"}"#, "/id"), None);
        assert_eq!(read(r#"{"a":{"id":"a"},"a":{"x":1}}"#, "/a/id"), None);
    }

    #[test]
    fn what_is_not_json_has_no_members() {
        for body in ["", "{", r#"{"id":"a"} x"#, r#"{"id":"a",}"#, "id=a", "\u{feff}{}"] {
            assert_eq!(read(body, "/id"), None, "{body:?}");
        }
        let deep = format!(r#"{{"id":"a","x":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert!(read(&deep, "/id").is_none_or(|id| id == "a"), "and does not overflow the stack");
    }

    #[test]
    fn what_is_no_text_is_told_from_what_is_not_there() {
        let read = |body: &str| read_all(body.as_bytes(), ["/a/b", "/c"]);
        let text = |text: &str| Member::Text(text.into());
        assert_eq!(read(r#"{"a":{"b":1},"c":"x"}"#), [text("1"), text("x")]);
        assert_eq!(read(r#"{"a":{"b":null}}"#), [Member::Absent, Member::Absent]);
        assert_eq!(read(r#"{"a":{"b":[]},"c":1.5}"#), [Member::Other, Member::Other]);
        assert_eq!(read(r#"{"c":1,"a":{"b":1,"b":2}}"#), [Member::Absent, Member::Absent]);
    }

    #[test]
    fn the_elements_of_an_array_are_found() {
        let found = |body: &'static str| elements(body.as_bytes(), "/list");
        assert_eq!(found(r#"{"list":[{"a":1}, 2]}"#), [br#"{"a":1}"#.as_slice(), b"2"]);
        assert!(found(r#"{"list":{"a":1}}"#).is_empty());
        assert!(found(r#"{"list":[1],"list":[2]}"#).is_empty());
    }

    #[test]
    fn pointers_are_checked_when_the_verifier_is_built() {
        let error = Pointers::of([json("id")].into_iter()).unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::Description);
    }
}
