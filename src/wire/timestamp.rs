//! Signed times: strict grammar, checked arithmetic, a bound on both sides.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::provider::TimeUnit;
use crate::rejection::{Hint, Rejection, RejectionKind};

/// More digits than this are no time of any sender.
const MAX_DIGITS: usize = 19;

/// A time in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnixMillis(i64);

impl UnixMillis {
    pub(crate) const fn new(millis: i64) -> Self {
        Self(millis)
    }

    pub(crate) const fn get(self) -> i64 {
        self.0
    }

    /// Parses digits only: no sign, no space, no fraction, and no zero in front, which a stranger
    /// could move here from a value that is signed right before; or a date and time of RFC 3339.
    pub(crate) fn parse(text: &[u8], unit: TimeUnit) -> Option<Self> {
        match unit {
            TimeUnit::Seconds => digits(text)?.checked_mul(1000).map(Self),
            TimeUnit::Millis => digits(text).map(Self),
            TimeUnit::Rfc3339 => rfc3339(text),
        }
    }

    /// The time as the standard library has it; `None` beyond its range.
    pub(crate) fn to_system_time(self) -> Option<SystemTime> {
        let distance = Duration::from_millis(self.0.unsigned_abs());
        if self.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
    }

    fn of(time: SystemTime) -> Self {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => millis(before.duration()).saturating_neg(),
        })
    }
}

/// Refuses a time further from `now` than the tolerance, on either side. An age of exactly the
/// tolerance is accepted. `now` counts in whole seconds where the sender does.
pub(crate) fn check_fresh(
    time: UnixMillis,
    unit: TimeUnit,
    now: SystemTime,
    tolerance: Duration,
) -> Result<(), Rejection> {
    let now = match unit {
        TimeUnit::Seconds => UnixMillis::of(now).0.div_euclid(1000).saturating_mul(1000),
        TimeUnit::Millis | TimeUnit::Rfc3339 => UnixMillis::of(now).0,
    };
    let age = now.saturating_sub(time.0);
    let tolerance = i64::try_from(tolerance.as_millis()).unwrap_or(i64::MAX);
    let kind = if age > tolerance {
        RejectionKind::StaleTimestamp
    } else if age.saturating_neg() > tolerance {
        RejectionKind::FutureTimestamp
    } else {
        return Ok(());
    };
    let seconds = age.checked_div(1000).unwrap_or_default();
    let seconds = i32::try_from(seconds).unwrap_or(if age > 0 { i32::MAX } else { i32::MIN });
    Err(Rejection::with_hint(kind, Some(Hint::ClockOff(seconds))))
}

fn digits(text: &[u8]) -> Option<i64> {
    let is_padded = text.len() > 1 && text.starts_with(b"0");
    if text.is_empty() || text.len() > MAX_DIGITS || is_padded {
        return None;
    }
    text.iter().try_fold(0_i64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

fn rfc3339(text: &[u8]) -> Option<UnixMillis> {
    let text = std::str::from_utf8(text).ok()?;
    let time = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339);
    let millis = time.ok()?.unix_timestamp_nanos().div_euclid(1_000_000);
    i64::try_from(millis).ok().map(UnixMillis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn kind(seconds: i64, now: u64) -> Result<(), RejectionKind> {
        let time = UnixMillis::parse(seconds.to_string().as_bytes(), TimeUnit::Seconds).unwrap();
        check_fresh(time, TimeUnit::Seconds, at(now), Duration::from_secs(300))
            .map_err(|rejection| rejection.kind())
    }

    #[test]
    fn both_sides_are_bounded_and_the_limit_itself_is_fresh() {
        assert_eq!(kind(1000, 1300), Ok(()));
        assert_eq!(kind(1000, 1301), Err(RejectionKind::StaleTimestamp));
        assert_eq!(kind(1000, 700), Ok(()));
        assert_eq!(kind(1000, 699), Err(RejectionKind::FutureTimestamp));
    }

    #[test]
    fn part_of_a_second_does_not_make_a_time_stale() {
        let time = UnixMillis::parse(b"1000", TimeUnit::Seconds).unwrap();
        let now = at(1300) + Duration::from_millis(999);
        assert_eq!(check_fresh(time, TimeUnit::Seconds, now, Duration::from_secs(300)), Ok(()));
    }

    #[test]
    fn what_is_no_plain_number_is_no_time() {
        let long = "1".repeat(20);
        for text in [
            "",
            " ",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x1",
            "01",
            "00",
            "1_000",
            "١",
            &long,
            "-9223372036854775808",
            "18446744073709551615",
            "9223372036854775807",
            "NaN",
            "Infinity",
        ] {
            assert_eq!(UnixMillis::parse(text.as_bytes(), TimeUnit::Seconds), None, "{text:?}");
        }
    }

    #[test]
    fn the_furthest_times_are_compared_without_overflow() {
        let far = UnixMillis::parse(b"9223372036854775807", TimeUnit::Millis).unwrap();
        let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1 << 40);
        let kind = check_fresh(far, TimeUnit::Millis, early, Duration::from_secs(u64::MAX));
        assert_eq!(kind, Ok(()), "i64::MAX ms is the furthest tolerance too");
        let near = check_fresh(far, TimeUnit::Millis, early, Duration::from_secs(300));
        assert_eq!(near.map_err(|r| r.kind()), Err(RejectionKind::FutureTimestamp));
    }

    #[test]
    fn rfc3339_is_read_with_its_offset() {
        let zulu = UnixMillis::parse(b"2021-07-25T10:00:00Z", TimeUnit::Rfc3339).unwrap();
        let offset = UnixMillis::parse(b"2021-07-25T12:00:00+02:00", TimeUnit::Rfc3339).unwrap();
        assert_eq!(zulu, offset);
        assert_eq!(UnixMillis::parse(b"2021-07-25", TimeUnit::Rfc3339), None);
    }
}
