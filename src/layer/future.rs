//! The response future: named, so that it can be stored, and opaque.

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::background::Background;
use super::walk::{ServiceResult, Walk, Walked};

/// Response future of [`WebhookService`](super::WebhookService).
///
/// # Cancel safety
///
/// Dropping it before the event is claimed leaves no trace. After that what is left of the run goes
/// on as a task of the runtime that the service was called in: the handler finishes, and a retry
/// finds the event completed. If there is no runtime, or it is shutting down, or if the layer
/// [keeps everything inside the request](super::WebhookLayerBuilder::keep_inside_request), the run
/// ends with the future, and its event runs again when the lease ends.
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture<B, E> {
    /// `None` once it has ended.
    walk: Option<Pin<Box<dyn Walk<B, E> + Send>>>,
    background: Background,
}

impl<B, E> ResponseFuture<B, E> {
    pub(super) fn new(walk: impl Walk<B, E> + Send + 'static, background: Background) -> Self {
        Self { walk: Some(Box::pin(walk)), background }
    }
}

impl<B, E> Future for ResponseFuture<B, E> {
    type Output = ServiceResult<B, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Taken out while it is polled: if that panics, there is nothing left to go on.
        let Some(mut walk) = self.walk.take() else { panic!("polled after completion") };
        let Poll::Ready(Walked { answer, afterwards }) = walk.as_mut().poll(cx) else {
            self.walk = Some(walk);
            return Poll::Pending;
        };
        if let Some(work) = afterwards {
            self.background.take(work);
        }
        Poll::Ready(answer.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl<B, E> Drop for ResponseFuture<B, E> {
    fn drop(&mut self) {
        if let Some(walk) = self.walk.take().filter(|walk| walk.must_end()) {
            self.background.take(walk.into_rest());
        }
    }
}

impl<B, E> fmt::Debug for ResponseFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
