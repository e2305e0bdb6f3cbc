//! The payload: parsed after verification, from the verified bytes, with the failing path.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::Event;
use crate::wire::json::without_bom;
use crate::wire::private_key;

/// A type that an event can be parsed into.
///
/// Every type that `serde` can deserialize is one, from the JSON of
/// [`Event::document`]; [`Form`] reads a form instead. Implement it for formats of your own.
pub trait Payload: Sized {
    /// Parses a whole event.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if it is not one.
    fn from_event(event: &Event) -> Result<Self, PayloadError>;
}

/// No payload: the body is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Raw;

/// A payload that is an `application/x-www-form-urlencoded` form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "it is its one field")]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> Payload for T {
    fn from_event(event: &Event) -> Result<Self, PayloadError> {
        event.json()
    }
}

impl<T: DeserializeOwned> Payload for Form<T> {
    fn from_event(event: &Event) -> Result<Self, PayloadError> {
        event.form().map(Form)
    }
}

impl Payload for Raw {
    fn from_event(_: &Event) -> Result<Self, PayloadError> {
        Ok(Self)
    }
}

/// A verified payload that is not of the expected type, and where it is not.
///
/// Nothing is lost by it: the claim is released and the sender, told 500, tries again.
///
/// Neither its text nor its cause quotes the payload, which may be personal: they name the place,
/// and what is expected there.
#[derive(Debug)]
pub struct PayloadError {
    format: &'static str,
    path: Cow<'static, str>,
    source: Box<dyn Error + Send + Sync>,
}

impl PayloadError {
    /// For a [`Payload`] of your own, as in `.map_err(PayloadError::new)`.
    ///
    /// The cause stands in the operator's log: it should not quote the payload.
    ///
    /// ```
    /// use tower_webhooks::Event;
    /// use tower_webhooks::event::{Payload, PayloadError};
    /// use tower_webhooks::{providers::GITHUB, testing::Signer};
    ///
    /// struct Reading(u32);
    ///
    /// impl Payload for Reading {
    ///     fn from_event(event: &Event) -> Result<Self, PayloadError> {
    ///         let text = std::str::from_utf8(event.body()).map_err(PayloadError::new)?;
    ///         let value = text.parse().map_err(PayloadError::new);
    ///         value.map(Self).map_err(|error| error.format("number"))
    ///     }
    /// }
    ///
    /// let signer = Signer::demo(&GITHUB)?;
    /// assert_eq!(signer.event("7").to_event().parse::<Reading>()?.payload().0, 7);
    /// let error = signer.event("seven").to_event().parse::<Reading>().err().unwrap();
    /// assert_eq!(error.to_string(), "the payload is not the expected number at `.`");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { format: "payload", path: Cow::Borrowed("."), source: cause.into() }
    }

    /// The format in which the payload was expected, such as `CSV`.
    #[must_use]
    pub const fn format(mut self, format: &'static str) -> Self {
        self.format = format;
        self
    }

    /// Where the payload does not fit, such as `data.object.amount`; by default `.`, the whole.
    #[must_use]
    pub fn at(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// Where the payload does not fit: `data.object.amount`; `.` for the whole.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the payload is not the expected {} at `{}`", self.format, self.path)
    }
}

impl Error for PayloadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// What a deserializer says, without what it quotes of the payload: the place, and what the type
/// expects there.
#[derive(Debug)]
struct Misfit(String);

impl Misfit {
    fn of_json(error: &serde_json::Error) -> Self {
        // Of syntax it says what is wrong and where, in words of its own.
        if error.is_syntax() || error.is_eof() { Self(error.to_string()) } else { Self::of(error) }
    }

    /// `missing field` and what stands behind `expected` come from the type, all else may be the
    /// payload's.
    fn of(error: &impl fmt::Display) -> Self {
        let text = error.to_string();
        let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let is_of_type = ["invalid type: ", "invalid value: ", "invalid length: "]
            .iter()
            .any(|start| text.starts_with(start));
        let expected = text.rsplit_once(", expected ").filter(|_| is_of_type);
        Self(match (missing, expected) {
            (Some(field), _) => format!("missing field `{field}`"),
            (None, Some((_, expected))) => format!("expected {expected}"),
            (None, None) => "a value that the type does not take".into(),
        })
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Misfit {}

/// Why an event could not be handled: on its way, in the extensions of a response, from whoever
/// noticed to the layer, which tells it.
#[derive(Debug, Clone)]
#[allow(dead_code, reason = "which of it is used depends on the features")]
pub(crate) enum Failure {
    Payload(Arc<PayloadError>),
    Handler(Arc<dyn Error + Send + Sync>),
}

/// Reads once; where that fails, a second time to find the path, which costs more.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, PayloadError> {
    let body = checked(body)?;
    serde_json::from_slice(body).or_else(|_| json_with_path(body))
}

/// JSON that means to `serde_json` what it says, without a byte order mark.
fn checked(body: &[u8]) -> Result<&[u8], PayloadError> {
    let json = without_bom(body);
    if private_key::is_in(json) {
        let cause = "a key that serde_json keeps for itself, and would not read as one";
        return Err(PayloadError::new(cause).format("JSON"));
    }
    Ok(json)
}

fn json_with_path<T: DeserializeOwned>(body: &[u8]) -> Result<T, PayloadError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(json_error)?;
    json.end().map_err(|error| PayloadError::new(Misfit::of_json(&error)).format("JSON"))?;
    Ok(value)
}

fn json_error(error: serde_path_to_error::Error<serde_json::Error>) -> PayloadError {
    let path = error.path().to_string();
    PayloadError::new(Misfit::of_json(error.inner())).format("JSON").at(path)
}

pub(super) fn json_at<T: DeserializeOwned>(body: &[u8], pointer: &str) -> Result<T, PayloadError> {
    let at = |cause: Box<dyn Error + Send + Sync>| {
        PayloadError::new(cause).format("JSON").at(pointer.to_owned())
    };
    let mut member: &RawValue = serde_json::from_slice(checked(body)?)
        .map_err(|error| at(Misfit::of_json(&error).into()))?;
    if !pointer.is_empty() {
        let path =
            pointer.strip_prefix('/').ok_or_else(|| at("a pointer begins with `/`".into()))?;
        for segment in path.split('/').map(|raw| raw.replace("~1", "/").replace("~0", "~")) {
            member = child(member, &segment).ok_or_else(|| at("there is no such member".into()))?;
        }
    }
    let mut json = serde_json::Deserializer::from_str(member.get());
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inside = error.path().to_string();
        let path = if inside == "." { pointer.to_owned() } else { format!("{pointer}/{inside}") };
        PayloadError::new(Misfit::of_json(error.inner())).format("JSON").at(path)
    })
}

/// The member of an object, or the element of an array.
fn child<'a>(parent: &'a RawValue, segment: &str) -> Option<&'a RawValue> {
    type Object<'a> = std::collections::BTreeMap<std::borrow::Cow<'a, str>, &'a RawValue>;
    if parent.get().starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(parent.get()).ok()?;
        return elements.get(segment.parse::<usize>().ok()?).copied();
    }
    let members: Object<'a> = serde_json::from_str(parent.get()).ok()?;
    members.get(segment).copied()
}

pub(super) fn form<T: DeserializeOwned>(body: &[u8]) -> Result<T, PayloadError> {
    let text = serde_html_form::Deserializer::from_bytes(body);
    serde_path_to_error::deserialize(text).map_err(|error| {
        let path = error.path().to_string();
        PayloadError::new(Misfit::of(error.inner())).format("form").at(path)
    })
}
