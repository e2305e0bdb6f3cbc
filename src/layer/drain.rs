//! How many runs there may be, and how to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::rejection::RejectionKind;

/// The runs of one layer.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    permits: Arc<Semaphore>,
    draining: Arc<AtomicBool>,
    max: usize,
}

/// The right to one run. It lasts until the run has settled.
#[derive(Debug)]
pub(super) struct RunPermit(#[allow(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl Runs {
    pub(super) fn new(max: usize) -> Self {
        let max = max.min(Semaphore::MAX_PERMITS);
        Self {
            permits: Arc::new(Semaphore::new(max)),
            draining: Arc::new(AtomicBool::new(false)),
            max,
        }
    }

    pub(super) fn start(&self) -> Result<RunPermit, RejectionKind> {
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        // Asked after the permit was taken: what passes here is waited for.
        if self.draining.load(Ordering::SeqCst) {
            return Err(RejectionKind::ShuttingDown);
        }
        permit.map(RunPermit).map_err(|_| RejectionKind::Overloaded)
    }

    pub(super) fn drain_handle(&self) -> DrainHandle {
        DrainHandle { runs: self.clone() }
    }
}

/// Stops a layer: for a graceful shutdown. Made by
/// [`WebhookLayer::drain_handle`](super::WebhookLayer::drain_handle).
///
/// # Clone
///
/// Cheap; clones stop the same layer.
#[derive(Debug, Clone)]
pub struct DrainHandle {
    runs: Runs,
}

/// What [`DrainHandle::drain`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drained {
    /// Every run has settled.
    All,
    /// So many runs were still going on when the limit passed. If the process ends now, their
    /// events are delivered again when their leases end.
    Remaining(usize),
}

impl DrainHandle {
    /// Takes no more events, answering 503, and waits for those being handled, no longer than
    /// `limit`. Setup requests are still answered.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting; the layer goes on refusing.
    pub async fn drain(&self, limit: Duration) -> Drained {
        self.runs.draining.store(true, Ordering::SeqCst);
        let all = u32::try_from(self.runs.max).unwrap_or(u32::MAX);
        match tokio::time::timeout(limit, self.runs.permits.acquire_many(all)).await {
            Ok(_) => Drained::All,
            Err(_) => {
                let free = self.runs.permits.available_permits();
                Drained::Remaining(self.runs.max.saturating_sub(free))
            }
        }
    }
}
