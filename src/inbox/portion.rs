//! How many records one statement drops.

use std::time::Duration;

/// A statement that takes longer holds up others, or in SQLite everybody who writes.
const LONG: Duration = Duration::from_millis(50);
const SHORT: Duration = Duration::from_millis(10);

/// A number that adapts to how large the records are, within its bound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portion {
    size: u32,
    most: u32,
}

impl Portion {
    /// Begins with few: nothing is known of them.
    pub(super) const fn up_to(most: u32) -> Self {
        Self { size: 8, most }
    }

    pub(super) const fn size(self) -> u32 {
        self.size
    }

    /// A statement about this many took so long.
    pub(super) fn took(&mut self, time: Duration) {
        self.size = match time {
            _ if time > LONG => (self.size / 4).max(1),
            _ if time < SHORT => self.size.saturating_mul(2).min(self.most),
            _ => self.size,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_while_that_is_quick_and_shrinks_at_once_when_it_is_not() {
        let mut portion = Portion::up_to(500);
        let mut after = |time| {
            portion.took(time);
            portion.size()
        };
        let quick: Vec<u32> = (0..7).map(|_| after(Duration::ZERO)).collect();
        assert_eq!(quick, [16, 32, 64, 128, 256, 500, 500]);
        assert_eq!([after(SHORT), after(LONG)], [500, 500]);
        let slow: Vec<u32> = (0..5).map(|_| after(LONG * 2)).collect();
        assert_eq!(slow, [125, 31, 7, 1, 1]);
    }
}
