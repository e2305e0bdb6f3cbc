//! The receiving end: a verified event is kept, then acknowledged.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tower_service::Service;

use super::backend::{InboxStore, Put};
use super::signals::Signals;
use crate::event::{Assurance, Event};
use crate::layer::circuit::Circuit;
use crate::layer::observe::{Observation, Observers, Subject};
use crate::layer::within::within;
use crate::layer::{FullBody, VerifiedBody, WebhookService, time_to_keep};
use crate::rejection::RejectionKind;
use crate::store::StoreErrorKind;

/// The service that receives for an inbox: a [`WebhookService`] around a [`Deposit`]. It takes
/// requests with any body and never fails; what it refuses, it refuses as the layer does.
pub type InboxService = WebhookService<Deposit>;

/// Keeps each verified event in the inbox, and acknowledges it when that is committed.
///
/// An event that is there already is acknowledged. If the database does not answer within
/// `store_timeout`, and a second more for each MiB of the body, 503; while it is down, it is asked once
/// a second. An event that it cannot hold is a 500, and says nothing of other events.
///
/// # Clone
///
/// Cheap; clones are the same inbox.
#[derive(Clone)]
pub struct Deposit {
    pub(super) store: InboxStore,
    pub(super) endpoint: Arc<str>,
    pub(super) signals: Arc<Signals>,
    pub(super) timeout: Duration,
    pub(super) circuit: Arc<Circuit>,
    pub(super) observers: Observers,
}

impl Deposit {
    /// `None` acknowledges.
    async fn keep(&self, event: &Event) -> Option<RejectionKind> {
        if !self.circuit.lets_pass() {
            return Some(RejectionKind::StoreUnavailable);
        }
        let stored = event.to_stored();
        let put = self.store.backend().put(&self.endpoint, &stored);
        let timeout = self.timeout.saturating_add(time_to_keep(stored.body.len()));
        let put = match within(timeout, put).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreErrorKind::Timeout.into()),
        };
        let of = Subject::endpoint_of(&self.endpoint).event_of(event);
        let tell = |observation| self.observers.tell(&of, &observation);
        if let Some(turn) = self.circuit.note(&stored.key, &put) {
            tell(turn.observation());
        }
        match put {
            Ok(Put::New) => {
                self.signals.wake();
                tell(Observation::Kept {});
                None
            }
            // Whoever captured a signature that covers less than the body can put it over another.
            Ok(Put::Known { same_body: false }) if event.assurance() != Assurance::WholeBody => {
                Some(RejectionKind::ReusedSignature)
            }
            Ok(Put::Known { same_body }) => {
                tell(Observation::duplicate(event, same_body));
                None
            }
            Err(error) => {
                tell(Observation::StoreFailed { operation: "put", error: &error });
                Some(match error.kind() {
                    StoreErrorKind::Unstorable => RejectionKind::Unstorable,
                    _ => RejectionKind::StoreUnavailable,
                })
            }
        }
    }
}

impl Service<Request<VerifiedBody>> for Deposit {
    type Response = Response<FullBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<VerifiedBody>) -> Self::Future {
        let deposit = self.clone();
        Box::pin(async move {
            // Only the layer makes requests with a verified body, and it puts the event in.
            let Some(event) = request.extensions().get::<Event>() else {
                return Ok(FullBody::refusal(
                    RejectionKind::HandlerFailed,
                    RejectionKind::HandlerFailed.status(),
                ));
            };
            Ok(match deposit.keep(event).await {
                None => FullBody::acknowledgement(event.provider().acknowledgement()),
                Some(kind) => FullBody::refusal(kind, event.provider().status_of(kind)),
            })
        })
    }
}

impl fmt::Debug for Deposit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deposit")
            .field("endpoint", &self.endpoint)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
