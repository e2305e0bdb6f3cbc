//! The bound on what strangers can make the layer hold in memory.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes of bodies are being read, over all requests of one layer.
#[derive(Debug)]
pub(super) struct BufferedBytes {
    used: AtomicUsize,
    max: usize,
}

/// The share of one request. Given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share<'a> {
    of: &'a BufferedBytes,
    bytes: usize,
}

impl BufferedBytes {
    pub(super) const fn new(max: usize) -> Self {
        Self { used: AtomicUsize::new(0), max }
    }

    /// As many bytes, counted on their own.
    #[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
    pub(super) const fn another(&self) -> Self {
        Self::new(self.max)
    }

    pub(super) const fn share(&self) -> Share<'_> {
        Share { of: self, bytes: 0 }
    }
}

impl Share<'_> {
    /// Takes more; `false` if that is more than all requests together may have.
    #[must_use]
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let grown = self.of.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|total| *total <= self.of.max)
        });
        if grown.is_ok() {
            self.bytes = self.bytes.saturating_add(bytes);
        }
        grown.is_ok()
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.of.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_the_bound_and_are_given_back() {
        let buffered = BufferedBytes::new(10);
        let (mut first, mut second) = (buffered.share(), buffered.share());
        assert!(first.grow(6) && second.grow(4));
        assert!(!second.grow(1));
        drop(first);
        assert!(second.grow(6) && !second.grow(usize::MAX));
        drop(second);
        assert_eq!(buffered.used.load(Ordering::Relaxed), 0);
    }
}
