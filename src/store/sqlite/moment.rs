//! Points in time as the table keeps them: whole milliseconds since 1970.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Clock;

const NANOS: u128 = 1_000_000;

/// The store's clock.
#[derive(Debug)]
pub(super) struct Times {
    clock: Arc<dyn Clock>,
    /// By how much what was written may seem to be in the future: a statement that waited for the
    /// file's lock brings the time of when it began to.
    slack: Duration,
    /// The last number given for a fence.
    last_fence: AtomicI64,
}

/// When an operation is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(Duration);

impl Times {
    pub(super) fn new(clock: Arc<dyn Clock>, busy_timeout: Duration) -> Self {
        let slack = busy_timeout.saturating_add(Duration::from_secs(1));
        Self { clock, slack, last_fence: AtomicI64::new(0) }
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// What was written later than this has been written by a clock that was set back since.
    pub(super) fn not_yet(&self, now: Moment) -> i64 {
        now.after(self.slack)
    }

    pub(super) fn now(&self) -> Moment {
        let now: SystemTime = self.clock.now();
        Moment(now.duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// The clock in µs for a fence, and always more than the last one: a record that was forgotten
    /// takes its fence along, and the next claim may come in the same microsecond.
    pub(super) fn fence(&self, now: Moment) -> i64 {
        let clock = i64::try_from(now.0.as_micros()).unwrap_or(i64::MAX);
        let next = |last: i64| clock.max(last.saturating_add(1));
        let last = self
            .last_fence
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        next(last.unwrap_or_else(|last| last))
    }
}

impl Moment {
    pub(super) fn millis(self) -> i64 {
        saturated(self.0.as_nanos() / NANOS)
    }

    /// The end of a span from now, rounded up: nothing ends early.
    pub(super) fn after(self, span: Duration) -> i64 {
        saturated(self.0.saturating_add(span).as_nanos().div_ceil(NANOS))
    }
}

fn saturated(millis: u128) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_rounded_down_and_ends_are_rounded_up() {
        let moment = Moment(Duration::from_micros(1_500));
        assert_eq!(moment.millis(), 1);
        assert_eq!(moment.after(Duration::ZERO), 2);
        assert_eq!(moment.after(Duration::from_micros(500)), 2);
        assert_eq!(moment.after(Duration::MAX), i64::MAX);
    }

    #[test]
    fn fences_grow_while_the_clock_stands_or_is_set_back() {
        let times = Times::new(Arc::new(crate::SystemClock), Duration::ZERO);
        let at = |micros| times.fence(Moment(Duration::from_micros(micros)));
        assert_eq!([at(100), at(100), at(50), at(200)], [100, 101, 102, 200]);
        assert_eq!([at(u64::MAX), at(0)], [i64::MAX, i64::MAX]);
    }
}
