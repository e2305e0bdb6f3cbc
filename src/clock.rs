//! Where the layer, and the stores without a server, get the time from.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

/// Tells the time.
///
/// Verification itself never reads a clock: [`Verifier::verify`](crate::Verifier::verify) is told
/// the time. The layer, [`MemoryStore`](crate::store::MemoryStore) and `SqliteStore` ask a `Clock`,
/// so that a test can move it (`ManualClock`, feature `testing`).
///
/// # Example
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_webhooks::Clock;
///
/// #[derive(Debug)]
/// struct Stopped;
///
/// impl Clock for Stopped {
///     fn now(&self) -> SystemTime {
///         SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
///     }
/// }
///
/// assert_eq!(Stopped.now(), Stopped.now());
/// ```
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;

    /// How long ago some fixed moment was, by a clock that nobody can set; `None`, as by default,
    /// where there is none. Stores measure by it what begins and ends within one process, such as
    /// the lease of a run: that must not end early because the time was corrected. Without it they
    /// take [`now`](Self::now), less what it is set back.
    fn monotonic(&self) -> Option<Duration> {
        None
    }
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::exhaustive_structs, reason = "it is asked, and holds nothing")]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Option<Duration> {
        static START: OnceLock<Instant> = OnceLock::new();
        Some(START.get_or_init(Instant::now).elapsed())
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn monotonic(&self) -> Option<Duration> {
        (**self).monotonic()
    }
}
