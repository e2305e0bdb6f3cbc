//! A request while it is put together, and the places in it that a description names.

use bytes::Bytes;
use http::header::HeaderMap;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request};
use serde_json::{Map, Value};

use crate::plan::Plan;
use crate::provider::{Occurs, Place, SignaturePlace};
use crate::wire::fields::Head;
use crate::wire::form;

pub(super) struct Draft<'d> {
    pub(super) plan: &'d Plan,
    pub(super) method: Method,
    pub(super) uri: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The elements of the signature's list beside the signature.
    pub(super) entries: Vec<(&'static str, String)>,
}

impl Draft<'_> {
    /// Writes a value to its place, over one that stands there.
    ///
    /// # Panics
    ///
    /// If the value or the body is not of a kind that the place can be in.
    pub(super) fn put(&mut self, place: Place, text: &str) {
        self.remove(place);
        match place {
            Place::Header(name) => {
                let value = HeaderValue::from_bytes(text.as_bytes());
                let value = value.unwrap_or_else(|_| panic!("{text:?} is no header value"));
                self.headers.insert(self.header_name(name), value);
            }
            Place::Query(name) => {
                let separator = if self.uri.contains('?') { '&' } else { '?' };
                self.uri = format!("{}{separator}{}", self.uri, form::write_pair(name, text));
            }
            Place::Form(name) => {
                let before: &[u8] = if self.body.is_empty() { b"" } else { b"&" };
                self.body =
                    [&*self.body, before, form::write_pair(name, text).as_bytes()].concat().into();
            }
            Place::Json(pointer) => {
                self.edit_json(|body| *member(body, pointer) = Value::from(text));
            }
            Place::JsonJoined(pointers, between) => {
                let texts: Vec<&str> = text.splitn(pointers.len(), between).collect();
                assert_eq!(texts.len(), pointers.len(), "{text:?} is not joined with {between:?}");
                for (pointer, text) in pointers.iter().zip(texts) {
                    self.put(Place::Json(pointer), text);
                }
            }
            Place::Entry(name) => self.entries.push((name, text.to_owned())),
            Place::FormJson(field, pointer) => {
                let mut json = self.field_json(field);
                *member(&mut json, pointer) = Value::from(text);
                self.put(Place::Form(field), &json.to_string());
            }
        }
    }

    /// Writes a signature, to the first number where its headers have one.
    pub(super) fn put_signature(&mut self, place: SignaturePlace, text: &str) {
        match (place.occurs, place.place) {
            (Occurs::Numbered, Place::Header(name)) => {
                let value = HeaderValue::from_bytes(text.as_bytes());
                let value = value.unwrap_or_else(|_| panic!("{text:?} is no header value"));
                self.headers.insert(self.numbered(name), value);
            }
            (_, place) => self.put(place, text),
        }
    }

    /// Removes a signature.
    pub(super) fn remove_signature(&mut self, place: SignaturePlace) {
        match (place.occurs, place.place) {
            (Occurs::Numbered, Place::Header(name)) => {
                self.headers.remove(self.numbered(name));
            }
            (_, place) => self.remove(place),
        }
    }

    fn numbered(&self, name: &'static str) -> HeaderName {
        let numbered = format!("{}1", self.header_name(name));
        HeaderName::try_from(numbered).unwrap_or_else(|_| panic!("{name:?} takes no number"))
    }

    fn field_json(&self, field: &str) -> Value {
        let text = form::single(&self.body, field).ok().flatten().unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_else(|_| Value::Object(Map::new()))
    }

    /// Removes the value at a place.
    pub(super) fn remove(&mut self, place: Place) {
        match place {
            Place::Header(name) => {
                self.headers.remove(self.header_name(name));
            }
            Place::Query(name) => {
                if let Some((path, query)) = self.uri.split_once('?') {
                    let rest = without(query.as_bytes(), name);
                    let rest = String::from_utf8_lossy(&rest);
                    self.uri = if rest.is_empty() { path.into() } else { format!("{path}?{rest}") };
                }
            }
            Place::Form(name) => self.body = without(&self.body, name).into(),
            Place::Json(pointer) if self.has(place) => {
                self.edit_json(|body| remove_member(body, pointer));
            }
            Place::Json(_) => {}
            Place::JsonJoined(pointers, _) => {
                pointers.iter().for_each(|pointer| self.remove(Place::Json(pointer)));
            }
            Place::Entry(name) => self.entries.retain(|(known, _)| *known != name),
            Place::FormJson(field, pointer) if self.has(place) => {
                let mut json = self.field_json(field);
                remove_member(&mut json, pointer);
                self.put(Place::Form(field), &json.to_string());
            }
            Place::FormJson(..) => {}
        }
    }

    /// Whether there is anything at a place.
    pub(super) fn has(&self, place: Place) -> bool {
        match place {
            Place::Entry(name) => self.entries.iter().any(|(known, _)| *known == name),
            place => {
                let head = self.head();
                Head::new(&self.plan.layout, &head).with_body(&self.body, &self.body).has(place)
            }
        }
    }

    pub(super) fn head(&self) -> Parts {
        let mut request = Request::new(());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self
            .uri
            .parse()
            .unwrap_or_else(|error| panic!("{:?} is no URI of a request: {error}", self.uri));
        *request.headers_mut() = self.headers.clone();
        request.into_parts().0
    }

    /// The header in the first family, which is the one that a description is written in.
    fn header_name(&self, name: &'static str) -> HeaderName {
        let known = self.plan.layout.names.get(0, name).cloned();
        known.unwrap_or_else(|| HeaderName::from_static(name))
    }

    fn edit_json(&mut self, edit: impl FnOnce(&mut Value)) {
        let mut body = if self.body.is_empty() {
            Value::Object(Map::new())
        } else {
            serde_json::from_slice(&self.body).unwrap_or(Value::Null)
        };
        assert!(
            body.is_object(),
            "`{}` keeps values in its body, so the body of a fixture must be a JSON object",
            self.plan.provider().name(),
        );
        edit(&mut body);
        self.body = body.to_string().into();
    }
}

/// The member at a pointer; objects on the way are made where there are none, and arrays for a
/// first element.
fn member<'v>(body: &'v mut Value, pointer: &str) -> &'v mut Value {
    pointer.split('/').skip(1).map(unescape).fold(body, |parent, name| match parent {
        Value::Null if name == "0" => {
            *parent = Value::Array(vec![Value::Null]);
            &mut parent[0]
        }
        Value::Array(elements) => {
            let index = name.parse::<usize>().ok().filter(|index| *index < elements.len());
            let Some(element) = index.and_then(|index| elements.get_mut(index)) else {
                panic!("the body has no element {name} for {pointer}");
            };
            element
        }
        other => {
            if !other.is_object() {
                *other = Value::Object(Map::new());
            }
            let Value::Object(members) = other else { unreachable!("made just above") };
            members.entry(name).or_insert(Value::Null)
        }
    })
}

fn remove_member(json: &mut Value, pointer: &str) {
    if let Some((parent, name)) = pointer.rsplit_once('/')
        && let Some(object) = json.pointer_mut(parent).and_then(Value::as_object_mut)
    {
        object.remove(&unescape(name));
    }
}

fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// A form or query without the pairs of one name; the others byte for byte.
fn without(text: &[u8], name: &str) -> Vec<u8> {
    let pairs = text.split(|byte| *byte == b'&');
    let others = pairs.filter(|pair| {
        form::pairs(pair).next().is_none_or(|(decoded, _)| *decoded != *name.as_bytes())
    });
    others.collect::<Vec<_>>().join(&b'&')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_taken_out_and_the_others_stay_byte_for_byte() {
        assert_eq!(without(b"a=%41&b=2&a=1&c=+", "a"), b"b=2&c=+");
        assert_eq!(without(b"", "a"), b"");
    }

    #[test]
    fn objects_on_the_way_to_a_member_are_made() {
        let mut body: Value = serde_json::json!({"a": [{"b": 1}], "s": "text"});
        *member(&mut body, "/a/0/b") = 2.into();
        *member(&mut body, "/x/y~1z") = "new".into();
        *member(&mut body, "/s/t") = "over".into();
        *member(&mut body, "/l/0/m") = "first".into();
        let wanted = serde_json::json!({
            "a": [{"b": 2}], "l": [{"m": "first"}], "s": {"t": "over"}, "x": {"y/z": "new"},
        });
        assert_eq!(body, wanted);
    }
}
