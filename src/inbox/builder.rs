//! Everything that is configured of an inbox.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower_service::Service;

use super::backend::InboxStore;
use super::backoff::Backoff;
use super::deposit::{Deposit, InboxService};
use super::dispatch::Dispatcher;
use super::handler::{BoxError, erase};
use super::operator::Inbox;
use super::run::Settings;
use super::workers::Workers;
use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::event::{Event, Payload};
use crate::layer::EventLayer;
use crate::layer::circuit::Circuit;

/// Configures an inbox. Made by [`EventLayer::inbox`].
///
/// The layer's own settings hold for it as well: `handler_timeout` for one run of the service,
/// `lease` for how long a run is left alone, `store_timeout` for one call of the database,
/// `retention` for how long a handled event is remembered. See the [module docs](super).
#[must_use = "nothing is received until `build` is called"]
pub struct InboxBuilder<T> {
    layer: EventLayer<T>,
    store: InboxStore,
    workers: usize,
    max_attempts: u32,
    backoff: Backoff,
    poll_interval: Duration,
}

impl<T> EventLayer<T> {
    /// Acknowledges each verified event as soon as it is kept in the database, and runs the service
    /// afterwards. See [`inbox`](crate::inbox) for what that promises.
    ///
    /// The layer's own store is not asked: the inbox is its memory.
    pub fn inbox(&self, store: impl Into<InboxStore>) -> InboxBuilder<T> {
        InboxBuilder {
            layer: self.clone(),
            store: store.into(),
            workers: 8,
            max_attempts: 12,
            backoff: Backoff {
                first: Duration::from_secs(1),
                longest: Duration::from_secs(60 * 60),
            },
            poll_interval: Duration::from_secs(1),
        }
    }
}

impl<T> InboxBuilder<T> {
    /// How many events are run at once, by this process. By default 8.
    pub const fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// How many runs may be begun of one event before it is dead. One that ended with its process
    /// counts. By default 12, which with the default waits takes half an hour to an hour.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// How long an event that failed waits: `first`, then twice as long each time, up to `longest`;
    /// each time a random part of at most half is left out. By default 1 s and 1 h.
    pub const fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = Backoff { first, longest };
        self
    }

    /// How often the workers ask for events that were received by another process, or are due for
    /// another attempt; what this process receives they are told of at once. By default 1 s.
    pub const fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Checks everything, and makes the receiver and the workers around a service of events.
    ///
    /// The receiver is a `Service<Request<B>>` for any body `B`, to be mounted as a
    /// [`WebhookService`](crate::WebhookService) is. The workers call a clone of the service for
    /// each event, once it is ready.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], whose text says what to do, for a number or a duration of zero, and for a
    /// first wait longer than the longest.
    pub fn build<S>(self, service: S) -> Result<(InboxService, Workers), ConfigError>
    where
        S: Service<Event<T>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        T: Payload + Send + 'static,
    {
        self.check()?;
        self.layer.serve_inbox(self.store.backend().endpoints());
        let settings = Settings {
            layer: self.layer.for_inbox(),
            workers: self.workers,
            max_attempts: self.max_attempts,
            backoff: self.backoff,
            poll_interval: self.poll_interval,
        };
        let inbox = Inbox::new(self.store, Arc::clone(&settings.layer.endpoint));
        let Inbox { store, endpoint, signals } = inbox.clone();
        let timeout = settings.layer.store_timeout;
        let deposit = Deposit {
            store: store.clone(),
            endpoint,
            signals: Arc::clone(&signals),
            timeout,
            circuit: Arc::new(Circuit::new()),
            observers: settings.layer.observers.clone(),
        };
        let handler = erase::<S, T>(service);
        let dispatcher = Dispatcher::new(store, Arc::new(settings), signals, handler);
        Ok((self.layer.around_memory(deposit), Workers { dispatcher, inbox }))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let limits = [
            (self.workers == 0, "workers", "no event would be run"),
            (self.max_attempts == 0, "max_attempts", "no event would be run"),
            (self.poll_interval.is_zero(), "poll_interval", "the database would get no rest"),
            (self.backoff.first.is_zero(), "backoff", "what fails would be run without rest"),
        ];
        if let Some((_, name, effect)) = limits.iter().find(|(is_zero, ..)| *is_zero) {
            let advice = format!("`{name}` is zero: {effect}");
            return Err(ConfigError::new(ConfigErrorKind::Limit, advice));
        }
        let Backoff { first, longest } = self.backoff;
        if first > longest {
            return Err(ConfigError::new(
                ConfigErrorKind::Limit,
                format!(
                    "the first wait of `backoff` ({first:?}) is longer than the longest ({longest:?}): swap them"
                ),
            ));
        }
        Ok(())
    }
}

impl<T> fmt::Debug for InboxBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxBuilder")
            .field("layer", &self.layer)
            .field("store", &self.store)
            .field("workers", &self.workers)
            .field("max_attempts", &self.max_attempts)
            .field("backoff", &self.backoff)
            .field("poll_interval", &self.poll_interval)
            .finish()
    }
}
