//! The worker pool, before and after it is started.

use std::fmt;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::dispatch::Dispatcher;
use super::operator::Inbox;
use crate::layer::Drained;

/// The workers of an inbox. Made by [`InboxBuilder::build`](super::InboxBuilder::build); until they
/// are started, what is acknowledged waits.
#[must_use = "what the receiver acknowledges waits until the workers are started"]
pub struct Workers {
    pub(super) dispatcher: Dispatcher,
    pub(super) inbox: Inbox,
}

impl Workers {
    /// Starts them on tasks of their own.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    #[must_use = "shut them down before the process ends"]
    pub fn start(self) -> RunningWorkers {
        let Self { dispatcher, inbox } = self;
        RunningWorkers { task: tokio::spawn(dispatcher.run()), inbox }
    }

    /// Processes events until it is dropped, on the caller's own task.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cuts off what is being run. It runs again when its lease ends, and
    /// [`RunningWorkers::shutdown`] is the better end.
    pub async fn run(self) {
        self.dispatcher.run().await;
    }

    /// The inbox, for its operator.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }
}

/// Workers that were started. Dropping this lets them work on.
#[derive(Debug)]
pub struct RunningWorkers {
    task: JoinHandle<()>,
    inbox: Inbox,
}

impl RunningWorkers {
    /// Takes no more events, and waits for those that are being run, no longer than `limit`. What
    /// is cut off then runs again when its lease ends, here or elsewhere.
    ///
    /// Stop the server first: what is received afterwards waits for the next start.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, no more events are taken, and none is cut off.
    pub async fn shutdown(mut self, limit: Duration) -> Drained {
        self.inbox.signals.stop();
        let ended = tokio::time::timeout(limit, &mut self.task).await;
        let running = self.inbox.signals.running();
        match ended {
            Ok(Ok(())) => return Drained::All,
            // A panic of its own, as in a subscriber of traces: what it ran was cut off.
            Ok(Err(_)) => return Drained::Remaining(running),
            Err(_) => {}
        }
        self.task.abort();
        // It ends as soon as it is aborted, with an error that says so.
        let _ = self.task.await;
        Drained::Remaining(running)
    }

    /// The inbox, for its operator.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}
