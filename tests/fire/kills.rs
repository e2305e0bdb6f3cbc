//! Receivers that are killed, and receivers that are not.

use std::time::{Duration, Instant};

use crate::fleet::{Fleet, Plan, Traffic};
use crate::receiver::{Settings, Work};
use crate::servers::{Kind, Memory};
use crate::support::random::Random;
use crate::{at_once, seed, short_or_long};

fn settings(memory: &Memory, seed: u64, work: Work) -> Settings {
    Settings {
        store: memory.url.clone(),
        history: Default::default(),
        handler_timeout: Duration::from_millis(500),
        store_timeout: Duration::from_millis(500),
        work,
        fails_open: false,
        seed,
    }
}

/// Copies of each event at all receivers at once, while nobody fails: each is handled once.
async fn copies_at_three_receivers_run_once(kind: Kind) {
    let seed = seed(&format!("copies at three receivers, {kind:?}"));
    let directory = tempfile::tempdir().unwrap();
    let memory = Memory::new(kind, directory.path()).await;
    let work = Work::Waits { slowest: 5, failing: 0 };
    // So that nobody fails on a busy machine either.
    let patience = Duration::from_secs(30);
    let settings = Settings {
        handler_timeout: patience,
        store_timeout: patience,
        ..settings(&memory, seed, work)
    };
    let fleet = Fleet::start(Plan { receivers: 3, settings }, directory).await;
    for round in 0..short_or_long(10, 100) {
        let mut copies = tokio::task::JoinSet::new();
        for number in 0..20 {
            let event = format!("event-{round}-{number}");
            fleet.announce(&event);
            for receiver in 0..fleet.len() {
                let (fleet, event) = (fleet.clone(), event.clone());
                copies.spawn(async move {
                    while !fleet.post(&event, receiver).await.is_acknowledged() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                });
            }
        }
        copies.join_all().await;
    }
    let history = fleet.history();
    history.check(fleet.lease());
    history.check_once();
    println!("{kind:?}: {} events, {} attempts", history.events().len(), fleet.attempts());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_at_three_receivers_run_once_in_sqlite() {
    copies_at_three_receivers_run_once(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_at_three_receivers_run_once_in_postgres() {
    copies_at_three_receivers_run_once(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_at_three_receivers_run_once_in_redis() {
    copies_at_three_receivers_run_once(Kind::Redis).await;
}

/// Receivers are killed while they work. What is acknowledged was done, and what was done half is
/// done again when the lease of the dead is over: see [`check`](crate::history::History::check).
async fn receivers_are_killed_and_nothing_is_lost(kind: Kind) {
    let seed = seed(&format!("receivers are killed, {kind:?}"));
    let mut random = Random::seeded(seed);
    let directory = tempfile::tempdir().unwrap();
    let memory = Memory::new(kind, directory.path()).await;
    let work = Work::Waits { slowest: 30, failing: 3 };
    let settings = settings(&memory, seed, work);
    let fleet = Fleet::start(Plan { receivers: 3, settings }, directory).await;
    let traffic = Traffic::start(&fleet, Duration::from_millis(5));
    for _ in 0..short_or_long(20, 200) {
        tokio::time::sleep(Duration::from_millis(random.below(100))).await;
        fleet.kill(random.index(fleet.len())).await;
    }
    let killed = Instant::now();
    traffic.end().await;
    let last = killed.elapsed();
    fleet.send_all_again().await;
    let history = fleet.history();
    history.check(fleet.lease());
    println!(
        "{kind:?}: {} kills, {} events, {} attempts, {} told to come back, {} runs, \
         last one acknowledged {:.1?} after the last kill, longest wait for a dead run's lease {:.2?} of {:?}",
        history.count("killed"),
        history.events().len(),
        fleet.attempts(),
        fleet.refused(),
        history.count("begin"),
        last,
        history.longest_wait(),
        fleet.lease(),
    );
    // Senders come back every quarter of a second; the rest is for a busy machine.
    assert!(history.longest_wait() < fleet.lease() + Duration::from_secs(30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receivers_are_killed_and_nothing_is_lost_in_any_store() {
    at_once(
        [Kind::Sqlite, Kind::Postgres, Kind::Pooled, Kind::Redis]
            .map(receivers_are_killed_and_nothing_is_lost),
    )
    .await;
}
