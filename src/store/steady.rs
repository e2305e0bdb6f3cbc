//! Time that never goes back, for what begins and ends within one process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use crate::Clock;

/// The monotonic side of a [`Clock`]. A clock that has none is followed as it moves on; what it is
/// set back, no time has passed.
#[derive(Debug)]
pub(super) struct Steady {
    clock: Arc<dyn Clock>,
    followed: Mutex<Followed>,
}

#[derive(Debug, Default)]
struct Followed {
    last: Duration,
    set_back: Duration,
}

impl Steady {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, followed: Mutex::default() }
    }

    /// How long ago some fixed moment was.
    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic().unwrap_or_else(|| self.follow())
    }

    /// The clock is read under the lock, or two threads that read it in turn would count the time
    /// between as set back.
    fn follow(&self) -> Duration {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let back = followed.last.saturating_sub(now);
        followed.set_back = followed.set_back.saturating_add(back);
        followed.last = now;
        now.saturating_add(followed.set_back)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[derive(Debug)]
    struct Settable(Mutex<SystemTime>);

    impl Clock for Settable {
        fn now(&self) -> SystemTime {
            *self.0.lock().unwrap()
        }
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on_from_where_it_was() {
        let clock = Arc::new(Settable(Mutex::new(UNIX_EPOCH)));
        let steady = Steady::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let at = |secs| {
            *clock.0.lock().unwrap() = UNIX_EPOCH + Duration::from_secs(secs);
            steady.now().as_secs()
        };
        assert_eq!([at(100), at(40), at(50), at(10), at(100)], [100, 100, 110, 110, 200]);
    }

    #[test]
    fn the_system_clock_counts_by_one_that_nobody_sets() {
        let steady = Steady::new(Arc::new(crate::SystemClock));
        let (first, second) = (steady.now(), steady.now());
        assert!(first <= second && second < Duration::from_secs(365 * 86_400), "not since 1970");
    }
}
