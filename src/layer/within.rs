//! A time-out that costs nothing where nothing is waited for.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::task::{Unconstrained, unconstrained};
use tokio::time::{Sleep, sleep};

/// The limit passed first.
#[derive(Debug)]
pub(crate) struct Elapsed;

pin_project! {
    /// See [`within`].
    pub(crate) struct Within<F> {
        #[pin]
        future: F,
        limit: Duration,
        // A future that uses up the task's budget must not keep the timer from being seen.
        #[pin]
        timer: Option<Unconstrained<Sleep>>,
    }
}

/// The future's output, if it comes within the limit.
///
/// As `tokio::time::timeout`, but the timer is only made when the future has to wait: a service that
/// is ready, a store in memory, or a body that came with its head need none.
///
/// # Cancel safety
///
/// Dropping it drops the future.
pub(crate) const fn within<F: Future>(limit: Duration, future: F) -> Within<F> {
    Within { future, limit, timer: None }
}

impl<F: Future> Future for Within<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if this.timer.is_none() {
            this.timer.set(Some(unconstrained(sleep(*this.limit))));
        }
        match this.timer.as_pin_mut().map(|timer| timer.poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(Elapsed)),
            _ => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use std::pin::pin;
    use tokio::time::Instant;

    const LIMIT: Duration = Duration::from_secs(5);

    #[test]
    fn what_is_ready_needs_no_timer_and_no_runtime() {
        let mut within = pin!(within(LIMIT, ready(7)));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(matches!(within.as_mut().poll(&mut cx), Poll::Ready(Ok(7))));
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_is_given_up_at_the_limit() {
        let start = Instant::now();
        assert!(within(LIMIT, pending::<()>()).await.is_err());
        assert_eq!(start.elapsed(), LIMIT);
        assert!(within(LIMIT, sleep(LIMIT / 2)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_future_that_never_rests_is_given_up_too() {
        let busy = async {
            loop {
                tokio::time::advance(LIMIT / 10).await;
                tokio::task::yield_now().await;
            }
        };
        assert!(within(LIMIT, busy).await.is_err());
    }
}
