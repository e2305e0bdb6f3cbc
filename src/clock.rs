//! Where the layer, and the stores without a server, get the time from.

use std::time::SystemTime;

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
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}
