//! The payload: parsed after verification, from the verified bytes, with the failing path.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

#[cfg(any(feature = "tokio", feature = "axum"))]
use crate::trace;

/// A type that a body can be parsed into.
///
/// Every type that `serde` can deserialize is one, from JSON; [`Form`] reads a form instead.
/// Implement it for formats of your own.
pub trait Payload: Sized {
    /// Parses a whole body.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if the body is not one.
    fn from_body(body: &Bytes) -> Result<Self, PayloadError>;
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
    fn from_body(body: &Bytes) -> Result<Self, PayloadError> {
        json(body)
    }
}

impl<T: DeserializeOwned> Payload for Form<T> {
    fn from_body(body: &Bytes) -> Result<Self, PayloadError> {
        form(body).map(Form)
    }
}

impl Payload for Raw {
    fn from_body(_: &Bytes) -> Result<Self, PayloadError> {
        Ok(Self)
    }
}

/// A verified payload that is not of the expected type, and where it is not.
///
/// Nothing is lost by it: the claim is released and the sender, told 500, tries again.
#[derive(Debug)]
pub struct PayloadError {
    format: &'static str,
    path: String,
    source: Box<dyn Error + Send + Sync>,
}

impl PayloadError {
    /// For a [`Payload`] of your own: the format, the path inside it, and the cause.
    #[must_use]
    pub fn new(
        format: &'static str,
        path: impl Into<String>,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { format, path: path.into(), source: cause.into() }
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

/// The operator's line about a payload: the path and the cause, never the content.
#[cfg(any(feature = "tokio", feature = "axum"))]
pub(crate) fn report_unusable(error: &PayloadError) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    trace::error!(
        target: "tower_webhooks",
        path = error.path(),
        cause = %cause,
        "a verified payload does not parse; the claim is released, and the sender will try again"
    );
}

/// The path is looked for only where there is an error: keeping it costs an allocation a member.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, PayloadError> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(json_error)?;
    json.end().map_err(|error| PayloadError::new("JSON", ".", error))?;
    Ok(value)
}

fn json_error(error: serde_path_to_error::Error<serde_json::Error>) -> PayloadError {
    let path = error.path().to_string();
    PayloadError::new("JSON", path, error.into_inner())
}

pub(super) fn json_at<T: DeserializeOwned>(body: &[u8], pointer: &str) -> Result<T, PayloadError> {
    let at = |cause: Box<dyn Error + Send + Sync>| PayloadError::new("JSON", pointer, cause);
    let mut member: &RawValue = serde_json::from_slice(body).map_err(|error| at(error.into()))?;
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
        PayloadError::new("JSON", path, error.into_inner())
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
        PayloadError::new("form", path, error.into_inner())
    })
}
