//! Everything that is configured of a layer, and checked against each other in one place.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::answer::{OnRejection, Refused};
use super::circuit::Circuit;
use super::drain::Runs;
use super::late::LateClaims;
use super::limits::BufferedBytes;
use super::observe::{Observer, Observers};
use super::retention::Retention;
use super::served::Served;
use super::{Settings, Shared, WebhookLayer};
use crate::clock::{Clock, SystemClock};
use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::store::erased::ErasedStore;
use crate::store::tokens::Tokens;
use crate::store::{IdempotencyStore, Memory, MemoryStore};
use crate::verifiers::Verifiers;

/// The cap on a body where no sender of the layer is known to send more, in bytes.
const DEFAULT_MAX_BODY: usize = 2 * 1024 * 1024;
/// What is left of a lease for everything but handler and store.
const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// What a record outlives the last moment at which its signature is fresh.
pub(super) const RETENTION_MARGIN: Duration = Duration::from_secs(60);

/// Configures a [`WebhookLayer`]. Made by [`WebhookLayer::builder`].
#[must_use = "nothing is verified until `build` is called"]
pub struct WebhookLayerBuilder {
    endpoint: Arc<str>,
    verifiers: Verifiers,
    store: Store,
    clock: Arc<dyn Clock>,
    observers: Observers,
    max_body: usize,
    body_timeout: Duration,
    key_timeout: Duration,
    handler_timeout: Duration,
    store_timeout: Duration,
    lease: Option<Duration>,
    retention: Option<Duration>,
    max_buffered_bytes: usize,
    max_runs: usize,
    fail_open: bool,
    inside_request: bool,
    shares_endpoint: bool,
}

enum Store {
    /// Made when the layer is, with the layer's clock.
    Memory,
    Given(Arc<dyn ErasedStore>),
    None,
}

impl WebhookLayerBuilder {
    pub(super) fn new(endpoint: Arc<str>, verifiers: Verifiers) -> Self {
        let known = verifiers.iter().filter_map(|verifier| verifier.provider().max_body).max();
        Self {
            endpoint,
            max_body: known.unwrap_or(0).max(DEFAULT_MAX_BODY),
            verifiers,
            store: Store::Memory,
            clock: Arc::new(SystemClock),
            observers: Observers::only_log(),
            body_timeout: Duration::from_secs(10),
            key_timeout: Duration::from_secs(5),
            handler_timeout: Duration::from_secs(30),
            store_timeout: Duration::from_secs(1),
            lease: None,
            retention: None,
            max_buffered_bytes: 64 * 1024 * 1024,
            max_runs: 1024,
            fail_open: false,
            inside_request: false,
            shares_endpoint: false,
        }
    }

    /// Where handled events are remembered. By default a [`MemoryStore`] of this layer's own.
    pub fn store(mut self, store: impl IdempotencyStore) -> Self {
        self.store = Store::Given(Arc::new(store));
        self
    }

    /// No idempotency store: **every delivery of an event runs the handler**, and anyone who
    /// captured a request can replay it while its time is fresh, or for ever where the sender signs
    /// none. Your handler must make each effect happen once, for instance with
    /// [`Event::replay_key`](crate::Event::replay_key) in a `UNIQUE` column.
    pub fn insecure_without_replay_protection(mut self) -> Self {
        self.store = Store::None;
        self
    }

    /// Runs the handler without a claim when the store does not answer, instead of answering 503:
    /// **an event may then be handled twice, and at the same time**. Your handler sees it by
    /// [`Event::fence`](crate::Event::fence) being `None`.
    pub fn insecure_fail_open(mut self) -> Self {
        self.fail_open = true;
        self
    }

    /// The clock that signed times are compared with. By default the system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Called once for each request that the layer refuses, and for each event whose payload does
    /// not parse or whose service of events fails, with the exact reason. It runs on the request's
    /// task: keep it short.
    ///
    /// A status that a handler of requests answers by itself is none of these;
    /// [`observer`](Self::observer) tells of it.
    pub fn on_rejection(self, call: impl Fn(&Refused<'_>) + Send + Sync + 'static) -> Self {
        self.observer(OnRejection(call))
    }

    /// Is told of all that happens to requests and events, beside the log. Call it once for each
    /// observer. See [`observe`](super::observe).
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.others.push(Arc::new(observer));
        self
    }

    /// Writes no lines to the log: **refusals and failures are then known to your
    /// [`observer`](Self::observer) alone**.
    pub const fn without_log(mut self) -> Self {
        self.observers.logs = false;
        self
    }

    /// The largest body, in bytes; more is answered 413. By default 2 MiB, or what the provider is
    /// known to send if that is more.
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// How long a body may take to arrive; more is answered 408. By default 10 s.
    pub const fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// How long a [`KeySource`](crate::KeySource) may take; more is answered 503. By default 5 s.
    pub const fn key_timeout(mut self, timeout: Duration) -> Self {
        self.key_timeout = timeout;
        self
    }

    /// How long the handler may take, and how long the wrapped service may take to become ready;
    /// more is answered 503, and the claim released. By default 30 s.
    pub const fn handler_timeout(mut self, timeout: Duration) -> Self {
        self.handler_timeout = timeout;
        self
    }

    /// How long the store may take for one operation; more is answered 503. By default 1 s.
    pub const fn store_timeout(mut self, timeout: Duration) -> Self {
        self.store_timeout = timeout;
        self
    }

    /// How long a claim holds before somebody else may take over: at least `handler_timeout`, twice
    /// `store_timeout` and 5 s together. By default 60 s, or that sum if it is more.
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = Some(lease);
        self
    }

    /// How long a handled event is remembered: longer than the lease, longer than twice the
    /// tolerance and a minute together, and better longer than the sender's retries. By default
    /// 7 days, or what each event's provider says. An event that only says "look again"
    /// ([`Identity::ShortDigest`](crate::provider::Identity::ShortDigest)) is remembered for a minute,
    /// whatever is set here.
    pub const fn retention(mut self, retention: Duration) -> Self {
        self.retention = Some(retention);
        self
    }

    /// The maximum total size of request bodies being read, in bytes, over all requests of the layer;
    /// beyond it the answer is 503. By default 64 MiB.
    pub const fn max_buffered_bytes(mut self, bytes: usize) -> Self {
        self.max_buffered_bytes = bytes;
        self
    }

    /// How many events may be waiting for or in their handler at once, those whose sender hung up
    /// included; more are answered 503. By default 1,024.
    pub const fn max_runs(mut self, runs: usize) -> Self {
        self.max_runs = runs;
        self
    }

    /// Shares the memory of its endpoint with another layer on purpose: one logical endpoint behind
    /// two routes, say, where an event that came by one shall not run again by the other. Without
    /// it, a second layer of the same name over the same store is
    /// [told of](super::observe::Observation::EndpointShared) in the log when it is built.
    pub const fn shares_endpoint(mut self) -> Self {
        self.shares_endpoint = true;
        self
    }

    /// Leaves nothing to be done after the answer, and starts no task: for AWS Lambda and the like,
    /// where a process is stopped as soon as it has answered.
    ///
    /// What would go on by itself otherwise is done before the answer, for no longer than twice
    /// [`store_timeout`](Self::store_timeout): completing an event after its store did not answer,
    /// or giving back a claim whose answer was lost. What that leaves undone, and a run whose
    /// response future is dropped, is free to run again when its lease ends.
    pub const fn keep_inside_request(mut self) -> Self {
        self.inside_request = true;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], whose text says what to do: a lease shorter than the time-outs it must
    /// outlast, a retention shorter than lease or tolerance, a limit of zero.
    pub fn build(self) -> Result<WebhookLayer, ConfigError> {
        let limits = [
            (self.max_body == 0, "max_body"),
            (self.max_buffered_bytes == 0, "max_buffered_bytes"),
            (self.max_runs == 0, "max_runs"),
            (self.body_timeout.is_zero(), "body_timeout"),
            (self.key_timeout.is_zero(), "key_timeout"),
            (self.handler_timeout.is_zero(), "handler_timeout"),
            (self.store_timeout.is_zero(), "store_timeout"),
        ];
        if let Some((_, name)) = limits.iter().find(|(is_zero, _)| *is_zero) {
            return Err(ConfigError::new(
                ConfigErrorKind::Limit,
                format!("`{name}` is zero: no request could pass"),
            ));
        }
        if self.max_buffered_bytes < self.max_body {
            return Err(ConfigError::new(
                ConfigErrorKind::Limit,
                format!(
                    "`max_buffered_bytes` ({}) is less than one body of `max_body` ({}): raise it, better to several bodies",
                    self.max_buffered_bytes, self.max_body
                ),
            ));
        }
        let (least_lease, least_retention) = (self.least_lease(), self.least_retention());
        if let Some(lease) = self.lease.filter(|lease| *lease < least_lease) {
            return Err(ConfigError::new(
                ConfigErrorKind::Lease,
                format!(
                    "a lease of {lease:?} may end while the handler runs, and a second one would start: give at least {least_lease:?} (`handler_timeout`, twice `store_timeout`, 5 s), or shorten the time-outs"
                ),
            ));
        }
        if let Some(retention) = self.retention.filter(|retention| *retention < least_retention) {
            return Err(ConfigError::new(
                ConfigErrorKind::Retention,
                format!(
                    "an event forgotten after {retention:?} could be replayed while its signature is fresh, or while it runs: give at least {least_retention:?} (twice the tolerance and 60 s; longer than the lease)"
                ),
            ));
        }
        Ok(self.unchecked())
    }

    /// The layer, for settings that are in order: the defaults always are.
    pub(super) fn unchecked(self) -> WebhookLayer {
        let (lease, retention) = (self.chosen_lease(), self.retention_of_events());
        let store: Option<Arc<dyn ErasedStore>> = match self.store {
            Store::Memory => {
                let clock = Arc::clone(&self.clock);
                Some(Arc::new(MemoryStore::builder().clock(clock).build()))
            }
            Store::Given(store) => Some(store),
            Store::None => None,
        };
        let served = Served::default();
        if let Some(store) = &store {
            served.note(
                (store.endpoints(), Memory::Claims),
                &self.endpoint,
                &self.verifiers,
                self.shares_endpoint,
                &self.observers,
            );
        }
        let shared = Shared {
            served,
            shares_endpoint: self.shares_endpoint,
            endpoint: self.endpoint,
            verifiers: self.verifiers,
            store,
            circuit: Circuit::new(),
            clock: self.clock,
            observers: self.observers,
            buffered: BufferedBytes::new(self.max_buffered_bytes),
            runs: Runs::new(self.max_runs),
            deliveries: Arc::default(),
            late_claims: LateClaims::default(),
            tokens: Tokens::default(),
            settings: Settings {
                max_body: self.max_body,
                body_timeout: self.body_timeout,
                key_timeout: self.key_timeout,
                handler_timeout: self.handler_timeout,
                store_timeout: self.store_timeout,
                lease,
                retention,
                fail_open: self.fail_open,
                inside_request: self.inside_request,
                is_for_inbox: false,
            },
        };
        WebhookLayer { shared: Arc::new(shared) }
    }

    fn least_lease(&self) -> Duration {
        self.handler_timeout
            .saturating_add(self.store_timeout.saturating_mul(2))
            .saturating_add(LEASE_MARGIN)
    }

    fn chosen_lease(&self) -> Duration {
        self.lease.unwrap_or_else(|| self.least_lease().max(Duration::from_secs(60)))
    }

    fn retention_of_events(&self) -> Retention {
        Retention { chosen: self.retention, lease: self.chosen_lease() }
    }

    fn least_retention(&self) -> Duration {
        let retention = self.retention_of_events();
        let least = self.verifiers.iter().map(|verifier| retention.least(verifier.plan())).max();
        least.unwrap_or_default()
    }
}

impl fmt::Debug for WebhookLayerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookLayerBuilder")
            .field("endpoint", &self.endpoint)
            .field("verifiers", &self.verifiers)
            .finish_non_exhaustive()
    }
}
