//! One claim of one run: made, completed or released, each within the store's time-out.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::Shared;
use super::within::{Elapsed, within};
use crate::event::Event;
use crate::store::erased::ErasedStore;
use crate::store::run::{Attempt, HeldClaim};
use crate::store::{
    Claim, Completion, Fingerprint, Held, Key, Outcome, StoreError, StoreErrorKind, Token,
};
use crate::trace;

/// The first wait before what failed is tried again; each further one is four times as
/// long, the last one as long as the lease.
const FIRST_RETRY: Duration = Duration::from_millis(100);

/// A claim of one event. What it asks of the store, it asks as the owner of one token.
pub(super) struct ClaimOf {
    shared: Arc<Shared>,
    store: Arc<dyn ErasedStore>,
    key: Key,
    token: Token,
    fingerprint: Fingerprint,
    /// A little before the store began to count the lease.
    since: Instant,
}

/// How a claim came out.
pub(super) enum Claimed {
    /// The caller runs the event.
    New(Attempt),
    /// Somebody else does.
    InFlight { retry_after: Duration, same_body: bool },
    /// It was handled before.
    Completed { same_body: bool },
    /// The store did not say.
    Unknown,
}

impl ClaimOf {
    /// `None` if the layer has no store. An error if no random token can be had.
    pub(super) fn new(shared: &Arc<Shared>, event: &Event) -> Result<Option<Self>, StoreError> {
        let Some(store) = &shared.store else { return Ok(None) };
        let mut token = [0; 16];
        getrandom::fill(&mut token)
            .map_err(|error| StoreError::with_source(StoreErrorKind::Unavailable, error))?;
        Ok(Some(Self {
            shared: Arc::clone(shared),
            store: Arc::clone(store),
            key: event.replay_key(),
            token: Token::from_bytes(token),
            fingerprint: event.fingerprint(),
            since: Instant::now(),
        }))
    }

    /// Claims. If the store does not say, `refuse` is called at once, and then what may have been
    /// claimed is given back: a claim that nobody will run must not hold its key for a whole lease.
    /// Without `refuse` the caller runs all the same, and does not wait for that.
    pub(super) async fn claim(&self, refuse: Option<impl FnOnce()>) -> Claimed {
        if !self.shared.circuit.lets_pass() {
            return Claimed::Unknown;
        }
        let claim = self.as_asked();
        let mut call = self.store.claim(&claim);
        let answer = within(self.timeout(), &mut call).await;
        let is_late = answer.is_err();
        let answer = in_time(answer);
        self.shared.circuit.note(&answer);
        match answer {
            Ok(Outcome::New { fence, attempt }) => {
                let retention = self.shared.settings.retention;
                let held = HeldClaim::new(self.key, self.token, retention);
                return Claimed::New(Attempt {
                    number: attempt,
                    fence: Some(fence),
                    claim: Some(held),
                });
            }
            Ok(Outcome::InFlight { retry_after, same_body }) => {
                return Claimed::InFlight { retry_after, same_body };
            }
            Ok(Outcome::Completed { same_body, .. }) => {
                return Claimed::Completed { same_body };
            }
            Err(error) => self.report(&error, "claim"),
        }
        if let Some(refuse) = refuse {
            refuse();
            self.give_back(is_late.then_some(call)).await;
        }
        Claimed::Unknown
    }

    /// Gives back what a claim may have got whose answer is not known.
    ///
    /// A `late` call is still on its way, and may claim when it arrives: only a release after its
    /// end is the last one. The one before is for a store that is well again on other connections.
    async fn give_back(&self, late: Option<impl Future>) {
        if let Some(late) = late {
            let mut late = pin!(within(self.lease_left(), late));
            let mut release = pin!(self.release_until_answered());
            let mut is_released = false;
            poll_fn(|cx| {
                if late.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                is_released = is_released || release.as_mut().poll(cx).is_ready();
                Poll::Pending
            })
            .await;
        }
        self.release_until_answered().await;
    }

    /// Releases until the store has answered, or the lease is over: the failure that hid one answer
    /// may hide the next one too.
    async fn release_until_answered(&self) {
        let mut wait = FIRST_RETRY;
        while self.try_release().await.is_err() && !self.lease_left().is_zero() {
            tokio::time::sleep(wait.min(self.lease_left())).await;
            wait = wait.saturating_mul(4);
        }
    }

    /// Completes, once. `Ok` if the store answered, whether or not the claim was still held.
    pub(super) async fn complete(&self, status: u16) -> Result<(), StoreError> {
        let done = Completion::new(status);
        let retention = self.shared.settings.retention;
        let call = self.store.complete(&self.key, &self.token, &done, retention);
        match in_time(within(self.timeout(), call).await) {
            Ok(Held::Held) => Ok(()),
            Ok(Held::Lost) => {
                trace::error!(
                    target: "tower_webhooks",
                    key = %self.key,
                    "the handler outlived its lease: its event may have run twice"
                );
                Ok(())
            }
            Err(error) => {
                self.report(&error, "complete");
                Err(error)
            }
        }
    }

    /// Whether the handler's own transaction was committed. If not, or if the store does not say,
    /// what is still held is given back: the claim is asked for again with the same token, so
    /// whatever is not completed is this run's, or another's.
    pub(super) async fn is_committed(&self) -> bool {
        let claim = self.as_asked();
        match in_time(within(self.timeout(), self.store.claim(&claim)).await) {
            Ok(Outcome::Completed { .. }) => return true,
            Ok(_) => {
                trace::error!(
                    target: "tower_webhooks",
                    key = %self.key,
                    "the handler answered 2xx without committing the transaction that completes its event"
                );
            }
            Err(error) => self.report(&error, "confirm"),
        }
        self.release().await;
        false
    }

    /// Tries to complete again until the lease ends. The work is done and acknowledged: if this
    /// fails, a later delivery of the event runs it again.
    pub(super) async fn complete_until_lease_ends(&self, status: u16) {
        let mut wait = FIRST_RETRY;
        while !self.lease_left().is_zero() {
            tokio::time::sleep(wait.min(self.lease_left())).await;
            if self.complete(status).await.is_ok() {
                return;
            }
            wait = wait.saturating_mul(4);
        }
        trace::error!(
            target: "tower_webhooks",
            key = %self.key,
            "an acknowledged event could not be recorded: a later delivery will run it again"
        );
    }

    /// Gives the claim back. What cannot be given back is free when its lease ends.
    pub(super) async fn release(&self) {
        let _ = self.try_release().await;
    }

    async fn try_release(&self) -> Result<Held, StoreError> {
        let call = self.store.release(&self.key, &self.token);
        let released = in_time(within(self.timeout(), call).await);
        if let Err(error) = &released {
            self.report(error, "release");
        }
        released
    }

    fn lease_left(&self) -> Duration {
        self.shared.settings.lease.saturating_sub(self.since.elapsed())
    }

    fn timeout(&self) -> Duration {
        self.shared.settings.store_timeout
    }

    fn as_asked(&self) -> Claim<'_> {
        let settings = &self.shared.settings;
        let (lease, retention) = (settings.lease, settings.retention);
        let mut claim = Claim::new(&self.key, &self.token, &self.fingerprint, lease, retention);
        claim.evictable_after = settings.evictable_after;
        claim
    }

    fn report(&self, error: &StoreError, operation: &str) {
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        trace::error!(
            target: "tower_webhooks",
            key = %self.key,
            operation = operation,
            error = %error,
            cause = %cause,
            "the idempotency store failed"
        );
    }
}

/// An answer that did not come in time is an error like others.
fn in_time<T>(answer: Result<Result<T, StoreError>, Elapsed>) -> Result<T, StoreError> {
    answer.unwrap_or_else(|Elapsed| Err(StoreErrorKind::Timeout.into()))
}
