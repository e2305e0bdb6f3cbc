//! The values of a request at the places that a description names.

use std::borrow::Cow;
use std::sync::OnceLock;

use http::request::Parts;

use super::elements;
use super::form::{self, Twice};
use super::json::{self, Members};
use super::layout::Layout;
use super::url::original_uri;
use crate::provider::{Occurs, Place};

/// The head of a request, and the family that its headers are of.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    layout: &'a Layout,
    parts: &'a Parts,
    family: usize,
}

/// Reads places. Before the body is there, places in the body hold nothing.
pub(crate) struct Fields<'a> {
    head: Head<'a>,
    body: &'a [u8],
    members: OnceLock<Members<'a>>,
}

impl<'a> Head<'a> {
    /// Of several header families the first counts whose signature header is there.
    pub(crate) fn new(layout: &'a Layout, parts: &'a Parts) -> Self {
        let signed_in = |family: &usize| {
            layout.provider.signatures().any(|way| match way.place.place {
                Place::Header(name) => layout
                    .names
                    .get(*family, name)
                    .is_some_and(|name| parts.headers.contains_key(name)),
                _ => false,
            })
        };
        let families = layout.names.families();
        let family = if families > 1 { (0..families).find(signed_in).unwrap_or(0) } else { 0 };
        Self { layout, parts, family }
    }

    pub(crate) const fn parts(self) -> &'a Parts {
        self.parts
    }

    /// The places in the head.
    pub(crate) const fn fields(self) -> Fields<'a> {
        self.with_body(&[])
    }

    /// The places in the head, and those in the body.
    pub(crate) const fn with_body<'b>(self, body: &'b [u8]) -> Fields<'b>
    where
        'a: 'b,
    {
        Fields { head: self, body, members: OnceLock::new() }
    }
}

impl<'a> Fields<'a> {
    pub(crate) const fn head(&self) -> &'a Parts {
        self.head.parts
    }

    pub(crate) const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The value at a place; `Err` if it stands there more than once.
    pub(crate) fn get(&self, place: Place) -> Result<Option<Cow<'a, [u8]>>, Twice> {
        match place {
            Place::Header(name) => Ok(self.header(name)?.map(|value| value.as_bytes().into())),
            Place::Query(name) => match original_uri(self.head.parts).query() {
                Some(query) => form::single(query.as_bytes(), name),
                None => Ok(None),
            },
            Place::Form(_) | Place::FormJson(..) if self.head.layout.is_no_form(self.body) => {
                Ok(None)
            }
            Place::Form(name) => form::single(self.body, name),
            Place::Json(pointer) => {
                let text = self.head.layout.pointers.text(self.members(), pointer);
                Ok(text.map(|text| match text {
                    Cow::Borrowed(text) => text.as_bytes().into(),
                    Cow::Owned(text) => text.into_bytes().into(),
                }))
            }
            Place::JsonJoined(pointers, between) => {
                let joined = self.head.layout.pointers.joined(self.members(), pointers, between);
                Ok(joined.map(|text| text.into_bytes().into()))
            }
            Place::Entry(name) => self.entry(name),
            Place::FormJson(field, pointer) => {
                let Some(json) = form::single(self.body, field)? else { return Ok(None) };
                let text = json::read_one(&json, pointer).map(|text| text.into_bytes().into());
                Ok(text)
            }
        }
    }

    /// The values of a header that may come several times, or under several numbers.
    pub(crate) fn headers(
        &self,
        name: &str,
        occurs: Occurs,
    ) -> impl Iterator<Item = &'a http::HeaderValue> {
        let name = self.head.layout.names.get(self.head.family, name);
        let numbered = move |header: &http::HeaderName| {
            let rest = name.and_then(|name| header.as_str().strip_prefix(name.as_str()));
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|c| c.is_ascii_digit()))
        };
        let wanted = move |header: &http::HeaderName| match occurs {
            Occurs::Numbered => numbered(header),
            Occurs::Once | Occurs::Repeated => Some(header) == name,
        };
        self.head
            .parts
            .headers
            .iter()
            .filter(move |(header, _)| wanted(header))
            .map(|(_, value)| value)
    }

    /// Whether there is anything where the provider has signatures, well-formed or not.
    pub(crate) fn have_signature(&self) -> bool {
        self.head.layout.provider.signatures().any(|way| {
            match (way.place.occurs, way.place.place) {
                (occurs @ (Occurs::Repeated | Occurs::Numbered), Place::Header(name)) => {
                    self.headers(name, occurs).next().is_some()
                }
                (_, place) => self.has(place),
            }
        })
    }

    /// Whether there is anything at a place, also what [`get`](Self::get) does not read.
    pub(crate) fn has(&self, place: Place) -> bool {
        match place {
            Place::Json(pointer) => self.head.layout.pointers.has(self.members(), pointer),
            other => !matches!(self.get(other), Ok(None)),
        }
    }

    /// The header under this name in the request's family; `Err` if it came more than once.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&'a http::HeaderValue>, Twice> {
        let Some(name) = self.head.layout.names.get(self.head.family, name) else {
            return Ok(None);
        };
        let mut values = self.head.parts.headers.get_all(name).iter();
        let first = values.next();
        if values.next().is_some() { Err(Twice) } else { Ok(first) }
    }

    /// The event's type as far as it can be read.
    pub(crate) fn event_type(&self) -> Option<String> {
        let places = self.head.layout.provider.event_type;
        let text = places.iter().find_map(|place| self.get(*place).ok().flatten())?;
        String::from_utf8(text.into_owned()).ok()
    }

    fn entry(&self, name: &str) -> Result<Option<Cow<'a, [u8]>>, Twice> {
        for way in self.head.layout.provider.signatures() {
            if let Some(list) = self.get(way.place.place)? {
                let grammar = way.place.grammar;
                return Ok(match list {
                    Cow::Borrowed(list) => {
                        elements::element(list, grammar, name)?.map(Cow::Borrowed)
                    }
                    Cow::Owned(list) => elements::element(&list, grammar, name)?
                        .map(|element| Cow::Owned(element.to_vec())),
                });
            }
        }
        Ok(None)
    }

    fn members(&self) -> &Members<'a> {
        self.members.get_or_init(|| self.head.layout.pointers.read(self.body))
    }
}
