//! A future of somebody else's whose panic becomes a value, so that the claim can be released before
//! the panic goes on.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// What a panic was called with.
pub(crate) type Panic = Box<dyn Any + Send>;

pin_project! {
    /// See the [module docs](self).
    ///
    /// A panic of the future's destructor goes no further either: a handler that is dropped at its
    /// time-out must not take the release of its claim with it.
    pub(crate) struct CatchPanic<F> {
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for CatchPanic<F> {
        fn drop(this: Pin<&mut Self>) {
            // The panic was printed by the panic hook, and nobody is there to get it.
            let _ = this.end();
        }
    }
}

impl<F> CatchPanic<F> {
    pub(crate) const fn new(future: F) -> Self {
        Self { future: Some(future) }
    }

    fn end(self: Pin<&mut Self>) -> Result<(), Panic> {
        let mut future = self.project().future;
        catch_unwind(AssertUnwindSafe(|| future.set(None)))
    }
}

impl<F: Future> Future for CatchPanic<F> {
    type Output = Result<F::Output, Panic>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The future is not polled again after a panic, and the payload is resumed: nobody sees
        // what the panic left half done but who would have seen it anyway.
        let Some(future) = self.project().future.as_pin_mut() else { return Poll::Pending };
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

/// What a panic says.
pub(crate) fn text_of(panic: &Panic) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is not text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[tokio::test]
    async fn a_panic_becomes_a_value() {
        let caught = CatchPanic::new(async { panic!("at {}", 7) }).await;
        assert_eq!(text_of(&caught.unwrap_err()), "at 7");
    }

    #[test]
    fn a_panic_of_the_destructor_goes_no_further() {
        let bomb = Bomb;
        let mut future = Box::pin(CatchPanic::new(async move {
            let _bomb = bomb;
            pending::<()>().await;
        }));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        drop(future);
    }
}
