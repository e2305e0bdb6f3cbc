//! One claim of one run: made, completed or released, each within the store's time-out.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::Shared;
use super::catch::{CatchPanic, Panic, text_of};
use super::observe::Observation;
use super::within::{Elapsed, within};
use crate::event::Event;
use crate::store::erased::{ErasedStore, OwnedClaim, StoreFuture};
use crate::store::run::{Attempt, HeldClaim};
use crate::store::{Completion, Held, Outcome, StoreError, StoreErrorKind};

/// The first wait before what failed is tried again; each further one is four times as
/// long, the last one as long as the lease.
const FIRST_RETRY: Duration = Duration::from_millis(100);
/// How long a claim whose request was answered is waited for, in times of the store.
const LATE: u32 = 3;

/// A claim of one event. What it asks of the store, it asks as the owner of one token.
pub(super) struct ClaimOf {
    shared: Arc<Shared>,
    store: Arc<dyn ErasedStore>,
    asked: OwnedClaim,
    /// How long the completed event is remembered.
    retention: Duration,
    /// A little before the store began to count the lease.
    since: Instant,
}

/// How a claim came out.
pub(super) enum Claimed {
    /// The caller runs the event.
    New(Attempt),
    /// Somebody else does.
    InFlight { retry_after: Duration, same_body: bool },
    /// It was handled before, with this status.
    Completed { status: u16, same_body: bool },
    /// The store is known to be down, and was not asked.
    NotAsked,
    /// The store did not say: what it may have given is to be [given back](ClaimOf::give_back).
    Unknown { late: Option<Pending> },
}

/// A claim that is still on its way.
type Pending = CatchPanic<StoreFuture<'static, Outcome>>;

impl ClaimOf {
    /// `None` if the layer has no store.
    pub(super) fn new(shared: &Arc<Shared>, event: &Event) -> Option<Self> {
        let store = shared.store.as_ref()?;
        let settings = &shared.settings;
        let lifetime = settings.retention.lifetime(event);
        Some(Self {
            shared: Arc::clone(shared),
            store: Arc::clone(store),
            asked: OwnedClaim {
                key: event.replay_key(),
                token: shared.tokens.next(),
                fingerprint: event.body_mark(),
                lease: settings.lease,
                ttl: lifetime.in_flight,
                evictable_after: lifetime.evictable_after,
            },
            retention: lifetime.completed,
            since: Instant::now(),
        })
    }

    pub(super) async fn claim(&self, event: &Event) -> Claimed {
        let circuit = &self.shared.circuit;
        if !circuit.lets_pass() {
            return Claimed::NotAsked;
        }
        let mut call = self.ask();
        let answer = within(self.timeout(), &mut call).await;
        let is_late = answer.is_err();
        let answer = in_time(answer);
        if let Some(turn) = circuit.note(&self.asked.key, &answer) {
            self.shared.tell(event, &turn.observation());
        }
        match answer {
            Ok(Outcome::New { fence, attempt }) => {
                let OwnedClaim { key, token, .. } = self.asked;
                let held = HeldClaim::new(key, token, self.retention);
                Claimed::New(Attempt { number: attempt, fence: Some(fence), claim: Some(held) })
            }
            Ok(Outcome::InFlight { retry_after, same_body }) => {
                Claimed::InFlight { retry_after, same_body }
            }
            Ok(Outcome::Completed { record, same_body }) => {
                Claimed::Completed { status: record.status, same_body }
            }
            Err(error) => {
                self.report(event, &error, "claim");
                Claimed::Unknown { late: is_late.then_some(call) }
            }
        }
    }

    fn ask(&self) -> Pending {
        CatchPanic::new(Arc::clone(&self.store).claim(self.asked))
    }

    /// Gives back what a claim may have got whose answer is not known: a claim that nobody will run
    /// must not hold its key for a whole lease.
    ///
    /// A late call is still on its way, and may claim when it arrives: only a release after its end
    /// is the last one. The one before is for a store that is well again on other connections. The
    /// late call holds one of those, so it is given up after a while, or at once where there are
    /// several already.
    pub(super) async fn give_back(self, event: Event, late: Option<Pending>) {
        if let (Some(late), Some(_place)) = (late, self.shared.late_claims.wait_for_one()) {
            let limit = self.timeout().saturating_mul(LATE).min(self.lease_left());
            let mut late = pin!(within(limit, late));
            let mut release = pin!(self.release_until_answered(&event));
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
        self.release_until_answered(&event).await;
    }

    /// Releases until the store has answered, or the lease is over: the failure that hid one answer
    /// may hide the next one too.
    async fn release_until_answered(&self, event: &Event) {
        let mut wait = FIRST_RETRY;
        while self.try_release(event).await.is_err() && !self.lease_left().is_zero() {
            tokio::time::sleep(wait.min(self.lease_left())).await;
            wait = wait.saturating_mul(4);
        }
    }

    /// Completes, once. `Ok` if the store answered, whether or not the claim was still held.
    pub(super) async fn complete(&self, event: &Event, status: u16) -> Result<Held, StoreError> {
        let OwnedClaim { key, token, .. } = self.asked;
        let done = Completion::new(status);
        let call = Arc::clone(&self.store).complete(key, token, done, self.retention);
        match self.call(call).await {
            Ok(Held::Held) => Ok(Held::Held),
            Ok(Held::Lost) => {
                self.shared.tell(event, &Observation::Overtaken {});
                Ok(Held::Lost)
            }
            Err(error) => {
                self.report(event, &error, "complete");
                Err(error)
            }
        }
    }

    /// Whether the handler's own transaction was committed. If not, or if the store does not say,
    /// what is still held is given back: the claim is asked for again with the same token, so
    /// whatever is not completed is this run's, or another's.
    pub(super) async fn is_committed(&self, event: &Event) -> bool {
        match in_time(within(self.timeout(), self.ask()).await) {
            Ok(Outcome::Completed { .. }) => return true,
            Ok(_) => {}
            Err(error) => self.report(event, &error, "confirm"),
        }
        self.release(event).await;
        false
    }

    /// Tries to complete again until the lease ends. The work is done and acknowledged: if this
    /// fails, a later delivery of the event runs it again.
    pub(super) async fn complete_until_lease_ends(self, event: Event, status: u16) {
        let mut wait = FIRST_RETRY;
        while !self.lease_left().is_zero() {
            tokio::time::sleep(wait.min(self.lease_left())).await;
            if self.complete(&event, status).await.is_ok() {
                return;
            }
            wait = wait.saturating_mul(4);
        }
        self.shared.tell(&event, &Observation::Unrecorded {});
    }

    /// Gives the claim back. What cannot be given back is free when its lease ends.
    pub(super) async fn release(&self, event: &Event) {
        let _ = self.try_release(event).await;
    }

    async fn try_release(&self, event: &Event) -> Result<Held, StoreError> {
        let OwnedClaim { key, token, .. } = self.asked;
        let released = self.call(Arc::clone(&self.store).release(key, token)).await;
        if let Err(error) = &released {
            self.report(event, error, "release");
        }
        released
    }

    async fn call<T>(&self, call: StoreFuture<'static, T>) -> Result<T, StoreError> {
        in_time(within(self.timeout(), CatchPanic::new(call)).await)
    }

    fn lease_left(&self) -> Duration {
        self.asked.lease.saturating_sub(self.since.elapsed())
    }

    fn timeout(&self) -> Duration {
        self.shared.settings.store_timeout
    }

    fn report(&self, event: &Event, error: &StoreError, operation: &str) {
        self.shared.tell(event, &Observation::StoreFailed { operation, error });
    }
}

/// An answer that did not come in time is an error like others, and so is a panic.
fn in_time<T>(
    answer: Result<Result<Result<T, StoreError>, Panic>, Elapsed>,
) -> Result<T, StoreError> {
    match answer {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => {
            let cause = format!("the store panicked: {}", text_of(&panic));
            Err(StoreError::with_source(StoreErrorKind::Unavailable, cause))
        }
        Err(_) => Err(StoreErrorKind::Timeout.into()),
    }
}
