//! How the parts of one inbox in one process call each other.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Shared by receiver, workers and operator.
#[derive(Debug, Default)]
pub(super) struct Signals {
    woken: Notify,
    stopping: AtomicBool,
    running: AtomicUsize,
}

impl Signals {
    /// There may be something to do. It is remembered until the workers look.
    pub(super) fn wake(&self) {
        self.woken.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Nothing more is to be taken.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.wake();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    pub(super) fn set_running(&self, runs: usize) {
        self.running.store(runs, Ordering::SeqCst);
    }

    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }
}
