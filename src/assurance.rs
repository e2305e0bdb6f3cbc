//! What a signature can prove.

/// What the signature was found to prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Assurance {
    /// The sender signed every byte of the body.
    WholeBody,
    /// The sender signed some of what the body says, or says it in a way that allows another
    /// reading: the rest could come from anyone. The provider's docs say what is covered.
    PartOfBody,
    /// The sender showed that it knows a secret, and signed nothing.
    SenderOnly,
}

#[cfg_attr(
    not(any(feature = "store-sqlite", feature = "store-postgres")),
    allow(dead_code, reason = "an inbox keeps it, in a database")
)]
impl Assurance {
    /// How a table names it.
    pub(crate) const fn to_stored(self) -> &'static str {
        match self {
            Self::WholeBody => "whole body",
            Self::PartOfBody => "part of body",
            Self::SenderOnly => "sender only",
        }
    }

    pub(crate) fn from_stored(name: &str) -> Option<Self> {
        let all = [Self::WholeBody, Self::PartOfBody, Self::SenderOnly];
        all.into_iter().find(|assurance| assurance.to_stored() == name)
    }
}
