//! How many claims may be on their way after their requests were answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many late calls are waited for at once. Each may hold a connection of the store's, and those
/// are few: a pool that waits for the late ones has none for the others.
const MOST: usize = 4;

/// The claims of one layer whose answers are late.
#[derive(Debug, Clone, Default)]
pub(super) struct LateClaims(Arc<AtomicUsize>);

/// The right to wait for one.
#[derive(Debug)]
pub(super) struct Late(Arc<AtomicUsize>);

impl LateClaims {
    /// `None` if enough of them are waited for.
    pub(super) fn wait_for_one(&self) -> Option<Late> {
        let one_more = |waited_for| if waited_for < MOST { Some(waited_for + 1) } else { None };
        let counted = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        counted.is_ok().then(|| Late(Arc::clone(&self.0)))
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_waited_for_and_no_more() {
        let late = LateClaims::default();
        let waited_for: Vec<_> = (0..MOST).map(|_| late.wait_for_one().unwrap()).collect();
        assert!(late.wait_for_one().is_none());
        drop(waited_for);
        assert!(late.wait_for_one().is_some());
    }
}
