//! The two halves of the walk in one place in memory, of which the second outlives its request.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::background::Work;
use super::body::ResponseBody;
use super::catch::Panic;

/// What a response future resolves to.
pub(super) type ServiceResult<B, E> = Result<Response<ResponseBody<B>>, E>;

/// The end of a walk.
pub(super) struct Walked<B, E> {
    /// `Err` if the wrapped service panicked.
    pub(super) answer: Result<ServiceResult<B, E>, Panic>,
    /// What is left to do when the sender has its answer.
    pub(super) afterwards: Option<Work>,
}

/// A walk whose halves are not known by type.
pub(super) trait Walk<B, E>: Future<Output = Walked<B, E>> {
    /// Whether its second half has begun: from the claim on it must come to its end.
    fn must_end(&self) -> bool;

    /// All that is left of it, for when nobody waits for the answer any more.
    fn into_rest(self: Pin<Box<Self>>) -> Work;
}

pin_project! {
    /// First receives, then runs what was received.
    #[project = HalfProj]
    pub(super) enum Halves<R, F, D> {
        Receiving {
            #[pin]
            receive: R,
            run: F,
        },
        Running {
            #[pin]
            run: D,
        },
    }
}

impl<R, F, D> Halves<R, F, D> {
    pub(super) const fn new(receive: R, run: F) -> Self {
        Self::Receiving { receive, run }
    }
}

impl<R, F, D, T, B, E> Future for Halves<R, F, D>
where
    R: Future<Output = ControlFlow<ServiceResult<B, E>, T>>,
    F: Fn(T) -> D,
    D: Future<Output = Walked<B, E>>,
{
    type Output = Walked<B, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let run = match self.as_mut().project() {
                HalfProj::Receiving { receive, run } => match ready!(receive.poll(cx)) {
                    ControlFlow::Break(answer) => {
                        return Poll::Ready(Walked { answer: Ok(answer), afterwards: None });
                    }
                    ControlFlow::Continue(received) => run(received),
                },
                HalfProj::Running { run } => return run.poll(cx),
            };
            self.set(Self::Running { run });
        }
    }
}

impl<R, F, D, T, B, E> Walk<B, E> for Halves<R, F, D>
where
    R: Future<Output = ControlFlow<ServiceResult<B, E>, T>> + Send + 'static,
    F: Fn(T) -> D + Send + 'static,
    D: Future<Output = Walked<B, E>> + Send + 'static,
    B: Send + 'static,
    E: Send + 'static,
{
    fn must_end(&self) -> bool {
        matches!(self, Self::Running { .. })
    }

    fn into_rest(self: Pin<Box<Self>>) -> Work {
        Box::pin(async move {
            // A panic was told when it was caught.
            let Walked { answer, afterwards } = self.await;
            drop(answer);
            if let Some(work) = afterwards {
                work.await;
            }
        })
    }
}
