//! Claims that nobody completed yet: in flight, released, or abandoned.

use std::collections::{BTreeMap, BTreeSet};

use super::moment::{Moment, NEVER, Second};
use super::tag::Tag;
use crate::store::{Claim, Fence, Fingerprint, Outcome, Token};

/// A claim in full.
pub(super) struct Flight {
    pub(super) owner: Token,
    pub(super) fence: u64,
    pub(super) attempt: u32,
    pub(super) lease_until: Moment,
    pub(super) expires_at: Moment,
    pub(super) fingerprint: Fingerprint,
    pub(super) evictable_at: Second,
    /// The claim's wish in whole seconds, by which completed records are put in line.
    pub(super) evictable_after: Option<Second>,
}

impl Flight {
    pub(super) fn new(claim: &Claim<'_>, fence: u64, attempt: u32, now: Moment) -> Self {
        let lease_until = now.plus(claim.lease);
        let evictable_at =
            claim.evictable_after.map_or(NEVER, |after| now.plus(after).second_after());
        Self {
            owner: *claim.token,
            fence,
            attempt,
            lease_until,
            expires_at: now.plus(claim.ttl).max(lease_until),
            fingerprint: *claim.fingerprint,
            evictable_at,
            evictable_after: claim
                .evictable_after
                .map(|after| Moment::PAST.plus(after).second_after()),
        }
    }

    pub(super) const fn to_new(&self) -> Outcome {
        Outcome::New { fence: Fence::new(self.fence), attempt: self.attempt }
    }
}

/// Each flight is in a box, which keeps the trees small.
///
/// Two trees instead of a hash map: no claim ever waits for a table to be made anew, however many
/// failed events pile up, and the next to expire is always at hand.
#[derive(Default)]
pub(super) struct Flights {
    by_tag: BTreeMap<Tag, Box<Flight>>,
    by_expiry: BTreeSet<(Moment, Tag)>,
    /// The box of the last one that ended, for the next: mostly one ends before another begins.
    spare: Option<Box<Flight>>,
}

impl Flights {
    pub(super) fn get(&self, tag: Tag) -> Option<&Flight> {
        self.by_tag.get(&tag).map(|flight| &**flight)
    }

    /// Puts a flight in, in the place of an earlier one of the same tag.
    pub(super) fn put(&mut self, tag: Tag, flight: Flight) {
        let expires_at = flight.expires_at;
        let boxed = match self.spare.take() {
            Some(mut spare) => {
                *spare = flight;
                spare
            }
            None => Box::new(flight),
        };
        if let Some(before) = self.by_tag.insert(tag, boxed) {
            self.by_expiry.remove(&(before.expires_at, tag));
            self.spare = Some(before);
        }
        self.by_expiry.insert((expires_at, tag));
    }

    /// Moves the ends of a flight.
    pub(super) fn extend(&mut self, tag: Tag, lease_until: Moment) {
        let Some(flight) = self.by_tag.get_mut(&tag) else { return };
        flight.lease_until = lease_until;
        if flight.expires_at < lease_until {
            self.by_expiry.remove(&(flight.expires_at, tag));
            flight.expires_at = lease_until;
            self.by_expiry.insert((lease_until, tag));
        }
    }

    pub(super) fn remove(&mut self, tag: Tag) -> bool {
        let Some(flight) = self.by_tag.remove(&tag) else { return false };
        self.by_expiry.remove(&(flight.expires_at, tag));
        self.spare = Some(flight);
        true
    }

    /// Drops up to `max` expired ones and says how many.
    pub(super) fn expire(&mut self, now: Moment, max: usize) -> usize {
        let mut dropped = 0_usize;
        while dropped < max {
            let Some(&(expires_at, tag)) = self.by_expiry.first() else { break };
            if expires_at > now {
                break;
            }
            self.by_expiry.pop_first();
            self.by_tag.remove(&tag);
            dropped = dropped.saturating_add(1);
        }
        dropped
    }
}
