//! Servers of stores that are killed under load.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::fleet::{Fleet, Plan, Traffic};
use crate::receiver::{Settings, Work};
use crate::servers::{Kind, Memory};
use crate::support::random::Random;
use crate::{at_once, seed, short_or_long};

/// The server is killed and comes back, again and again. What it had acknowledged it still knows,
/// senders are told to come back meanwhile, and the receivers find it again by themselves: see
/// [`check`](crate::history::History::check).
///
/// What may run again is an event whose completion was not acknowledged before its lease was over.
/// Nothing else: a completion whose answer was lost is repeated by the receiver, and until then the
/// claim, which the server has not forgotten either, keeps others out.
///
/// A Redis that is replicated does not come back: its replica takes its place. It had all that was
/// acknowledged, as the store waits for it.
async fn a_killed_server_forgets_nothing(kind: Kind) {
    let seed = seed(&format!("a killed server, {kind:?}"));
    let mut random = Random::seeded(seed);
    let directory = tempfile::tempdir().unwrap();
    let memory = match kind {
        Kind::Replicated => Memory::new(kind, directory.path()).await,
        _ => tokio::task::spawn_blocking(move || Memory::durable(kind)).await.unwrap(),
    };
    let settings = Settings {
        store: memory.url.clone(),
        history: Default::default(),
        handler_timeout: Duration::from_secs(1),
        store_timeout: Duration::from_millis(500),
        work: Work::Waits { slowest: 30, failing: 3 },
        fails_open: false,
        seed,
    };
    let fleet = Fleet::start(Plan { receivers: 2, settings }, tempfile::tempdir().unwrap()).await;
    let traffic = Traffic::start(&fleet, Duration::from_millis(10));
    let memory = Arc::new(Mutex::new(memory));
    for _ in 0..short_or_long(4, 30) {
        tokio::time::sleep(Duration::from_millis(300 + random.below(700))).await;
        fleet.kill_server(&memory, Duration::from_millis(random.below(800))).await;
    }
    traffic.end().await;
    fleet.send_all_again().await;
    let history = fleet.history();
    history.check(fleet.lease());
    println!(
        "{kind:?}: {} events, {} attempts, {} told to come back, {} runs, {} completions unanswered",
        history.events().len(),
        fleet.attempts(),
        fleet.refused(),
        history.count("begin"),
        history.count("uncompleted"),
    );
    assert!(fleet.refused() > 0, "nobody was told to come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_and_redis_are_killed_and_forget_nothing() {
    let kinds = [Kind::Postgres, Kind::Redis, Kind::Replicated];
    at_once(kinds.map(a_killed_server_forgets_nothing)).await;
}

/// A layer that fails open runs events without a claim while the server is away. So they may run
/// more often; but none is acknowledged that did not run.
async fn what_fails_open_runs_before_it_is_acknowledged(kind: Kind) {
    let seed = seed(&format!("fails open, {kind:?}"));
    let mut random = Random::seeded(seed);
    let memory = tokio::task::spawn_blocking(move || Memory::durable(kind)).await.unwrap();
    let settings = Settings {
        store: memory.url.clone(),
        history: Default::default(),
        handler_timeout: Duration::from_secs(1),
        store_timeout: Duration::from_millis(300),
        work: Work::Waits { slowest: 30, failing: 10 },
        fails_open: true,
        seed,
    };
    let fleet = Fleet::start(Plan { receivers: 2, settings }, tempfile::tempdir().unwrap()).await;
    let traffic = Traffic::start(&fleet, Duration::from_millis(10));
    let memory = Arc::new(Mutex::new(memory));
    for round in 0..short_or_long(3, 30) {
        tokio::time::sleep(Duration::from_millis(random.below(500))).await;
        fleet.kill_server(&memory, Duration::from_millis(random.below(800))).await;
        fleet.kill(round % fleet.len()).await;
    }
    traffic.end().await;
    let history = fleet.history();
    history.check_runs();
    println!(
        "{kind:?}: {} events, {} runs, {} told to come back",
        history.events().len(),
        history.count("begin"),
        fleet.refused()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_fails_open_is_acknowledged_without_its_run() {
    at_once([Kind::Postgres, Kind::Redis].map(what_fails_open_runs_before_it_is_acknowledged))
        .await;
}
