//! The loop that takes events and has them run.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::backend::{Batch, InboxStore, Take, Taken, VANISHED};
use super::handler::{Failure, Handler, Handling};
use super::portion::Portion;
use super::run::{Run, Settings, panicked};
use super::signals::Signals;
use super::window::Window;
use crate::event::{Event, Stored};
use crate::layer::observe::{Observation, Subject};
use crate::layer::within::within;
use crate::store::run::{Attempt, HeldClaim, Table};
use crate::store::tokens::Tokens;
use crate::store::{Key, StoreError, StoreErrorKind, Token};

/// How often events that were done long ago are dropped, while none are left over.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How many of them by one statement.
const SWEEP_BATCH: u32 = 500;
/// Between two such statements, so that others get their turn.
const SWEEP_PAUSE: Duration = Duration::from_millis(20);
/// A database that is down is asked at least this often.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How many events, with their bodies, come by one call.
const MOST: usize = 64;
/// What is so long is for ever, and can be added to any time.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// One worker pool at work.
pub(super) struct Dispatcher {
    pub(super) store: InboxStore,
    pub(super) settings: Arc<Settings>,
    pub(super) signals: Arc<Signals>,
    pub(super) handler: Handler,
    tokens: Tokens,
    state: State,
}

struct State {
    runs: JoinSet<()>,
    /// Whether to ask for events before waiting.
    look: bool,
    /// Whether there may be more than was taken last.
    more: bool,
    /// How many events to ask for. Halved by each call that fails: so many large bodies may take
    /// longer than a call may.
    most: usize,
    /// How many calls failed in a row.
    failures: u32,
    /// The owner of a call whose answer was lost, and when: it may have taken events that nobody
    /// runs.
    lost: Option<(Token, Instant)>,
    window: Window,
    look_at: Instant,
    sweep_at: Instant,
    sweep: Portion,
    /// Whether there may be more to drop than one statement did.
    left_to_sweep: bool,
}

/// What ended a wait.
enum WokenBy {
    Call,
    Run,
    Time,
}

impl Dispatcher {
    pub(super) fn new(
        store: InboxStore,
        settings: Arc<Settings>,
        signals: Arc<Signals>,
        handler: Handler,
    ) -> Self {
        let state = State {
            runs: JoinSet::new(),
            look: true,
            more: false,
            most: MOST,
            failures: 0,
            lost: None,
            window: Window::default(),
            look_at: Instant::now(),
            sweep_at: Instant::now(),
            sweep: Portion::up_to(SWEEP_BATCH),
            left_to_sweep: false,
        };
        Self { store, settings, signals, handler, tokens: Tokens::default(), state }
    }

    /// Works until it is told to stop, and what was begun has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cuts the runs off; their leases end, and they are run again.
    pub(super) async fn run(mut self) {
        loop {
            while self.state.runs.try_join_next().is_some() {}
            self.signals.set_running(self.state.runs.len());
            if self.signals.is_stopping() {
                if self.state.runs.join_next().await.is_none() {
                    return;
                }
                continue;
            }
            let free = self.settings.workers.saturating_sub(self.state.runs.len());
            if self.state.look && free > 0 {
                self.look(free).await;
                continue;
            }
            match self.wait(free > 0).await {
                // A database that is down is not asked more often for being called.
                WokenBy::Run => self.state.look |= self.state.more && self.state.failures == 0,
                WokenBy::Call => self.state.look |= self.state.failures == 0,
                WokenBy::Time => self.state.look = true,
            }
        }
    }

    /// Takes as many events as can be run now, and starts them.
    async fn look(&mut self, free: usize) {
        self.state.look = false;
        let since = Instant::now();
        let limit = free.min(self.state.most);
        let window = self.state.window.next();
        match self.take(limit, window).await {
            Ok((owner, batch)) => {
                self.state.failures = 0;
                self.state.most = self.state.most.saturating_mul(2).min(MOST);
                self.state.more = batch.len() >= limit;
                self.state.window.looked(window, since, !self.state.more);
                self.state.look = self.state.more;
                self.begin(owner, since, batch);
                self.sweep().await;
            }
            Err(error) => {
                self.state.failures = self.state.failures.saturating_add(1);
                self.state.most = (limit / 2).max(1);
                self.state.window.failed(window, since.elapsed());
                self.report(&error, "take");
            }
        }
        self.state.look_at = later(self.pause());
        if self.state.failures == 0 && self.state.left_to_sweep {
            self.state.look_at = self.state.look_at.min(self.state.sweep_at);
        }
    }

    /// How long a call may take: twice as long after each that failed, as it may be large events, or
    /// many that were handled, that make it slow.
    fn patience(&self) -> Duration {
        let layer = &self.settings.layer;
        let factor = 1_u32.checked_shl(self.state.failures).unwrap_or(u32::MAX);
        let part = layer.lease.checked_div(4).unwrap_or_default();
        let longest = layer.store_timeout.max(part);
        layer.store_timeout.saturating_mul(factor).min(longest)
    }

    async fn take(
        &mut self,
        limit: usize,
        window: Option<Duration>,
    ) -> Result<(Token, Batch), StoreError> {
        let patience = self.patience();
        let layer = &self.settings.layer;
        let backend = self.store.backend();
        if let Some((lost, at)) = &self.state.lost {
            // What a lease does not hold any more is free without it.
            if at.elapsed() < layer.lease {
                in_time(layer.store_timeout, backend.give_back(&layer.endpoint, lost)).await?;
            }
            self.state.lost = None;
        }
        let owner = self.tokens.next();
        let take = Take {
            endpoint: &layer.endpoint,
            owner: &owner,
            lease: layer.lease,
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            max_attempts: self.settings.max_attempts,
            window,
        };
        let taken = async {
            let mut batch = in_time(patience, backend.take(take)).await?;
            let keys: Vec<Key> = batch.taken.iter().map(|taken| taken.key).collect();
            if !keys.is_empty() {
                let begun = in_time(layer.store_timeout, backend.begin(&owner, &keys)).await?;
                batch.taken.retain(|taken| begun.contains(&taken.key));
            }
            Ok(batch)
        };
        match taken.await {
            Ok(batch) => Ok((owner, batch)),
            Err(error) => {
                self.state.lost = Some((owner, Instant::now()));
                Err(error)
            }
        }
    }

    fn begin(&mut self, owner: Token, since: Instant, batch: Batch) {
        let layer = &self.settings.layer;
        let of = Subject::endpoint_of(&layer.endpoint);
        for key in &batch.died {
            let died = Observation::Died { tries: None, error: VANISHED };
            layer.observers.tell(&of.key_of(*key), &died);
        }
        for error in &batch.unreadable {
            self.report(error, "read");
        }
        for taken in batch.taken {
            let Taken { key, fence, attempt, tries, event } = taken;
            let (store, settings) = (self.store.clone(), Arc::clone(&self.settings));
            let event = self.restored(event);
            // What cannot be restored is never done.
            let of = |event: &Event| settings.layer.retention.of(event);
            let retention = event.as_ref().map_or(Duration::ZERO, of);
            let claim = HeldClaim::of(Table::Inbox, key, owner, retention);
            let in_run = Attempt { number: attempt, fence: Some(fence), claim: Some(claim) };
            let handling = event.and_then(|event| self.handling(event.in_run(in_run)));
            let event = handling.as_ref().ok().map(|(event, _)| event.clone());
            let run = Run { store, settings, key, owner, since, tries, retention, event };
            self.state.runs.spawn(run.run(handling));
        }
    }

    fn report(&self, error: &StoreError, operation: &str) {
        let layer = &self.settings.layer;
        let of = Subject::endpoint_of(&layer.endpoint);
        layer.observers.tell(&of, &Observation::StoreFailed { operation, error });
    }

    fn restored(&self, stored: Result<Stored, StoreError>) -> Result<Event, Failure> {
        let stored = stored.map_err(|error| Failure::Failed(error.to_string()))?;
        let layer = &self.settings.layer;
        let mut verifiers = layer.verifiers.iter();
        let verifier = verifiers.find(|verifier| verifier.provider().name() == &*stored.provider);
        let Some(verifier) = verifier else {
            let provider = &stored.provider;
            return Err(Failure::Failed(format!(
                "the provider `{provider}` is no longer one of this endpoint"
            )));
        };
        Ok(Event::restored(stored, Arc::clone(verifier.plan()), Arc::clone(&layer.endpoint)))
    }

    fn handling(&mut self, event: Event) -> Result<(Event, Handling), Failure> {
        // It clones the user's service, which may do anything; the loop must outlive that.
        match catch_unwind(AssertUnwindSafe(|| (self.handler)(event.clone()))) {
            Ok(handling) => Ok((event, handling)),
            Err(panic) => Err(Failure::Failed(panicked(&panic))),
        }
    }

    /// Drops what was done long ago: at once while there is more than one statement drops.
    async fn sweep(&mut self) {
        if Instant::now() < self.state.sweep_at {
            return;
        }
        let layer = &self.settings.layer;
        let (portion, since) = (self.state.sweep.size(), Instant::now());
        let call = self.store.backend().sweep(&layer.endpoint, portion);
        let swept = in_time(layer.store_timeout, call).await;
        self.state.sweep.took(since.elapsed());
        self.state.left_to_sweep =
            swept.as_ref().is_ok_and(|dropped| *dropped >= u64::from(portion));
        self.state.sweep_at =
            later(if self.state.left_to_sweep { SWEEP_PAUSE } else { SWEEP_EVERY });
        if let Err(error) = swept {
            self.report(&error, "sweep");
        }
    }

    /// Waits until somebody calls, a run ends, or it is time to ask again.
    async fn wait(&mut self, is_free: bool) -> WokenBy {
        let mut called = pin!(self.signals.woken());
        let mut timer = pin!(sleep_until(self.state.look_at));
        let runs = &mut self.state.runs;
        poll_fn(|cx| {
            if called.as_mut().poll(cx).is_ready() {
                return Poll::Ready(WokenBy::Call);
            }
            if let Poll::Ready(Some(_)) = runs.poll_join_next(cx) {
                return Poll::Ready(WokenBy::Run);
            }
            if is_free && timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(WokenBy::Time);
            }
            Poll::Pending
        })
        .await
    }

    /// Longer while the database does not answer.
    fn pause(&self) -> Duration {
        let doublings = self.state.failures.min(16);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let longest = LONGEST_WAIT.max(self.settings.poll_interval);
        self.settings.poll_interval.saturating_mul(factor).min(longest)
    }
}

fn later(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait.min(FOR_EVER)).unwrap_or(now)
}

async fn in_time<A>(
    limit: Duration,
    call: impl Future<Output = Result<A, StoreError>>,
) -> Result<A, StoreError> {
    match within(limit, call).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreErrorKind::Timeout.into()),
    }
}
