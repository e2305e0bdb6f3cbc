//! A clock that a test moves.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::Clock;

/// A clock that stands until it is moved.
///
/// # Clone
///
/// The clones show the same time: give one to the store, keep one to move it.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use tower_webhooks::store::{
///     Claim, Fingerprint, IdempotencyStore, Key, MemoryStore, Outcome, StoreError, Token,
/// };
/// use tower_webhooks::testing::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let clock = ManualClock::at_unix(1_767_225_600);
/// let store = MemoryStore::builder().clock(clock.clone()).build();
///
/// let (key, body) = (Key::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
/// let (crashed, retry) = (Token::from_bytes([3; 16]), Token::from_bytes([4; 16]));
/// let (lease, ttl) = (Duration::from_secs(60), Duration::from_secs(3_600));
/// store.claim(&Claim::new(&key, &crashed, &body, lease, ttl)).await?;
///
/// clock.advance(lease);
/// let taken_over = store.claim(&Claim::new(&key, &retry, &body, lease, ttl)).await?;
/// assert!(matches!(taken_over, Outcome::New { attempt: 2, .. }));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<Mutex<SystemTime>>,
}

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self { now: Arc::new(Mutex::new(time)) }
    }

    /// A clock that shows this many seconds since 1970, as the timestamps of most senders count.
    ///
    /// # Panics
    ///
    /// If the platform's `SystemTime` does not reach that far.
    #[must_use]
    pub fn at_unix(secs: u64) -> Self {
        Self::at(SystemTime::UNIX_EPOCH + Duration::from_secs(secs))
    }

    /// Moves it forward.
    ///
    /// # Panics
    ///
    /// If the platform's `SystemTime` does not reach that far.
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }

    /// Sets it, also back.
    pub fn set(&self, time: SystemTime) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
