//! What counts as an attempt, by a file and its clock.

use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::backend::{Batch, InboxStore, Put, Take};
use crate::providers::GITHUB;
use crate::store::{Key, SqliteStore, StoreErrorKind, Token};
use crate::testing::{ManualClock, Signer};

const START: u64 = 1_767_225_600;
const LEASE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const ENDPOINT: &str = "tests";

struct Setup {
    directory: TempDir,
    clock: ManualClock,
}

impl Setup {
    fn new() -> Self {
        Self { directory: TempDir::new().unwrap(), clock: ManualClock::at_unix(START) }
    }

    async fn store(&self) -> SqliteStore {
        let store = SqliteStore::builder(self.directory.path().join("inbox.db"));
        store.clock(self.clock.clone()).open().await.unwrap()
    }

    async fn open(&self) -> InboxStore {
        self.store().await.into()
    }

    fn set_back(&self) {
        self.clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    }
}

async fn put(inbox: &InboxStore) -> Key {
    let event = Signer::demo(&GITHUB).unwrap().event("{}").to_event().at_endpoint(ENDPOINT);
    assert_eq!(inbox.backend().put(ENDPOINT, &event.to_stored()).await.unwrap(), Put::New);
    event.replay_key()
}

async fn take_for(inbox: &InboxStore, owner: u8, lease: Duration) -> Batch {
    let owner = Token::from_bytes([owner; 16]);
    let take =
        Take { endpoint: ENDPOINT, owner: &owner, lease, limit: 8, max_attempts: 2, window: None };
    inbox.backend().take(take).await.unwrap()
}

async fn take(inbox: &InboxStore, owner: u8) -> Batch {
    take_for(inbox, owner, LEASE).await
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_no_attempt() {
    let setup = Setup::new();
    let inbox = setup.open().await;
    let key = put(&inbox).await;
    // Nobody has heard of these.
    for owner in 0..5 {
        assert_eq!(take(&inbox, owner).await.taken.len(), 1);
        setup.clock.advance(LEASE);
    }
    let batch = take(&inbox, 9).await;
    assert_eq!((batch.taken[0].attempt, batch.taken[0].tries), (1, 1));
    let owner = Token::from_bytes([9; 16]);
    for _ in 0..2 {
        assert_eq!(inbox.backend().begin(&owner, &[key]).await.unwrap(), [key]);
    }
    let stranger = Token::from_bytes([8; 16]);
    assert!(inbox.backend().begin(&stranger, &[key]).await.unwrap().is_empty());
    setup.clock.advance(LEASE);
    assert_eq!(take(&inbox, 1).await.taken[0].attempt, 2);
}

#[tokio::test]
async fn an_attempt_that_vanished_with_its_process_counts() {
    let setup = Setup::new();
    let key = put(&setup.open().await).await;
    for owner in 0..2 {
        let inbox = setup.open().await;
        assert_eq!(take(&inbox, owner).await.taken.len(), 1);
        inbox.backend().begin(&Token::from_bytes([owner; 16]), &[key]).await.unwrap();
        setup.clock.advance(LEASE);
    }
    let inbox = setup.open().await;
    assert_eq!(take(&inbox, 3).await.died, [key]);
}

#[tokio::test]
async fn a_run_that_was_counted_and_given_back_is_no_attempt() {
    let setup = Setup::new();
    let inbox = setup.open().await;
    let key = put(&inbox).await;
    let owner = Token::from_bytes([1; 16]);
    for begins in [true, false] {
        take(&inbox, 1).await;
        if begins {
            inbox.backend().begin(&owner, &[key]).await.unwrap();
        }
        inbox.backend().give_back(ENDPOINT, &owner).await.unwrap();
    }
    assert_eq!(take(&inbox, 2).await.taken[0].attempt, 1);
}

#[tokio::test]
async fn many_events_begin_by_one_call() {
    let setup = Setup::new();
    let inbox = setup.open().await;
    let signer = Signer::demo(&GITHUB).unwrap();
    for number in 0..8 {
        let event = signer.event(format!("{{\"n\":{number}}}")).to_event().at_endpoint(ENDPOINT);
        inbox.backend().put(ENDPOINT, &event.to_stored()).await.unwrap();
    }
    let keys: Vec<Key> = take(&inbox, 1).await.taken.iter().map(|taken| taken.key).collect();
    assert_eq!(keys.len(), 8);
    let begun = inbox.backend().begin(&Token::from_bytes([1; 16]), &keys[..7]).await.unwrap();
    assert!(begun.len() == 7 && !begun.contains(&keys[7]));
    setup.clock.advance(LEASE);
    let attempts: Vec<u32> =
        take(&inbox, 2).await.taken.iter().map(|taken| taken.attempt).collect();
    assert_eq!(attempts.iter().sum::<u32>(), 7 * 2 + 1);
}

#[tokio::test]
async fn what_a_process_that_is_gone_had_is_due_when_the_clock_is_set_back() {
    let setup = Setup::new();
    setup.clock.advance(HOUR);
    let inbox = setup.open().await;
    put(&inbox).await;
    assert_eq!(take_for(&inbox, 1, 10 * LEASE).await.taken.len(), 1);
    drop(inbox);
    setup.set_back();
    assert_eq!(take(&setup.open().await, 2).await.taken.len(), 1);
}

#[tokio::test]
async fn what_waited_by_a_clock_that_was_set_back_is_due() {
    let setup = Setup::new();
    setup.clock.advance(HOUR);
    let inbox = setup.open().await;
    put(&inbox).await;
    setup.set_back();
    assert_eq!(take(&inbox, 1).await.taken.len(), 1);
}

#[tokio::test]
async fn a_run_of_this_process_is_not_taken_over_when_the_clock_is_set() {
    let setup = Setup::new();
    setup.clock.advance(HOUR);
    let inbox = setup.open().await;
    let key = put(&inbox).await;
    assert_eq!(take(&inbox, 1).await.taken.len(), 1);
    setup.set_back();
    assert!(take(&inbox, 2).await.taken.is_empty());
    assert!(!inbox.backend().replay(&key).await.unwrap(), "it is being run");
    setup.clock.advance(LEASE);
    assert_eq!(take(&inbox, 2).await.taken.len(), 1);
}

#[tokio::test]
async fn a_full_file_at_the_first_use_is_no_lasting_failure() {
    let setup = Setup::new();
    let path = setup.directory.path().join("inbox.db");
    let store = SqliteStore::builder(&path).max_file_size(6 * 4096).open().await.unwrap();
    let inbox = InboxStore::from(store.clone());
    for _ in 0..3 {
        assert_eq!(inbox.migrate().await.unwrap_err().kind(), StoreErrorKind::Full);
    }
    let room = "PRAGMA max_page_count = 1000";
    sqlx::raw_sql(room).execute(store.pool()).await.unwrap();
    put(&inbox).await;
}

/// As SQLite leaves a connection when the disk is full: the driver counts a transaction as open that
/// is none any more.
#[tokio::test]
async fn a_transaction_that_the_file_rolled_back_by_itself_is_no_lasting_failure() {
    use sqlx::{Connection as _, Executor as _};
    let setup = Setup::new();
    let store = setup.store().await;
    let mut connection = store.pool().acquire().await.unwrap();
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let twice = "CREATE TEMP TABLE once (only INTEGER PRIMARY KEY);
        INSERT INTO once VALUES (1); INSERT OR ROLLBACK INTO once VALUES (1)";
    transaction.execute(sqlx::raw_sql(twice)).await.unwrap_err();
    drop(transaction);
    drop(connection);
    put(&InboxStore::from(store)).await;
}
