//! The response future: named, so that it can be stored, and opaque.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;

use super::body::ResponseBody;

type ServiceResult<B, E> = Result<Response<ResponseBody<B>>, E>;

/// Response future of [`WebhookService`](super::WebhookService).
///
/// # Cancel safety
///
/// Dropping it before the event was claimed leaves no trace. After that the run goes on by itself:
/// the handler finishes, and a retry finds the event completed.
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture<B, E> {
    walk: Pin<Box<dyn Future<Output = ServiceResult<B, E>> + Send>>,
}

impl<B, E> ResponseFuture<B, E> {
    pub(super) fn new(walk: impl Future<Output = ServiceResult<B, E>> + Send + 'static) -> Self {
        Self { walk: Box::pin(walk) }
    }
}

impl<B, E> Future for ResponseFuture<B, E> {
    type Output = ServiceResult<B, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.walk.as_mut().poll(cx)
    }
}

impl<B, E> fmt::Debug for ResponseFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
