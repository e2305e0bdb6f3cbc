//! The databases that keep an inbox, and what the tests do to them.

use std::sync::OnceLock;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool, SqlitePool};
use tempfile::TempDir;
use tower_webhooks::Event;
use tower_webhooks::inbox::InboxStore;
use tower_webhooks::store::{CompleteError, PostgresStore, SqliteStore};
use tower_webhooks::testing::ManualClock;

use crate::support::layer::clock;
use crate::support::pgbouncer::PgBouncer;
use crate::support::postgres::PostgresServer;

/// A database of one test's own.
pub(crate) trait Database: Send + Sync + Sized + 'static {
    async fn start() -> Self;

    /// A store on it, as another process would open it.
    async fn open(&self) -> InboxStore;

    /// Lets time pass, as the database measures it.
    async fn later(&self, by: Duration);

    /// Lets it answer nobody, until it is healed.
    async fn break_down(&mut self);

    async fn heal(&mut self);

    async fn execute(&self, sql: &str) -> u64;

    /// Makes the table of the inbox one of a later release.
    async fn make_newer(&self) {
        let sql = "UPDATE webhook_schema SET version = 2 WHERE name = 'webhook_inbox'";
        assert_eq!(self.execute(sql).await, 1);
    }

    /// The number that a query gives.
    async fn number(&self, sql: &str) -> i64;

    /// What a handler does in a transaction: one row in the table `effects`, and what the event is
    /// completed by.
    fn effect(&self, end: End) -> Effect;
}

/// How a handler ends its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// `event.commit(transaction)`.
    Commit,
    /// `event.complete_in(&mut transaction)`, and a commit of its own.
    CompleteAndCommit,
    /// The same with the commit forgotten.
    CompleteAndForget,
}

/// What a handler needs for its transaction.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    Sqlite(SqlitePool, End),
    Postgres(PgPool, End),
}

const EFFECT: &str = "INSERT INTO effects (attempt) VALUES (1)";

macro_rules! run_in_transaction {
    ($transaction:ident, $event:expr, $end:expr) => {{
        sqlx::query(EFFECT).execute(&mut *$transaction).await.expect("the table is there");
        match $end {
            End::Commit => $event.commit($transaction).await?,
            End::CompleteAndCommit => {
                $event.complete_in(&mut $transaction).await?;
                $transaction.commit().await.expect("it commits");
            }
            End::CompleteAndForget => $event.complete_in(&mut $transaction).await?,
        }
        Ok(())
    }};
}

impl Effect {
    pub(crate) async fn run(&self, event: &Event) -> Result<(), CompleteError> {
        match self {
            Self::Sqlite(pool, end) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.expect("it begins");
                run_in_transaction!(transaction, event, end)
            }
            Self::Postgres(pool, end) => {
                let mut transaction = pool.begin().await.expect("it begins");
                run_in_transaction!(transaction, event, end)
            }
        }
    }
}

/// A file.
pub(crate) struct Sqlite {
    directory: TempDir,
    clock: ManualClock,
    lock: Option<SqliteConnection>,
}

impl Sqlite {
    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(self.directory.path().join("inbox.db"))
            .create_if_missing(true)
            .busy_timeout(Duration::from_secs(5))
    }

    async fn connect(&self) -> SqliteConnection {
        self.options().connect().await.expect("the file opens")
    }
}

impl Database for Sqlite {
    async fn start() -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        Self { directory, clock: clock(), lock: None }
    }

    async fn open(&self) -> InboxStore {
        let path = self.directory.path().join("inbox.db");
        let store = SqliteStore::builder(path)
            .clock(self.clock.clone())
            .busy_timeout(Duration::from_millis(300))
            .open();
        store.await.expect("the file opens").into()
    }

    async fn later(&self, by: Duration) {
        self.clock.advance(by);
    }

    async fn break_down(&mut self) {
        let mut connection = self.connect().await;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.expect("it locks");
        self.lock = Some(connection);
    }

    async fn heal(&mut self) {
        if let Some(connection) = self.lock.take() {
            connection.close().await.expect("it closes");
        }
    }

    async fn execute(&self, sql: &str) -> u64 {
        let mut connection = self.connect().await;
        let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await;
        connection.close().await.expect("it closes");
        done.expect(sql).rows_affected()
    }

    async fn number(&self, sql: &str) -> i64 {
        let mut connection = self.connect().await;
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect(sql)
    }

    fn effect(&self, end: End) -> Effect {
        Effect::Sqlite(SqlitePool::connect_lazy_with(self.options()), end)
    }
}

/// A server; most tests share one, and have a database each.
pub(crate) struct Postgres {
    server: Option<PostgresServer>,
    url: String,
}

impl Postgres {
    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.expect("the server answers")
    }
}

impl Database for Postgres {
    async fn start() -> Self {
        Self { server: None, url: PostgresServer::shared().database().await }
    }

    async fn open(&self) -> InboxStore {
        PostgresStore::connect(&self.url).await.expect("the server answers").into()
    }

    async fn later(&self, by: Duration) {
        let by = format!("{} * interval '1 microsecond'", by.as_micros());
        self.execute(&format!(
            "UPDATE webhook_inbox SET next_at = next_at - {by}, expires_at = expires_at - {by}"
        ))
        .await;
    }

    async fn break_down(&mut self) {
        // A server of its own is taken by the tests that ask for it before they open a store.
        match &mut self.server {
            Some(server) => server.kill(),
            None => unreachable!("see `own`"),
        }
    }

    async fn heal(&mut self) {
        self.server.as_mut().expect("see `own`").restart();
    }

    async fn execute(&self, sql: &str) -> u64 {
        let mut connection = self.connect().await;
        let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await;
        done.expect(sql).rows_affected()
    }

    async fn number(&self, sql: &str) -> i64 {
        let mut connection = self.connect().await;
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect(sql)
    }

    fn effect(&self, end: End) -> Effect {
        Effect::Postgres(PgPool::connect_lazy(&self.url).expect("it is a URL"), end)
    }
}

/// A database of the shared server, through a proxy that gives each transaction another connection.
pub(crate) struct Pooled(Postgres);

impl Database for Pooled {
    async fn start() -> Self {
        Self(Postgres::start().await)
    }

    async fn open(&self) -> InboxStore {
        static PROXY: OnceLock<PgBouncer> = OnceLock::new();
        let proxy = PROXY.get_or_init(|| PgBouncer::start(PostgresServer::shared()));
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .connect(&proxy.through(&self.0.url))
            .await
            .expect("the proxy answers");
        let store = InboxStore::from(PostgresStore::new(pool));
        store.migrate().await.expect("the table is made");
        store
    }

    async fn later(&self, by: Duration) {
        self.0.later(by).await;
    }

    async fn break_down(&mut self) {
        unreachable!("it is shared");
    }

    async fn heal(&mut self) {
        unreachable!("it is shared");
    }

    async fn execute(&self, sql: &str) -> u64 {
        self.0.execute(sql).await
    }

    async fn number(&self, sql: &str) -> i64 {
        self.0.number(sql).await
    }

    fn effect(&self, end: End) -> Effect {
        self.0.effect(end)
    }
}

/// Databases that may be broken without harm to other tests.
pub(crate) trait Own: Database {
    async fn own() -> Self;
}

impl Own for Sqlite {
    async fn own() -> Self {
        Self::start().await
    }
}

impl Own for Postgres {
    async fn own() -> Self {
        let server = PostgresServer::start();
        let url = server.url();
        Self { server: Some(server), url }
    }
}
