//! What goes back: to the sender a status and nothing else, to the operator the exact reason.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use super::Shared;
use super::body::{FullBody, ResponseBody};
use super::observe::{Observation, Observer, Subject};
use crate::event::{Event, Failure};
use crate::provider::{Acknowledgement, Methods, Provider};
use crate::rejection::{Rejection, RejectionKind};

/// When a sender is told to come back, where nothing better is known, in seconds.
const RETRY_SECONDS: u64 = 5;
/// A sender is told to come back within this many seconds.
const MAX_RETRY_SECONDS: u64 = 60;

/// A refusal, as the callback of
/// [`on_rejection`](super::WebhookLayerBuilder::on_rejection) sees it.
#[non_exhaustive]
pub struct Refused<'a> {
    /// The name given to the layer.
    pub endpoint: &'a str,
    /// The provider's name.
    pub provider: &'a str,
    /// The exact reason.
    pub rejection: Rejection,
    /// The path of the request, without its query: that may hold a secret.
    pub path: &'a str,
}

impl fmt::Debug for Refused<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("endpoint", &self.endpoint)
            .field("provider", &self.provider)
            .field("rejection", &self.rejection)
            .field("path", &self.path)
            .finish()
    }
}

/// The user's callback.
pub(super) struct OnRejection<F>(pub(super) F);

impl<F: Fn(&Refused<'_>) + Send + Sync + 'static> Observer for OnRejection<F> {
    fn observe(&self, subject: &Subject<'_>, observation: &Observation<'_>) {
        if let Observation::Refused { rejection } = observation {
            (self.0)(&Refused {
                endpoint: subject.endpoint(),
                provider: subject.provider().unwrap_or("unknown"),
                rejection: *rejection,
                path: subject.path().unwrap_or_default(),
            });
        }
    }
}

/// A rejection, and when the sender may come back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal {
    pub(super) rejection: Rejection,
    pub(super) retry_after: Option<Duration>,
}

impl<R: Into<Rejection>> From<R> for Refusal {
    fn from(rejection: R) -> Self {
        Self { rejection: rejection.into(), retry_after: None }
    }
}

impl Refusal {
    pub(super) const fn in_flight(lease_left: Duration) -> Self {
        Self { rejection: Rejection::new(RejectionKind::InFlight), retry_after: Some(lease_left) }
    }

    pub(super) const fn too_many_deliveries(wait: Duration) -> Self {
        let rejection = Rejection::new(RejectionKind::TooManyDeliveries);
        Self { rejection, retry_after: Some(wait) }
    }

    /// Whole seconds, rounded up, from 1 to 60.
    fn retry_seconds(&self) -> Option<u64> {
        if self.rejection.status() != StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        let seconds = self.retry_after.map_or(RETRY_SECONDS, |after| {
            let whole = after.as_secs();
            if after.subsec_nanos() == 0 { whole } else { whole.saturating_add(1) }
        });
        Some(seconds.clamp(1, MAX_RETRY_SECONDS))
    }
}

impl Shared {
    /// Tells of a refusal, and answers the sender with a status: the one that this sender wants, if
    /// it is known who sends.
    pub(super) fn refuse<B>(
        &self,
        mut refusal: Refusal,
        provider: Option<&Provider>,
        of: &Subject<'_>,
    ) -> Response<ResponseBody<B>> {
        if let Some(provider) = provider {
            let status = provider.status_of(refusal.rejection.kind());
            refusal.rejection = refusal.rejection.or_status(status);
        }
        self.observers.tell(of, &Observation::Refused { rejection: refusal.rejection });
        let mut response = Response::new(ResponseBody::own(Bytes::new()));
        *response.status_mut() = refusal.rejection.status();
        let headers = response.headers_mut();
        if let Some(seconds) = refusal.retry_seconds() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if refusal.rejection.kind() == RejectionKind::MethodNotAllowed
            && let allow = provider.map_or(Methods::POST, Provider::allow)
            && let Ok(allow) = HeaderValue::try_from(allow.allow())
        {
            headers.insert(ALLOW, allow);
        }
        response.extensions_mut().insert(refusal.rejection);
        response
    }

    /// Tells of an event that the wrapped service says it could not handle: a service of events
    /// does, and an extractor.
    pub(super) fn tell_of_failure<B>(&self, response: &mut Response<B>, of: &Subject<'_>) {
        let Some(rejection) = response.extensions().get::<Rejection>().copied() else { return };
        match response.extensions_mut().remove::<Failure>() {
            Some(Failure::Payload(error)) => {
                self.observers.tell(of, &Observation::PayloadUnusable { error: &error });
            }
            Some(Failure::Handler(error)) => {
                self.observers.tell(of, &Observation::HandlerFailed { error: &*error });
            }
            None => {}
        }
        self.observers.tell(of, &Observation::Refused { rejection });
    }

    /// Whom an observation about this event is about.
    pub(super) fn subject<'a>(&'a self, event: &'a Event) -> Subject<'a> {
        Subject::endpoint_of(&self.endpoint).event_of(event)
    }

    pub(super) fn tell(&self, event: &Event, observation: &Observation<'_>) {
        self.observers.tell(&self.subject(event), observation);
    }
}

/// What the sender of an event wants to hear, from the layer itself.
pub(super) fn acknowledgement<B>(of: Acknowledgement) -> Response<ResponseBody<B>> {
    FullBody::acknowledgement(of).map(ResponseBody::full)
}

impl FullBody {
    /// What the sender of an event wants to hear, from a service of events or an inbox.
    pub(crate) fn acknowledgement(of: Acknowledgement) -> Response<Self> {
        let body = Bytes::from_static(of.body().as_bytes());
        let mut response = Response::new(Self::new(body));
        // `Acknowledgement` takes no other status than these.
        *response.status_mut() = StatusCode::from_u16(of.status_code()).unwrap_or(StatusCode::OK);
        if let Some(content_type) = of.content_type() {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        response
    }

    /// The refusal of a service of events or an inbox, which the layer then reports.
    pub(crate) fn refusal(kind: RejectionKind, status: StatusCode) -> Response<Self> {
        let mut response = Response::new(Self::new(Bytes::new()));
        *response.status_mut() = status;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
        }
        response.extensions_mut().insert(Rejection::new(kind).with_status(status));
        response
    }
}
