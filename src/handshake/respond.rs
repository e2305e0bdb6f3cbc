//! What to answer to a setup request that was recognised.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::{Answer, Registrations, signed};
use crate::keys::Keys;
use crate::provider::Place;
use crate::provider::handshake::{Handshake, ReplyBody};
use crate::rejection::{Rejection, RejectionKind};
use crate::secret::VerifyToken;
use crate::wire::fields::Fields;

/// A longer value is not a challenge of any sender.
const MAX_ECHO: usize = 1024;

/// What a verifier knows of its sender's setup requests.
pub(crate) struct Settings<'a> {
    pub(crate) verify_token: Option<&'a VerifyToken>,
    pub(crate) expected: &'a [Box<str>],
    /// `None` if they depend on the request and were not fetched.
    pub(crate) keys: Option<&'a Keys>,
    /// Which of the keys answers.
    pub(crate) key: usize,
    pub(crate) registrations: Option<&'a Registrations>,
}

impl Settings<'_> {
    pub(super) fn awaits_secret(&self) -> bool {
        self.registrations.is_some_and(Registrations::is_pending)
    }
}

/// A request that is not whole, or not ours to answer.
struct Refused;

pub(super) fn answer(
    handshake: &Handshake,
    fields: &Fields<'_>,
    settings: &Settings<'_>,
) -> Result<Answer, Rejection> {
    if handshake.needs_key() && settings.keys.is_none() {
        return Err(RejectionKind::UnknownKey.into());
    }
    respond(handshake, fields, settings).map_err(|Refused| {
        let status = StatusCode::from_u16(handshake.refused_with).unwrap_or(StatusCode::FORBIDDEN);
        Rejection::new(RejectionKind::HandshakeRefused).with_status(status)
    })
}

fn respond(
    handshake: &Handshake,
    fields: &Fields<'_>,
    settings: &Settings<'_>,
) -> Result<Answer, Refused> {
    let is_ours = super::has_all(fields, handshake.requires)
        && knows_token(handshake, fields, settings)
        && is_expected(handshake, fields, settings);
    if !is_ours {
        return Err(Refused);
    }
    let reply = &handshake.reply;
    let mut answer = Answer::new(StatusCode::from_u16(reply.status).map_err(|_| Refused)?);
    for echo in reply.headers.iter().flatten() {
        if !echo.is_required && !fields.has(echo.place) {
            continue;
        }
        let name = HeaderName::from_bytes(echo.name.as_bytes()).map_err(|_| Refused)?;
        let value = HeaderValue::from_bytes(&value(fields, echo.place)?).map_err(|_| Refused)?;
        answer = answer.header(name, value);
    }
    let answer = match reply.body {
        ReplyBody::Empty => answer,
        ReplyBody::Json(body) => answer.json(Bytes::from_static(body.as_bytes())),
        ReplyBody::Echo(place) => answer.text(value(fields, place)?.into_owned().into()),
        ReplyBody::JsonEcho(name, place) => {
            let value = value(fields, place)?;
            let text = std::str::from_utf8(&value).map_err(|_| Refused)?;
            let object = serde_json::json!({ name: text });
            answer.json(object.to_string().into())
        }
        ReplyBody::Signed { token, pieces, json } => {
            let keys = settings.keys.ok_or(Refused)?;
            let value = value(fields, token.place)?;
            let text = signed::answer(&token, pieces, &value, keys, settings.key);
            let body = Bytes::from(text.ok_or(Refused)?);
            if json { answer.json(body) } else { answer.text(body) }
        }
    };
    if let Some(secret) = handshake.learns {
        let value = value(fields, secret.place)?;
        let text = std::str::from_utf8(&value).map_err(|_| Refused)?;
        let is_learned = secret.takes(&value)
            && settings.registrations.is_some_and(|registrations| registrations.learn(text));
        if !is_learned {
            return Err(Refused);
        }
    }
    Ok(answer.with_kind(fields.event_type().as_deref()))
}

/// The value at a place, if there is one, once, and no longer than a challenge is.
fn value<'a>(fields: &Fields<'a>, place: Place) -> Result<Cow<'a, [u8]>, Refused> {
    let value = fields.get(place).ok().flatten();
    value.filter(|value| !value.is_empty() && value.len() <= MAX_ECHO).ok_or(Refused)
}

/// The verify token is the only proof of an unsigned setup request; it is compared in constant
/// time, whatever its length.
fn knows_token(handshake: &Handshake, fields: &Fields<'_>, settings: &Settings<'_>) -> bool {
    match handshake.verify_token {
        None => true,
        Some(place) => match (fields.get(place), settings.verify_token) {
            (Ok(Some(sent)), Some(token)) => token.matches(&sent),
            _ => false,
        },
    }
}

fn is_expected(handshake: &Handshake, fields: &Fields<'_>, settings: &Settings<'_>) -> bool {
    let Some(place) = handshake.expects else { return true };
    let Ok(Some(sent)) = fields.get(place) else { return false };
    settings.expected.iter().any(|expected| *expected.as_bytes() == *sent)
}
