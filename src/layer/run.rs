//! The second half of the walk, on a task of its own: claim, run, settle.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use tokio::sync::oneshot;
use tower_service::Service;

use super::Shared;
use super::answer::Refusal;
use super::body::VerifiedBody;
use super::catch::{CatchPanic, Panic};
use super::claim::{ClaimOf, Claimed};
use super::drain::RunPermit;
use super::within::within;
use crate::event::{Assurance, Event};
use crate::rejection::RejectionKind;
use crate::store::run::{Attempt, HeldClaim, InTransaction};
use crate::trace;

/// How a run came out.
pub(super) enum Outcome<B, E> {
    /// The wrapped service answered, or failed by itself.
    Answered(Result<Response<B>, E>),
    /// The event was handled before: acknowledge it.
    Duplicate,
    /// It was not run, or not to its end.
    Refused(Refusal),
    /// The wrapped service panicked.
    Panicked(Panic),
}

/// A verified event with the service that is ready for it.
pub(super) struct Delivery<S> {
    pub(super) shared: Arc<Shared>,
    pub(super) service: S,
    pub(super) request: Request<VerifiedBody>,
    pub(super) event: Event,
    pub(super) permit: RunPermit,
}

/// Where the outcome goes while somebody waits for it.
struct Reply<B, E>(Option<oneshot::Sender<Outcome<B, E>>>);

/// Starts the run of a delivery, and waits for its outcome.
///
/// # Cancel safety
///
/// Dropping this future stops the waiting, never the run.
pub(super) async fn run_detached<S, B>(delivery: Delivery<S>) -> Outcome<B, S::Error>
where
    S: Service<Request<VerifiedBody>, Response = Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    B: Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(trace::in_current_span(run(delivery, Reply(Some(sender)))));
    // Without an outcome, the runtime is shutting down and dropped the task.
    receiver.await.unwrap_or_else(|_| Outcome::Refused(RejectionKind::ShuttingDown.into()))
}

async fn run<S, B>(delivery: Delivery<S>, mut reply: Reply<B, S::Error>)
where
    S: Service<Request<VerifiedBody>, Response = Response<B>>,
{
    let Delivery { shared, service, request, event, permit } = delivery;
    let timeout = shared.settings.handler_timeout;
    let (claim, run) = match claim(&shared, &event, &mut reply).await {
        Ok(claimed) => claimed,
        Err(outcome) => return reply.send(outcome),
    };
    let event = event.in_run(run);
    let outcome = call(service, request, event.clone(), timeout).await;
    let in_transaction = event.claim().map_or(InTransaction::No, HeldClaim::completion);
    drop(event);
    settle(claim, in_transaction, outcome, reply).await;
    drop(permit);
}

/// Claims the event; `Err` if it is not to be run.
async fn claim<B, E>(
    shared: &Arc<Shared>,
    event: &Event,
    reply: &mut Reply<B, E>,
) -> Result<(Option<ClaimOf>, Attempt), Outcome<B, E>> {
    let unclaimed = || Attempt { number: 1, fence: None, claim: None };
    let unavailable = || Outcome::Refused(RejectionKind::StoreUnavailable.into());
    let Some(claim) = ClaimOf::new(shared, event).map_err(|_| unavailable())? else {
        return Ok((None, unclaimed()));
    };
    let fail_open = shared.settings.fail_open;
    let refuse = (!fail_open).then_some(|| reply.send(unavailable()));
    match claim.claim(refuse).await {
        Claimed::New(run) => Ok((Some(claim), run)),
        Claimed::InFlight { same_body, .. } | Claimed::Completed { same_body }
            if !same_body && event.assurance() != Assurance::WholeBody =>
        {
            Err(Outcome::Refused(RejectionKind::ReusedSignature.into()))
        }
        Claimed::InFlight { retry_after, .. } => {
            Err(Outcome::Refused(Refusal::in_flight(retry_after)))
        }
        Claimed::Completed { same_body } => {
            trace::debug!(
                target: "tower_webhooks",
                provider = event.provider().name(),
                key = %event.replay_key(),
                same_body = same_body,
                "webhook handled before"
            );
            Err(Outcome::Duplicate)
        }
        Claimed::Unknown if fail_open => Ok((None, unclaimed())),
        Claimed::Unknown => Err(unavailable()),
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
    mut reply: Reply<B, E>,
) {
    let done = match &outcome {
        Outcome::Answered(Ok(response)) if response.status().is_success() => {
            Some(response.status().as_u16())
        }
        _ => None,
    };
    let Some(claim) = claim else { return reply.send(outcome) };
    let Some(status) = done else {
        claim.release().await;
        return reply.send(outcome);
    };
    match in_transaction {
        InTransaction::No => {
            let completed = claim.complete(status).await;
            // The work is done: a failure to record it must not make the sender repeat it.
            reply.send(outcome);
            if completed.is_err() {
                claim.complete_until_lease_ends(status).await;
            }
        }
        InTransaction::Committed => reply.send(outcome),
        InTransaction::Written => reply.send(match claim.is_committed().await {
            true => outcome,
            false => Outcome::Refused(RejectionKind::NotCommitted.into()),
        }),
    }
}

impl<B, E> Reply<B, E> {
    /// Sends the outcome, once. If nobody waits any more, what would be lost is logged.
    fn send(&mut self, outcome: Outcome<B, E>) {
        let unsent = match self.0.take() {
            Some(sender) => sender.send(outcome).err(),
            None => None,
        };
        if let Some(Outcome::Panicked(panic)) = unsent {
            let text = panic
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            trace::error!(
                target: "tower_webhooks",
                panic = text.unwrap_or("a value that is no text"),
                "a handler panicked after its sender hung up; the claim was released"
            );
        }
    }
}
