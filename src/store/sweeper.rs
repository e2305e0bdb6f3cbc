//! Drops expired records without anyone calling for it.
//!
//! A database keeps expired records until somebody deletes them; a store that waits for the
//! application to do so fills the disk of everyone who did not read that far. Sweeping in passing,
//! as the memory store does, would make claims wait for other events' records. So a store of
//! records in a database has one task that lasts, beside the runs of the layer: the only one in this
//! crate.
//!
//! It starts with the store's first operation, where there surely is a runtime, holds nothing of
//! the store while it waits, and ends with it. If its runtime ends before the store does, the next
//! operation starts it again.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::{StoreError, StoreErrorKind};
use crate::trace;

pub(crate) const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);

/// Records of one statement: few enough that a claim behind it waits for milliseconds.
const BATCH: u32 = 1_000;

/// Batches of one round. With more to do, the next round comes sooner.
const BATCHES: u32 = 100;

/// Between two batches, so that claims get their turn: also those of other processes, for which
/// SQLite's lock has no line to stand in.
const PAUSE: Duration = Duration::from_millis(10);

/// A batch that takes longer waits for a server that is gone without a word, and holds a connection.
const LONGEST: Duration = Duration::from_secs(10);

const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

/// What can be swept: the inner state of a store.
pub(crate) trait Sweep: Send + Sync + 'static {
    /// For the log.
    const STORE: &'static str;

    /// Drops up to `max` expired records and says how many.
    fn sweep(&self, max: u32) -> impl Future<Output = Result<u32, StoreError>> + Send;
}

/// The part of a store that looks after its sweeping. The task ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Sweeper {
    interval: Duration,
    running: Arc<AtomicBool>,
    /// Nothing is ever sent: the task waits for its end.
    alive: watch::Sender<()>,
}

/// The mark that a task is running, for as long as the task lives, whoever ends it.
struct Running(Arc<AtomicBool>);

/// How a round ended.
#[derive(Debug, PartialEq, Eq)]
enum Round {
    /// There is nothing left to drop, or it cannot be dropped now.
    Done,
    /// There may be more.
    Bounded,
    /// The store is gone.
    Orphaned,
}

impl Sweeper {
    /// Sweeps about every `interval`; [`Duration::MAX`] is never.
    pub(crate) fn new(interval: Duration) -> Self {
        let (alive, _) = watch::channel(());
        let interval = interval.max(SHORTEST_INTERVAL);
        Self { interval, running: Arc::default(), alive }
    }

    /// Sees to it that the task runs. Every operation of the store calls this first.
    pub(crate) fn ensure_running<S: Sweep>(&self, store: &Arc<S>) {
        if self.running.load(Ordering::Relaxed) || self.interval == Duration::MAX {
            return;
        }
        // Without a runtime, the driver is about to say so.
        let Ok(runtime) = Handle::try_current() else { return };
        if !self.running.swap(true, Ordering::AcqRel) {
            let running = Running(Arc::clone(&self.running));
            let (store, alive) = (Arc::downgrade(store), self.alive.subscribe());
            runtime.spawn(run(store, alive, self.interval, running));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

async fn run<S: Sweep>(
    store: Weak<S>,
    mut alive: watch::Receiver<()>,
    interval: Duration,
    running: Running,
) {
    // Replicas that start together do not sweep in step, and one that is restarted every minute
    // sweeps all the same.
    let part = |of: u32| interval.checked_div(of).unwrap_or(interval);
    let mut wait = between(Duration::ZERO, part(2));
    while tokio::time::timeout(wait, alive.changed()).await.is_err() {
        wait = match round(&store).await {
            Round::Done => {
                between(interval.saturating_sub(part(4)), interval.saturating_add(part(4)))
            }
            Round::Bounded => between(part(16), part(8)),
            Round::Orphaned => break,
        };
    }
    drop(running);
}

async fn round<S: Sweep>(store: &Weak<S>) -> Round {
    for _ in 0..BATCHES {
        // Held for one batch only, so that a store is closed when its owner drops it.
        let Some(store) = store.upgrade() else { return Round::Orphaned };
        let swept = tokio::time::timeout(LONGEST, store.sweep(BATCH)).await;
        match swept.unwrap_or_else(|_| Err(StoreErrorKind::Timeout.into())) {
            Ok(BATCH..) => {}
            Ok(_) => return Round::Done,
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                trace::warn!(
                    target: "tower_webhooks",
                    store = S::STORE,
                    error = %error,
                    cause = cause,
                    "expired records could not be dropped; the next round tries again"
                );
                return Round::Done;
            }
        }
        drop(store);
        tokio::time::sleep(PAUSE).await;
    }
    Round::Bounded
}

/// A random time from `least` to `most`.
fn between(least: Duration, most: Duration) -> Duration {
    let mut random = [0; 4];
    // Without random bytes the middle is as good: this only spreads the load.
    let part = match getrandom::fill(&mut random) {
        Ok(()) => f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    };
    let span = most.saturating_sub(least).as_secs_f64() * part;
    least.saturating_add(Duration::try_from_secs_f64(span).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A store that has some expired records, and counts the calls.
    struct Store {
        expired: AtomicU32,
        calls: AtomicU32,
        is_down: AtomicBool,
        is_silent: AtomicBool,
        sweeper: Sweeper,
    }

    impl Store {
        fn with_expired(expired: u32) -> Arc<Self> {
            let (calls, is_down) = (AtomicU32::new(0), AtomicBool::new(false));
            let sweeper = Sweeper::new(MINUTE);
            let is_silent = AtomicBool::new(false);
            Arc::new(Self { expired: expired.into(), calls, is_down, is_silent, sweeper })
        }

        fn left(&self) -> u32 {
            self.expired.load(Ordering::Relaxed)
        }

        fn calls(&self) -> u32 {
            self.calls.load(Ordering::Relaxed)
        }
    }

    impl Sweep for Store {
        const STORE: &'static str = "test";

        async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
            self.calls.fetch_add(1, Ordering::Relaxed);
            if self.is_silent.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.is_down.load(Ordering::Relaxed) {
                return Err(StoreErrorKind::Unavailable.into());
            }
            let swept = self.left().min(max);
            self.expired.fetch_sub(swept, Ordering::Relaxed);
            Ok(swept)
        }
    }

    /// A runtime whose time passes at once.
    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
    }

    fn tasks() -> usize {
        Handle::current().metrics().num_alive_tasks()
    }

    #[tokio::test(start_paused = true)]
    async fn sweeps_soon_and_then_again_and_again() {
        let store = Store::with_expired(2_500);
        store.sweeper.ensure_running(&store);
        store.sweeper.ensure_running(&store);
        assert_eq!(tasks(), 1, "one task, however many operations");
        tokio::time::sleep(MINUTE / 2 + Duration::from_secs(1)).await;
        assert_eq!((store.left(), store.calls()), (0, 3));
        for _ in 0..10 {
            store.expired.store(5, Ordering::Relaxed);
            tokio::time::sleep(MINUTE + MINUTE / 4 + Duration::from_secs(1)).await;
            assert_eq!(store.left(), 0);
        }
        assert!(store.calls() <= 3 + 17, "{} calls in 12.5 intervals", store.calls());
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_is_bounded_and_the_next_comes_sooner() {
        let store = Store::with_expired(BATCH * BATCHES * 3);
        assert_eq!(round(&Arc::downgrade(&store)).await, Round::Bounded);
        assert_eq!(store.left(), BATCH * BATCHES * 2);
        store.sweeper.ensure_running(&store);
        tokio::time::sleep(MINUTE).await;
        assert_eq!(store.left(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_is_down_is_tried_again() {
        let store = Store::with_expired(5);
        store.is_down.store(true, Ordering::Relaxed);
        store.sweeper.ensure_running(&store);
        tokio::time::sleep(2 * MINUTE).await;
        assert!((1..=3).contains(&store.calls()));
        store.is_down.store(false, Ordering::Relaxed);
        tokio::time::sleep(2 * MINUTE).await;
        assert_eq!(store.left(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_does_not_answer_is_given_up_and_asked_again() {
        let store = Store::with_expired(5);
        store.is_silent.store(true, Ordering::Relaxed);
        store.sweeper.ensure_running(&store);
        tokio::time::sleep(3 * MINUTE).await;
        assert!(store.calls() >= 2, "{} calls", store.calls());
        store.is_silent.store(false, Ordering::Relaxed);
        tokio::time::sleep(2 * MINUTE).await;
        assert_eq!(store.left(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_task_ends_with_its_store_and_not_an_interval_later() {
        let store = Store::with_expired(5);
        store.sweeper.ensure_running(&store);
        tokio::time::sleep(MINUTE).await;
        assert_eq!(tasks(), 1);
        drop(store);
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(tasks(), 0);
    }

    #[test]
    fn the_next_operation_starts_it_again_on_a_new_runtime() {
        let store = Store::with_expired(5);
        store.sweeper.ensure_running(&store);
        assert!(!store.sweeper.running.load(Ordering::Relaxed), "there is no runtime");
        let first = runtime();
        first.block_on(async { store.sweeper.ensure_running(&store) });
        drop(first);
        runtime().block_on(async {
            store.sweeper.ensure_running(&store);
            tokio::time::sleep(MINUTE).await;
        });
        assert_eq!(store.left(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_interval_without_end_is_no_task() {
        let (expired, calls) = (AtomicU32::new(5), AtomicU32::new(0));
        let sweeper = Sweeper::new(Duration::MAX);
        let (is_down, is_silent) = (AtomicBool::new(false), AtomicBool::new(false));
        let store = Arc::new(Store { expired, calls, is_down, is_silent, sweeper });
        store.sweeper.ensure_running(&store);
        assert_eq!(tasks(), 0);
    }

    #[test]
    fn times_are_random_within_their_bounds() {
        let times: Vec<_> = (0..100).map(|_| between(MINUTE, 2 * MINUTE)).collect();
        assert!(times.iter().all(|time| (MINUTE..=2 * MINUTE).contains(time)));
        assert!(times.windows(2).any(|pair| pair[0] != pair[1]));
        assert_eq!(between(MINUTE, MINUTE), MINUTE);
    }
}
