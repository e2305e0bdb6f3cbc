//! What is signed: a list of parts, joined without anything between.

use super::Place;
use super::reader::{Reader, TokenCode};

/// One part of the signed content. Parts are joined without anything between them.
///
/// Where two parts of no fixed length touch, a stranger can move the border between them under one
/// signature. A sender that signs so is as weak as that; its docs should say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// These characters.
    Text(&'static str),
    /// The time as it stands in its place, not reformatted.
    Timestamp,
    /// The value at this place, as received (form and query values decoded once).
    ///
    /// If a [`Text`](Self::Text) follows, the value must not contain that text, nor together with it
    /// hold it earlier: where one ends and the other begins must not be for a stranger to move. Two
    /// values, or a value and a body or URL, must have a text between them.
    Value(Place),
    /// The request method in upper case.
    Method,
    /// The public URL, as the sender knows it: scheme, host, port if any, path and query. A
    /// verifier for such a provider needs `public_url` or `exact_url`.
    ///
    /// Where a piece of the URL stands right beside the [`Body`](Self::Body), a stranger could move
    /// the end of the one into the other. So there the body must be a JSON object or array, or on a
    /// GET be empty; any other is refused as
    /// [`BodyMismatch`](crate::RejectionKind::BodyMismatch), after its signature was found right.
    Url,
    /// As [`Url`](Self::Url), but percent escapes of these characters are decoded, once. All others
    /// stay as they are.
    UrlUnescaping(&'static str),
    /// The path of the request.
    Path,
    /// The query of the request, without the question mark; empty if there is none.
    Query,
    /// The body, byte for byte.
    Body,
    /// The body, byte for byte; or, if it is a form that begins with this field, the decoded value of
    /// that, which must be its only one. Whether it is a form is said by its bytes alone.
    ///
    /// One signature is good for both forms of one document. So a member of the JSON counts as
    /// unsigned, and a digest of the content names the event, the same in both.
    BodyOrField(&'static str),
    /// The secret itself, for [`Algorithm::Digest`](super::Algorithm::Digest).
    Secret,
}

impl Part {
    /// Whether two deliveries of different events may differ in this part and not in the body.
    pub(crate) const fn tells_apart(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Timestamp | Self::Body | Self::Secret)
    }

    /// Whether it is the public URL, however written.
    pub(crate) const fn is_url(&self) -> bool {
        matches!(self, Self::Url | Self::UrlUnescaping(_))
    }

    /// Whether it is a piece of the URL, or the whole.
    pub(crate) const fn is_of_url(&self) -> bool {
        self.is_url() || matches!(self, Self::Path | Self::Query)
    }

    /// Whether it holds the query of the request.
    pub(crate) const fn has_query(&self) -> bool {
        self.is_url() || matches!(self, Self::Query)
    }
}

/// Where the signed content comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content {
    Parts(&'static [Part]),
    /// For one sender alone: more than a list of parts can say.
    Read(&'static dyn Reader),
    /// Nothing, for one sender alone: its token stands in more places than a description can name.
    Tokens(&'static dyn TokenCode),
}

impl Content {
    /// Whether these parts hold this very part.
    pub(crate) fn has(&self, wanted: Part) -> bool {
        match self {
            Self::Parts(parts) => parts.contains(&wanted),
            Self::Read(_) | Self::Tokens(_) => false,
        }
    }

    /// Whether the value at this place cannot be changed without breaking the signature. `time` is
    /// the place of the timestamp, if there is one.
    pub(crate) fn signs(&self, place: Place, time: Option<Place>) -> bool {
        let parts = match self {
            Self::Parts(parts) => parts,
            Self::Tokens(_) => return false,
            Self::Read(reader) => return reader.covers(place),
        };
        let named = parts.iter().any(|part| match part {
            Part::Value(signed) => *signed == place,
            Part::Timestamp => time == Some(place),
            _ => false,
        });
        named
            || match place {
                Place::Json(_) | Place::JsonJoined(..) | Place::Form(_) | Place::FormJson(..) => {
                    parts.contains(&Part::Body)
                }
                Place::Query(_) => parts.iter().any(Part::has_query),
                Place::Header(_) | Place::Entry(_) => false,
            }
    }
}
