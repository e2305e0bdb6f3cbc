//! How far back a call for events looks.

use std::time::Duration;

use tokio::time::Instant;

/// An event may be committed so long after the time at which it is due from.
const LATE: Duration = Duration::from_secs(60);

/// A look at everything may take one part in so many of the time.
const SHARE: u32 = 100;

/// What came due before the last call that found no more was taken by then, but for what was
/// committed late. Who looks at less passes by fewer of the events that were handled since: PostgreSQL
/// cannot forget those while somebody holds an old snapshot.
///
/// Now and then it looks at everything all the same, for what nobody thought of: an event whose lock
/// was let go long after, a clock that was set. While that is cheap, almost always.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// When a call began that found no more.
    exhausted: Option<Instant>,
    /// From when on everything is looked at again.
    whole_at: Option<Instant>,
}

impl Window {
    /// How far the next call looks back; `None` is everything.
    pub(super) fn next(&self) -> Option<Duration> {
        let exhausted = self.exhausted?;
        let is_early = self.whole_at.is_some_and(|at| Instant::now() < at);
        is_early.then(|| exhausted.elapsed().saturating_add(LATE))
    }

    /// A call that looked so far back, from `since` until now, was answered.
    pub(super) fn looked(&mut self, window: Option<Duration>, since: Instant, found_all: bool) {
        if window.is_none() {
            self.put_off(since.elapsed());
        }
        if found_all {
            self.exhausted = Some(since);
        }
    }

    /// A call that looked so far back took this long, in vain.
    pub(super) fn failed(&mut self, window: Option<Duration>, took: Duration) {
        if window.is_none() {
            self.put_off(took);
        }
    }

    fn put_off(&mut self, took: Duration) {
        self.whole_at = Instant::now().checked_add(took.saturating_mul(SHARE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn what_is_cheap_is_looked_at_whole_and_what_is_dear_seldom() {
        let mut window = Window::default();
        assert_eq!(window.next(), None);
        let since = Instant::now();
        tokio::time::advance(QUICK).await;
        window.looked(None, since, true);
        tokio::time::advance(QUICK * SHARE).await;
        assert_eq!(window.next(), None);

        let since = Instant::now();
        tokio::time::advance(Duration::from_secs(1)).await;
        window.looked(None, since, true);
        for _ in 0..9 {
            tokio::time::advance(Duration::from_secs(10)).await;
            let (looked, since) = (window.next(), Instant::now());
            assert!(
                looked.is_some_and(|window| window >= LATE && window <= 2 * LATE),
                "{looked:?}"
            );
            window.looked(looked, since, true);
        }
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(window.next(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn it_reaches_back_to_the_last_call_that_found_no_more() {
        let mut window = Window::default();
        let (start, slow) = (Instant::now(), Duration::from_secs(10));
        tokio::time::advance(slow).await;
        window.looked(None, start, false);
        assert_eq!(window.next(), None, "there is more, and nobody knows how old");
        window.looked(None, start, true);
        for _ in 0..5 {
            tokio::time::advance(slow).await;
            let looked = window.next();
            assert_eq!(looked, Some(start.elapsed() + LATE));
            window.looked(looked, Instant::now(), false);
        }
    }
}
