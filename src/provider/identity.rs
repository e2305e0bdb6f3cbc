//! What names an event of a sender: the choice between running a captured request again, and taking
//! a real event for a repetition.

use std::time::Duration;

use super::{Content, Place, Provider};

/// For how long a delivery that only says "look again" is remembered once it was handled.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What an event's replay key is made of, beside endpoint, provider and principal.
///
/// Two harms are weighed: an event that runs again because somebody captured a request, and a real
/// event that is taken for a repetition, acknowledged and lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Identity {
    /// An id that the signature covers.
    SignedId,
    /// The signed content without its time: the sender never signs the same for two events. Where
    /// nothing is signed, the body.
    Digest,
    /// The signed content and the id of the delivery, which is **not** signed: the sender does sign
    /// the same for different events. Whoever captured a request can have it run again under another
    /// delivery id, within the tolerance where a time is signed;
    /// [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the signed content alone.
    DigestWithDelivery,
    /// The signed content, remembered for a minute or less after it was handled: the delivery has
    /// neither id nor time and says "look again", or asks what it asked before, so that losing one
    /// is worse than looking twice.
    ShortDigest,
}

impl Identity {
    /// The name, as in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedId => "signed id",
            Self::Digest => "digest",
            Self::DigestWithDelivery => "digest with delivery id",
            Self::ShortDigest => "short digest",
        }
    }
}

/// How a sender tells its events apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identification {
    pub(crate) delivery: &'static [Place],
    pub(crate) looks_again: LooksAgain,
    pub(crate) time_is_the_events: bool,
    source: Option<&'static str>,
}

/// Which deliveries only say "look again".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LooksAgain {
    Never,
    Always,
    /// Those whose list at this JSON pointer is empty.
    WhenEmpty(&'static str),
}

impl Identification {
    pub(super) const fn new() -> Self {
        Self {
            delivery: &[],
            looks_again: LooksAgain::Never,
            time_is_the_events: false,
            source: None,
        }
    }
}

impl Provider {
    /// The sender signs the same for different events, and tells them apart by an id that it does
    /// **not** sign and that stays the same over the retries of one delivery: the first of these
    /// places, each in the head, that has a value. It is the [`event_id`](Self::event_id) too where
    /// none is named.
    ///
    /// The replay key is then [`Identity::DigestWithDelivery`]. An event with a signed id, and one
    /// whose signature covers less than the body, has the key that it would have without.
    #[must_use]
    pub const fn delivery_id(mut self, places: &'static [Place]) -> Self {
        self.identification.delivery = places;
        if self.event_id.is_empty() {
            self.event_id = places;
        }
        self
    }

    /// Deliveries say that something changed, and neither what nor when: a signed id aside, they are
    /// [`Identity::ShortDigest`], remembered for a minute, or as [`retention`](Self::retention) says if
    /// that is less.
    #[must_use]
    pub const fn looks_again(mut self) -> Self {
        self.identification.looks_again = LooksAgain::Always;
        self
    }

    /// As [`looks_again`](Self::looks_again), for those deliveries only whose JSON has an empty list
    /// at this pointer, such as heartbeats.
    #[must_use]
    pub const fn looks_again_when_empty(mut self, pointer: &'static str) -> Self {
        self.identification.looks_again = LooksAgain::WhenEmpty(pointer);
        self
    }

    /// The sender makes the signed time once for an event, and not for each try: it is part of what
    /// names the event.
    #[must_use]
    pub const fn times_events(mut self) -> Self {
        self.identification.time_is_the_events = true;
        self
    }

    /// Where it is documented, or seen in real deliveries, that events are told apart as this
    /// description says.
    #[must_use]
    pub const fn identity_source(mut self, source: &'static str) -> Self {
        self.identification.source = Some(source);
        self
    }

    /// What usually names an event of this sender. A single event may differ, and says so:
    /// [`Event::identity`](crate::Event::identity).
    #[must_use]
    pub fn identity(&self) -> Identity {
        let signs_an_id = self.event_id.iter().any(|place| self.covers(*place));
        match self.identification.looks_again {
            _ if signs_an_id && !self.is_read_by_code() => Identity::SignedId,
            _ if !self.identification.delivery.is_empty() => Identity::DigestWithDelivery,
            LooksAgain::Always => Identity::ShortDigest,
            LooksAgain::WhenEmpty(_) | LooksAgain::Never => Identity::Digest,
        }
    }

    /// For how long a delivery that only says "look again" is remembered.
    #[cfg(feature = "tokio")]
    pub(crate) fn short_retention(&self) -> Duration {
        self.retention.map_or(LOOK_AGAIN, |retention| retention.min(LOOK_AGAIN))
    }

    /// Whether code finds what names an event, which is more than an id.
    pub(crate) const fn is_read_by_code(&self) -> bool {
        matches!(self.content, Content::Read(_))
    }

    /// What [`identity_source`](Self::identity_source) said; `None` where it is unconfirmed.
    #[must_use]
    pub const fn confirmed_identity(&self) -> Option<&'static str> {
        self.identification.source
    }
}
