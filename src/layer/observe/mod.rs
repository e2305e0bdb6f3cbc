//! Everything that is told: one enum of observations, and those who listen.
//!
//! Each step of each request, and of each run of an inbox, is one [`Observation`] about one
//! [`Subject`]. The lines of the log (target `tower_webhooks`) are the first listener, and are
//! written until [`without_log`](crate::layer::WebhookLayerBuilder::without_log) ends them; metrics
//! or an audit are others:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use tower_webhooks::layer::observe::{Observation, Observer, Subject};
//! use tower_webhooks::{WebhookLayer, providers::STRIPE};
//!
//! #[derive(Default)]
//! struct Metrics { duplicates: AtomicU64, refused: AtomicU64 }
//!
//! impl Observer for Metrics {
//!     fn observe(&self, subject: &Subject<'_>, observation: &Observation<'_>) {
//!         let counter = match observation {
//!             Observation::Duplicate { .. } => &self.duplicates,
//!             Observation::Refused { .. } => &self.refused,
//!             _ => return,
//!         };
//!         counter.fetch_add(1, Ordering::Relaxed); // labelled with subject.endpoint(), …
//!     }
//! }
//!
//! let metrics = Arc::new(Metrics::default());
//! let billing = WebhookLayer::builder("billing", STRIPE.verifier("whsec_test_secret").build()?)
//!     .observer(Arc::clone(&metrics))
//!     .build()?;
//! # let _ = billing;
//! # Ok::<_, tower_webhooks::ConfigError>(())
//! ```

mod log;
mod observation;
mod subject;

pub use observation::{Ended, Observation, Settled, Skipped};
pub use subject::Subject;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::trace;

/// Is told what happens to each request and each event of a layer.
///
/// It is called on the task of the request or of the run, once for each observation, in their order
/// for one request; by many tasks at once. Keep it short, and do not block. If it panics, that is
/// logged and goes no further.
pub trait Observer: Send + Sync + 'static {
    /// Takes note of what happened to whom.
    fn observe(&self, subject: &Subject<'_>, observation: &Observation<'_>);
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn observe(&self, subject: &Subject<'_>, observation: &Observation<'_>) {
        (**self).observe(subject, observation);
    }
}

/// All who listen to one layer.
///
/// # Clone
///
/// Cheap: as many `Arc`s as there are observers of the user's.
#[derive(Clone)]
pub(crate) struct Observers {
    pub(crate) logs: bool,
    pub(crate) others: Vec<Arc<dyn Observer>>,
}

impl Observers {
    pub(crate) const fn only_log() -> Self {
        Self { logs: true, others: Vec::new() }
    }

    pub(crate) fn tell(&self, subject: &Subject<'_>, observation: &Observation<'_>) {
        if self.logs {
            log::write(subject, observation);
        }
        for observer in &self.others {
            let told = catch_unwind(AssertUnwindSafe(|| observer.observe(subject, observation)));
            if told.is_err() {
                trace::error!(
                    target: "tower_webhooks",
                    endpoint = subject.endpoint(),
                    "an observer of webhooks panicked"
                );
            }
        }
    }

    /// A clock for an observation that says how long something took; it stands still where nobody
    /// would look at it.
    pub(crate) fn timer(&self) -> Timer {
        let is_heard = !self.others.is_empty() || (self.logs && trace::is_heard());
        Timer(is_heard.then(Instant::now))
    }
}

/// See [`Observers::timer`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timer(Option<Instant>);

impl Timer {
    pub(crate) fn elapsed(self) -> Option<Duration> {
        self.0.map(|start| start.elapsed())
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observers")
            .field("logs", &self.logs)
            .field("others", &self.others.len())
            .finish()
    }
}
