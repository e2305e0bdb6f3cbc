//! The handler's own transaction completes the event, or does not.

use tower_webhooks::layer::Drained;
use tower_webhooks::providers::GITHUB;
use tower_webhooks::store::CompleteError;

use crate::databases::{Database, Effect, End};
use crate::support::layer::github;
use crate::world::{
    Handler, LEASE, built, counts, github_inbox, inbox_of, receive, until_counts, until_runs,
};

const EFFECTS: &str = "SELECT count(*) FROM effects";

async fn with_effects<D: Database>() -> D {
    let database = D::start().await;
    database.execute("CREATE TABLE effects (attempt integer)").await;
    database
}

fn effecting(effect: Effect) -> Handler {
    Handler::new(move |_, event| {
        let effect = effect.clone();
        async move { effect.run(&event).await.map_err(Into::into) }
    })
}

pub(crate) async fn a_transaction_of_the_handler_completes_the_event<D: Database>() {
    for end in [End::Commit, End::CompleteAndCommit] {
        let database = with_effects::<D>().await;
        let handler = effecting(database.effect(end));
        let (receiver, workers) = github_inbox(database.open().await, &handler);
        receive(&receiver, github("{}")).await.acknowledges();
        let running = workers.start();
        until_counts(&running.inbox(), [0, 0, 0, 1]).await;
        assert_eq!((handler.runs(), database.number(EFFECTS).await), (1, 1), "{end:?}");
        receive(&receiver, github("{}")).await.acknowledges();
        let left = "SELECT count(*) FROM webhook_inbox WHERE expires_at IS NULL";
        assert_eq!(database.number(left).await, 0);
    }
}

pub(crate) async fn an_event_whose_transaction_was_not_committed_runs_again<D: Database>() {
    let database = with_effects::<D>().await;
    let (forgets, commits) =
        (database.effect(End::CompleteAndForget), database.effect(End::Commit));
    let handler = Handler::new(move |run, event| {
        let effect = if run == 0 { forgets.clone() } else { commits.clone() };
        async move { effect.run(&event).await.map_err(Into::into) }
    });
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("{}")).await.acknowledges();
    let running = workers.start();
    until_runs(&handler, 1).await;
    until_counts(&running.inbox(), [1, 0, 0, 0]).await;
    let error = "SELECT count(*) FROM webhook_inbox WHERE last_error LIKE '%not committed'";
    assert_eq!((database.number(EFFECTS).await, database.number(error).await), (0, 1));
    database.later(LEASE).await;
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!((handler.attempts(), database.number(EFFECTS).await), (vec![1, 2], 1));
}

pub(crate) async fn a_run_that_was_overtaken_cannot_commit<D: Database>() {
    let database = with_effects::<D>().await;
    let effect = database.effect(End::Commit);
    let gate = crate::support::layer::Gate::default();
    let (theirs, error) = (gate.clone(), std::sync::Arc::new(std::sync::Mutex::new(None)));
    let noted = std::sync::Arc::clone(&error);
    let slow = Handler::new(move |_, event| {
        let (gate, effect, noted) = (theirs.clone(), effect.clone(), noted.clone());
        async move {
            gate.pass().await;
            *noted.lock().unwrap() = effect.run(&event).await.err();
            // Even a handler that says all went well has done nothing.
            Ok(())
        }
    });
    // It does not ask again, and so does not take over from itself.
    let first = inbox_of(&GITHUB, database.open().await).poll_interval(LEASE * 60);
    let (receiver, workers) = built(first, &slow);
    receive(&receiver, github("{}")).await.acknowledges();
    let running = workers.start();
    gate.arrived().await;

    let handler = effecting(database.effect(End::Commit));
    let (_, second) = built(inbox_of(&GITHUB, database.open().await), &handler);
    database.later(LEASE).await;
    let second = second.start();
    until_runs(&handler, 1).await;
    until_counts(&second.inbox(), [0, 0, 0, 1]).await;
    gate.let_pass(1);
    assert_eq!(running.shutdown(LEASE).await, Drained::All);
    assert!(matches!(*error.lock().unwrap(), Some(CompleteError::Overtaken)), "{error:?}");
    assert_eq!((database.number(EFFECTS).await, handler.attempts()), (1, vec![2]));
    assert_eq!(counts(&second.inbox()).await, [0, 0, 0, 1]);
}
