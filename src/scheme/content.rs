//! The signed content: the only place that joins it.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::sink::Sink;
use crate::provider::{Part, Place, Timestamp};
use crate::rejection::RejectionKind;
use crate::wire::fields::Fields;
use crate::wire::form;
use crate::wire::url::{original_uri, unescaped};

/// The values that parts other than the body stand for.
pub(crate) struct Values<'v, 'a> {
    pub(crate) fields: &'v Fields<'a>,
    pub(crate) timestamp: Option<Timestamp>,
    /// The text of the time, if it was read before.
    pub(crate) time: Option<&'v [u8]>,
    pub(crate) url: Option<&'v str>,
}

impl Values<'_, '_> {
    /// Feeds parts to `sink` one after the other; the body stands for itself.
    pub(crate) fn feed(
        &self,
        parts: &[Part],
        body: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<(), RejectionKind> {
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => sink.data(text.as_bytes()),
                Part::Body => sink.data(body),
                Part::Secret => sink.secret(),
                Part::Value(place) => {
                    let value = self.value(*place)?;
                    refuse_movable_border(&value, parts, index)?;
                    sink.data(&value);
                }
                Part::Timestamp
                | Part::Method
                | Part::Url
                | Part::UrlUnescaping(_)
                | Part::Path
                | Part::Query
                | Part::BodyOrField(_) => {
                    sink.data(&self.other(*part)?);
                }
            }
        }
        Ok(())
    }

    /// SHA-256 over what tells two contents of one body apart: every part that is neither text,
    /// nor time, nor body. Each goes in with its length, so that no two lists are alike.
    pub(crate) fn digest(&self, parts: &[Part]) -> Result<[u8; 32], RejectionKind> {
        let mut digest = Sha256::new();
        for part in parts.iter().filter(|part| part.tells_apart()) {
            let value = match part {
                Part::Value(place) => self.value(*place)?,
                other => self.other(*other)?,
            };
            let len = u64::try_from(value.len()).unwrap_or(u64::MAX);
            digest.update(len.to_be_bytes());
            digest.update(&value);
        }
        Ok(digest.finalize().into())
    }

    /// What one part stands for, wherever its borders are: for the signer of fixtures.
    #[cfg(feature = "testing")]
    pub(crate) fn of(&self, part: Part) -> Result<Cow<'_, [u8]>, RejectionKind> {
        match part {
            Part::Text(text) => Ok(text.as_bytes().into()),
            Part::Body => Ok(self.fields.body().into()),
            Part::Value(place) => self.value(place),
            other => self.other(other),
        }
    }

    fn other(&self, part: Part) -> Result<Cow<'_, [u8]>, RejectionKind> {
        let head = self.fields.head();
        Ok(match part {
            Part::Timestamp => {
                if let Some(text) = self.time {
                    return Ok(text.into());
                }
                let place = self.timestamp.ok_or(RejectionKind::MissingTimestamp)?.place.place;
                match self.fields.get(place) {
                    Ok(Some(text)) => text,
                    Ok(None) => return Err(RejectionKind::MissingTimestamp),
                    Err(_) => return Err(RejectionKind::MalformedTimestamp),
                }
            }
            Part::Method => head.method.as_str().as_bytes().into(),
            Part::Path => original_uri(head).path().as_bytes().into(),
            Part::Query => original_uri(head).query().unwrap_or_default().as_bytes().into(),
            Part::Url => self.url.unwrap_or_default().as_bytes().to_vec().into(),
            Part::UrlUnescaping(plain) => {
                unescaped(self.url.unwrap_or_default(), plain).into_bytes().into()
            }
            Part::BodyOrField(name) => match form::document(self.fields.body(), name) {
                Ok(None) => self.fields.body().into(),
                Ok(Some([])) => return Err(RejectionKind::MissingSignedValue),
                // What stands beside the field is a stranger's.
                Ok(Some(_)) if form::pairs(self.fields.body()).nth(1).is_some() => {
                    return Err(RejectionKind::BodyMismatch);
                }
                Ok(Some(document)) => form::decode(document),
                Err(_) => return Err(RejectionKind::AmbiguousSignedValue),
            },
            Part::Text(_) | Part::Value(_) | Part::Body | Part::Secret => Cow::Borrowed(&[]),
        })
    }

    fn value(&self, place: Place) -> Result<Cow<'_, [u8]>, RejectionKind> {
        match self.fields.get(place) {
            Ok(Some(value)) if !value.is_empty() => Ok(value),
            Ok(_) => Err(RejectionKind::MissingSignedValue),
            Err(_) => Err(RejectionKind::AmbiguousSignedValue),
        }
    }
}

/// `id + "." + time`: an id with a point in it could lend its tail to the time, and the time its
/// tail to the body, all under one signature. So no text of a border may be found earlier than where
/// it stands, nor reach out of it. Behind a body or a URL, which may hold the text, a value must not
/// hold it either: then the last one is the border.
fn refuse_movable_border(value: &[u8], parts: &[Part], index: usize) -> Result<(), RejectionKind> {
    let text_at = |index: Option<usize>| match index.and_then(|index| parts.get(index)) {
        Some(Part::Text(text)) => text.as_bytes(),
        _ => &[],
    };
    let behind = text_at(index.checked_add(1));
    // The border may be found earlier: within the value, or beginning with its end.
    let is_early = |from: usize| match behind.split_at_checked(from) {
        Some((start, rest)) => behind.starts_with(rest) && value.ends_with(start),
        None => false,
    };
    if !behind.is_empty() && (contains(value, behind) || (1..behind.len()).any(is_early)) {
        return Err(RejectionKind::AmbiguousSignedValue);
    }
    // What follows the body is fed apart from what comes before it.
    let before_text = index.checked_sub(2).and_then(|index| parts.get(index));
    let is_open = before_text.is_none_or(|part| *part == Part::Body || part.is_of_url());
    let front = text_at(index.checked_sub(1));
    // Or later: within the value, or ending with its beginning.
    let is_late = |from: usize| match front.split_at_checked(front.len().saturating_sub(from)) {
        Some((_, end)) => {
            front.get(from..).is_some_and(|rest| front.starts_with(rest)) && value.starts_with(end)
        }
        None => false,
    };
    if is_open && !front.is_empty() && (contains(value, front) || (1..front.len()).any(is_late)) {
        return Err(RejectionKind::AmbiguousSignedValue);
    }
    Ok(())
}

fn contains(value: &[u8], text: &[u8]) -> bool {
    // Most borders are one character, for which no searcher is worth making.
    match text {
        [only] => memchr::memchr(*only, value).is_some(),
        text => memchr::memmem::find(value, text).is_some(),
    }
}
