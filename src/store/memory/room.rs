//! The bound on how many records there are.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::trace;

/// Counts the records of all shards against the most there may be.
///
/// The count alone is shared, nothing is published through it: `Relaxed` is enough.
#[derive(Debug)]
pub(super) struct Room {
    used: AtomicUsize,
    max: usize,
    /// From how many records on the operator should know.
    nearly_full: usize,
    warned: AtomicBool,
}

impl Room {
    pub(super) const fn new(max: usize) -> Self {
        // Four fifths, rounded up; of what nobody can fill, never.
        let nearly_full = max.saturating_sub(max / 5);
        Self { used: AtomicUsize::new(0), max, nearly_full, warned: AtomicBool::new(false) }
    }

    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) const fn max(&self) -> usize {
        self.max
    }

    /// Takes room for one record, if there is any.
    pub(super) fn take(&self) -> bool {
        let more = |used: usize| used.checked_add(1).filter(|&used| used <= self.max);
        let before = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        if before.is_ok_and(|used| used >= self.nearly_full) {
            self.warn();
        }
        before.is_ok()
    }

    /// Once for each store: what fills it is not one event.
    fn warn(&self) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            trace::warn!(
                target: "tower_webhooks",
                max_entries = self.max,
                "the memory store is four fifths full: full, it refuses what it may not forget"
            );
        }
    }

    pub(super) fn give_back(&self, records: usize) {
        if records > 0 {
            let fewer = |used: usize| Some(used.saturating_sub(records));
            let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
        }
    }
}
