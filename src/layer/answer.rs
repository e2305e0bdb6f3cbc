//! What goes back: to the sender a status and nothing else, to the operator the exact reason.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{Response, StatusCode, Uri};

use super::Shared;
use super::body::{FullBody, ResponseBody};
use crate::event::Event;
use crate::provider::{Acknowledgement, Methods};
use crate::rejection::{Rejection, RejectionKind};
use crate::trace;
use crate::verifier::Verifier;
use crate::wire::url::original_uri;

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

type Call = dyn Fn(&Refused<'_>) + Send + Sync;

/// The user's callback.
#[derive(Clone)]
pub(super) struct OnRejection(Option<Arc<Call>>);

impl OnRejection {
    pub(super) const fn none() -> Self {
        Self(None)
    }

    pub(super) fn new(call: impl Fn(&Refused<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(call)))
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

/// What a request asked for, as far as a refusal tells of it.
pub(super) struct Asked {
    provider: &'static str,
    allow: Methods,
    uri: Uri,
}

impl Asked {
    /// Of a request that is for `verifier`, or for none.
    pub(super) fn of(verifier: Option<&Verifier>, head: &Parts) -> Self {
        Self {
            provider: verifier.map_or("unknown", |verifier| verifier.provider().name()),
            allow: verifier.map_or(Methods::POST, Verifier::allow),
            uri: original_uri(head).clone(),
        }
    }

    /// Of a verified event, kept while its head is with the handler.
    pub(super) fn of_event(event: &Event, head: &Parts) -> Self {
        Self {
            provider: event.provider().name(),
            allow: Methods::POST,
            uri: original_uri(head).clone(),
        }
    }
}

impl Shared {
    /// Tells the operator, and answers the sender with a status.
    pub(super) fn refuse<B>(&self, refusal: &Refusal, asked: &Asked) -> Response<ResponseBody<B>> {
        self.report(refusal.rejection, asked);
        let mut response = Response::new(ResponseBody::own(Bytes::new()));
        *response.status_mut() = refusal.rejection.status();
        let headers = response.headers_mut();
        if let Some(seconds) = refusal.retry_seconds() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if refusal.rejection.kind() == RejectionKind::MethodNotAllowed {
            if let Ok(allow) = HeaderValue::try_from(asked.allow.allow()) {
                headers.insert(ALLOW, allow);
            }
        }
        response.extensions_mut().insert(refusal.rejection);
        response
    }

    /// One line in the log, and one call of the user's.
    pub(super) fn report(&self, rejection: Rejection, asked: &Asked) {
        let refused = Refused {
            endpoint: &self.endpoint,
            provider: asked.provider,
            rejection,
            path: asked.uri.path(),
        };
        trace::warn!(
            target: "tower_webhooks",
            endpoint = refused.endpoint,
            provider = refused.provider,
            reason = rejection.kind().as_str(),
            status = rejection.status().as_u16(),
            path = refused.path,
            detail = %rejection,
            "webhook refused"
        );
        if let OnRejection(Some(call)) = &self.on_rejection {
            call(&refused);
        }
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
    pub(crate) fn refusal(kind: RejectionKind) -> Response<Self> {
        let mut response = Response::new(Self::new(Bytes::new()));
        *response.status_mut() = kind.status();
        if kind.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
        }
        response.extensions_mut().insert(Rejection::new(kind));
        response
    }
}
