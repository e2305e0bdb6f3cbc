//! How long to wait before the next try.

use std::time::Duration;

/// Doubles from the first wait to the longest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    /// The wait after so many failures. A random half of it is left out, so that what failed
    /// together does not come back together.
    pub(super) fn after(&self, failures: u32) -> Duration {
        let whole = self.whole(failures);
        whole.saturating_sub(whole.mul_f64(chance() / 2.0))
    }

    fn whole(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

/// A random number from 0 to 1; without a source of randomness, 0.
fn chance() -> f64 {
    let random = getrandom::u32().unwrap_or(0);
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff =
        Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(3_600) };

    #[test]
    fn it_doubles_up_to_the_longest() {
        let whole: Vec<u64> = (1..=14).map(|tries| BACKOFF.whole(tries).as_secs()).collect();
        assert_eq!(whole, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]);
        assert_eq!(BACKOFF.whole(0), BACKOFF.first);
        assert_eq!(BACKOFF.whole(u32::MAX), BACKOFF.longest);
    }

    #[test]
    fn a_wait_without_end_is_one() {
        let never = Backoff { first: Duration::MAX, longest: Duration::MAX };
        assert!(never.after(u32::MAX) >= Duration::MAX / 3);
    }

    #[test]
    fn a_part_of_at_most_half_is_left_to_chance() {
        for _ in 0..100 {
            let wait = BACKOFF.after(5);
            assert!((Duration::from_secs(8)..=Duration::from_secs(16)).contains(&wait), "{wait:?}");
        }
    }
}
