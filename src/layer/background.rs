//! Where work goes on for which no request waits.

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;

use crate::trace;

/// Work without an answer.
pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The runtime of a request, and its span. Kept from its beginning: a future may be dropped where
/// there is neither.
#[derive(Debug)]
pub(super) struct Background {
    /// `None` outside of a runtime, or if everything is to stay inside the request.
    runtime: Option<Handle>,
    span: trace::CurrentSpan,
}

impl Background {
    pub(super) fn of_this_request() -> Self {
        Self { runtime: Handle::try_current().ok(), span: trace::CurrentSpan::get() }
    }

    /// Nowhere: work that no request waits for is dropped.
    pub(super) fn none() -> Self {
        Self { runtime: None, span: trace::CurrentSpan::get() }
    }

    /// Has the work go on. If there is no runtime, or it is shutting down, the work is dropped: the
    /// lease then frees its key.
    pub(super) fn take(&mut self, work: Work) {
        if let Some(runtime) = self.runtime.take() {
            drop(runtime.spawn(self.span.of(work)));
        }
    }
}
