//! Points in time as the records keep them.

use std::time::Duration;

/// Microseconds on the store's own clock, which nobody can set back; after 586,000 years it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

/// Whole seconds on the same clock, half the size of a [`Moment`] for the records that are kept by
/// the million. The last one, after 136 years, stands for never.
pub(super) type Second = u32;

/// A [`Second`] that no clock reaches.
pub(super) const NEVER: Second = Second::MAX;

const MICROS: u64 = 1_000_000;

impl Moment {
    /// Before any other.
    pub(super) const PAST: Self = Self(0);

    pub(super) fn new(time: Duration) -> Self {
        Self::PAST.plus(time)
    }

    pub(super) const fn as_micros(self) -> u64 {
        self.0
    }

    pub(super) fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)))
    }

    /// How long from `earlier` to this; nothing if it is not later.
    pub(super) const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The second this is in: never [`NEVER`].
    pub(super) fn second(self) -> Second {
        Second::try_from(self.0.wrapping_div(MICROS)).unwrap_or(NEVER).min(NEVER.wrapping_sub(1))
    }

    /// The second at which this is over, so that a record kept until then is not dropped early.
    pub(super) fn second_after(self) -> Second {
        Second::try_from(self.0.div_ceil(MICROS)).unwrap_or(NEVER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rounded_up_for_keeping_and_down_for_now() {
        let moment = Moment::PAST.plus(Duration::from_millis(1_500));
        assert_eq!(moment.second(), 1);
        assert_eq!(moment.second_after(), 2);
        assert_eq!(Moment::PAST.plus(Duration::from_secs(2)).second_after(), 2);
    }

    #[test]
    fn no_clock_reaches_never() {
        let end = Moment::PAST.plus(Duration::MAX);
        assert_eq!(end.second_after(), NEVER);
        assert!(end.second() < NEVER);
        assert_eq!(end.plus(Duration::MAX), end);
    }
}
