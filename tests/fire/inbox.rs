//! Inbox mode: what was acknowledged is worked off, whoever is killed.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::fleet::{Fleet, Plan, Traffic};
use crate::history::History;
use crate::receiver::{Settings, Work};
use crate::servers::{Kind, Memory};
use crate::support::random::Random;
use crate::{at_once, seed, short_or_long};

/// Receivers, whose workers they are too, are killed, and so is the server if there is one.
async fn what_was_acknowledged_is_worked_off(kind: Kind) {
    let seed = seed(&format!("inbox, {kind:?}"));
    let mut random = Random::seeded(seed);
    let directory = tempfile::tempdir().unwrap();
    let memory = match kind {
        Kind::Sqlite => Memory::new(kind, directory.path()).await,
        _ => tokio::task::spawn_blocking(move || Memory::durable(kind)).await.unwrap(),
    };
    let settings = Settings {
        store: memory.url.clone(),
        history: Default::default(),
        handler_timeout: Duration::from_millis(500),
        store_timeout: Duration::from_millis(500),
        work: Work::Queues { slowest: 30, failing: 10 },
        seed,
    };
    let fleet = Fleet::start(Plan { receivers: 3, settings }, directory).await;
    let traffic = Traffic::start(&fleet, Duration::from_millis(10));
    let memory = Arc::new(Mutex::new(memory));
    for kill in 0..short_or_long(12, 120) {
        tokio::time::sleep(Duration::from_millis(random.below(150))).await;
        fleet.kill(random.index(fleet.len())).await;
        if kind != Kind::Sqlite && kill % 6 == 3 {
            fleet.kill_server(&memory, Duration::from_millis(random.below(500))).await;
        }
    }
    traffic.end().await;
    let acknowledged = Instant::now();
    let history = worked_off(&fleet).await;
    println!(
        "{kind:?}: {} kills, {} events, all worked off {:.1?} after the last was acknowledged, in {} runs",
        history.count("killed"),
        history.events().len(),
        acknowledged.elapsed(),
        history.count("begin"),
    );
}

async fn worked_off(fleet: &Fleet) -> History {
    let started = Instant::now();
    loop {
        let history = fleet.history();
        let waiting = history.never_done();
        let Some(event) = waiting.first() else { return history };
        history.check_acknowledged(event);
        // Runs of dead workers are taken over when their leases end.
        if started.elapsed() > fleet.lease() + Duration::from_secs(60) {
            history.fail(event, "it was acknowledged and is never worked off");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_worked_off_in_sqlite_and_postgres() {
    at_once([Kind::Sqlite, Kind::Postgres].map(what_was_acknowledged_is_worked_off)).await;
}
