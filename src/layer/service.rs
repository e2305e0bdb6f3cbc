//! The walk of a request, straight down the page.

use std::fmt;
use std::future::poll_fn;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::Shared;
use super::answer::acknowledgement;
use super::background::Background;
use super::body::{ResponseBody, VerifiedBody};
use super::events::Wanted;
use super::future::ResponseFuture;
use super::observe::{Ended, Observation, Skipped, Subject};
use super::receive::Received;
use super::run::{Delivery, run};
use super::walk::{Halves, ServiceResult};
use super::within::within;
use crate::event::Event;
use crate::rejection::RejectionKind;
use crate::wire::url::original_uri;

/// The service that [`WebhookLayer`](super::WebhookLayer) puts around another.
///
/// It takes requests with any body, gives the wrapped service requests with a [`VerifiedBody`] and
/// the [`Event`](crate::Event) in their extensions, and never fails on its own account: its error
/// is the wrapped service's.
///
/// # Readiness
///
/// It is always ready. The wrapped service is asked when an event was verified, and a clone of it
/// is driven to readiness within `handler_timeout`.
///
/// # Clone
///
/// As cheap as the wrapped service's; clones share verifier, store and limits.
#[derive(Clone)]
pub struct WebhookService<S> {
    shared: Arc<Shared>,
    wanted: Wanted,
    inner: S,
}

impl<S> WebhookService<S> {
    pub(super) fn new(shared: Arc<Shared>, inner: S) -> Self {
        Self { shared, wanted: Wanted::default(), inner }
    }

    pub(super) fn wanting(mut self, wanted: Wanted) -> Self {
        self.wanted = wanted;
        self
    }

    /// The wrapped service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The wrapped service.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The wrapped service, by value.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for WebhookService<S>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    ReqBody: Body + Send + 'static,
    ReqBody::Data: Send,
    ResBody: Send + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<ResBody, S::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Self { shared, wanted, inner } = self.clone();
        let background = match shared.settings.inside_request {
            true => Background::none(),
            false => Background::of_this_request(),
        };
        let walk = Halves::new(receive(shared, wanted, inner, request), run);
        ResponseFuture::new(walk, background)
    }
}

/// The first half: a verified event and the service that is ready for it, or an answer.
async fn receive<S, ReqBody, ResBody>(
    shared: Arc<Shared>,
    wanted: Wanted,
    mut service: S,
    request: Request<ReqBody>,
) -> ControlFlow<ServiceResult<ResBody, S::Error>, Delivery<S>>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>>,
    ReqBody: Body,
{
    let (head, body) = request.into_parts();
    let of = Subject::endpoint_of(&shared.endpoint).path_of(original_uri(&head).path());
    let verifier = shared.verifiers.pick(&head);
    let provider = verifier.as_ref().ok().map(|verifier| verifier.provider().name());
    let of = of.provider_of(provider);
    shared.observers.tell(&of, &Observation::Received { method: &head.method });
    let verifier = match verifier {
        Ok(verifier) => verifier,
        Err(rejection) => return Break(Ok(shared.refuse(rejection.into(), None, &of))),
    };
    let acknowledge = |event: &Event, because| {
        shared.observers.tell(&of.event_of(event), &Observation::Skipped { because });
        Break(Ok(acknowledgement(verifier.provider().acknowledgement())))
    };
    let refuse = |refusal, of: &Subject<'_>| {
        Break(Ok(shared.refuse(refusal, Some(verifier.provider()), of)))
    };
    let event = match shared.receive(verifier, &head, body).await {
        Ok(Received::Event(event)) if wanted.has(&event) => event,
        Ok(Received::Event(event)) => return acknowledge(&event, Skipped::Type),
        Ok(Received::Unwanted(event)) => return acknowledge(&event, Skipped::Topic),
        Ok(Received::Handshake(answer)) => {
            let response = answer.into_response();
            let status = response.status();
            shared.observers.tell(&of, &Observation::SetupAnswered { status });
            return Break(Ok(response.map(ResponseBody::own)));
        }
        Err(refusal) => return refuse(refusal, &of),
    };
    let permit = match shared.runs.start() {
        Ok(permit) => permit,
        Err(kind) => return refuse(kind.into(), &of.event_of(&event)),
    };
    let ready = poll_fn(|cx| service.poll_ready(cx));
    match within(shared.settings.handler_timeout, ready).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            let failed = Observation::Ran { ended: Ended::Failed, took: None };
            shared.observers.tell(&of.event_of(&event), &failed);
            return Break(Err(error));
        }
        Err(_) => return refuse(RejectionKind::Overloaded.into(), &of.event_of(&event)),
    }
    Continue(Delivery { shared, service, head, event, permit })
}

impl<S> fmt::Debug for WebhookService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService").field("layer", &self.shared).finish_non_exhaustive()
    }
}
