//! Telling a setup request from a delivery, and what to answer.

use bytes::Bytes;
use http::StatusCode;
use memchr::memmem;

use super::{Answer, signed};
use crate::keys::Keys;
use crate::provider::handshake::{Handshake, Kind, Mark, Reply};
use crate::rejection::RejectionKind;
use crate::secret::VerifyToken;
use crate::wire::fields::Fields;
use crate::wire::form;

/// A longer value is not a challenge of any sender.
const MAX_ECHO: usize = 1024;
/// A longer body is not a setup request of any sender; it is not searched for one.
pub(crate) const MAX_BODY: usize = 8 * 1024;

/// The answer to an unsigned setup request of this kind; `None` if this is not one.
pub(crate) fn unsigned_answer(
    handshakes: &[Handshake],
    kind: Kind,
    fields: &Fields<'_>,
    token: Option<&VerifyToken>,
    keys: Option<&Keys>,
) -> Option<Result<Answer, RejectionKind>> {
    if fields.body().len() > MAX_BODY {
        return None;
    }
    let handshake = handshakes
        .iter()
        .find(|handshake| handshake.kind == kind && has_all(fields, handshake.when))?;
    Some(if knows_token(handshake, fields, token) {
        answer(handshake, fields, keys)
    } else {
        Err(RejectionKind::HandshakeRefused)
    })
}

/// The answer to a setup request whose signature was verified; `None` if it is a delivery.
pub(crate) fn signed_answer(
    handshakes: &[Handshake],
    keywords: &[Keyword],
    fields: &Fields<'_>,
    body: &Bytes,
    keys: &Keys,
) -> Option<Result<Answer, RejectionKind>> {
    if body.len() > MAX_BODY {
        return None;
    }
    let mut handshakes = handshakes.iter().zip(keywords);
    let (handshake, _) = handshakes.find(|(handshake, keyword)| {
        handshake.kind == Kind::Signed && keyword.may_match(body) && has_all(fields, handshake.when)
    })?;
    Some(answer(handshake, fields, Some(keys)))
}

/// A cheap look before the body is parsed: the longest text that the marks ask for stands in the
/// body. No sender escapes its own keywords; a body that does is handled as an event.
#[derive(Debug)]
pub(crate) struct Keyword(Option<memmem::Finder<'static>>);

impl Keyword {
    pub(crate) fn of(handshake: &Handshake) -> Self {
        let texts = handshake.when.iter().filter_map(|mark| match mark {
            Mark::Equals(_, text) | Mark::Lists(_, text) => Some(*text),
            Mark::Present(_) | Mark::Absent(_) | Mark::Number(_) | Mark::OnlyField(_) => None,
        });
        Self(texts.max_by_key(|text| text.len()).map(memmem::Finder::new))
    }

    fn may_match(&self, body: &[u8]) -> bool {
        self.0.as_ref().is_none_or(|keyword| keyword.find(body).is_some())
    }
}

fn answer(
    handshake: &Handshake,
    fields: &Fields<'_>,
    keys: Option<&Keys>,
) -> Result<Answer, RejectionKind> {
    if !has_all(fields, handshake.requires) {
        return Err(RejectionKind::HandshakeRefused);
    }
    match handshake.reply {
        Reply::Status(status) => StatusCode::from_u16(status)
            .map(Answer::status_only)
            .map_err(|_| RejectionKind::HandshakeRefused),
        Reply::Json(body) => Ok(Answer::json(Bytes::from_static(body.as_bytes()))),
        Reply::Signed { token, pieces, json } => {
            let keys = keys.ok_or(RejectionKind::UnknownKey)?;
            let value = fields.get(token.place).ok().flatten();
            let text = value.and_then(|value| signed::answer(&token, pieces, &value, keys));
            let body = Bytes::from(text.ok_or(RejectionKind::HandshakeRefused)?);
            Ok(if json { Answer::json(body) } else { Answer::text(body) })
        }
        Reply::Echo(place) => match fields.get(place) {
            Ok(Some(value)) if !value.is_empty() && value.len() <= MAX_ECHO => {
                Ok(Answer::text(Bytes::from(value.into_owned())))
            }
            _ => Err(RejectionKind::HandshakeRefused),
        },
    }
    .map(|answer| answer.with_kind(fields.event_type().as_deref()))
}

/// The verify token is the only proof of an unsigned setup request; it is compared in constant
/// time, whatever its length.
fn knows_token(handshake: &Handshake, fields: &Fields<'_>, token: Option<&VerifyToken>) -> bool {
    match handshake.verify_token {
        None => true,
        Some(place) => match (fields.get(place), token) {
            (Ok(Some(sent)), Some(token)) => token.matches(&sent),
            _ => false,
        },
    }
}

pub(crate) fn has_all(fields: &Fields<'_>, marks: &[Mark]) -> bool {
    marks.iter().all(|mark| match *mark {
        Mark::Equals(place, text) => {
            matches!(fields.get(place), Ok(Some(value)) if *value == *text.as_bytes())
        }
        Mark::Lists(place, text) => match fields.get(place) {
            Ok(Some(list)) => {
                let mut elements = list.split(|byte| *byte == b',');
                elements.any(|element| element.trim_ascii() == text.as_bytes())
            }
            _ => false,
        },
        Mark::Present(place) => fields.has(place),
        Mark::Absent(place) => !fields.has(place),
        Mark::Number(place) => {
            matches!(fields.get(place), Ok(Some(value)) if is_number(&value))
        }
        Mark::OnlyField(name) => {
            let mut pairs = form::pairs(fields.body());
            form::is_form(fields.head())
                && pairs.next().is_some_and(|(first, _)| *first == *name.as_bytes())
                && pairs.next().is_none()
        }
    })
}

fn is_number(text: &[u8]) -> bool {
    (1..=20).contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
}
