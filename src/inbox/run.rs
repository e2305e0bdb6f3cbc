//! One run of one event, from its lease to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::backend::InboxStore;
use super::backoff::Backoff;
use super::handler::{Failure, Handling, kept};
use crate::event::Event;
use crate::layer::ForInbox;
use crate::layer::catch::{CatchPanic, Panic, text_of};
use crate::layer::observe::{Ended, Observation, Settled as Recorded, Subject};
use crate::layer::within::within;
use crate::store::run::{HeldClaim, InTransaction};
use crate::store::{Held, Key, StoreError, StoreErrorKind, Token};

/// The first wait before a failed completion is tried again; each further one is four times as
/// long, the last one as long as the lease.
const FIRST_RETRY: Duration = Duration::from_millis(100);

const NOT_COMMITTED: &str =
    "the handler completed the event in a transaction, and the transaction was not committed";

const OVERSLEPT: &str = "the lease ended before the run could begin";

/// What holds for every run.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) layer: ForInbox,
    pub(super) workers: usize,
    pub(super) max_attempts: u32,
    pub(super) backoff: Backoff,
    pub(super) poll_interval: Duration,
}

/// An event in its run, which is fenced by one token.
pub(super) struct Run {
    pub(super) store: InboxStore,
    pub(super) settings: Arc<Settings>,
    pub(super) key: Key,
    pub(super) owner: Token,
    /// A little before the database began to count the lease.
    pub(super) since: Instant,
    /// How many runs were begun, this one included, since the operator last had it run again.
    pub(super) tries: u32,
    /// For how long the event is remembered when it is done.
    pub(super) retention: Duration,
    /// `None` if the row is no event that could be run here.
    pub(super) event: Option<Event>,
}

impl Run {
    /// Runs the handler within its time, and records how that came out.
    ///
    /// `handling` is an `Err` if the row is no event that could be run here.
    pub(super) async fn run(self, handling: Result<(Event, Handling), Failure>) {
        match self.call(handling).await {
            Ok(InTransaction::No) => self.done().await,
            Ok(InTransaction::Committed) => {}
            Ok(InTransaction::Written) => self.confirm().await,
            Err(Failure::Unusable(error)) => self.bury(&error).await,
            Err(Failure::Failed(error)) => self.retry_or_bury(&error).await,
        }
    }

    /// Says what the handler has completed by itself.
    async fn call(
        &self,
        handling: Result<(Event, Handling), Failure>,
    ) -> Result<InTransaction, Failure> {
        let (event, handling) = handling?;
        // The process may have stood still since the event was taken.
        let left = self.left_of_lease();
        if left.is_zero() {
            return Err(Failure::Failed(OVERSLEPT.to_owned()));
        }
        let timeout = self.settings.layer.handler_timeout.min(left);
        let timer = self.settings.layer.observers.timer();
        let ran = |ended| self.tell(&Observation::Ran { ended, took: timer.elapsed() });
        match within(timeout, CatchPanic::new(handling)).await {
            Ok(Ok(Ok(()))) => {
                ran(Ended::Done);
                Ok(event.claim().map_or(InTransaction::No, HeldClaim::completion))
            }
            Ok(Ok(Err(failure))) => {
                ran(Ended::Failed);
                Err(failure)
            }
            Ok(Err(panic)) => {
                ran(Ended::Panicked(text_of(&panic)));
                Err(Failure::Failed(panicked(&panic)))
            }
            Err(_) => {
                ran(Ended::TimedOut);
                Err(Failure::Failed(format!("the handler did not finish within {timeout:?}")))
            }
        }
    }

    fn tell(&self, observation: &Observation<'_>) {
        let layer = &self.settings.layer;
        let of = Subject::endpoint_of(&layer.endpoint).key_of(self.key);
        let of = self.event.as_ref().map_or(of, |event| of.event_of(event));
        layer.observers.tell(&of, observation);
    }

    fn report(&self, error: &StoreError, operation: &str) {
        self.tell(&Observation::StoreFailed { operation, error });
    }

    fn left_of_lease(&self) -> Duration {
        self.settings.layer.lease.saturating_sub(self.since.elapsed())
    }

    /// Tries until the lease ends: the work is done, and must not be repeated for a database that
    /// was away for a moment.
    async fn done(&self) {
        let mut wait = FIRST_RETRY;
        let timer = self.settings.layer.observers.timer();
        loop {
            let call = self.store.backend().done(&self.key, &self.owner, self.retention);
            match self.within_its_time(call).await {
                Ok(Held::Held) => {
                    let (settled, took) = (Recorded::Completed, timer.elapsed());
                    return self.tell(&Observation::Settled { settled, took });
                }
                Ok(Held::Lost) => return self.tell(&Observation::Overtaken {}),
                Err(error) => self.report(&error, "done"),
            }
            let left = self.left_of_lease();
            if left.is_zero() {
                return self.tell(&Observation::Unrecorded {});
            }
            tokio::time::sleep(wait.min(left)).await;
            wait = wait.saturating_mul(4);
        }
    }

    /// The handler has completed its event in a transaction: whether that was committed, the
    /// database knows. If it does not say, the lease decides.
    async fn confirm(&self) {
        let call = self.store.backend().is_done(&self.key, &self.owner);
        match self.within_its_time(call).await {
            Ok(true) => {
                self.tell(&Observation::Settled { settled: Recorded::Committed, took: None });
            }
            Ok(false) => self.retry_or_bury(NOT_COMMITTED).await,
            Err(error) => self.report(&error, "confirm"),
        }
    }

    async fn retry_or_bury(&self, error: &str) {
        if self.tries >= self.settings.max_attempts {
            self.bury(error).await;
        } else {
            self.retry(error).await;
        }
    }

    async fn retry(&self, error: &str) {
        let delay = self.settings.backoff.after(self.tries);
        self.tell(&Observation::Retried { tries: self.tries, error, delay });
        let call = self.store.backend().retry(&self.key, &self.owner, delay, error);
        self.best_effort(call, "retry").await;
    }

    async fn bury(&self, error: &str) {
        self.tell(&Observation::Died { tries: Some(self.tries), error });
        let call = self.store.backend().bury(&self.key, &self.owner, error);
        self.best_effort(call, "bury").await;
    }

    /// What cannot be recorded is found by the next worker when the lease ends.
    async fn best_effort(
        &self,
        call: impl Future<Output = Result<Held, StoreError>>,
        operation: &str,
    ) {
        if let Err(error) = self.within_its_time(call).await {
            self.report(&error, operation);
        }
    }

    async fn within_its_time<A>(
        &self,
        call: impl Future<Output = Result<A, StoreError>>,
    ) -> Result<A, StoreError> {
        match within(self.settings.layer.store_timeout, call).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreErrorKind::Timeout.into()),
        }
    }
}

pub(super) fn panicked(panic: &Panic) -> String {
    kept(&format!("the handler panicked: {}", text_of(panic)))
}
