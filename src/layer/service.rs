//! The walk of a request, straight down the page.

use std::fmt;
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::Shared;
use super::answer::{Refusal, acknowledgement};
use super::body::{ResponseBody, VerifiedBody};
use super::events::Wanted;
use super::future::ResponseFuture;
use super::receive::Received;
use super::run::{Delivery, Outcome, run_detached};
use crate::event::Event;
use crate::rejection::{Rejection, RejectionKind};

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
        ResponseFuture::new(walk(shared, wanted, inner, request))
    }
}

async fn walk<S, ReqBody, ResBody>(
    shared: Arc<Shared>,
    wanted: Wanted,
    inner: S,
    request: Request<ReqBody>,
) -> Result<Response<ResponseBody<ResBody>>, S::Error>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    ReqBody: Body + Send + 'static,
    ReqBody::Data: Send,
    ResBody: Send + 'static,
{
    let (head, body) = request.into_parts();
    let asked = shared.asked(&head);
    let event = match shared.receive(&head, body).await {
        Ok(Received::Event(event)) if wanted.has(&event) => event,
        Ok(Received::Event(_) | Received::Unwanted) => return Ok(acknowledgement()),
        Ok(Received::Handshake(answer)) => {
            return Ok(answer.into_response().map(ResponseBody::own));
        }
        Err(refusal) => return Ok(shared.refuse(&refusal, &asked)),
    };
    match deliver(&shared, inner, head, event).await? {
        Outcome::Answered(answer) => {
            let response = answer?;
            // A service of events, or an extractor, that could not handle it says so by this.
            if let Some(rejection) = response.extensions().get::<Rejection>() {
                shared.report(*rejection, &asked);
            }
            Ok(response.map(ResponseBody::inner))
        }
        Outcome::Duplicate => Ok(acknowledgement()),
        Outcome::Refused(refusal) => Ok(shared.refuse(&refusal, &asked)),
        Outcome::Panicked(panic) => resume_unwind(panic),
    }
}

/// Takes a place among the runs, waits for the wrapped service, starts the run.
async fn deliver<S, ResBody>(
    shared: &Arc<Shared>,
    mut service: S,
    head: Parts,
    event: Event,
) -> Result<Outcome<ResBody, S::Error>, S::Error>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    ResBody: Send + 'static,
{
    let permit = match shared.runs.start() {
        Ok(permit) => permit,
        Err(kind) => return Ok(Outcome::Refused(Refusal::from(kind))),
    };
    let ready = poll_fn(|cx| service.poll_ready(cx));
    match tokio::time::timeout(shared.settings.handler_timeout, ready).await {
        Ok(ready) => ready?,
        Err(_) => return Ok(Outcome::Refused(RejectionKind::Overloaded.into())),
    }
    let request = Request::from_parts(head, VerifiedBody::new(event.body().clone()));
    let shared = Arc::clone(shared);
    Ok(run_detached(Delivery { shared, service, request, event, permit }).await)
}

impl<S> fmt::Debug for WebhookService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService").field("layer", &self.shared).finish_non_exhaustive()
    }
}
