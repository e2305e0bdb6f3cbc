//! `SqliteStore` against the store contract, and what a file can do to a store.
#![cfg(all(feature = "testing", feature = "store-sqlite"))]

use std::error::Error as _;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use crate::store_model::random::Random;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor, Row};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tower_webhooks::store::{
    Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, SqliteStore,
    SqliteStoreBuilder, StoreError, StoreErrorKind, Token,
};
use tower_webhooks::testing::{ManualClock, store_contract};

const START: u64 = 1_767_225_600;
const LEASE: Duration = Duration::from_secs(60);
const TTL: Duration = Duration::from_secs(86_400);
const DONE: Completion = Completion::new(204);
const BODY: Fingerprint = Fingerprint::from_bytes([7; 32]);

/// A directory with room for one file, and a clock.
struct Setup {
    directory: TempDir,
    clock: ManualClock,
}

impl Setup {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory, clock: ManualClock::at_unix(START) }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("webhooks.db")
    }

    /// Not waiting for the disk, where a test is not about that.
    fn builder(&self) -> SqliteStoreBuilder {
        let builder = SqliteStore::builder(self.path()).clock(self.clock.clone());
        builder.synchronous_normal().sweep_every(Duration::MAX)
    }

    async fn open(&self) -> SqliteStore {
        self.builder().open().await.unwrap()
    }

    /// The file without the store, as an operator or another process has it.
    async fn raw(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path()).create_if_missing(true);
        options.connect().await.unwrap()
    }

    async fn sql(&self, sql: &'static str) {
        self.raw().await.execute(sqlx::raw_sql(sql)).await.unwrap();
    }

    async fn number(&self, sql: &'static str) -> i64 {
        self.raw().await.fetch_one(sql).await.unwrap().get(0)
    }
}

fn key(number: u64) -> Key {
    let mut bytes = [9; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Key::from_bytes(bytes)
}

fn token(number: u64) -> Token {
    let mut bytes = [5; 16];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Token::from_bytes(bytes)
}

async fn claim(store: &SqliteStore, number: u64, by: u64) -> Result<Outcome, StoreError> {
    store.claim(&Claim::new(&key(number), &token(by), &BODY, LEASE, TTL)).await
}

async fn complete(store: &SqliteStore, number: u64, by: u64) -> Result<Held, StoreError> {
    store.complete(&key(number), &token(by), &DONE, TTL).await
}

fn is_new(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::New { .. })
}

// The contract ------------------------------------------------------------------------------

#[tokio::test]
async fn keeps_the_store_contract() {
    let setup = Setup::new();
    store_contract(async || setup.open().await, &setup.clock).await;
}

#[tokio::test]
async fn two_thousand_random_operations_answer_as_the_table_says() {
    let setup = Setup::new();
    let store = setup.open().await;
    crate::store_model::answers_as_the_table_says(&store, &setup.clock, 2_000).await;
}

#[tokio::test]
async fn keeps_the_store_contract_with_the_default_settings_across_clones() {
    let setup = Setup::new();
    let store = SqliteStore::builder(setup.path()).clock(setup.clock.clone()).open().await.unwrap();
    store_contract(async || store.clone(), &setup.clock).await;
}

// Restarts and several processes --------------------------------------------------------------

#[tokio::test]
async fn records_outlive_the_store() {
    let setup = Setup::new();
    let store = setup.open().await;
    assert!(is_new(&claim(&store, 1, 1).await.unwrap()));
    assert!(is_new(&claim(&store, 2, 1).await.unwrap()));
    assert_eq!(complete(&store, 1, 1).await.unwrap(), Held::Held);
    drop(store);

    let store = setup.open().await;
    let again = claim(&store, 1, 2).await.unwrap();
    assert_eq!(again, Outcome::Completed { record: DONE, same_body: true });
    let again = claim(&store, 2, 2).await.unwrap();
    assert_eq!(again, Outcome::InFlight { retry_after: LEASE, same_body: true });
    assert_eq!(complete(&store, 2, 1).await.unwrap(), Held::Held, "its owner came back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_claims_wins_across_two_processes() {
    const KEYS: u64 = 30;
    const CLAIMS: u64 = 64;
    let setup = Setup::new();
    let builder = || setup.builder().busy_timeout(Duration::from_secs(60));
    let (one, other) = tokio::join!(builder().open(), builder().open());
    let stores = [one.unwrap(), other.unwrap()];
    for number in 0..KEYS {
        let mut claims = JoinSet::new();
        for by in 0..CLAIMS {
            let store = stores[usize::from(by % 2 == 0)].clone();
            claims.spawn(async move { claim(&store, number, by).await.unwrap() });
        }
        let outcomes = claims.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| is_new(outcome)).count(), 1);
        let in_flight = |outcome: &&Outcome| matches!(outcome, Outcome::InFlight { .. });
        assert_eq!(outcomes.iter().filter(in_flight).count() as u64, CLAIMS - 1);
    }
    assert_eq!(setup.number("SELECT count(*) FROM webhook_claims").await as u64, KEYS);
    assert_eq!(setup.number("SELECT sum(seen) FROM webhook_claims").await as u64, KEYS * CLAIMS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_may_create_the_file_at_the_same_time() {
    let setup = Setup::new();
    let mut opened = JoinSet::new();
    for _ in 0..8 {
        opened.spawn(setup.builder().busy_timeout(Duration::from_secs(60)).open());
    }
    for store in opened.join_all().await {
        claim(&store.unwrap(), 1, 1).await.unwrap();
    }
}

// Cancellation ----------------------------------------------------------------------------------

#[tokio::test]
async fn a_dropped_claim_is_made_or_not_and_the_store_goes_on() {
    let setup = Setup::new();
    let store = setup.open().await;
    for number in 0..200 {
        poll_times(claim(&store, number, 1), number % 8).await;
        // The token decides which of the two it was: had it been made, it is the same claim.
        let got = claim(&store, number, 1).await.unwrap();
        assert!(matches!(got, Outcome::New { attempt: 1, .. }), "{got:?}");
        poll_times(complete(&store, number, 1), number % 7).await;
        assert_eq!(complete(&store, number, 1).await.unwrap(), Held::Held);
        let got = claim(&store, number, 2).await.unwrap();
        assert_eq!(got, Outcome::Completed { record: DONE, same_body: true });
    }
}

/// Polls a future so often, with other tasks in between, and drops it.
async fn poll_times(future: impl Future, times: u64) {
    let mut future = pin!(future);
    for _ in 0..times {
        let polled = std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
        if polled.is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_store_goes_on_when_its_runtime_has_ended() {
    let setup = Setup::new();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime().block_on(async {
        let store = setup.open().await;
        claim(&store, 1, 1).await.unwrap();
        let _: Poll<_> =
            std::future::poll_fn(|cx| Poll::Ready(pin!(claim(&store, 2, 1)).poll(cx))).await;
        store
    });
    runtime().block_on(async {
        assert!(!is_new(&claim(&store, 1, 2).await.unwrap()));
        assert!(is_new(&claim(&store, 2, 1).await.unwrap()));
    });
}

// What a file can do ------------------------------------------------------------------------------

#[tokio::test]
async fn a_claim_behind_a_long_transaction_times_out_and_later_ones_work() {
    let setup = Setup::new();
    let store = setup.builder().busy_timeout(Duration::from_millis(50)).open().await.unwrap();
    let mut application = setup.raw().await;
    let transaction = application.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = claim(&store, 1, 1).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Timeout);
    let opened = setup.builder().busy_timeout(Duration::from_millis(50)).open().await;
    opened.expect("the tables are there, so nothing is written");
    transaction.rollback().await.unwrap();
    assert!(is_new(&claim(&store, 1, 1).await.unwrap()));
}

#[tokio::test]
async fn a_full_file_refuses_new_events_keeps_the_old_ones_and_recovers() {
    let setup = Setup::new();
    let store = setup.builder().max_file_size(128 * 1024).open().await.unwrap();
    let mut claimed = 0;
    let error = loop {
        match claim(&store, claimed, 1).await {
            Ok(_) => claimed += 1,
            Err(error) => break error,
        }
        assert!(claimed < 10_000, "it is bounded");
    };
    assert_eq!(error.kind(), StoreErrorKind::Full);
    assert!(claimed > 200, "{claimed} records in 128 KiB");
    for number in 0..claimed {
        assert!(!is_new(&claim(&store, number, 2).await.unwrap()));
    }
    setup.clock.advance(TTL * 2);
    assert_eq!(u64::from(store.sweep(10_000).await.unwrap()), claimed);
    assert!(is_new(&claim(&store, claimed, 1).await.unwrap()));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_an_error_and_never_new() {
    const BROKEN: [&str; 8] = [
        "UPDATE webhook_claims SET state = 7",
        "UPDATE webhook_claims SET state = 1, status = NULL",
        "UPDATE webhook_claims SET state = 1, status = 70000",
        "UPDATE webhook_claims SET owner = x'00'",
        "UPDATE webhook_claims SET fingerprint = x'00'",
        "UPDATE webhook_claims SET fence = -1",
        "UPDATE webhook_claims SET attempts = -5",
        "UPDATE webhook_claims SET lease_until = 0, fence = 9223372036854775807",
    ];
    for broken in BROKEN {
        let setup = Setup::new();
        let store = setup.open().await;
        claim(&store, 1, 1).await.unwrap();
        setup.sql(broken).await;
        for by in [2, 1] {
            let error = claim(&store, 1, by).await.expect_err(broken);
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{broken}");
        }
        assert!(is_new(&claim(&store, 2, 1).await.unwrap()), "other records can be read");
    }
    let setup = Setup::new();
    let store = setup.open().await;
    claim(&store, 1, 1).await.unwrap();
    setup.sql("UPDATE webhook_claims SET state = 7").await;
    let (key, token) = (key(1), token(1));
    assert_eq!(complete(&store, 1, 1).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
    let error = store.release(&key, &token).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    let error = store.renew(&key, &token, LEASE).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert!(store.forget(&key).await.unwrap(), "the operator can get rid of it");
    assert!(is_new(&claim(&store, 1, 1).await.unwrap()));
}

#[tokio::test]
async fn a_table_that_is_gone_is_an_error() {
    let setup = Setup::new();
    let store = setup.open().await;
    claim(&store, 1, 1).await.unwrap();
    setup.sql("DROP TABLE webhook_claims").await;
    let error = claim(&store, 1, 2).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

#[tokio::test]
async fn a_file_that_is_damaged_while_it_is_open_is_an_error() {
    let setup = Setup::new();
    let store = setup.open().await;
    for number in 0..2_000 {
        claim(&store, number, 1).await.unwrap();
    }
    setup.number("PRAGMA wal_checkpoint(TRUNCATE)").await;
    drop(store);
    let mut bytes = std::fs::read(setup.path()).unwrap();
    bytes[8_192..].fill(0xA5);
    std::fs::write(setup.path(), bytes).unwrap();
    match setup.builder().open().await {
        Ok(store) => {
            let mut errors = 0;
            for number in 0..2_000 {
                match claim(&store, number, 2).await {
                    Ok(outcome) => assert!(!is_new(&outcome), "{number} was forgotten"),
                    Err(error) => {
                        assert_eq!(error.kind(), StoreErrorKind::Corrupt);
                        errors += 1;
                    }
                }
            }
            assert!(errors > 0);
        }
        Err(error) => assert_eq!(error.kind(), StoreErrorKind::Corrupt),
    }
}

// Opening -----------------------------------------------------------------------------------------

#[tokio::test]
async fn what_cannot_be_opened_is_told_with_its_path_and_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("text.db"), "not a database, but long enough to be looked at".repeat(50))
        .unwrap();
    let told = |path: PathBuf, kind, expected: &'static [&'static str]| async move {
        let error = SqliteStore::open(&path).await.expect_err(expected[0]);
        let text = error.source().expect("it says why").to_string();
        assert_eq!(error.kind(), kind, "{text}");
        for part in expected {
            assert!(text.contains(part), "{text}");
        }
        text
    };
    let unavailable = StoreErrorKind::Unavailable;
    told(at("text.db"), StoreErrorKind::Corrupt, &["text.db: it is no SQLite database"]).await;
    told(at(""), unavailable, &["this is a directory"]).await;
    told(at("no/webhooks.db"), unavailable, &["webhooks.db: create its directory ", "/no first"])
        .await;
    let misconfigured = StoreErrorKind::Misconfigured;
    told("".into(), misconfigured, &["needs the path of a file"]).await;
    told(":memory:".into(), misconfigured, &["MemoryStore"]).await;
    told("sqlite:webhooks.db".into(), misconfigured, &["leave out `sqlite:`"]).await;
    told("file:webhooks.db?mode=ro".into(), misconfigured, &["leave out `file:`"]).await;
    told("nul\0.db".into(), unavailable, &["nul"]).await;
    assert!(!Path::new(":memory:").exists());
    // Where even the superuser may not create files.
    if cfg!(target_os = "linux") {
        told("/sys/webhooks.db".into(), unavailable, &["must be allowed to write it", "/sys"])
            .await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let setup = Setup::new();
    let read_only = std::fs::Permissions::from_mode(0o555);
    std::fs::set_permissions(setup.directory.path(), read_only).unwrap();
    if std::fs::write(setup.directory.path().join("probe"), "").is_ok() {
        return; // The superuser may write everywhere; `/sys` stands for it above.
    }
    let error = setup.builder().open().await.unwrap_err();
    let text = error.source().unwrap().to_string();
    assert!(text.contains("must be allowed to write it"), "{text}");
}

#[tokio::test]
async fn the_schema_may_be_applied_before_and_again() {
    let setup = Setup::new();
    setup.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY)").await;
    setup.sql(SqliteStore::SCHEMA).await;
    setup.sql(SqliteStore::SCHEMA).await;
    let store = setup.open().await;
    assert!(is_new(&claim(&store, 1, 1).await.unwrap()));
    setup.sql(SqliteStore::SCHEMA).await;
    assert!(!is_new(&claim(&store, 1, 2).await.unwrap()));
    assert_eq!(setup.number("SELECT version FROM webhook_schema").await, 1);
    assert_eq!(setup.number("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test]
async fn tables_of_a_later_release_or_of_somebody_else_are_refused() {
    let setup = Setup::new();
    drop(setup.open().await);
    setup.sql("UPDATE webhook_schema SET version = 2").await;
    let error = setup.builder().open().await.unwrap_err();
    let text = error.source().unwrap().to_string();
    assert!(text.contains("have version 2, made by a later release"), "{text}");

    let setup = Setup::new();
    setup.sql("CREATE TABLE webhook_claims (key BLOB PRIMARY KEY, expires_at INTEGER)").await;
    let error = setup.builder().open().await.unwrap_err();
    let text = error.source().unwrap().to_string();
    assert!(text.contains("is not as SqliteStore::SCHEMA describes it"), "{text}");
}

#[tokio::test]
async fn columns_that_a_later_release_adds_do_not_disturb() {
    let setup = Setup::new();
    drop(setup.open().await);
    setup.sql("ALTER TABLE webhook_claims ADD COLUMN later TEXT").await;
    setup.sql("INSERT INTO webhook_schema VALUES ('another part', 3)").await;
    store_contract(async || setup.open().await, &setup.clock).await;
}

// Sweeping ----------------------------------------------------------------------------------------

#[tokio::test]
async fn expired_records_vanish_with_nobody_calling_and_the_task_ends_with_the_store() {
    let setup = Setup::new();
    let store = setup.builder().sweep_every(Duration::from_millis(20)).open().await.unwrap();
    for number in 0..50 {
        claim(&store, number, 1).await.unwrap();
    }
    setup.clock.advance(TTL);
    claim(&store, 50, 1).await.unwrap();
    until(async || setup.number("SELECT count(*) FROM webhook_claims").await == 1).await;
    assert!(!is_new(&claim(&store, 50, 2).await.unwrap()));
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    drop(store);
    until(async || tasks() == 0).await;
}

/// Asks again until it is so; a test that waits in vain is ended by its harness.
async fn until(holds: impl AsyncFn() -> bool) {
    while !holds().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

// Clocks and sizes ----------------------------------------------------------------------------------

#[tokio::test]
async fn fences_grow_when_the_clock_is_set_back_between_two_processes() {
    let setup = Setup::new();
    let first = claim(&setup.open().await, 1, 1).await.unwrap();
    setup.clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(START - 3_600));
    let store = setup.open().await;
    assert_eq!(store.release(&key(1), &token(1)).await.unwrap(), Held::Held);
    let second = claim(&store, 1, 2).await.unwrap();
    match (first, second) {
        (Outcome::New { fence: first, .. }, Outcome::New { fence: second, attempt: 2 }) => {
            assert_eq!(second.get(), first.get() + 1);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_renewed_lease_keeps_its_record() {
    let setup = Setup::new();
    let store = setup.open().await;
    let (key, token) = (key(1), token(1));
    let short = Claim::new(&key, &token, &BODY, LEASE, LEASE);
    assert!(is_new(&store.claim(&short).await.unwrap()));
    assert_eq!(store.renew(&key, &token, 3 * LEASE).await.unwrap(), Held::Held);
    setup.clock.advance(2 * LEASE);
    let got = claim(&store, 1, 2).await.unwrap();
    assert_eq!(got, Outcome::InFlight { retry_after: LEASE, same_body: true });
}

#[tokio::test]
async fn ends_of_time_are_not_the_end() {
    let setup = Setup::new();
    let store = setup.open().await;
    let (keys, token) = ([key(1), key(2)], token(1));
    let claims = [(&keys[0], Duration::MAX), (&keys[1], Duration::ZERO)]
        .map(|(key, ttl)| Claim::new(key, &token, &BODY, Duration::MAX, ttl));
    for claim in &claims {
        assert!(is_new(&store.claim(claim).await.unwrap()));
        assert_eq!(store.renew(claim.key, claim.token, Duration::MAX).await.unwrap(), Held::Held);
        let done = store.complete(claim.key, claim.token, &DONE, Duration::MAX).await.unwrap();
        assert_eq!(done, Held::Held);
    }
}

#[tokio::test]
async fn a_completed_event_takes_no_more_room_than_the_docs_say() {
    const EVENTS: u64 = 10_000;
    let setup = Setup::new();
    let store = setup.open().await;
    // Keys are digests: they come in no order.
    let mut random = Random::seeded(1);
    for _ in 0..EVENTS {
        let number = random.next();
        claim(&store, number, number).await.unwrap();
        assert_eq!(complete(&store, number, number).await.unwrap(), Held::Held);
    }
    let pages = setup.number("PRAGMA page_count").await as u64;
    let bytes = pages * setup.number("PRAGMA page_size").await as u64 / EVENTS;
    println!("{bytes} bytes for each completed event, {bytes} MB for a million");
    assert!(bytes < 200, "{bytes} bytes for each completed event");
}

fn back_to_the_start(setup: &Setup) {
    setup.clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
}

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_lease_of_a_process_that_is_gone_ends_when_the_clock_is_set_back() {
    let setup = Setup::new();
    setup.clock.advance(HOUR);
    let store = setup.open().await;
    assert!(is_new(&claim(&store, 1, 1).await.unwrap()));
    let long = 10 * LEASE;
    let other = (key(2), token(1));
    let claim_long = Claim::new(&other.0, &other.1, &BODY, long, TTL);
    assert!(is_new(&store.claim(&claim_long).await.unwrap()));
    drop(store);
    back_to_the_start(&setup);
    let store = setup.open().await;
    for number in [1, 2] {
        let got = claim(&store, number, 2).await.unwrap();
        assert!(matches!(got, Outcome::New { attempt: 2, .. }), "{got:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_during_a_run_neither_ends_its_lease_nor_keeps_it_beyond() {
    let setup = Setup::new();
    setup.clock.advance(HOUR);
    let store = setup.open().await;
    assert!(is_new(&claim(&store, 1, 1).await.unwrap()));
    let other = (key(2), token(1));
    let claim_long = Claim::new(&other.0, &other.1, &BODY, 10 * LEASE, TTL);
    assert!(is_new(&store.claim(&claim_long).await.unwrap()));
    back_to_the_start(&setup);
    let in_flight = |retry_after| Outcome::InFlight { retry_after, same_body: true };
    assert_eq!(claim(&store, 1, 2).await.unwrap(), in_flight(LEASE));
    assert_eq!(claim(&store, 2, 2).await.unwrap(), in_flight(10 * LEASE));
    setup.clock.advance(LEASE);
    assert!(matches!(claim(&store, 1, 2).await.unwrap(), Outcome::New { attempt: 2, .. }));
    assert_eq!(claim(&store, 2, 2).await.unwrap(), in_flight(10 * LEASE));
    assert_eq!(complete(&store, 2, 1).await.unwrap(), Held::Held);
    assert!(matches!(claim(&store, 2, 2).await.unwrap(), Outcome::Completed { .. }));
}

#[tokio::test]
async fn a_claim_that_was_given_back_is_free_whatever_the_clock_says() {
    let setup = Setup::new();
    setup.clock.advance(HOUR);
    let store = setup.open().await;
    assert!(is_new(&claim(&store, 1, 1).await.unwrap()));
    back_to_the_start(&setup);
    assert_eq!(store.release(&key(1), &token(1)).await.unwrap(), Held::Held);
    assert!(matches!(claim(&store, 1, 2).await.unwrap(), Outcome::New { attempt: 2, .. }));
}

// Many at once ----------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_together_is_answered_one_by_one() {
    let setup = Setup::new();
    let store = setup.open().await;
    let mut tasks = JoinSet::new();
    // Each key four times: one is new, the others are told that it is in flight.
    for number in 0..400 {
        let store = store.clone();
        tasks.spawn(async move {
            let got = claim(&store, number % 100, number).await.unwrap();
            if is_new(&got) {
                assert_eq!(complete(&store, number % 100, number).await.unwrap(), Held::Held);
            }
            is_new(&got)
        });
    }
    let won = tasks.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 100);
    drop(store);
    assert_eq!(setup.number("SELECT count(*) FROM webhook_claims WHERE state = 1").await, 100);
    assert_eq!(setup.number("SELECT sum(seen) FROM webhook_claims").await, 400);
}

#[tokio::test]
async fn one_record_that_cannot_be_read_fails_no_other_of_its_transaction() {
    let setup = Setup::new();
    let store = setup.open().await;
    assert!(is_new(&claim(&store, 0, 1).await.unwrap()));
    setup.sql("UPDATE webhook_claims SET lease_until = 0, fence = 9223372036854775807").await;
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        tasks.spawn(async move { (number, claim(&store, number, 2).await) });
    }
    for (number, got) in tasks.join_all().await {
        match number {
            0 => assert_eq!(got.unwrap_err().kind(), StoreErrorKind::Corrupt),
            _ => assert!(is_new(&got.unwrap()), "{number}"),
        }
    }
}

#[tokio::test]
async fn callers_that_go_away_leave_the_others_of_their_transaction_alone() {
    let setup = Setup::new();
    let store = setup.open().await;
    let mut kept = JoinSet::new();
    for number in 0..60 {
        let (mine, store) = (store.clone(), store.clone());
        kept.spawn(async move { is_new(&claim(&mine, number, 1).await.unwrap()) });
        tokio::spawn(async move { poll_times(claim(&store, 1_000 + number, 1), number % 5).await });
    }
    assert!(kept.join_all().await.into_iter().all(|is_new| is_new));
    assert!(is_new(&claim(&store, 2_000, 1).await.unwrap()));
}
