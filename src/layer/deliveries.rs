//! The bound on how often one signed content is run under different unsigned delivery ids.
//!
//! Whoever captured one request can make any number of ids. What a sender is known to send for
//! different events is far below the bound, and a refused delivery is tried again.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::event::Event;
use crate::provider::Identity;
use crate::store::Key;

/// How many delivery ids over one signed content may follow each other in one [`WINDOW`].
const MAX: u32 = 100;
const WINDOW: Duration = Duration::from_secs(60);
/// Several contents share a counter, which belongs to the one that comes more often than all others
/// together.
const COUNTERS: usize = 1024;

/// The counters of one layer, made when the first event needs one.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    counters: OnceLock<Mutex<Box<[Option<Counter>]>>>,
    /// So that nobody can choose contents that share a counter.
    hashes: RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Counter {
    content: Key,
    last: Key,
    since: Instant,
    ids: u32,
}

impl Deliveries {
    /// Counts the delivery id of an event that has one beside its signed content.
    ///
    /// # Errors
    ///
    /// How long to wait, if there were too many.
    pub(super) fn admit(&self, event: &Event) -> Result<(), Duration> {
        if event.identity() != Identity::DigestWithDelivery {
            return Ok(());
        }
        self.count(event.content_key(), event.replay_key(), Instant::now())
    }

    fn count(&self, content: Key, delivery: Key, now: Instant) -> Result<(), Duration> {
        let at = self.hashes.hash_one(content) % COUNTERS as u64;
        let counters = self.counters.get_or_init(|| Mutex::new(vec![None; COUNTERS].into()));
        let mut counters = counters.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(counter) = usize::try_from(at).ok().and_then(|at| counters.get_mut(at)) else {
            return Ok(());
        };
        let fresh = Counter { content, last: delivery, since: now, ids: 1 };
        let Some(known) = counter else {
            *counter = Some(fresh);
            return Ok(());
        };
        let age = now.saturating_duration_since(known.since);
        if age >= WINDOW {
            *known = fresh;
        } else if known.content != content {
            known.ids = known.ids.saturating_sub(1);
            if known.ids == 0 {
                *known = fresh;
            }
        } else if known.last != delivery {
            if known.ids >= MAX {
                return Err(WINDOW.saturating_sub(age));
            }
            known.last = delivery;
            known.ids = known.ids.saturating_add(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Key {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Key::from_bytes(bytes)
    }

    #[test]
    fn one_content_runs_under_so_many_ids_in_a_window_and_then_waits() {
        let (deliveries, start) = (Deliveries::default(), Instant::now());
        for id in 0..MAX {
            assert_eq!(deliveries.count(key(0), key(id), start), Ok(()));
        }
        let later = start + WINDOW / 2;
        assert_eq!(deliveries.count(key(0), key(MAX), later), Err(WINDOW / 2));
        // What was counted may come again, and the next window begins anew.
        assert_eq!(deliveries.count(key(0), key(MAX - 1), later), Ok(()));
        assert_eq!(deliveries.count(key(0), key(MAX), start + WINDOW), Ok(()));
    }

    #[test]
    fn one_delivery_is_counted_once_however_often_it_is_sent() {
        let (deliveries, now) = (Deliveries::default(), Instant::now());
        for _ in 0..10 * MAX {
            assert_eq!(deliveries.count(key(0), key(1), now), Ok(()));
        }
    }

    #[test]
    fn many_contents_do_not_bound_each_other() {
        let (deliveries, now) = (Deliveries::default(), Instant::now());
        for content in 0..200_000 {
            assert_eq!(deliveries.count(key(content), key(content), now), Ok(()));
        }
    }

    #[test]
    fn contents_that_share_a_counter_leave_the_bound_to_the_one_that_floods() {
        let (deliveries, now) = (Deliveries::default(), Instant::now());
        let mut refused = 0;
        for id in 0..100_000 {
            refused += usize::from(deliveries.count(key(0), key(id), now).is_err());
            // A tenth of the others meet some counter.
            assert_eq!(deliveries.count(key(1 + id), key(id), now), Ok(()));
        }
        assert!(refused > 90_000, "{refused}");
    }
}
