//! What a setup request looks like.

use crate::provider::Place;

/// What a setup request looks like at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mark {
    /// The place holds exactly this text.
    Equals(Place, &'static str),
    /// The place holds a list, separated by commas, and this text is one of its elements.
    Lists(Place, &'static str),
    /// Both places hold the same text.
    Same(Place, Place),
    /// There is something at the place.
    Present(Place),
    /// There is nothing at the place.
    Absent(Place),
    /// The place holds a decimal number of 1 to 20 digits.
    Number(Place),
    /// The body is a form with this field, once, and no other.
    OnlyField(&'static str),
    /// The body is a JSON object with this member, once, and no other.
    OnlyMember(&'static str),
    /// The body is empty.
    EmptyBody,
}

impl Mark {
    /// The places it looks at.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let (first, second) = match *self {
            Self::Equals(place, _)
            | Self::Lists(place, _)
            | Self::Present(place)
            | Self::Absent(place)
            | Self::Number(place) => (Some(place), None),
            Self::Same(place, other) => (Some(place), Some(other)),
            Self::OnlyField(name) => (Some(Place::Form(name)), None),
            Self::OnlyMember(_) | Self::EmptyBody => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// Whether the head alone decides it.
    pub(crate) fn is_of_head(&self) -> bool {
        !matches!(self, Self::OnlyMember(_) | Self::EmptyBody)
            && self.places().all(Place::is_in_head)
    }
}
