//! Telling a setup request from a delivery.

use memchr::memmem;

use super::answer::Answer;
use super::marks::{has_all, may_be};
use super::respond::{Settings, answer};
use crate::provider::handshake::{Handshake, Kind, Mark};
use crate::rejection::Rejection;
use crate::wire::fields::Fields;

/// A longer body is not a setup request of any sender; it is not searched for one.
pub(crate) const MAX_BODY: usize = 8 * 1024;

/// The answer to a setup request without a body; `None` if this is not one.
pub(crate) fn bodiless_answer(
    handshakes: &[Handshake],
    fields: &Fields<'_>,
    settings: &Settings<'_>,
) -> Option<Result<Answer, Rejection>> {
    let handshake = handshakes.iter().find(|handshake| {
        matches!(handshake.kind, Kind::Bodiless(methods) if methods.has(&fields.head().method))
            && has_all(fields, handshake.when)
    })?;
    Some(answer(handshake, fields, settings))
}

/// The answer to a setup request by POST that nothing signs; `None` if this is not one.
pub(crate) fn unsigned_post_answer(
    handshakes: &[Handshake],
    fields: &Fields<'_>,
    settings: &Settings<'_>,
) -> Option<Result<Answer, Rejection>> {
    if fields.body().len() > MAX_BODY {
        return None;
    }
    let handshake = handshakes.iter().find(|handshake| {
        handshake.kind == Kind::UnsignedPost
            && (handshake.even_signed || !fields.have_signature())
            && (handshake.learns.is_none() || settings.awaits_secret())
            && has_all(fields, handshake.when)
    })?;
    Some(answer(handshake, fields, settings))
}

/// Whether a POST without a signature may be a setup request, as far as its head says.
pub(crate) fn may_be_unsigned_post(handshakes: &[Handshake], fields: &Fields<'_>) -> bool {
    let mut posts = handshakes.iter().filter(|handshake| handshake.kind == Kind::UnsignedPost);
    posts.any(|handshake| may_be(fields, handshake.when)) && !fields.have_signature()
}

/// The answer to a setup request whose signature was verified; `None` if it is a delivery.
pub(crate) fn signed_answer(
    handshakes: &[Handshake],
    keywords: &[Keyword],
    fields: &Fields<'_>,
    settings: &Settings<'_>,
) -> Option<Result<Answer, Rejection>> {
    if fields.body().len() > MAX_BODY {
        return None;
    }
    let mut handshakes = handshakes.iter().zip(keywords);
    let (handshake, _) = handshakes.find(|(handshake, keyword)| {
        handshake.kind == Kind::Signed
            && keyword.may_match(fields.body())
            && has_all(fields, handshake.when)
    })?;
    Some(answer(handshake, fields, settings))
}

/// A cheap look before the body is parsed: the longest text that the marks ask for stands in the
/// body. No sender escapes its own keywords; a body that does is handled as an event.
#[derive(Debug)]
pub(crate) struct Keyword(Option<memmem::Finder<'static>>);

impl Keyword {
    pub(crate) fn of(handshake: &Handshake) -> Self {
        let texts = handshake.when.iter().filter_map(|mark| match mark {
            Mark::Equals(_, text) | Mark::Lists(_, text) => Some(*text),
            Mark::Present(_)
            | Mark::Absent(_)
            | Mark::Number(_)
            | Mark::Same(..)
            | Mark::OnlyField(_)
            | Mark::OnlyMember(_)
            | Mark::EmptyBody => None,
        });
        Self(texts.max_by_key(|text| text.len()).map(memmem::Finder::new))
    }

    fn may_match(&self, body: &[u8]) -> bool {
        self.0.as_ref().is_none_or(|keyword| keyword.find(body).is_some())
    }
}
