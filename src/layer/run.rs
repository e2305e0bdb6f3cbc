//! The second half of the walk: claim, run, settle.
//!
//! It is polled in place, as any handler is. If its request is dropped, what is left of it goes on
//! as a task of its own.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::{Request, Response};
use tower_service::Service;

use super::Shared;
use super::answer::{Asked, Refusal, acknowledgement};
use super::background::Work;
use super::body::{ResponseBody, VerifiedBody};
use super::catch::{CatchPanic, Panic};
use super::claim::{ClaimOf, Claimed};
use super::drain::RunPermit;
use super::walk::Walked;
use super::within::within;
use crate::event::{Assurance, Event};
use crate::rejection::{Rejection, RejectionKind};
use crate::store::run::{Attempt, HeldClaim, InTransaction};
use crate::trace;

/// A verified event with the service that is ready for it.
pub(super) struct Delivery<S> {
    pub(super) shared: Arc<Shared>,
    pub(super) service: S,
    pub(super) head: Parts,
    pub(super) event: Event,
    pub(super) permit: RunPermit,
}

/// How a run came out.
enum Outcome<B, E> {
    /// The wrapped service answered, or failed by itself.
    Answered(Result<Response<B>, E>),
    /// The event was handled before: acknowledge it.
    Duplicate,
    /// It was not run, or not to its end.
    Refused(Refusal),
    /// The wrapped service panicked.
    Panicked(Panic),
}

/// A run that has its outcome, and what is left to do beside it.
struct Settled<B, E> {
    outcome: Outcome<B, E>,
    afterwards: Option<Work>,
}

/// Runs a delivery and makes the answer of its outcome.
pub(super) async fn run<S, B>(delivery: Delivery<S>) -> Walked<B, S::Error>
where
    S: Service<Request<VerifiedBody>, Response = Response<B>>,
{
    let Delivery { shared, service, head, event, permit } = delivery;
    let asked = Asked::of_event(&event, &head);
    let acknowledges = event.provider().acknowledgement();
    let request = Request::from_parts(head, VerifiedBody::new(event.body().clone()));
    let Settled { outcome, afterwards } = match claim(&shared, &event).await {
        Ok((claim, run)) => {
            let event = event.in_run(run);
            let timeout = shared.settings.handler_timeout;
            let outcome = call(service, request, event.clone(), timeout).await;
            let in_transaction = event.claim().map_or(InTransaction::No, HeldClaim::completion);
            drop(event);
            settle(claim, in_transaction, outcome).await
        }
        Err(settled) => settled,
    };
    let answer = match outcome {
        Outcome::Answered(Ok(response)) => {
            // A service of events, or an extractor, that could not handle it says so by this.
            if let Some(rejection) = response.extensions().get::<Rejection>() {
                shared.report(*rejection, &asked);
            }
            Ok(Ok(response.map(ResponseBody::inner)))
        }
        Outcome::Answered(Err(error)) => Ok(Err(error)),
        Outcome::Duplicate => Ok(Ok(acknowledgement(acknowledges))),
        Outcome::Refused(refusal) => Ok(Ok(shared.refuse(&refusal, &asked))),
        Outcome::Panicked(panic) => Err(panic),
    };
    Walked { answer, afterwards: keep(&shared, afterwards, permit).await }
}

/// Claims the event; `Err` if it is not to be run.
async fn claim<B, E>(
    shared: &Arc<Shared>,
    event: &Event,
) -> Result<(Option<ClaimOf>, Attempt), Settled<B, E>> {
    let unclaimed = || Ok((None, Attempt { number: 1, fence: None, claim: None }));
    let refused = |refusal: Refusal| Err(Outcome::Refused(refusal).into());
    let fail_open = shared.settings.fail_open;
    if let Err(wait) = shared.deliveries.admit(event) {
        return refused(Refusal::too_many_deliveries(wait));
    }
    let Some(claim) = ClaimOf::new(shared, event) else { return unclaimed() };
    match claim.claim().await {
        Claimed::New(run) => Ok((Some(claim), run)),
        Claimed::InFlight { same_body, .. } | Claimed::Completed { same_body }
            if !same_body && event.assurance() != Assurance::WholeBody =>
        {
            refused(RejectionKind::ReusedSignature.into())
        }
        Claimed::InFlight { retry_after, .. } => refused(Refusal::in_flight(retry_after)),
        Claimed::Completed { same_body } => {
            trace::debug!(
                target: "tower_webhooks",
                provider = event.provider().name(),
                key = %event.replay_key(),
                same_body = same_body,
                "webhook handled before"
            );
            Err(Outcome::Duplicate.into())
        }
        Claimed::NotAsked | Claimed::Unknown { .. } if fail_open => unclaimed(),
        Claimed::NotAsked => refused(RejectionKind::StoreUnavailable.into()),
        Claimed::Unknown { late } => Err(Settled {
            outcome: Outcome::Refused(RejectionKind::StoreUnavailable.into()),
            afterwards: Some(Box::pin(claim.give_back(late))),
        }),
    }
}

/// Runs the wrapped service within its time-out. Its future is dropped when this returns.
async fn call<S, B>(
    mut service: S,
    mut request: Request<VerifiedBody>,
    event: Event,
    timeout: Duration,
) -> Outcome<B, S::Error>
where
    S: Service<Request<VerifiedBody>, Response = Response<B>>,
{
    request.extensions_mut().insert(event);
    // The service is the one that was driven to readiness for this request:
    // https://docs.rs/tower-service/latest/tower_service/trait.Service.html#be-careful-when-cloning-inner-services
    let handler = CatchPanic::new(async move { service.call(request).await });
    match within(timeout, handler).await {
        Ok(Ok(answer)) => Outcome::Answered(answer),
        Ok(Err(panic)) => Outcome::Panicked(panic),
        Err(_) => Outcome::Refused(RejectionKind::HandlerTimeout.into()),
    }
}

/// Completes after a 2xx, releases after anything else: the sender's retry is the recovery.
async fn settle<B, E>(
    claim: Option<ClaimOf>,
    in_transaction: InTransaction,
    outcome: Outcome<B, E>,
) -> Settled<B, E> {
    let done = match &outcome {
        Outcome::Answered(Ok(response)) if response.status().is_success() => {
            Some(response.status().as_u16())
        }
        _ => None,
    };
    let Some(claim) = claim else { return outcome.into() };
    let Some(status) = done else {
        claim.release().await;
        return outcome.into();
    };
    match in_transaction {
        InTransaction::No => match claim.complete(status).await {
            Ok(()) => outcome.into(),
            // The work is done: a failure to record it must not make the sender repeat it.
            Err(_) => Settled {
                outcome,
                afterwards: Some(Box::pin(claim.complete_until_lease_ends(status))),
            },
        },
        InTransaction::Committed => outcome.into(),
        InTransaction::Written => match claim.is_committed().await {
            true => outcome.into(),
            false => Outcome::Refused(RejectionKind::NotCommitted.into()).into(),
        },
    }
}

/// What is to be done after the answer holds the run's place; where nothing is, the place is free
/// before the answer is sent.
async fn keep(shared: &Shared, afterwards: Option<Work>, permit: RunPermit) -> Option<Work> {
    let work = afterwards?;
    let work: Work = Box::pin(async move {
        work.await;
        drop(permit);
    });
    if shared.settings.inside_request {
        let limit = shared.settings.store_timeout.saturating_mul(2);
        let _ = within(limit, work).await;
        return None;
    }
    Some(work)
}

impl<B, E> From<Outcome<B, E>> for Settled<B, E> {
    fn from(outcome: Outcome<B, E>) -> Self {
        Self { outcome, afterwards: None }
    }
}
