//! How many runs there may be, and how to stop.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::rejection::RejectionKind;

/// The runs of one layer.
#[derive(Debug, Clone)]
pub(super) struct Runs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max: usize,
    running: AtomicUsize,
    is_draining: AtomicBool,
    /// Told of each run that ends while the layer is draining.
    ended: Notify,
}

/// The right to one run. It lasts until the run has settled.
#[derive(Debug)]
pub(super) struct RunPermit(Arc<Inner>);

impl Runs {
    pub(super) fn new(max: usize) -> Self {
        Self(Arc::new(Inner {
            max,
            running: AtomicUsize::new(0),
            is_draining: AtomicBool::new(false),
            ended: Notify::new(),
        }))
    }

    pub(super) fn start(&self) -> Result<RunPermit, RejectionKind> {
        let inner = &self.0;
        let one_more = |running| if running < inner.max { Some(running + 1) } else { None };
        let started = inner.running.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more);
        let permit = started.map(|_| RunPermit(Arc::clone(inner)));
        // Asked after the run was counted: what passes here is waited for.
        if inner.is_draining.load(Ordering::SeqCst) {
            return Err(RejectionKind::ShuttingDown);
        }
        permit.map_err(|_| RejectionKind::Overloaded)
    }

    pub(super) fn drain_handle(&self) -> DrainHandle {
        DrainHandle { runs: self.clone() }
    }
}

impl Drop for RunPermit {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        if self.0.is_draining.load(Ordering::SeqCst) {
            self.0.ended.notify_waiters();
        }
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
        let Runs(inner) = &self.runs;
        inner.is_draining.store(true, Ordering::SeqCst);
        let all_ended = async {
            loop {
                let mut ended = pin!(inner.ended.notified());
                // Listens before it counts, so that no end is missed in between.
                ended.as_mut().enable();
                if inner.running.load(Ordering::SeqCst) == 0 {
                    return;
                }
                ended.await;
            }
        };
        match tokio::time::timeout(limit, all_ended).await {
            Ok(()) => Drained::All,
            Err(_) => Drained::Remaining(inner.running.load(Ordering::SeqCst)),
        }
    }
}

/// Drains several layers at once, as a service with several endpoints stops: all refuse from now
/// on, and share the limit.
///
/// ```
/// # use std::time::Duration;
/// # use tower_webhooks::{WebhookLayer, providers::{GITHUB, STRIPE}};
/// use tower_webhooks::layer::{Drained, drain_all};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tower_webhooks::ConfigError> {
/// let billing = WebhookLayer::new("billing", STRIPE.verifier("whsec_a_secret").build()?);
/// let pushes = WebhookLayer::new("pushes", GITHUB.verifier("a long secret").build()?);
/// let handles = [billing.drain_handle(), pushes.drain_handle()];
///
/// assert_eq!(drain_all(&handles, Duration::from_secs(10)).await, Drained::All);
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
///
/// As [`DrainHandle::drain`].
pub async fn drain_all<'a>(
    handles: impl IntoIterator<Item = &'a DrainHandle>,
    limit: Duration,
) -> Drained {
    let handles: Vec<&DrainHandle> = handles.into_iter().collect();
    for handle in &handles {
        handle.runs.0.is_draining.store(true, Ordering::SeqCst);
    }
    let end = tokio::time::Instant::now().checked_add(limit);
    let mut left = 0_usize;
    // One after the other, as all wait for the same end.
    for handle in handles {
        let now = tokio::time::Instant::now();
        let rest = end.map_or(limit, |end| end.saturating_duration_since(now));
        if let Drained::Remaining(runs) = handle.drain(rest).await {
            left = left.saturating_add(runs);
        }
    }
    if left == 0 { Drained::All } else { Drained::Remaining(left) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn several_layers_are_drained_within_one_limit() {
        let (one, two) = (Runs::new(8), Runs::new(8));
        let permits = [one.start().unwrap(), two.start().unwrap(), two.start().unwrap()];
        let handles = [one.drain_handle(), two.drain_handle()];
        let limit = Duration::from_secs(10);
        let started = tokio::time::Instant::now();
        assert_eq!(drain_all(&handles, limit).await, Drained::Remaining(3));
        assert_eq!(started.elapsed(), limit);
        assert_eq!(two.start().unwrap_err(), RejectionKind::ShuttingDown);
        drop(permits);
        assert_eq!(drain_all(&handles, Duration::ZERO).await, Drained::All);
    }

    #[tokio::test(start_paused = true)]
    async fn a_drain_waits_for_what_runs_whatever_the_limit_of_runs_is() {
        for max in [1, 1024, usize::MAX >> 3, usize::MAX] {
            let runs = Runs::new(max);
            let permit = runs.start().unwrap();
            let drain = runs.drain_handle();
            let limit = Duration::from_secs(1);
            assert_eq!(drain.drain(limit).await, Drained::Remaining(1), "max_runs({max})");
            let waiting = tokio::spawn(async move { drain.drain(limit).await });
            tokio::task::yield_now().await;
            drop(permit);
            assert_eq!(waiting.await.unwrap(), Drained::All, "max_runs({max})");
        }
    }

    #[test]
    fn no_more_runs_than_allowed_and_each_that_ends_makes_room() {
        let runs = Runs::new(2);
        let permits = [runs.start(), runs.start()];
        assert!(permits.iter().all(Result::is_ok));
        assert_eq!(runs.start().unwrap_err(), RejectionKind::Overloaded);
        drop(permits);
        assert!(runs.start().is_ok());
    }
}
