//! The values of a request at the places that a description names.

use std::borrow::Cow;
use std::sync::OnceLock;

use http::request::Parts;

use super::elements;
use super::form::{self, Twice};
use super::header_names::NamedHeaders;
use super::json::{self, Members};
use super::layout::Layout;
use super::url::original_uri;
use crate::provider::{Occurs, Place};

/// The head of a request: the family that its headers are of, and those of them that are named.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    layout: &'a Layout,
    parts: &'a Parts,
    family: usize,
    named: NamedHeaders<'a>,
}

/// Reads places. Before the body is there, places in the body hold nothing.
pub(crate) struct Fields<'a> {
    head: Head<'a>,
    body: BodyFields<'a>,
}

/// Reads places in a body.
pub(crate) struct BodyFields<'a> {
    layout: &'a Layout,
    body: &'a [u8],
    /// What the members of JSON are read of: the body, or what a form carries.
    document: &'a [u8],
    members: OnceLock<Members<'a>>,
}

impl<'a> Head<'a> {
    /// Of several header families the first counts whose signature header is there.
    pub(crate) fn new(layout: &'a Layout, parts: &'a Parts) -> Self {
        let in_family = |family| {
            let named = layout.names.find(family, &parts.headers);
            Self { layout, parts, family, named }
        };
        let is_signed = |head: &Self| {
            layout.provider.signature_places().any(|place| match place {
                Place::Header(name) => head.header(name) != Ok(None),
                _ => false,
            })
        };
        let first = in_family(0);
        if layout.names.families() == 1 || is_signed(&first) {
            return first;
        }
        (1..layout.names.families()).map(in_family).find(is_signed).unwrap_or(first)
    }

    pub(crate) const fn parts(self) -> &'a Parts {
        self.parts
    }

    /// The header under this name in the request's family; `Err` if it came more than once.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&'a http::HeaderValue>, Twice> {
        self.layout.names.slot(self.family, name).map_or(Ok(None), |slot| self.named.get(slot))
    }

    /// The places in the head.
    pub(crate) const fn fields(self) -> Fields<'a> {
        self.with_body(&[], &[])
    }

    /// The places in the head, and those in the body, whose JSON stands in `document`.
    pub(crate) const fn with_body<'b>(self, body: &'b [u8], document: &'b [u8]) -> Fields<'b>
    where
        'a: 'b,
    {
        Fields { head: self, body: BodyFields::new(self.layout, body, document) }
    }
}

impl<'a> BodyFields<'a> {
    /// `document` is the body, or what a form [carries](Layout::document).
    pub(crate) const fn new(layout: &'a Layout, body: &'a [u8], document: &'a [u8]) -> Self {
        Self { layout, body, document, members: OnceLock::new() }
    }

    /// The value at a place in the body; `Err` if it stands there more than once.
    pub(crate) fn get(&self, place: Place) -> Result<Option<Cow<'a, [u8]>>, Twice> {
        let pointers = &self.layout.pointers;
        let text = match place {
            Place::Form(name) => return self.field(name),
            Place::FormJson(name, pointer) => {
                let Some(json) = self.field(name)? else { return Ok(None) };
                json::read_one(&json, pointer).map(Cow::Owned)
            }
            Place::Json(pointer) => pointers.text(self.members(), pointer),
            Place::JsonJoined(all, between) => {
                pointers.joined(self.members(), all, between).map(Cow::Owned)
            }
            Place::Header(_) | Place::Query(_) | Place::Entry(_) => None,
        };
        Ok(text.map(|text| match text {
            Cow::Borrowed(text) => text.as_bytes().into(),
            Cow::Owned(text) => text.into_bytes().into(),
        }))
    }

    /// Whether there is anything at a place, also what [`get`](Self::get) does not read.
    fn has(&self, place: Place) -> bool {
        match place {
            Place::Json(pointer) => self.layout.pointers.has(self.members(), pointer),
            other => !matches!(self.get(other), Ok(None)),
        }
    }

    fn field(&self, name: &str) -> Result<Option<Cow<'a, [u8]>>, Twice> {
        if self.layout.is_no_form(self.body) { Ok(None) } else { form::single(self.body, name) }
    }

    fn members(&self) -> &Members<'a> {
        self.members.get_or_init(|| self.layout.pointers.read(self.document))
    }
}

impl<'a> Fields<'a> {
    pub(crate) const fn head(&self) -> &'a Parts {
        self.head.parts
    }

    pub(crate) const fn body(&self) -> &'a [u8] {
        self.body.body
    }

    /// The value at a place; `Err` if it stands there more than once.
    pub(crate) fn get(&self, place: Place) -> Result<Option<Cow<'a, [u8]>>, Twice> {
        match place {
            Place::Header(name) => Ok(self.header(name)?.map(|value| value.as_bytes().into())),
            Place::Query(name) => match original_uri(self.head.parts).query() {
                Some(query) => form::single(query.as_bytes(), name),
                None => Ok(None),
            },
            Place::Entry(name) => self.entry(name),
            Place::Form(_) | Place::FormJson(..) | Place::Json(_) | Place::JsonJoined(..) => {
                self.body.get(place)
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
            Place::Header(_) | Place::Query(_) | Place::Entry(_) => {
                !matches!(self.get(place), Ok(None))
            }
            in_body => self.body.has(in_body),
        }
    }

    /// The header under this name in the request's family; `Err` if it came more than once.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&'a http::HeaderValue>, Twice> {
        self.head.header(name)
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
}
