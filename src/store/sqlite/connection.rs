//! The one connection of a store, with its line of operations.
//!
//! A pool of one would do the same; it also asks the connection how it is after every use, which
//! takes as long as a claim.

use std::future::Future;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions, Executor, Row};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::error::store_error;
use crate::store::{StoreError, StoreErrorKind};

pub(super) type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

pub(super) struct Connection {
    options: SqliteConnectOptions,
    max_file_size: Option<u64>,
    /// In line, and then for the file's lock.
    longest_wait: Duration,
    /// `None` after it has broken. A caller that goes away while it waits does not break it: its
    /// statement is carried out, and nobody hears of it.
    held: Mutex<Option<SqliteConnection>>,
}

impl Connection {
    pub(super) async fn open(
        options: SqliteConnectOptions,
        max_file_size: Option<u64>,
        busy_timeout: Duration,
    ) -> Result<Self, sqlx::Error> {
        let held = Mutex::new(Some(connect(&options, max_file_size).await?));
        let longest_wait = busy_timeout.saturating_mul(2);
        Ok(Self { options, max_file_size, longest_wait, held })
    }

    /// The rows of a statement, once it has run to its end. Asking for one row only would leave the
    /// commit to the clean-up after it, where nobody hears that it failed.
    pub(super) async fn rows(&self, query: Query<'_>) -> Result<Vec<SqliteRow>, StoreError> {
        self.in_time(async { query.fetch_all(&mut *self.wait().await?).await }).await
    }

    /// How many records a statement changed.
    pub(super) async fn count(&self, query: Query<'_>) -> Result<u64, StoreError> {
        let done = self.in_time(async { query.execute(&mut *self.wait().await?).await }).await?;
        Ok(done.rows_affected())
    }

    async fn wait(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>, sqlx::Error> {
        let mut held = self.held.lock().await;
        if held.is_none() {
            *held = Some(connect(&self.options, self.max_file_size).await?);
        }
        MutexGuard::try_map(held, Option::as_mut).map_err(|_| sqlx::Error::WorkerCrashed)
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError> {
        let Ok(answer) = tokio::time::timeout(self.longest_wait, work).await else {
            return Err(StoreErrorKind::Timeout.into());
        };
        if let Err(sqlx::Error::WorkerCrashed) = answer {
            *self.held.lock().await = None;
        }
        answer.map_err(store_error)
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
