//! The second half of the walk: claim, run, settle.
//!
//! It is polled in place, as any handler is. If its request is dropped, what is left of it goes on
//! as a task of its own.

use http::request::Parts;
use http::{Request, Response};
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;
use std::time::Duration;
use tower_service::Service;

use super::Shared;
use super::answer::{Refusal, acknowledgement};
use super::background::Work;
use super::body::{ResponseBody, VerifiedBody};
use super::catch::{CatchPanic, Panic, text_of};
use super::claim::{ClaimOf, Claimed};
use super::drain::RunPermit;
use super::observe::{Ended, Observation, Settled as Recorded};
use super::walk::Walked;
use super::within::within;
use crate::event::{Assurance, Event};
use crate::rejection::RejectionKind;
use crate::store::Held;
use crate::store::run::{Attempt, HeldClaim, InTransaction};
use crate::wire::url::original_uri;

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
    /// The event was handled before, with this status: acknowledge it.
    Duplicate { status: u16 },
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

/// The claim of a run, if there is a store, the run's place among the attempts, and how long the
/// store took.
type Begun = (Option<ClaimOf>, Attempt, Option<Duration>);

/// Runs a delivery and makes the answer of its outcome.
pub(super) async fn run<S, B>(delivery: Delivery<S>) -> Walked<B, S::Error>
where
    S: Service<Request<VerifiedBody>, Response = Response<B>>,
{
    let Delivery { shared, service, head, event, permit } = delivery;
    let uri = original_uri(&head).clone();
    let request = Request::from_parts(head, VerifiedBody::new(event.body().clone()));
    let (event, Settled { outcome, afterwards }) = match claim(&shared, &event).await {
        Continue((claim, attempt, took)) => {
            let event = event.in_run(attempt);
            if claim.is_some() {
                shared.tell(&event, &Observation::Claimed { took });
            }
            let outcome = call(&shared, service, request, &event).await;
            let settled = settle(&shared, claim, &event, outcome).await;
            (event, settled)
        }
        Break(settled) => (event, settled),
    };
    let of = shared.subject(&event).path_of(uri.path());
    let answer = match outcome {
        Outcome::Answered(Ok(mut response)) => {
            shared.tell_of_failure(&mut response, &of);
            Ok(Ok(response.map(ResponseBody::inner)))
        }
        Outcome::Answered(Err(error)) => Ok(Err(error)),
        Outcome::Duplicate { status } => {
            Ok(Ok(acknowledgement(event.provider().acknowledgement().or_first(status))))
        }
        Outcome::Refused(refusal) => Ok(Ok(shared.refuse(refusal, Some(event.provider()), &of))),
        Outcome::Panicked(panic) => Err(panic),
    };
    Walked { answer, afterwards: keep(&shared, afterwards, permit).await }
}

/// Claims the event, unless it is not to be run.
async fn claim<B, E>(shared: &Arc<Shared>, event: &Event) -> ControlFlow<Settled<B, E>, Begun> {
    let unclaimed = || Continue((None, Attempt { number: 1, fence: None, claim: None }, None));
    let refused = |refusal: Refusal| Break(Outcome::Refused(refusal).into());
    let fail_open = shared.settings.fail_open;
    // Counting them takes the digest of the body, which nobody else asks for without a memory.
    if shared.remembers()
        && let Err(wait) = shared.deliveries.admit(event)
    {
        return refused(Refusal::too_many_deliveries(wait));
    }
    let timer = shared.observers.timer();
    let Some(claim) = ClaimOf::new(shared, event) else { return unclaimed() };
    match claim.claim(event).await {
        Claimed::New(attempt) => Continue((Some(claim), attempt, timer.elapsed())),
        Claimed::InFlight { same_body, .. } | Claimed::Completed { same_body, .. }
            if !same_body && event.assurance() != Assurance::WholeBody =>
        {
            refused(RejectionKind::ReusedSignature.into())
        }
        Claimed::InFlight { retry_after, .. } => refused(Refusal::in_flight(retry_after)),
        Claimed::Completed { status, same_body } => {
            shared.tell(event, &Observation::duplicate(event, same_body));
            Break(Outcome::Duplicate { status }.into())
        }
        Claimed::NotAsked | Claimed::Unknown { .. } if fail_open => unclaimed(),
        Claimed::NotAsked => refused(RejectionKind::StoreUnavailable.into()),
        Claimed::Unknown { late } => Break(Settled {
            outcome: Outcome::Refused(RejectionKind::StoreUnavailable.into()),
            afterwards: Some(Box::pin(claim.give_back(event.clone(), late))),
        }),
    }
}

/// Runs the wrapped service within its time-out. Its future is dropped when this returns.
async fn call<S, B>(
    shared: &Shared,
    mut service: S,
    mut request: Request<VerifiedBody>,
    event: &Event,
) -> Outcome<B, S::Error>
where
    S: Service<Request<VerifiedBody>, Response = Response<B>>,
{
    let timer = shared.observers.timer();
    request.extensions_mut().insert(event.clone());
    // The service is the one that was driven to readiness for this request:
    // https://docs.rs/tower-service/latest/tower_service/trait.Service.html#be-careful-when-cloning-inner-services
    let handler = CatchPanic::new(async move { service.call(request).await });
    let outcome = match within(shared.settings.handler_timeout, handler).await {
        Ok(Ok(answer)) => Outcome::Answered(answer),
        Ok(Err(panic)) => Outcome::Panicked(panic),
        Err(_) => Outcome::Refused(RejectionKind::HandlerTimeout.into()),
    };
    // An inbox is no handler: it tells of its own what became of the event.
    if !shared.settings.is_for_inbox {
        let ended = match &outcome {
            Outcome::Answered(Ok(response)) => Ended::Answered(response.status()),
            Outcome::Answered(Err(_)) => Ended::Failed,
            Outcome::Panicked(panic) => Ended::Panicked(text_of(panic)),
            Outcome::Duplicate { .. } | Outcome::Refused(_) => Ended::TimedOut,
        };
        shared.tell(event, &Observation::Ran { ended, took: timer.elapsed() });
    }
    outcome
}

/// Completes after a 2xx, releases after anything else: the sender's retry is the recovery.
async fn settle<B, E>(
    shared: &Shared,
    claim: Option<ClaimOf>,
    event: &Event,
    outcome: Outcome<B, E>,
) -> Settled<B, E> {
    let done = match &outcome {
        Outcome::Answered(Ok(response)) if response.status().is_success() => {
            Some(response.status().as_u16())
        }
        _ => None,
    };
    let Some(claim) = claim else { return outcome.into() };
    let timer = shared.observers.timer();
    let tell = |settled| {
        shared.tell(event, &Observation::Settled { settled, took: timer.elapsed() });
    };
    let Some(status) = done else {
        claim.release(event).await;
        tell(Recorded::Released);
        return outcome.into();
    };
    let in_transaction = event.claim().map_or(InTransaction::No, HeldClaim::completion);
    match in_transaction {
        InTransaction::No => match claim.complete(event, status).await {
            Ok(held) => {
                if held == Held::Held {
                    tell(Recorded::Completed);
                }
                outcome.into()
            }
            // The work is done: a failure to record it must not make the sender repeat it.
            Err(_) => Settled {
                outcome,
                afterwards: Some(Box::pin(claim.complete_until_lease_ends(event.clone(), status))),
            },
        },
        InTransaction::Committed => {
            tell(Recorded::Committed);
            outcome.into()
        }
        InTransaction::Written => match claim.is_committed(event).await {
            true => {
                tell(Recorded::Committed);
                outcome.into()
            }
            false => {
                tell(Recorded::NotCommitted);
                Outcome::Refused(RejectionKind::NotCommitted.into()).into()
            }
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
