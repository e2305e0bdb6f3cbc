//! The handler's writes and the completion of its event, in one transaction: both or neither.
#![cfg(all(feature = "store-sqlite", feature = "store-postgres", feature = "testing"))]

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use crate::support::layer::{Handler, answer, builder, deliver, github, stays_pending};
use crate::support::postgres::PostgresServer;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{PgPool, Postgres, Row, Sqlite, SqlitePool, Transaction};
use tokio::task::JoinSet;
use tower_webhooks::RejectionKind::{InFlight, NotCommitted, StoreUnavailable};
use tower_webhooks::store::CompleteError::{NotClaimed, Overtaken};
use tower_webhooks::store::{
    CompleteError, HandlerTransaction, IdempotencyStore, PostgresStore, SqliteStore,
};
use tower_webhooks::testing::{FailingStore, ManualClock};
use tower_webhooks::{Event, WebhookLayer, WebhookLayerBuilder, providers::GITHUB};

const LEASE: Duration = Duration::from_secs(60);

/// A database with a table of effects beside the store's own.
trait Bank: Clone + Send + Sync + 'static {
    type Transaction: HandlerTransaction + 'static;

    /// A new and empty one.
    fn open() -> impl Future<Output = Self> + Send;

    fn builder(&self) -> WebhookLayerBuilder;

    /// The store of the bank's layers, so that it can fail.
    fn failing(&self) -> (FailingStore<impl IdempotencyStore + Clone>, WebhookLayerBuilder);

    fn begin(&self) -> impl Future<Output = Self::Transaction> + Send;

    /// Writes one effect of an event.
    fn pay(
        transaction: &mut Self::Transaction,
        event: &Event,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    fn commit(
        transaction: Self::Transaction,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// How often each event was paid.
    fn paid(&self) -> impl Future<Output = HashMap<String, i64>> + Send;

    /// Lets every lease end.
    fn end_leases(&self) -> impl Future<Output = ()> + Send;

    fn layer(&self) -> WebhookLayer {
        self.builder().build().unwrap()
    }

    /// A handler that pays in a transaction and commits it with the completion.
    fn payer(&self) -> Handler {
        let bank = self.clone();
        Handler::new(move |_, event| {
            let bank = bank.clone();
            async move {
                let mut transaction = bank.begin().await;
                Self::pay(&mut transaction, &event).await.unwrap();
                answer(if event.commit(transaction).await.is_ok() { 200 } else { 500 })
            }
        })
    }
}

const TABLE: &str = "CREATE TABLE paid (event TEXT NOT NULL)";
const PAID: &str = "SELECT event, count(*) FROM paid GROUP BY event";

fn body(event: &Event) -> String {
    String::from_utf8(event.body().to_vec()).unwrap()
}

#[derive(Clone)]
struct InFile {
    store: SqliteStore,
    pool: SqlitePool,
    clock: ManualClock,
    _directory: std::sync::Arc<tempfile::TempDir>,
}

impl Bank for InFile {
    type Transaction = Transaction<'static, Sqlite>;

    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bank.db");
        let clock = ManualClock::at(SystemTime::now());
        let patience = Duration::from_secs(30);
        let store = SqliteStore::builder(&path)
            .clock(clock.clone())
            .busy_timeout(patience)
            .open()
            .await
            .unwrap();
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(patience);
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
        sqlx::raw_sql(TABLE).execute(&pool).await.unwrap();
        Self { store, pool, clock, _directory: directory.into() }
    }

    fn builder(&self) -> WebhookLayerBuilder {
        builder(&GITHUB).store(self.store.clone()).store_timeout(Duration::from_secs(10))
    }

    fn failing(&self) -> (FailingStore<impl IdempotencyStore + Clone>, WebhookLayerBuilder) {
        let store = FailingStore::new(self.store.clone());
        (store.clone(), self.builder().store(store))
    }

    async fn begin(&self) -> Self::Transaction {
        self.pool.begin_with("BEGIN IMMEDIATE").await.unwrap()
    }

    async fn pay(transaction: &mut Self::Transaction, event: &Event) -> Result<(), sqlx::Error> {
        let insert = sqlx::query("INSERT INTO paid VALUES (?1)").bind(body(event));
        insert.execute(&mut **transaction).await.map(drop)
    }

    async fn commit(transaction: Self::Transaction) -> Result<(), sqlx::Error> {
        transaction.commit().await
    }

    async fn paid(&self) -> HashMap<String, i64> {
        let rows = sqlx::query(PAID).fetch_all(&self.pool).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    async fn end_leases(&self) {
        self.clock.advance(LEASE + Duration::from_secs(1));
    }
}

#[derive(Clone)]
struct OnServer {
    store: PostgresStore,
    pool: PgPool,
}

impl Bank for OnServer {
    type Transaction = Transaction<'static, Postgres>;

    async fn open() -> Self {
        let url = PostgresServer::shared().database().await;
        let pool = PgPoolOptions::new().max_connections(8).connect(&url).await.unwrap();
        // The store's own pool, so that handlers that wait do not keep claims from being made.
        let store = PostgresStore::connect(&url).await.unwrap();
        sqlx::raw_sql(TABLE).execute(&pool).await.unwrap();
        Self { store, pool }
    }

    fn builder(&self) -> WebhookLayerBuilder {
        builder(&GITHUB).store(self.store.clone()).store_timeout(Duration::from_secs(10))
    }

    fn failing(&self) -> (FailingStore<impl IdempotencyStore + Clone>, WebhookLayerBuilder) {
        let store = FailingStore::new(self.store.clone());
        (store.clone(), self.builder().store(store))
    }

    async fn begin(&self) -> Self::Transaction {
        self.pool.begin().await.unwrap()
    }

    async fn pay(transaction: &mut Self::Transaction, event: &Event) -> Result<(), sqlx::Error> {
        let insert = sqlx::query("INSERT INTO paid VALUES ($1)").bind(body(event));
        insert.execute(&mut **transaction).await.map(drop)
    }

    async fn commit(transaction: Self::Transaction) -> Result<(), sqlx::Error> {
        transaction.commit().await
    }

    async fn paid(&self) -> HashMap<String, i64> {
        let rows = sqlx::query(PAID).fetch_all(&self.pool).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    async fn end_leases(&self) {
        // A record that is being completed at this moment is left alone: two that end all leases
        // would otherwise wait for each other.
        let age = "UPDATE webhook_claims SET lease_until = statement_timestamp() WHERE key IN
            (SELECT key FROM webhook_claims WHERE state = 0 FOR UPDATE SKIP LOCKED)";
        sqlx::raw_sql(age).execute(&self.pool).await.unwrap();
    }
}

fn once(events: &[&str]) -> HashMap<String, i64> {
    events.iter().map(|event| ((*event).to_owned(), 1)).collect()
}

/// What the handler's call said, for the test to look at.
type Said = std::sync::Arc<std::sync::Mutex<Vec<Result<(), CompleteError>>>>;

async fn a_commit_is_the_completion<B: Bank>() {
    let bank = B::open().await;
    let (layer, handler) = (bank.layer(), bank.payer());
    deliver(&layer, &handler, github("1")).await.is_the_handlers(200);
    deliver(&layer, &handler, github("1")).await.acknowledges();
    deliver(&layer, &handler, github("2")).await.is_the_handlers(200);
    assert_eq!((handler.runs(), bank.paid().await), (2, once(&["1", "2"])));
    // The record is there for as long as any other.
    bank.end_leases().await;
    deliver(&layer, &handler, github("1")).await.acknowledges();
}

async fn a_commit_by_somebody_else_is_confirmed<B: Bank>() {
    let bank = B::open().await;
    let theirs = bank.clone();
    let handler = Handler::new(move |_, event| {
        let bank = theirs.clone();
        async move {
            let mut transaction = bank.begin().await;
            B::pay(&mut transaction, &event).await.unwrap();
            event.complete_in(&mut transaction).await.unwrap();
            B::commit(transaction).await.unwrap();
            answer(204)
        }
    });
    let layer = bank.layer();
    deliver(&layer, &handler, github("1")).await.is_the_handlers(204);
    deliver(&layer, &handler, github("1")).await.acknowledges();
    assert_eq!((handler.runs(), bank.paid().await), (1, once(&["1"])));
}

async fn a_2xx_without_a_commit_is_found_out<B: Bank>() {
    let bank = B::open().await;
    let theirs = bank.clone();
    let handler = Handler::new(move |run, event| {
        let bank = theirs.clone();
        async move {
            let mut transaction = bank.begin().await;
            B::pay(&mut transaction, &event).await.unwrap();
            event.complete_in(&mut transaction).await.unwrap();
            if run > 0 {
                B::commit(transaction).await.unwrap();
            }
            answer(200)
        }
    });
    let layer = bank.layer();
    deliver(&layer, &handler, github("1")).await.refuses(NotCommitted, 503, Some(5));
    assert_eq!(bank.paid().await, HashMap::new());
    // It was given back: the sender's next attempt does not wait for the lease.
    deliver(&layer, &handler, github("1")).await.is_the_handlers(200);
    assert_eq!((handler.attempts(), bank.paid().await), (vec![1, 2], once(&["1"])));
}

async fn a_run_that_was_overtaken_cannot_commit<B: Bank>() {
    for ignores_it in [false, true] {
        let bank = B::open().await;
        let said = Said::default();
        let gate = crate::support::layer::Gate::default();
        let slow = {
            let (bank, said, gate) = (bank.clone(), said.clone(), gate.clone());
            Handler::new(move |_, event| {
                let (bank, said, gate) = (bank.clone(), said.clone(), gate.clone());
                async move {
                    gate.pass().await;
                    let mut transaction = bank.begin().await;
                    B::pay(&mut transaction, &event).await.unwrap();
                    let completed = if ignores_it {
                        let completed = event.complete_in(&mut transaction).await;
                        let _ = B::commit(transaction).await;
                        completed
                    } else {
                        event.commit(transaction).await
                    };
                    said.lock().unwrap().push(completed);
                    answer(200)
                }
            })
        };
        let layer = bank.layer();
        let mut first = Box::pin(deliver(&layer, &slow, github("1")));
        tokio::select! {
            _ = &mut first => panic!("it waits at the gate"),
            () = gate.arrived() => {}
        }
        deliver(&layer, &bank.payer(), github("1")).await.refuses(InFlight, 503, Some(60));
        bank.end_leases().await;
        let second = bank.payer();
        deliver(&layer, &second, github("1")).await.is_the_handlers(200);
        assert_eq!(second.attempts(), [2]);

        gate.let_pass(1);
        // The event is handled, though not by this run.
        first.await.is_the_handlers(200);
        assert!(matches!(said.lock().unwrap()[..], [Err(Overtaken)]), "{said:?}");
        assert_eq!(bank.paid().await, once(&["1"]));
        deliver(&layer, &second, github("1")).await.acknowledges();
    }
}

async fn a_handler_that_fails_writes_nothing_and_its_event_runs_again<B: Bank>() {
    let bank = B::open().await;
    let theirs = bank.clone();
    let handler = Handler::new(move |run, event| {
        let bank = theirs.clone();
        async move {
            let mut transaction = bank.begin().await;
            B::pay(&mut transaction, &event).await.unwrap();
            match run {
                0 => return answer(500),
                1 => panic!("in the middle"),
                _ => {}
            }
            event.commit(transaction).await.unwrap();
            answer(200)
        }
    });
    let layer = bank.layer();
    deliver(&layer, &handler, github("1")).await.is_the_handlers(500);
    let panicking = tokio::spawn({
        let (layer, handler) = (layer.clone(), handler.clone());
        async move { deliver(&layer, &handler, github("1")).await }
    });
    assert!(panicking.await.unwrap_err().is_panic());
    assert_eq!(bank.paid().await, HashMap::new());
    deliver(&layer, &handler, github("1")).await.is_the_handlers(200);
    assert_eq!((handler.attempts(), bank.paid().await), (vec![1, 2, 3], once(&["1"])));
}

async fn what_was_committed_stays_handled_whatever_the_handler_answers<B: Bank>() {
    let bank = B::open().await;
    let theirs = bank.clone();
    let handler = Handler::new(move |_, event| {
        let bank = theirs.clone();
        async move {
            let mut transaction = bank.begin().await;
            B::pay(&mut transaction, &event).await.unwrap();
            event.commit(transaction).await.unwrap();
            answer(500)
        }
    });
    let layer = bank.layer();
    deliver(&layer, &handler, github("1")).await.is_the_handlers(500);
    deliver(&layer, &handler, github("1")).await.acknowledges();
    assert_eq!((handler.runs(), bank.paid().await), (1, once(&["1"])));
}

async fn an_event_without_a_claim_cannot_be_completed<B: Bank>() {
    let bank = B::open().await;
    let said = Said::default();
    let handler = {
        let (bank, said) = (bank.clone(), said.clone());
        Handler::new(move |_, event| {
            let (bank, said) = (bank.clone(), said.clone());
            async move {
                let mut transaction = bank.begin().await;
                B::pay(&mut transaction, &event).await.unwrap();
                let completed = event.commit(transaction).await;
                said.lock().unwrap().push(completed);
                answer(500)
            }
        })
    };
    let layer = bank.builder().insecure_without_replay_protection().build().unwrap();
    deliver(&layer, &handler, github("1")).await.is_the_handlers(500);
    assert!(matches!(said.lock().unwrap()[..], [Err(NotClaimed)]), "{said:?}");
    assert_eq!(bank.paid().await, HashMap::new());
}

async fn a_transaction_on_another_database_commits_nothing<B: Bank>() {
    let (bank, other) = (B::open().await, B::open().await);
    let layer = bank.layer();
    let handler = other.payer();
    deliver(&layer, &handler, github("1")).await.is_the_handlers(500);
    assert_eq!((bank.paid().await, other.paid().await), (HashMap::new(), HashMap::new()));
    // A copy of an event is in the run of its original, whatever it calls its endpoint.
    let theirs = bank.clone();
    let handler = Handler::new(move |_, event| {
        let bank = theirs.clone();
        async move {
            let event = event.at_endpoint("another");
            let mut transaction = bank.begin().await;
            B::pay(&mut transaction, &event).await.unwrap();
            event.commit(transaction).await.unwrap();
            answer(200)
        }
    });
    deliver(&layer, &handler, github("1")).await.is_the_handlers(200);
    assert_eq!(bank.paid().await, once(&["1"]));
}

async fn a_store_that_does_not_confirm_is_503_and_nothing_runs_twice<B: Bank>() {
    let bank = B::open().await;
    let (store, builder) = bank.failing();
    let layer = builder.build().unwrap();
    let theirs = (bank.clone(), store.clone());
    let completes_in = Handler::new(move |_, event| {
        let (bank, store) = (theirs.0.clone(), theirs.1.clone());
        async move {
            let mut transaction = bank.begin().await;
            B::pay(&mut transaction, &event).await.unwrap();
            event.complete_in(&mut transaction).await.unwrap();
            B::commit(transaction).await.unwrap();
            store.lose_answers();
            answer(200)
        }
    });
    deliver(&layer, &completes_in, github("1")).await.refuses(NotCommitted, 503, Some(5));
    deliver(&layer, &completes_in, github("1")).await.refuses(StoreUnavailable, 503, Some(5));
    store.heal();
    deliver(&layer, &completes_in, github("1")).await.acknowledges();
    assert_eq!((completes_in.runs(), bank.paid().await), (1, once(&["1"])));
    // A commit that the database reported needs no confirmation.
    store.fail_completes(u32::MAX);
    let handler = bank.payer();
    deliver(&layer, &handler, github("2")).await.is_the_handlers(200);
    store.heal();
    deliver(&layer, &handler, github("2")).await.acknowledges();
    assert_eq!(store.completes(), 0);
}

/// Handlers that outlive their leases, and 15 of 100 that give up after they have written.
async fn effects_are_exactly_one_whatever_overtakes_and_aborts<B: Bank>() {
    const EVENTS: usize = 24;
    const SENDERS: usize = 4;
    let bank = B::open().await;
    let layer = bank.layer();
    let theirs = bank.clone();
    let handler = Handler::new(move |run, event| {
        let bank = theirs.clone();
        async move {
            // Every third run is overtaken, if anybody comes for its event.
            if run % 3 == 0 {
                bank.end_leases().await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let mut transaction = bank.begin().await;
            B::pay(&mut transaction, &event).await.unwrap();
            if run % 20 < 3 {
                return answer(500);
            }
            answer(if event.commit(transaction).await.is_ok() { 200 } else { 500 })
        }
    });
    let mut senders = JoinSet::new();
    for sender in 0..EVENTS * SENDERS {
        let (layer, handler) = (layer.clone(), handler.clone());
        senders.spawn(async move {
            // As a sender does: until it is acknowledged.
            for _ in 0..1_000 {
                let event = github((sender % EVENTS).to_string());
                if deliver(&layer, &handler, event).await.status() == 200 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            panic!("never acknowledged");
        });
    }
    senders.join_all().await;
    let events: Vec<_> = (0..EVENTS).map(|event| event.to_string()).collect();
    let events: Vec<_> = events.iter().map(String::as_str).collect();
    assert_eq!(bank.paid().await, once(&events));
    assert!(handler.runs() > EVENTS, "nothing was run twice, so nothing was tried");
}

#[tokio::test]
async fn a_commit_waits_for_the_disk_also_where_commits_usually_do_not() {
    let bank = OnServer::open().await;
    let theirs = bank.clone();
    let handler = Handler::new(move |_, event| {
        let bank = theirs.clone();
        async move {
            let mut transaction = bank.begin().await;
            let off = sqlx::raw_sql("SET LOCAL synchronous_commit = off");
            off.execute(&mut *transaction).await.unwrap();
            OnServer::pay(&mut transaction, &event).await.unwrap();
            event.complete_in(&mut transaction).await.unwrap();
            let show = sqlx::query_scalar("SHOW synchronous_commit");
            let now: String = show.fetch_one(&mut *transaction).await.unwrap();
            OnServer::commit(transaction).await.unwrap();
            answer(if now == "on" { 200 } else { 500 })
        }
    });
    deliver(&bank.layer(), &handler, github("1")).await.is_the_handlers(200);
}

#[tokio::test]
async fn a_claim_waits_for_a_transaction_that_has_completed_its_event() {
    let bank = OnServer::open().await;
    let (layer, gate) = (bank.layer(), crate::support::layer::Gate::default());
    let handler = {
        let (bank, gate) = (bank.clone(), gate.clone());
        Handler::new(move |_, event| {
            let (bank, gate) = (bank.clone(), gate.clone());
            async move {
                let mut transaction = bank.begin().await;
                OnServer::pay(&mut transaction, &event).await.unwrap();
                event.complete_in(&mut transaction).await.unwrap();
                gate.pass().await;
                OnServer::commit(transaction).await.unwrap();
                answer(200)
            }
        })
    };
    let mut first = Box::pin(deliver(&layer, &handler, github("1")));
    tokio::select! {
        _ = &mut first => panic!("it waits at the gate"),
        () = gate.arrived() => {}
    }
    let other = Handler::ok();
    let mut second = Box::pin(deliver(&layer, &other, github("1")));
    stays_pending(&mut second).await;
    gate.let_pass(1);
    first.await.is_the_handlers(200);
    second.await.acknowledges();
    assert_eq!((other.runs(), bank.paid().await), (0, once(&["1"])));
}

/// A savepoint is not committed when it is released: the transaction around it may still be rolled
/// back.
async fn a_savepoint_passes_for_no_commit<B: Bank>()
where
    B::Transaction: Nested,
{
    for outer_commits in [false, true] {
        let bank = B::open().await;
        let theirs = bank.clone();
        let handler = Handler::new(move |_, event| {
            let bank = theirs.clone();
            async move {
                let mut outer = bank.begin().await;
                B::pay(&mut outer, &event).await.unwrap();
                let completed = outer.commit_savepoint(&event).await;
                if outer_commits && completed.is_ok() {
                    B::commit(outer).await.unwrap();
                }
                answer(200)
            }
        });
        let answered = deliver(&bank.layer(), &handler, github("1")).await;
        let paid = bank.paid().await.len();
        assert_eq!(answered.status(), if paid == 1 { 200 } else { 503 });
        assert_eq!(bank.paid().await.is_empty(), answered.status() == 503);
        deliver(&bank.layer(), &bank.payer(), github("1")).await;
        assert_eq!(bank.paid().await, once(&["1"]));
    }
}

async fn an_overtaken_run_cannot_commit_around_its_savepoint<B: Bank>()
where
    B::Transaction: Nested,
{
    let bank = B::open().await;
    let theirs = bank.clone();
    let handler = Handler::new(move |_, event| {
        let bank = theirs.clone();
        async move {
            bank.end_leases().await;
            deliver(&bank.layer(), &bank.payer(), github("1")).await.is_the_handlers(200);
            let mut outer = bank.begin().await;
            B::pay(&mut outer, &event).await.unwrap();
            let overtaken = outer.commit_savepoint(&event).await;
            assert!(matches!(overtaken, Err(Overtaken)), "{overtaken:?}");
            let _ = B::commit(outer).await;
            answer(500)
        }
    });
    deliver(&bank.layer(), &handler, github("1")).await.is_the_handlers(500);
    assert_eq!(bank.paid().await, once(&["1"]));
}

/// Commits the event in a savepoint within a transaction.
trait Nested: Sized {
    fn commit_savepoint(
        &mut self,
        event: &Event,
    ) -> impl Future<Output = Result<(), CompleteError>> + Send;
}

impl<D: sqlx::Database> Nested for Transaction<'static, D>
where
    for<'t> Transaction<'t, D>: HandlerTransaction,
{
    async fn commit_savepoint(&mut self, event: &Event) -> Result<(), CompleteError> {
        let savepoint = sqlx::Connection::begin(&mut **self).await.unwrap();
        event.commit(savepoint).await
    }
}

/// Disk full, or a statement that says so, rolls back a whole transaction of SQLite: what comes
/// after it would be committed by itself.
#[tokio::test]
async fn a_completion_without_the_transaction_it_was_begun_in_is_refused() {
    let bank = InFile::open().await;
    let theirs = bank.clone();
    let handler = Handler::new(move |_, event| {
        let bank = theirs.clone();
        async move {
            let mut transaction = bank.begin().await;
            InFile::pay(&mut transaction, &event).await.unwrap();
            let gone = sqlx::raw_sql(
                "CREATE TABLE audit (id INTEGER PRIMARY KEY);
                 INSERT INTO audit VALUES (1);
                 INSERT OR ROLLBACK INTO audit VALUES (1)",
            );
            assert!(gone.execute(&mut *transaction).await.is_err());
            answer(if event.commit(transaction).await.is_ok() { 200 } else { 500 })
        }
    });
    let layer = bank.layer();
    deliver(&layer, &handler, github("1")).await.is_the_handlers(500);
    assert_eq!(bank.paid().await, HashMap::new());
    // Its connection can be used again, and the event was not taken for handled.
    for _ in 0..8 {
        deliver(&layer, &bank.payer(), github("1")).await;
    }
    assert_eq!(bank.paid().await, once(&["1"]));
}

#[tokio::test]
async fn nothing_that_an_overtaken_run_writes_afterwards_is_kept() {
    let bank = InFile::open().await;
    let theirs = bank.clone();
    let handler = Handler::new(move |_, event| {
        let bank = theirs.clone();
        async move {
            let key = event.replay_key();
            bank.store.forget(&key).await.unwrap();
            let mut transaction = bank.begin().await;
            InFile::pay(&mut transaction, &event).await.unwrap();
            let overtaken = event.complete_in(&mut transaction).await;
            assert!(matches!(overtaken, Err(Overtaken)), "{overtaken:?}");
            let again = event.complete_in(&mut transaction).await;
            assert!(matches!(again, Err(Overtaken)), "{again:?}");
            let _ = InFile::pay(&mut transaction, &event).await;
            let _ = InFile::commit(transaction).await;
            answer(500)
        }
    });
    deliver(&bank.layer(), &handler, github("1")).await.is_the_handlers(500);
    assert_eq!(bank.paid().await, HashMap::new());
    deliver(&bank.layer(), &bank.payer(), github("1")).await.is_the_handlers(200);
    assert_eq!(bank.paid().await, once(&["1"]));
}

/// The application's own connections may not wait for the disk; the sender's 2xx does.
#[tokio::test]
async fn a_commit_that_did_not_wait_for_the_disk_is_confirmed_by_the_store() {
    let bank = InFile::open().await;
    let (store, builder) = bank.failing();
    let theirs = bank.clone();
    let handler = Handler::new(move |_, event| {
        let (bank, store) = (theirs.clone(), store.clone());
        async move {
            let mut connection = bank.pool.acquire().await.unwrap();
            let normal = sqlx::raw_sql("PRAGMA synchronous = NORMAL");
            normal.execute(&mut *connection).await.unwrap();
            let mut transaction = sqlx::Connection::begin(&mut *connection).await.unwrap();
            let insert = sqlx::query("INSERT INTO paid VALUES (?1)").bind(body(&event));
            insert.execute(&mut *transaction).await.unwrap();
            event.commit(transaction).await.unwrap();
            store.lose_answers();
            answer(200)
        }
    });
    let layer = builder.build().unwrap();
    deliver(&layer, &handler, github("1")).await.refuses(NotCommitted, 503, Some(5));
}

/// The store's clock may be another than the system's.
#[tokio::test]
async fn a_commit_is_remembered_by_the_clock_of_the_store() {
    let bank = InFile::open().await;
    let layer = bank.layer();
    bank.clock.advance(Duration::from_secs(365 * 86_400));
    deliver(&layer, &bank.payer(), github("1")).await.is_the_handlers(200);
    deliver(&layer, &bank.payer(), github("1")).await.acknowledges();
    assert_eq!(bank.paid().await, once(&["1"]));
}

/// Each of the tests above, on each database.
macro_rules! on_both {
    ($($test:ident,)*) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test::<super::InFile>().await;
                }
            )*
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test::<super::OnServer>().await;
                }
            )*
        }
    };
}

on_both! {
    a_savepoint_passes_for_no_commit,
    an_overtaken_run_cannot_commit_around_its_savepoint,
    a_commit_is_the_completion,
    a_commit_by_somebody_else_is_confirmed,
    a_2xx_without_a_commit_is_found_out,
    a_run_that_was_overtaken_cannot_commit,
    a_handler_that_fails_writes_nothing_and_its_event_runs_again,
    what_was_committed_stays_handled_whatever_the_handler_answers,
    an_event_without_a_claim_cannot_be_completed,
    a_transaction_on_another_database_commits_nothing,
    a_store_that_does_not_confirm_is_503_and_nothing_runs_twice,
    effects_are_exactly_one_whatever_overtakes_and_aborts,
}
