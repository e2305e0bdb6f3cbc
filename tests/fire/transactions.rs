//! Effects in the transaction that completes their event: exactly one for every event, whatever
//! happens to the processes.

use std::time::Duration;

use crate::bank::Bank;
use crate::fleet::{Fleet, Plan, Traffic};
use crate::history::History;
use crate::receiver::{SLOW, Settings, Work};
use crate::servers::{Kind, Memory};
use crate::support::random::Random;
use crate::{at_once, seed, short_or_long};

/// Three receivers, of which some are killed and some stand still for longer than a lease. Of the
/// handlers 15 in 100 abort, some are given up by the layer and go on all the same, and some take
/// longer than the lease. Nothing but the transaction keeps them from paying twice.
async fn every_event_is_paid_exactly_once(kind: Kind) {
    let seed = seed(&format!("transactions, {kind:?}"));
    let mut random = Random::seeded(seed);
    let directory = tempfile::tempdir().unwrap();
    let memory = Memory::new(kind, directory.path()).await;
    let bank = Bank::open(&memory.url).await;
    bank.create().await;
    let settings = Settings {
        store: memory.url.clone(),
        history: Default::default(),
        handler_timeout: Duration::from_millis(300),
        store_timeout: Duration::from_millis(500),
        work: Work::Pays { failing: 15 },
        fails_open: false,
        seed,
    };
    let fleet = Fleet::start(Plan { receivers: 3, settings }, directory).await;
    let traffic = Traffic::start(&fleet, Duration::from_millis(20));
    let paused = tokio::spawn({
        let (fleet, time) = (fleet.clone(), fleet.lease() + Duration::from_millis(500));
        async move {
            for _ in 0..short_or_long(1, 5) {
                fleet.pause(0, time).await;
            }
        }
    });
    for _ in 0..short_or_long(8, 100) {
        tokio::time::sleep(Duration::from_millis(random.below(600))).await;
        fleet.kill(1 + random.index(fleet.len() - 1)).await;
    }
    traffic.enough();
    // These nobody kills: their first runs are overtaken.
    let slow: Vec<_> = (0..3)
        .map(|number| tokio::spawn(fleet.clone().deliver(format!("{SLOW}-{number}"), seed)))
        .collect();
    for sender in slow {
        sender.await.unwrap();
    }
    paused.await.unwrap();
    traffic.end().await;
    let history = settled(&fleet).await;

    let paid = bank.paid().await;
    for event in history.events() {
        history.check_acknowledged(event);
        let times = paid.get(event).copied().unwrap_or_default();
        if times != 1 {
            history.fail(event, &format!("it was paid {times} times"));
        }
    }
    assert_eq!(paid.len(), history.events().len(), "FIRE_SEED={seed}: nothing else was paid");
    let ended = |how| history.ended(how);
    println!(
        "{kind:?}: {} events paid once each, {} kills, {} runs: {} committed, {} aborted, {} overtaken, {} failed",
        paid.len(),
        history.count("killed"),
        history.count("begin"),
        ended("200"),
        ended("aborted"),
        ended("overtaken"),
        ended("failed"),
    );
    assert!(ended("overtaken") > 0, "FIRE_SEED={seed}: no run was overtaken");
}

/// Waits for the handlers that outlive their leases, which are those that must not pay.
async fn settled(fleet: &Fleet) -> History {
    loop {
        let history = fleet.history();
        let running = history.still_run();
        if running == 0 {
            return history;
        }
        assert!(history.age() < Duration::from_secs(60), "{running} runs never end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_paid_exactly_once_in_sqlite_and_postgres() {
    at_once([Kind::Sqlite, Kind::Postgres].map(every_event_is_paid_exactly_once)).await;
}
