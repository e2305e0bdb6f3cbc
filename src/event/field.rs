//! Id and type, read when they are first asked for.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, Range};

use http::HeaderValue;

use super::EventParts;
use crate::provider::Place;
use crate::wire::fields::{BodyFields, Fields};

/// A value of an event, and whether the signature covers the place it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    text: &'a str,
    signed: bool,
}

impl<'a> Field<'a> {
    /// The text.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// Whether it cannot be changed without breaking the signature.
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        self.signed
    }
}

impl Deref for Field<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.text
    }
}

impl PartialEq<str> for Field<'_> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Field<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// A value that stood in the head, or in a list with the signature, kept without copying where it was a header.
#[derive(Clone)]
pub(crate) struct HeadText {
    place: Place,
    text: Text,
}

#[derive(Clone)]
pub(super) enum Text {
    Header(HeaderValue),
    /// Where it stands in the body.
    Body(Range<usize>),
    Owned(Box<str>),
}

impl HeadText {
    pub(super) fn as_str(&self) -> &str {
        self.text.as_str(&[])
    }
}

/// Id and type as code read them, out of signed bytes.
#[derive(Clone)]
pub(crate) struct CodedNames {
    id: Option<Text>,
    kind: Option<Text>,
}

impl CodedNames {
    pub(crate) fn new(id: Option<&str>, kind: Option<&str>) -> Self {
        let text = |text: &str| (!text.is_empty()).then(|| Text::Owned(text.into()));
        Self { id: id.and_then(text), kind: kind.and_then(text) }
    }
}

impl Text {
    /// A value that was read of a body: where it stands there, if it was not decoded.
    fn in_body(value: Cow<'_, [u8]>, body: &[u8]) -> Option<Self> {
        let range = match &value {
            Cow::Borrowed(text) => range_in(body, text),
            Cow::Owned(_) => None,
        };
        match range {
            Some(range) => Some(Self::Body(range)),
            None => Some(Self::Owned(String::from_utf8(value.into_owned()).ok()?.into())),
        }
    }

    fn as_str<'a>(&'a self, body: &'a [u8]) -> &'a str {
        let bytes = match self {
            Self::Header(value) => value.as_bytes(),
            Self::Body(range) => body.get(range.clone()).unwrap_or_default(),
            Self::Owned(text) => return text,
        };
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    fn is_readable(&self, body: &[u8]) -> bool {
        !self.as_str(body).is_empty()
    }
}

impl Fields<'_> {
    /// The first of these places that stands in the head, or in a list with the signature, and has
    /// a value.
    pub(crate) fn first_in_head(&self, places: &[Place]) -> Option<HeadText> {
        places.iter().find_map(|place| {
            let text = match *place {
                Place::Header(name) => Text::Header(self.header(name).ok()??.clone()),
                Place::Query(_) | Place::Entry(_) => {
                    let value = self.get(*place).ok()??.into_owned();
                    Text::Owned(String::from_utf8(value).ok()?.into())
                }
                _ => return None,
            };
            text.is_readable(&[]).then_some(HeadText { place: *place, text })
        })
    }
}

/// Id and type of one event.
#[derive(Clone)]
pub(super) struct Metadata {
    id: Option<(Text, bool)>,
    kind: Option<(Text, bool)>,
    /// The first id that the signature covers, where an unsigned one comes before it.
    signed_id: Option<(Text, bool)>,
}

impl Metadata {
    /// Of an event whose key is known: no signed id is looked for.
    pub(super) const fn of(id: Option<(Text, bool)>, kind: Option<(Text, bool)>) -> Self {
        Self { id, kind, signed_id: None }
    }

    /// `document` is the body, or what stands in it.
    pub(super) fn read(event: &EventParts, document: &[u8]) -> Self {
        if let Some(CodedNames { id, kind }) = event.names.clone() {
            let signed = |text: Text| (text, true);
            // What names the event is then for the code to say, and no id alone.
            return Self { id: id.map(signed), kind: kind.map(signed), signed_id: None };
        }
        let plan = &event.plan;
        let fields = BodyFields::new(&plan.layout, &event.body, document);
        let first = |places: &[Place], in_head: Option<&HeadText>| {
            places.iter().find_map(|place| {
                let text = match in_head {
                    Some(head) if head.place == *place => head.text.clone(),
                    _ => Text::in_body(fields.get(*place).ok()??, &event.body)?,
                };
                text.is_readable(&event.body).then(|| (text, plan.provider().covers(*place)))
            })
        };
        Self {
            id: first(plan.provider().event_id, event.id.as_ref()),
            kind: first(plan.provider().event_type, event.kind.as_ref()),
            signed_id: first(&plan.signed_ids, event.signed_id.as_ref()),
        }
    }

    pub(super) fn id<'a>(&'a self, body: &'a [u8]) -> Option<Field<'a>> {
        field(self.id.as_ref(), body)
    }

    /// The id that may name the event: a signed one, whatever stands in unsigned places.
    pub(super) fn signed_id<'a>(&'a self, body: &'a [u8]) -> Option<Field<'a>> {
        self.id(body).filter(Field::is_signed).or_else(|| field(self.signed_id.as_ref(), body))
    }

    pub(super) fn kind<'a>(&'a self, body: &'a [u8]) -> Option<Field<'a>> {
        field(self.kind.as_ref(), body)
    }
}

fn field<'a>(read: Option<&'a (Text, bool)>, body: &'a [u8]) -> Option<Field<'a>> {
    read.map(|(text, signed)| Field { text: text.as_str(body), signed: *signed })
}

/// Where a text stands in the body, if it was borrowed from that.
fn range_in(body: &[u8], text: &[u8]) -> Option<Range<usize>> {
    let start = text.as_ptr().addr().checked_sub(body.as_ptr().addr())?;
    let end = start.checked_add(text.len())?;
    (end <= body.len()).then_some(start..end)
}
