//! How a [`MemoryStore`] is set up.

use std::sync::Arc;

use super::MemoryStore;
use crate::clock::{Clock, SystemClock};

const DEFAULT_MAX_ENTRIES: usize = 10_000_000;

/// A store cannot be told to hold more than this.
const MOST_ENTRIES: usize = 1 << 30;

/// Sets up a [`MemoryStore`]. See [`MemoryStore::builder`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct MemoryStoreBuilder {
    max_entries: usize,
    clock: Arc<dyn Clock>,
}

impl MemoryStoreBuilder {
    pub(super) fn new() -> Self {
        Self { max_entries: DEFAULT_MAX_ENTRIES, clock: Arc::new(SystemClock) }
    }

    /// The most records the store holds, in flight and completed together. Default: 10,000,000,
    /// which takes about 480 MB when all of it is used; memory grows only as it is used.
    ///
    /// From 1 to 2^30; a number outside is taken as the nearest of these.
    pub const fn max_entries(mut self, most: usize) -> Self {
        self.max_entries = match most {
            0 => 1,
            1..=MOST_ENTRIES => most,
            _ => MOST_ENTRIES,
        };
        self
    }

    /// Where the store gets the time from. Default: [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The store.
    #[must_use]
    pub fn build(self) -> MemoryStore {
        MemoryStore::with(self.max_entries, self.clock)
    }
}
