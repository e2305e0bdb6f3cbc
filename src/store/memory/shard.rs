//! One part of the keys: every operation on them, under one lock.

use std::num::NonZeroU32;
use std::time::Duration;

use super::completed::Completed;
use super::flights::{Flight, Flights};
use super::line::Lifetime;
use super::moment::Moment;
use super::room::Room;
use super::slab::Record;
use super::tag::{Tag, Tagger};
use crate::store::{Claim, Completion, Held, Outcome, StoreError, StoreErrorKind, Token};

/// Expired records that each operation drops in passing: more than it can add, so that a shard in
/// use empties itself, and few enough to cost no caller much.
const IN_PASSING: usize = 4;

/// The records of a shard. A tag is in one of the two parts at most.
#[derive(Default)]
pub(super) struct Shard {
    flights: Flights,
    completed: Completed,
    /// The highest fence given out. A record's own would be gone once it has expired.
    fence: u64,
}

/// What an operation brings along.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) now: Moment,
    /// The least fence to give out now.
    pub(super) fence: u64,
    pub(super) room: &'a Room,
    pub(super) tagger: &'a Tagger,
}

impl Shard {
    /// The answer to a claim, or `None` if it needs room and there is none.
    pub(super) fn claim(
        &mut self,
        tag: Tag,
        claim: &Claim<'_>,
        cx: Context<'_>,
    ) -> Option<Outcome> {
        self.expire(IN_PASSING, cx);
        if let Some((record, done)) = self.completed.get(tag, cx.now) {
            let same_body = record.body == cx.tagger.body(claim.fingerprint);
            return Some(Outcome::Completed { record: done, same_body });
        }
        if let Some(flight) = self.live(tag, cx.now) {
            if flight.lease_until <= cx.now {
                let attempt = flight.attempt.saturating_add(1);
                return Some(self.start(tag, claim, attempt, cx));
            }
            return Some(if flight.owner == *claim.token {
                flight.to_new()
            } else {
                Outcome::InFlight {
                    retry_after: flight.lease_until.since(cx.now),
                    same_body: flight.fingerprint == *claim.fingerprint,
                }
            });
        }
        self.remove(tag, cx.room);
        cx.room.take().then(|| self.start(tag, claim, 1, cx))
    }

    pub(super) fn complete(
        &mut self,
        tag: Tag,
        by: &Token,
        done: &Completion,
        ttl: Duration,
        cx: Context<'_>,
    ) -> Result<Held, StoreError> {
        self.expire(IN_PASSING, cx);
        let Some(flight) = self.live(tag, cx.now) else {
            let by_caller = self
                .completed
                .get(tag, cx.now)
                .is_some_and(|(record, _)| record.owner == cx.tagger.owner(by));
            return Ok(held(by_caller));
        };
        if flight.owner != *by {
            return Ok(Held::Lost);
        }
        let expires_at = cx.now.plus(ttl).second_after();
        let lifetime = Lifetime::new(ttl, flight.evictable_after);
        let record = Record {
            tag,
            owner: cx.tagger.owner(by),
            body: cx.tagger.body(&flight.fingerprint),
            evictable_at: flight.evictable_at,
            expires_at: NonZeroU32::new(expires_at).unwrap_or(NonZeroU32::MIN),
        };
        if !self.completed.put(record, done, lifetime) {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        self.flights.remove(tag);
        Ok(Held::Held)
    }

    pub(super) fn release(&mut self, tag: Tag, by: &Token, cx: Context<'_>) -> Held {
        self.expire(IN_PASSING, cx);
        self.extend(tag, by, Moment::PAST, cx.now)
    }

    pub(super) fn renew(&mut self, tag: Tag, by: &Token, lease: Duration, cx: Context<'_>) -> Held {
        self.expire(IN_PASSING, cx);
        self.extend(tag, by, cx.now.plus(lease), cx.now)
    }

    pub(super) fn forget(&mut self, tag: Tag, cx: Context<'_>) -> bool {
        let known = self.live(tag, cx.now).is_some() || self.completed.get(tag, cx.now).is_some();
        self.remove(tag, cx.room);
        known
    }

    /// Drops up to `max` expired records that are at hand, and says how many.
    pub(super) fn expire(&mut self, max: usize, cx: Context<'_>) -> usize {
        let flights = self.flights.expire(cx.now, max);
        let completed = self.completed.expire(cx.now.second(), max.saturating_sub(flights));
        let dropped = flights.saturating_add(completed);
        cx.room.give_back(dropped);
        dropped
    }

    /// Drops up to `max` expired records wherever they are, and says how many.
    pub(super) fn sweep(&mut self, max: usize, cx: Context<'_>) -> usize {
        let at_hand = self.expire(max, cx);
        let behind = self.completed.expire_behind(cx.now.second(), max.saturating_sub(at_hand));
        cx.room.give_back(behind);
        at_hand.saturating_add(behind)
    }

    /// Drops an expired record, or else the oldest completed one that may be dropped; says whether
    /// there was any.
    pub(super) fn make_room(&mut self, cx: Context<'_>) -> bool {
        if self.expire(1, cx) > 0 {
            return true;
        }
        let now = cx.now.second();
        let evicted = self.completed.evict(now) || self.completed.evict_behind(now);
        cx.room.give_back(usize::from(evicted));
        evicted
    }

    fn live(&self, tag: Tag, now: Moment) -> Option<&Flight> {
        self.flights.get(tag).filter(|flight| flight.expires_at > now)
    }

    fn start(&mut self, tag: Tag, claim: &Claim<'_>, attempt: u32, cx: Context<'_>) -> Outcome {
        self.fence = self.fence.saturating_add(1).max(cx.fence);
        let flight = Flight::new(claim, self.fence, attempt, cx.now);
        let outcome = flight.to_new();
        self.flights.put(tag, flight);
        outcome
    }

    fn extend(&mut self, tag: Tag, by: &Token, lease_until: Moment, now: Moment) -> Held {
        let by_caller = self.live(tag, now).is_some_and(|flight| flight.owner == *by);
        if by_caller {
            self.flights.extend(tag, lease_until);
        }
        held(by_caller)
    }

    fn remove(&mut self, tag: Tag, room: &Room) {
        if self.flights.remove(tag) || self.completed.remove(tag) {
            room.give_back(1);
        }
    }
}

const fn held(by_caller: bool) -> Held {
    if by_caller { Held::Held } else { Held::Lost }
}
