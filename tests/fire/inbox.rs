//! Inbox mode: what was acknowledged is worked off, whoever is killed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tower_webhooks::inbox::{Inbox, InboxStore};
use tower_webhooks::store::{PostgresStore, SqliteStore, StoreError};

use crate::fleet::{Fleet, Plan, Traffic};
use crate::history::History;
use crate::receiver::{Settings, Work};
use crate::servers::{Kind, Memory};
use crate::support::random::Random;
use crate::{at_once, seed, short_or_long};

/// Receivers, whose workers they are too, are killed, and so is the server if there is one.
///
/// There are 16 workers in each of 3 processes. Many events are given up after two attempts; the
/// operator, who is killed with nobody, has the dead ones run again.
async fn what_was_acknowledged_is_worked_off(kind: Kind) {
    let seed = seed(&format!("inbox, {kind:?}"));
    let mut random = Random::seeded(seed);
    let directory = tempfile::tempdir().unwrap();
    let memory = match kind {
        Kind::Sqlite | Kind::Pooled => Memory::new(kind, directory.path()).await,
        _ => tokio::task::spawn_blocking(move || Memory::durable(kind)).await.unwrap(),
    };
    let settings = Settings {
        store: memory.url.clone(),
        history: Default::default(),
        handler_timeout: Duration::from_millis(500),
        store_timeout: Duration::from_millis(500),
        work: Work::Queues { slowest: 30, failing: 30, attempts: 2 },
        fails_open: false,
        seed,
    };
    let url = settings.store.clone();
    let fleet = Fleet::start(Plan { receivers: 3, settings }, directory).await;
    let operator = tokio::spawn(replay_the_dead(url));
    let traffic = Traffic::start(&fleet, Duration::from_millis(10));
    let memory = Arc::new(Mutex::new(memory));
    for kill in 0..short_or_long(12, 120) {
        tokio::time::sleep(Duration::from_millis(random.below(150))).await;
        fleet.kill(random.index(fleet.len())).await;
        if kind == Kind::Postgres && kill % 6 == 3 {
            fleet.kill_server(&memory, Duration::from_millis(random.below(500))).await;
        }
    }
    traffic.end().await;
    let acknowledged = Instant::now();
    let history = worked_off(&fleet).await;
    operator.abort();
    let replayed = REPLAYED.load(Ordering::Relaxed);
    assert!(replayed > 0, "nothing was given up");
    println!(
        "{kind:?}: {} kills, {} events, all worked off {:.1?} after the last was acknowledged, in {} runs, \
         {replayed} replays in all",
        history.count("killed"),
        history.events().len(),
        acknowledged.elapsed(),
        history.count("begin"),
    );
}

static REPLAYED: AtomicUsize = AtomicUsize::new(0);

/// Asks for the dead again and again, whether or not the database is there.
async fn replay_the_dead(url: String) {
    let inbox = loop {
        if let Ok(store) = open(&url).await {
            break Inbox::new(store, "tests");
        }
    };
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        for event in inbox.dead(100).await.unwrap_or_default() {
            if inbox.replay(&event.key).await.unwrap_or_default() {
                REPLAYED.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

async fn open(url: &str) -> Result<InboxStore, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        return SqliteStore::open(path).await.map(InboxStore::from);
    }
    let pool = sqlx::PgPool::connect_lazy(url.trim_start_matches("pooled:"));
    Ok(PostgresStore::new(pool.expect("it is a URL")).into())
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
    let kinds = [Kind::Sqlite, Kind::Postgres, Kind::Pooled];
    at_once(kinds.map(what_was_acknowledged_is_worked_off)).await;
}
