//! What an inbox takes over from a layer: the first half of its walk, and its settings.

use std::sync::Arc;
use std::time::Duration;

use super::circuit::Circuit;
use super::events::EventLayer;
use super::observe::Observers;
use super::{Retention, Settings, Shared, WebhookService};
use crate::store::tokens::Tokens;
use crate::store::{Endpoints, Memory};
use crate::verifiers::Verifiers;

/// What a memory has besides its store's time.
const MARGIN: Duration = Duration::from_secs(5);

/// What a database takes to keep a body, besides `store_timeout`: a second for each MiB. So large
/// events of a slow database are late, and pass for no outage.
pub(crate) fn time_to_keep(bytes: usize) -> Duration {
    const PER_MIB: Duration = Duration::from_secs(1);
    let kib = u32::try_from(bytes >> 10).unwrap_or(u32::MAX);
    PER_MIB.saturating_mul(kib).checked_div(1024).unwrap_or_default()
}

/// The settings of a layer that hold for the workers of its inbox as well.
#[derive(Debug, Clone)]
pub(crate) struct ForInbox {
    pub(crate) endpoint: Arc<str>,
    pub(crate) verifiers: Verifiers,
    pub(crate) handler_timeout: Duration,
    pub(crate) store_timeout: Duration,
    pub(crate) lease: Duration,
    pub(crate) retention: Retention,
    pub(crate) observers: Observers,
}

impl<T> EventLayer<T> {
    /// Notes that the inboxes of this layer are served over these.
    pub(crate) fn serve_inbox(&self, endpoints: &Endpoints) {
        let Shared { served, endpoint, verifiers, shares_endpoint, observers, .. } =
            &*self.layer.shared;
        served.note((endpoints, Memory::Inbox), endpoint, verifiers, *shares_endpoint, observers);
    }

    pub(crate) fn for_inbox(&self) -> ForInbox {
        let Shared { endpoint, verifiers, settings, observers, .. } = &*self.layer.shared;
        ForInbox {
            endpoint: Arc::clone(endpoint),
            verifiers: verifiers.clone(),
            handler_timeout: settings.handler_timeout,
            store_timeout: settings.store_timeout,
            lease: settings.lease,
            retention: settings.retention,
            observers: observers.clone(),
        }
    }

    /// The walk of this layer without a memory of its own, around a service that is one.
    pub(crate) fn around_memory<S>(&self, memory: S) -> WebhookService<S> {
        let layer = &self.layer.shared;
        // The memory keeps to `store_timeout` by itself; the time of the handler is the workers'.
        let longest = time_to_keep(layer.settings.max_body).saturating_add(MARGIN);
        let handler_timeout = layer.settings.store_timeout.saturating_add(longest);
        let shared = Shared {
            endpoint: Arc::clone(&layer.endpoint),
            served: layer.served.clone(),
            shares_endpoint: layer.shares_endpoint,
            verifiers: layer.verifiers.clone(),
            store: None,
            circuit: Circuit::new(),
            clock: Arc::clone(&layer.clock),
            observers: layer.observers.clone(),
            buffered: layer.buffered.another(),
            runs: layer.runs.clone(),
            deliveries: Arc::clone(&layer.deliveries),
            late_claims: layer.late_claims.clone(),
            tokens: Tokens::default(),
            settings: Settings { handler_timeout, is_for_inbox: true, ..layer.settings },
        };
        WebhookService::new(Arc::new(shared), memory).wanting(self.wanted.clone())
    }
}
