//! How a setup request is answered.

use super::{Challenge, Piece};
use crate::provider::Place;

/// How many headers one answer may have.
const MAX_HEADERS: usize = 2;

/// The answer to a setup request, as a description has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: [Option<HeaderEcho>; MAX_HEADERS],
    pub(crate) body: ReplyBody,
}

/// A header that gives a value of the request back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderEcho {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    /// Whether a request without the value is no whole one.
    pub(crate) is_required: bool,
}

/// The body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplyBody {
    Empty,
    /// The value at the place, as plain text.
    Echo(Place),
    /// This JSON.
    Json(&'static str),
    /// A JSON object with the value at the place under this name.
    JsonEcho(&'static str, Place),
    /// Pieces around the HMAC of a token.
    Signed {
        token: Challenge,
        pieces: &'static [Piece],
        json: bool,
    },
}

impl Reply {
    pub(super) const EMPTY: Self =
        Self { status: 200, headers: [None; MAX_HEADERS], body: ReplyBody::Empty };

    pub(super) const fn header(mut self, echo: HeaderEcho) -> Self {
        let mut index = 0;
        while index < MAX_HEADERS {
            if self.headers[index].is_none() {
                self.headers[index] = Some(echo);
                return self;
            }
            index += 1;
        }
        panic!("an answer has at most two headers that give something back");
    }

    /// The places whose values it gives back.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let echoed = match self.body {
            ReplyBody::Echo(place) | ReplyBody::JsonEcho(_, place) => Some(place),
            ReplyBody::Signed { token, .. } => Some(token.place),
            ReplyBody::Empty | ReplyBody::Json(_) => None,
        };
        self.headers.into_iter().flatten().map(|echo| echo.place).chain(echoed)
    }
}
