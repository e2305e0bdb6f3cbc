//! The key under which `serde_json` hands a raw value on: an object that begins with it is read as
//! the JSON inside its text. Whoever chooses a key of a signed payload could so change what a handler
//! reads; and whether `serde_json` does it is for any crate of an application to switch on.

use std::fmt;

use memchr::memmem;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

const KEY: &str = "$serde_json::private::RawValue";

/// Whether an object of this JSON has that key.
pub(crate) fn is_in(json: &[u8]) -> bool {
    if memmem::find(json, KEY.as_bytes()).is_none() && !has_escaped_ascii(json) {
        return false;
    }
    let mut found = false;
    let mut json = serde_json::Deserializer::from_slice(json);
    // What is no JSON is refused by whoever reads it.
    let _ = Search(&mut found).deserialize(&mut json);
    found
}

/// Whether something is escaped that could be a character of the key.
fn has_escaped_ascii(json: &[u8]) -> bool {
    memmem::find_iter(json, b"\\u00")
        .any(|at| matches!(json.get(at.saturating_add(4)), Some(b'2'..=b'7')))
}

struct Search<'f>(&'f mut bool);

impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(Key(&mut *self.0))?.is_some() {
            map.next_value_seed(Search(&mut *self.0))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Search(&mut *self.0))?.is_some() {}
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

struct Key<'f>(&'f mut bool);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        *self.0 |= key == KEY;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_is_found_however_it_is_escaped() {
        let escaped = KEY.replace('$', r"\u0024");
        for json in [
            format!(r#"{{"{KEY}":"{{}}"}}"#),
            format!(r#"[1,{{"a":{{"b":1,"{escaped}":"{{}}"}}}}]"#),
        ] {
            assert!(is_in(json.as_bytes()), "{json}");
        }
        for json in [
            format!(r#"{{"text":"{KEY}"}}"#),
            format!(r#"{{"x{KEY}":"{escaped}"}}"#),
            r#"{"\u003ca":1}"#.to_owned(),
            "{".to_owned(),
        ] {
            assert!(!is_in(json.as_bytes()), "{json}");
        }
    }
}
