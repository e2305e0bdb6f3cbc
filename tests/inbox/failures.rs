//! What happens when something fails: a handler, a process, a payload, the database.

use std::future::{Future, pending, poll_fn, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use serde::Deserialize;
use sqlx::Connection;
use tower_webhooks::event::Raw;
use tower_webhooks::layer::Drained;
use tower_webhooks::providers::{GITHUB, STRIPE};
use tower_webhooks::store::PostgresStore;
use tower_webhooks::{Event, RejectionKind};

use crate::databases::{Database, Own};
use crate::support::layer::{NOW, builder, github, stripe, stripe_at};
use crate::world::{
    Handler, LEASE, a_while, built, counts, github_inbox, inbox_of, layer, receive, stripe_inbox,
    tuned, until_counts, until_runs,
};

const SECOND: Duration = Duration::from_secs(1);

pub(crate) async fn an_event_that_fails_is_tried_again_later_and_at_last_is_dead<D: Database>() {
    let database = D::start().await;
    let handler = Handler::fails(usize::MAX);
    let inbox = inbox_of(&GITHUB, database.open().await).max_attempts(3);
    let (receiver, workers) = built(inbox.backoff(60 * SECOND, 90 * SECOND), &handler);
    let running = workers.start();
    receive(&receiver, github("{}")).await.acknowledges();
    // 30 to 60 s, then 45 to 90 s: a random part of at most half is left out.
    for (run, (not_before, at)) in [(30, 60), (45, 90)].into_iter().enumerate() {
        until_runs(&handler, run + 1).await;
        until_counts(&running.inbox(), [1, 0, 0, 0]).await;
        database.later((not_before - 2) * SECOND).await;
        a_while().await;
        assert_eq!(handler.runs(), run + 1);
        database.later((at - not_before + 2) * SECOND).await;
        until_runs(&handler, run + 2).await;
    }
    until_counts(&running.inbox(), [0, 0, 1, 0]).await;
    database.later(LEASE * 100).await;
    a_while().await;
    assert_eq!(handler.attempts(), [1, 2, 3]);
    let fences: Vec<_> = handler.events().iter().map(Event::fence).collect();
    assert!(fences.is_sorted_by(|earlier, later| earlier < later), "{fences:?}");

    let dead = running.inbox().dead(10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].attempts, &*dead[0].last_error), (3, "failure 2"));
    assert_eq!((&*dead[0].provider, dead[0].kind.as_deref()), ("github", Some("push")));
    assert_eq!(dead[0].key, handler.events()[0].replay_key());
    // The sender is told that it is there.
    receive(&receiver, github("{}")).await.acknowledges();
}

pub(crate) async fn an_event_that_another_process_gives_up_keeps_its_error<D: Database>() {
    let database = D::start().await;
    let handler = Handler::fails(usize::MAX);
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    let running = workers.start();
    receive(&receiver, github("{}")).await.acknowledges();
    until_counts(&running.inbox(), [1, 0, 0, 0]).await;
    until_runs(&handler, 1).await;
    assert_eq!(running.shutdown(60 * SECOND).await, Drained::All);
    database.later(60 * SECOND).await;
    let (_, workers) = built(inbox_of(&GITHUB, database.open().await).max_attempts(1), &handler);
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 1, 0]).await;
    assert!(running.inbox().dead(1).await.unwrap()[0].last_error.starts_with("failure "));
}

pub(crate) async fn a_dead_event_runs_again_when_it_is_replayed<D: Database>() {
    let database = D::start().await;
    let handler = Handler::fails(1);
    let inbox = inbox_of(&GITHUB, database.open().await).max_attempts(1);
    let (receiver, workers) = built(inbox, &handler);
    let running = workers.start();
    receive(&receiver, github("{}")).await.acknowledges();
    until_counts(&running.inbox(), [0, 0, 1, 0]).await;
    let key = running.inbox().dead(1).await.unwrap()[0].key;
    assert!(running.inbox().replay(&key).await.unwrap());
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.attempts(), [1, 2]);
    assert!(running.inbox().dead(1).await.unwrap().is_empty());
}

pub(crate) async fn a_done_event_runs_again_when_it_is_replayed<D: Database>() {
    let database = D::start().await;
    let (handler, gate) = Handler::at_a_gate();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    let running = workers.start();
    let inbox = running.inbox();
    receive(&receiver, github("{}")).await.acknowledges();
    gate.arrived().await;
    let key = handler.events()[0].replay_key();
    assert!(!inbox.replay(&key).await.unwrap(), "it is being run");
    gate.let_pass(2);
    until_counts(&inbox, [0, 0, 0, 1]).await;
    assert!(inbox.replay(&key).await.unwrap());
    until_runs(&handler, 2).await;
    until_counts(&inbox, [0, 0, 0, 1]).await;
    assert_eq!(handler.attempts(), [1, 2]);

    assert!(inbox.forget(&key).await.unwrap());
    assert!(!inbox.replay(&key).await.unwrap(), "it is not there");
}

/// Dies of its first failure; says what was recorded of it.
async fn last_error<D: Database>(handler: Handler) -> String {
    let database = D::start().await;
    let quick = builder(&GITHUB).handler_timeout(Duration::from_millis(50)).build().unwrap();
    let inbox = tuned::<Raw>(&quick, database.open().await).max_attempts(1);
    let (receiver, workers) = built(inbox, &handler);
    let running = workers.start();
    receive(&receiver, github("{}")).await.acknowledges();
    until_counts(&running.inbox(), [0, 0, 1, 0]).await;
    running.inbox().dead(1).await.unwrap()[0].last_error.clone()
}

pub(crate) async fn a_panic_is_a_failure<D: Database>() {
    let handler = Handler::new(|_, _| async { panic!("it is {}", "broken\0") });
    assert_eq!(last_error::<D>(handler).await, "the handler panicked: it is broken\u{fffd}");
    // Before there is a future to be polled.
    let handler = Handler::new(|run, _| {
        assert!(run > 0, "at once");
        ready(Ok(()))
    });
    assert_eq!(last_error::<D>(handler).await, "the handler panicked: at once");
}

pub(crate) async fn a_handler_that_does_not_finish_is_a_failure<D: Database>() {
    let handler = Handler::new(|_, _| pending());
    assert_eq!(last_error::<D>(handler).await, "the handler did not finish within 50ms");
}

#[derive(Debug, Deserialize)]
struct Wrong {
    #[allow(dead_code, reason = "it is never there")]
    missing: u32,
}

#[derive(Debug, Deserialize)]
struct Right {
    #[allow(dead_code, reason = "that it parses is all")]
    id: String,
}

pub(crate) async fn a_payload_that_does_not_parse_is_dead_at_once_and_runs_after_a_fix<
    D: Database,
>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let layer = layer(&STRIPE);
    let (receiver, workers) = built(tuned::<Wrong>(&layer, database.open().await), &handler);
    let running = workers.start();
    receive(&receiver, stripe("evt_1")).await.acknowledges();
    until_counts(&running.inbox(), [0, 0, 1, 0]).await;
    let dead = running.inbox().dead(1).await.unwrap().remove(0);
    assert!(dead.last_error.contains("`.`: missing field `missing`"), "{}", dead.last_error);
    assert_eq!((dead.event_id.as_deref(), handler.runs()), (Some("evt_1"), 0));
    assert_eq!(running.shutdown(SECOND).await, Drained::All);

    let (_, workers) = built(tuned::<Right>(&layer, database.open().await), &handler);
    let running = workers.start();
    assert!(running.inbox().replay(&dead.key).await.unwrap());
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.attempts(), [2]);
}

pub(crate) async fn an_event_of_a_provider_that_is_no_longer_there_is_a_failure<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("{}")).await.acknowledges();
    drop(workers);
    let other = inbox_of(&STRIPE, database.open().await).max_attempts(1);
    let (_, workers) = built(other, &handler);
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 1, 0]).await;
    let dead = &running.inbox().dead(1).await.unwrap()[0];
    assert_eq!(dead.last_error, "the provider `github` is no longer one of this endpoint");
    assert_eq!(handler.runs(), 0);
    assert_eq!(running.shutdown(SECOND).await, Drained::All);

    // It is kept, and runs when the provider is back.
    let (_, workers) = github_inbox(database.open().await, &handler);
    assert!(workers.inbox().replay(&dead.key).await.unwrap());
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.runs(), 1);
}

pub(crate) async fn an_event_whose_worker_vanished_runs_again_after_its_lease<D: Database>() {
    let database = D::start().await;
    let (handler, gate) = Handler::at_a_gate();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("{}")).await.acknowledges();
    let vanishing = tokio::spawn(workers.run());
    gate.arrived().await;
    vanishing.abort();
    assert!(vanishing.await.unwrap_err().is_cancelled());

    let handler = Handler::ok();
    let (_, workers) = github_inbox(database.open().await, &handler);
    let running = workers.start();
    database.later(LEASE - 10 * SECOND).await;
    a_while().await;
    assert_eq!((handler.runs(), counts(&running.inbox()).await), (0, [0, 1, 0, 0]));
    database.later(10 * SECOND).await;
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.attempts(), [2]);
}

pub(crate) async fn an_event_that_takes_its_process_down_each_time_dies_of_it<D: Database>() {
    let database = D::start().await;
    let (handler, gate) = Handler::at_a_gate();
    let start = |store| built(inbox_of(&GITHUB, store).max_attempts(2), &handler);
    let (receiver, workers) = start(database.open().await);
    receive(&receiver, github("{}")).await.acknowledges();
    drop(workers);
    for _ in 0..2 {
        let vanishing = tokio::spawn(start(database.open().await).1.run());
        gate.arrived().await;
        vanishing.abort();
        let _ = vanishing.await;
        database.later(LEASE).await;
    }
    let running = start(database.open().await).1.start();
    until_counts(&running.inbox(), [0, 0, 1, 0]).await;
    let dead = &running.inbox().dead(1).await.unwrap()[0];
    assert_eq!((dead.attempts, handler.runs()), (2, 2));
    assert!(dead.last_error.starts_with("the process ended during the run"), "{dead:?}");

    gate.let_pass(1);
    assert!(running.inbox().replay(&dead.key).await.unwrap());
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.attempts(), [1, 2, 3]);
}

pub(crate) async fn what_a_shutdown_cuts_off_runs_again_after_its_lease<D: Database>() {
    let database = D::start().await;
    let dropped = Arc::new(AtomicBool::new(false));
    let handler = Handler::new(hangs_until_dropped(&dropped));
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("{}")).await.acknowledges();
    let running = workers.start();
    until_runs(&handler, 1).await;
    assert_eq!(running.shutdown(Duration::from_millis(50)).await, Drained::Remaining(1));
    while !dropped.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }

    let handler = Handler::ok();
    let (_, workers) = github_inbox(database.open().await, &handler);
    let running = workers.start();
    a_while().await;
    assert_eq!(handler.runs(), 0, "its lease holds");
    database.later(LEASE).await;
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.attempts(), [2]);
}

type Ending = Result<(), tower::BoxError>;

fn hangs_until_dropped(
    dropped: &Arc<AtomicBool>,
) -> impl Fn(usize, Event) -> std::pin::Pin<Box<dyn Future<Output = Ending> + Send>> + use<> {
    struct Note(Arc<AtomicBool>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let dropped = Arc::clone(dropped);
    move |_, _| {
        let note = Note(Arc::clone(&dropped));
        Box::pin(async move {
            let _note = note;
            pending().await
        })
    }
}

pub(crate) async fn nothing_is_acknowledged_while_the_database_is_down<D: Own>() {
    let mut database = D::own().await;
    let handler = Handler::ok();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("1")).await.acknowledges();
    database.break_down().await;
    let refused = receive(&receiver, github("2")).await;
    refused.refuses(RejectionKind::StoreUnavailable, 503, Some(5));
    let known = receive(&receiver, github("1")).await;
    assert!(matches!(known.status(), 200 | 503));
    database.heal().await;

    // The sender tries again.
    let mut answer = receive(&receiver, github("2")).await;
    for _ in 0..50 {
        if answer.status() != 503 {
            break;
        }
        a_while().await;
        answer = receive(&receiver, github("2")).await;
    }
    answer.acknowledges();
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 2]).await;
    assert_eq!(handler.attempts(), [1, 1]);
}

pub(crate) async fn workers_go_on_when_the_database_is_back<D: Own>() {
    let mut database = D::own().await;
    let handler = Handler::ok();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("1")).await.acknowledges();
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    database.break_down().await;
    a_while().await;
    database.heal().await;
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    for _ in 0..50 {
        if receive(&receiver, github("2")).await.status() == 200 {
            break;
        }
        a_while().await;
    }
    until_counts(&running.inbox(), [0, 0, 0, 2]).await;
    assert_eq!(handler.runs(), 2);
}

pub(crate) async fn work_that_was_done_while_the_database_was_down_is_not_repeated<D: Own>() {
    let mut database = D::own().await;
    let (handler, gate) = Handler::at_a_gate();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("{}")).await.acknowledges();
    let running = workers.start();
    gate.arrived().await;
    database.break_down().await;
    gate.let_pass(1);
    a_while().await;
    database.heal().await;
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.runs(), 1);
}

/// As the driver leaves a connection whose `begin` was dropped half way: what is acknowledged must
/// not be rolled back with it.
#[tokio::test]
async fn an_event_put_into_a_transaction_that_was_left_open_is_put_again() {
    let url = crate::support::postgres::PostgresServer::shared().database().await;
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = options.connect(&url).await.unwrap();
    let inbox = inbox_of(&GITHUB, PostgresStore::new(pool.clone()).into());
    let (receiver, _workers) = built(inbox, &Handler::fails(0));
    for number in 1..=3_i64 {
        let mut connection = pool.acquire().await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut *connection).await.unwrap();
        drop(connection);
        tokio::time::sleep(Duration::from_millis(100)).await;
        receive(&receiver, github(number.to_string())).await.acknowledges();
        let other = sqlx::PgPool::connect(&url).await.unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM webhook_inbox");
        let count: i64 = count.fetch_one(&other).await.unwrap();
        assert_eq!(count, number);
    }
}

/// The same by the driver itself, and without the time in which it would look old.
#[tokio::test]
async fn an_event_put_right_after_a_begin_that_was_dropped_is_committed_when_it_is_acknowledged() {
    let url = crate::support::postgres::PostgresServer::shared().database().await;
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = options.test_before_acquire(false).connect(&url).await.unwrap();
    let inbox = inbox_of(&GITHUB, PostgresStore::new(pool.clone()).into());
    let (receiver, _workers) = built(inbox, &Handler::ok());
    let other = sqlx::PgPool::connect(&url).await.unwrap();
    for number in 1..=50_i64 {
        let mut connection = pool.acquire().await.unwrap();
        let mut begin = Box::pin(connection.begin());
        poll_fn(|cx| Poll::Ready(begin.as_mut().poll(cx).is_ready())).await;
        drop(begin);
        drop(connection);
        receive(&receiver, github(number.to_string())).await.acknowledges();
        let count = sqlx::query_scalar("SELECT count(*) FROM webhook_inbox");
        let count: i64 = count.fetch_one(&other).await.unwrap();
        assert_eq!(count, number);
    }
}

/// A text outside of the encoding of the database says something about the event, and nothing about
/// the database.
#[tokio::test]
async fn an_event_that_the_database_cannot_hold_is_a_500_and_no_outage() {
    let url = crate::support::postgres::PostgresServer::shared().database().await;
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let latin =
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    sqlx::raw_sql(latin).execute(&pool).await.unwrap();
    let url = format!("{}/latin", url.rsplit_once('/').unwrap().0);
    let as_text = PostgresStore::new(sqlx::PgPool::connect(&url).await.unwrap());
    for (round, store) in
        [as_text, PostgresStore::connect(&url).await.unwrap()].into_iter().enumerate()
    {
        let (receiver, _workers) = stripe_inbox(store.into(), &Handler::ok());
        let event = |id: &str| stripe_at(NOW, format!(r#"{{"id":"evt_{round}_{id}","type":"t"}}"#));
        // More of them than failures that open the circuit.
        for number in 0..8 {
            let refused = receive(&receiver, event(&format!("{number}Ω"))).await;
            refused.refuses(RejectionKind::Unstorable, 500, None);
        }
        receive(&receiver, event("plain")).await.acknowledges();
    }
}
