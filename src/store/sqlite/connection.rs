//! The one connection of a store.
//!
//! A pool of one would do the same; it also asks the connection how it is after every use, which
//! takes as long as a claim.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions, Executor, Row};
use tokio::sync::{Mutex, MutexGuard};

pub(super) type Query = sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

pub(super) struct Connection {
    options: SqliteConnectOptions,
    max_file_size: Option<u64>,
    /// `None` after it has broken. A caller that goes away while it waits does not break it: its
    /// statement is carried out, and nobody hears of it.
    held: Mutex<Option<SqliteConnection>>,
}

/// The connection, for one caller.
pub(super) struct Held<'a> {
    of: &'a Connection,
    connection: MutexGuard<'a, Option<SqliteConnection>>,
}

impl Connection {
    pub(super) async fn open(
        options: SqliteConnectOptions,
        max_file_size: Option<u64>,
    ) -> Result<Self, sqlx::Error> {
        let held = Mutex::new(Some(connect(&options, max_file_size).await?));
        Ok(Self { options, max_file_size, held })
    }

    pub(super) async fn wait(&self) -> Held<'_> {
        Held { of: self, connection: self.held.lock().await }
    }

    pub(super) fn if_free(&self) -> Option<Held<'_>> {
        self.held.try_lock().ok().map(|connection| Held { of: self, connection })
    }
}

impl Held<'_> {
    /// The rows of a statement, once it has run to its end. Asking for one row only would leave the
    /// commit to the clean-up after it, where nobody hears that it failed.
    pub(super) async fn rows(&mut self, query: Query) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let rows = query.fetch_all(self.connected().await?).await;
        self.unless_broken(rows)
    }

    /// How many records a statement changed.
    pub(super) async fn count(&mut self, query: Query) -> Result<u64, sqlx::Error> {
        let done = query.execute(self.connected().await?).await;
        Ok(self.unless_broken(done)?.rows_affected())
    }

    async fn command(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        let done = sqlx::raw_sql(sql).execute(self.connected().await?).await;
        self.unless_broken(done).map(drop)
    }

    async fn connected(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        if self.connection.is_none() {
            let opened = connect(&self.of.options, self.of.max_file_size).await?;
            *self.connection = Some(opened);
        }
        self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    fn unless_broken<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if let Err(sqlx::Error::WorkerCrashed) = answer {
            *self.connection = None;
        }
        answer
    }
}

/// A transaction of several statements, begun as one that writes. Without its commit, whatever ends
/// it, the connection is closed, and the transaction with it.
///
/// By texts of its own: some errors (a full disk) make SQLite roll it back by itself, and the driver
/// would go on counting it as open.
pub(super) struct Transaction<'a, 'b> {
    held: &'a mut Held<'b>,
    is_open: bool,
}

impl<'a, 'b> Transaction<'a, 'b> {
    pub(super) async fn begin(held: &'a mut Held<'b>) -> Result<Self, sqlx::Error> {
        let mut transaction = Self { held, is_open: true };
        let begun = transaction.held.command("BEGIN IMMEDIATE").await;
        transaction.is_open = begun.is_ok();
        begun.map(|()| transaction)
    }

    pub(super) async fn rows(&mut self, query: Query) -> Result<Vec<SqliteRow>, sqlx::Error> {
        self.held.rows(query).await
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.held.command("COMMIT").await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_, '_> {
    fn drop(&mut self) {
        if self.is_open {
            *self.held.connection = None;
        }
    }
}

async fn connect(
    options: &SqliteConnectOptions,
    max_file_size: Option<u64>,
) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    bound(&mut connection, max_file_size).await?;
    Ok(connection)
}

/// SQLite keeps this bound for each connection, and counts in pages.
pub(super) async fn bound(
    connection: &mut SqliteConnection,
    max_file_size: Option<u64>,
) -> Result<(), sqlx::Error> {
    let Some(bytes) = max_file_size else { return Ok(()) };
    let page: i64 = connection.fetch_one("PRAGMA page_size").await?.try_get(0)?;
    let page = u64::try_from(page).unwrap_or_default();
    // It takes 32 bits; a file has at least a page.
    let pages = bytes.checked_div(page).unwrap_or_default().clamp(1, u64::from(u32::MAX >> 1));
    let pragma = format!("PRAGMA max_page_count = {pages}");
    connection.execute(sqlx::AssertSqlSafe(pragma)).await?;
    Ok(())
}
