//! How time passes for a store under test.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use crate::testing::ManualClock;

/// The time of a store under test, for [`store_contract`](super::store_contract).
pub trait StoreTime: Sync {
    /// The unit of the kit's leases and lifetimes: long enough for the store to tell two units
    /// from three, and to answer a call in much less.
    fn unit(&self) -> Duration;

    /// Returns when the store's time is this much later.
    fn pass(&self, by: Duration) -> impl Future<Output = ()> + Send;
}

/// In units of a minute.
impl StoreTime for ManualClock {
    fn unit(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn pass(&self, by: Duration) {
        self.advance(by);
    }
}

/// The time of a store whose server keeps it: it really has to pass.
///
/// # Example
///
/// The test a user would write:
///
/// ```
/// use std::time::Duration;
/// use tower_webhooks::testing::{RealTime, StoreTime, store_contract};
/// # use tower_webhooks::testing::ManualClock;
/// # use tower_webhooks::store::{IdempotencyStore, MemoryStore};
/// # fn connect() -> MemoryStore { MemoryStore::new() }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let time = RealTime::new(Duration::from_millis(100), tokio::time::sleep);
/// assert_eq!(time.unit(), Duration::from_millis(100));
/// # let clock = ManualClock::at_unix(1_767_225_600);
/// # let connect = || MemoryStore::builder().clock(clock.clone()).build();
/// # let sleep = |by| { clock.advance(by); std::future::ready(()) };
/// # let time = RealTime::new(Duration::from_secs(1), sleep);
/// store_contract(async || connect(), &time).await;
/// # }
/// ```
#[derive(Clone)]
pub struct RealTime<F> {
    unit: Duration,
    sleep: F,
}

impl<F, Fut> RealTime<F>
where
    F: Fn(Duration) -> Fut + Sync,
    Fut: Future<Output = ()> + Send,
{
    /// Time that passes by sleeping. The kit sleeps about 60 units in all; 100 ms suits a server
    /// nearby that counts in milliseconds.
    #[must_use]
    pub const fn new(unit: Duration, sleep: F) -> Self {
        Self { unit, sleep }
    }
}

impl<F, Fut> StoreTime for RealTime<F>
where
    F: Fn(Duration) -> Fut + Sync,
    Fut: Future<Output = ()> + Send,
{
    fn unit(&self) -> Duration {
        self.unit
    }

    fn pass(&self, by: Duration) -> impl Future<Output = ()> + Send {
        (self.sleep)(by)
    }
}

impl<F> fmt::Debug for RealTime<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealTime").field("unit", &self.unit).finish_non_exhaustive()
    }
}
