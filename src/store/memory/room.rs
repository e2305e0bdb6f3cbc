//! The bound on how many records there are.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the records of all shards against the most there may be.
///
/// The count alone is shared, nothing is published through it: `Relaxed` is enough.
#[derive(Debug)]
pub(super) struct Room {
    used: AtomicUsize,
    max: usize,
}

impl Room {
    pub(super) const fn new(max: usize) -> Self {
        Self { used: AtomicUsize::new(0), max }
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
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    pub(super) fn give_back(&self, records: usize) {
        if records > 0 {
            let fewer = |used: usize| Some(used.saturating_sub(records));
            let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
        }
    }
}
