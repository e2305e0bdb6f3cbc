//! The layer: from a request to a verified, first-time event, and back to an answer.
//!
//! ```text
//!       head only                                   frame by frame   after the last byte
//! req ─► admit ─► unsigned handshake? ─► keys ─────► read + hash ───► finish ─► signed handshake?
//!                                                                       │
//! response ◄─ settle ◄─ run ◄─ claim ◄─ inner service ready ◄─ identify ◄┘
//! ```
//!
//! `service` walks the first half of this line, up to a verified event and a service that is ready
//! for it; `run` is the second. Both are polled in place. When a sender hangs up, what is left of the
//! second half goes on as a task of its own, so that a handler is not cancelled by that.
//!
//! # Use
//!
//! [`WebhookLayer::new`] takes the defaults and cannot fail. The builder changes them, and checks
//! them against each other:
//!
//! ```
//! use std::time::Duration;
//! use tower_webhooks::layer::Drained;
//! use tower_webhooks::{WebhookLayer, providers::SHOPIFY, store::MemoryStore};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), tower_webhooks::ConfigError> {
//! let verifier = SHOPIFY.verifier("a client secret").topics(["orders/create"]).build()?;
//! let orders = WebhookLayer::builder("orders", verifier)
//!     .store(MemoryStore::builder().max_entries(100_000).build())
//!     .max_body(256 * 1024)
//!     .handler_timeout(Duration::from_secs(4)) // Shopify waits 5 s
//!     .on_rejection(|refused| eprintln!("{}: {}", refused.endpoint, refused.rejection))
//!     .build()?;
//!
//! // At the end of the process: no new events, and time for those that are being handled.
//! assert_eq!(orders.drain_handle().drain(Duration::from_secs(10)).await, Drained::All);
//! # Ok(())
//! # }
//! ```
//!
//! Put it around the route of the sender. Around a whole router it would refuse the requests for
//! every other route as well, and for those that do not exist.
//!
//! # Order of layers
//!
//! - **Outside**: tracing, and a global concurrency limit or load shedding that shall also hold
//!   strangers off.
//! - **Inside**: limits that shall count verified events only. The wrapped service is asked for
//!   readiness after verification, so a stranger who trickles a body never holds a permit of a
//!   `ConcurrencyLimit` inside. Give inner time-outs less than the layer's `handler_timeout`.
//! - Nothing outside may change or decompress the body. The layer has its own cap and deadline for
//!   bodies; an outer body limit must not be smaller than the sender's bodies.
//!
//! # Cancel safety
//!
//! Dropping the response future before the claim leaves no trace. After it, what is left of the run
//! goes on as a task of the runtime that the service was called in: the handler finishes, and the
//! sender's retry finds the event completed. Where a process is stopped once a request has its answer
//! (AWS Lambda), [`keep_inside_request`](WebhookLayerBuilder::keep_inside_request).

mod answer;
mod background;
mod body;
mod builder;
pub(crate) mod catch;
pub(crate) mod circuit;
mod claim;
mod deliveries;
mod drain;
mod events;
mod future;
#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
mod inbox;
mod late;
mod limits;
pub mod observe;
mod read;
mod receive;
mod retention;
mod run;
pub(crate) mod served;
mod service;
mod walk;
pub(crate) mod within;

pub use answer::Refused;
pub use body::{FullBody, ResponseBody, VerifiedBody};
pub use builder::WebhookLayerBuilder;
pub use drain::{DrainHandle, Drained, drain_all};
pub use events::{EventLayer, EventService, HandleEvent};
pub use future::ResponseFuture;
#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
pub(crate) use inbox::{ForInbox, time_to_keep};
pub use service::WebhookService;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower_layer::Layer;

use crate::clock::Clock;
use crate::store::erased::ErasedStore;
use crate::store::tokens::Tokens;
use crate::verifiers::Verifiers;
use circuit::Circuit;
use deliveries::Deliveries;
use drain::Runs;
use late::LateClaims;
use limits::BufferedBytes;
use observe::Observers;
pub(crate) use retention::Retention;
use served::Served;

/// Wraps a service so that it sees only verified, first-time events.
///
/// See the [crate docs](crate) for an example, the [module docs](self) for the walk of a request
/// and the order of layers.
///
/// # Clone
///
/// Cheap; clones share verifier, store and limits.
#[derive(Clone)]
pub struct WebhookLayer {
    shared: Arc<Shared>,
}

/// What all services of one layer share.
struct Shared {
    endpoint: Arc<str>,
    /// Held for its drop, and for inboxes.
    #[allow(dead_code, reason = "which of it is used depends on the features")]
    served: Served,
    #[allow(dead_code, reason = "only an inbox asks for it later")]
    shares_endpoint: bool,
    verifiers: Verifiers,
    /// `None` only by a name that says so.
    store: Option<Arc<dyn ErasedStore>>,
    circuit: Circuit,
    clock: Arc<dyn Clock>,
    observers: Observers,
    buffered: BufferedBytes,
    runs: Runs,
    deliveries: Arc<Deliveries>,
    late_claims: LateClaims,
    tokens: Tokens,
    settings: Settings,
}

/// Durations and bounds, checked against each other.
#[derive(Debug, Clone, Copy)]
struct Settings {
    max_body: usize,
    body_timeout: Duration,
    key_timeout: Duration,
    handler_timeout: Duration,
    store_timeout: Duration,
    lease: Duration,
    retention: Retention,
    fail_open: bool,
    /// Whether nothing may go on once a request has its answer.
    inside_request: bool,
    /// Whether the wrapped service keeps the events.
    is_for_inbox: bool,
}

impl WebhookLayer {
    /// A layer with the defaults: a memory store, 2 MiB of body or what the provider needs, 10 s
    /// for the body, 30 s for the handler, 7 days of memory or what the provider's senders need.
    ///
    /// The endpoint's name is part of the replay key. Two layers over one store with one name
    /// share their memory: give each endpoint its own, or say
    /// [`shares_endpoint`](WebhookLayerBuilder::shares_endpoint).
    #[must_use]
    pub fn new(endpoint: impl Into<Arc<str>>, verifiers: impl Into<Verifiers>) -> Self {
        WebhookLayerBuilder::new(endpoint.into(), verifiers.into()).unchecked()
    }

    /// A layer to be configured, around one [`Verifier`](crate::Verifier) or several
    /// [`Verifiers`].
    pub fn builder(
        endpoint: impl Into<Arc<str>>,
        verifiers: impl Into<Verifiers>,
    ) -> WebhookLayerBuilder {
        WebhookLayerBuilder::new(endpoint.into(), verifiers.into())
    }

    /// The same layer around a service that takes events instead of requests: no HTTP in sight.
    ///
    /// Its `Ok` becomes the acknowledgement; its `Err` releases the claim and answers 500, so that
    /// the sender tries again, as does a payload that does not parse into `T`.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use serde::Deserialize;
    /// use tower::ServiceBuilder;
    /// use tower_webhooks::{Event, WebhookLayer, providers::GITHUB};
    ///
    /// #[derive(Deserialize)]
    /// struct Push { after: String }
    ///
    /// let github = WebhookLayer::new("deploy", GITHUB.verifier("a secret").build()?);
    /// let service = ServiceBuilder::new()
    ///     .layer(github.events::<Push>().only(["push"])?) // others, such as `ping`, are acknowledged
    ///     .service_fn(|push: Event<Push>| async move {
    ///         println!("deploy {}", push.payload().after);
    ///         Ok::<_, Infallible>(())
    ///     });
    /// # let _: tower_webhooks::EventService<_, Push> = service;
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    #[must_use]
    pub fn events<T>(&self) -> EventLayer<T> {
        EventLayer::new(self.clone())
    }

    /// A handle to stop taking events and wait for those that are being handled.
    #[must_use]
    pub fn drain_handle(&self) -> DrainHandle {
        self.shared.runs.drain_handle()
    }
}

impl Shared {
    /// Whether handled events are remembered, here or by the inbox.
    fn remembers(&self) -> bool {
        self.store.is_some() || self.settings.is_for_inbox
    }
}

impl<S> Layer<S> for WebhookLayer {
    type Service = WebhookService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WebhookService::new(Arc::clone(&self.shared), inner)
    }
}

impl fmt::Debug for WebhookLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookLayer")
            .field("endpoint", &self.endpoint)
            .field("verifiers", &self.verifiers)
            .field("store", &self.store)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
