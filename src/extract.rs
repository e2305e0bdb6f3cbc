//! `Event<T>` as an axum extractor.

use std::sync::Arc;

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::event::{Event, Failure, Payload};
use crate::rejection::{Rejection, RejectionKind};
use crate::trace;

/// Takes the event out of a request that passed a [`WebhookLayer`](crate::WebhookLayer), and
/// parses its payload.
///
/// # Errors
///
/// 500 without a reason, so that the claim is released and the sender tries again: if the payload
/// is not a `T` (the failing path is in the log), or if there is no layer around the route.
impl<S: Sync, T: Payload> FromRequestParts<S> for Event<T> {
    type Rejection = EventRejection;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, EventRejection> {
        let Some(event) = head.extensions.get::<Event>().cloned() else {
            trace::error!(
                target: "tower_webhooks",
                path = head.uri.path(),
                "a handler takes an Event, but no WebhookLayer is around its route"
            );
            let kind = RejectionKind::HandlerFailed;
            return Err(EventRejection { kind, status: kind.status(), failure: None });
        };
        let kind = RejectionKind::UnusablePayload;
        let status = event.provider().status_of(kind);
        event.parse().map_err(|error| {
            let failure = Failure::Payload(Arc::new(error));
            EventRejection { kind, status, failure: Some(failure) }
        })
    }
}

/// An `Event<T>` that could not be had. It answers 500 without a reason; the operator's is in the
/// log, and as a [`Rejection`] in the response's extensions.
#[derive(Debug, Clone)]
pub struct EventRejection {
    kind: RejectionKind,
    status: StatusCode,
    failure: Option<Failure>,
}

impl EventRejection {
    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> RejectionKind {
        self.kind
    }
}

impl IntoResponse for EventRejection {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Rejection::new(self.kind).or_status(self.status));
        if let Some(failure) = self.failure {
            response.extensions_mut().insert(failure);
        }
        response
    }
}
