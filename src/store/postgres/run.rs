//! How a statement gets to the server and its answer back.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Row};

use super::error::{self, Remedy, remedy, store_error};
use super::statements::Statement;
use super::value::{Value, bound, written};
use crate::store::StoreError;
use crate::trace::warn;

/// How often a statement is repeated because another transaction came first.
const REPEATS: u32 = 3;

/// What a statement goes out as. Each is one round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Prepared under a name on its connection: the fastest.
    Prepared,
    /// One text with its parameters written into it, which any proxy passes on whole.
    Text,
    /// The same at the isolation level at which claims do not fail for each other. Both commands
    /// of one text are one transaction.
    ReadCommittedText,
}

#[derive(Debug)]
pub(super) struct Runner {
    pool: PgPool,
    /// Once set, it stays so.
    as_text: AtomicBool,
}

impl Runner {
    pub(super) const fn new(pool: PgPool, as_text: bool) -> Self {
        Self { pool, as_text: AtomicBool::new(as_text) }
    }

    pub(super) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) fn is_as_text(&self) -> bool {
        self.as_text.load(Ordering::Relaxed)
    }

    /// The statement's answer without its name; `None` if it changed no record.
    pub(super) async fn run(
        &self,
        statement: Statement,
        values: &[Value<'_>],
    ) -> Result<Option<String>, StoreError> {
        let rows = self.rows(statement, values, Read::First).await?;
        rows.first().map(|row| words(row, statement)).transpose().map_err(store_error)
    }

    /// The rows of the statement, of which the first column begins with its name.
    ///
    /// Every operation is safe to repeat, so an error that a repetition can cure is not reported.
    pub(super) async fn rows(
        &self,
        statement: Statement,
        values: &[Value<'_>],
        read: Read,
    ) -> Result<Vec<PgRow>, StoreError> {
        let mut repeated: u32 = 0;
        let mut reconnected = false;
        loop {
            let form = match (repeated, self.is_as_text()) {
                (1.., _) => Form::ReadCommittedText,
                (0, true) => Form::Text,
                (0, false) => Form::Prepared,
            };
            let connection = if reconnected { self.proven().await } else { self.any().await };
            let mut connection = connection.map_err(store_error)?;
            let error = match ask(&mut connection.inner, form, statement, values, read).await {
                Ok(answer) => {
                    if form == Form::Prepared && connection.inner.cached_statements_size() == 0 {
                        self.prepare_nothing();
                    }
                    connection.give_back();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            match remedy(&error) {
                Remedy::Repeat if repeated < REPEATS => {
                    repeated = repeated.saturating_add(1);
                    connection.give_back();
                }
                Remedy::Unprepared if form == Form::Prepared => self.give_up_preparing(&error),
                Remedy::Reconnect if !reconnected => reconnected = true,
                Remedy::None | Remedy::Repeat => {
                    connection.give_back();
                    return Err(store_error(error));
                }
                Remedy::Reconnect | Remedy::Unprepared => return Err(store_error(error)),
            }
        }
    }

    /// Commands that answer nothing.
    pub(super) async fn apply(&self, text: String) -> Result<(), StoreError> {
        let mut connection = self.proven().await.map_err(store_error)?;
        let applied = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *connection.inner).await;
        connection.give_back();
        applied.map(drop).map_err(store_error)
    }

    /// A connection without a round trip, if one is idle. It may turn out to be broken.
    async fn any(&self) -> Result<Borrowed, sqlx::Error> {
        if self.pool.options().get_test_before_acquire()
            && let Some(connection) = self.pool.try_acquire()
        {
            return Ok(Borrowed::new(connection));
        }
        self.pool.acquire().await.map(Borrowed::new)
    }

    /// A connection that answers: when one is broken, all that are idle may be.
    async fn proven(&self) -> Result<Borrowed, sqlx::Error> {
        let mut left = self.pool.options().get_max_connections();
        loop {
            let mut connection = self.pool.acquire().await.map(Borrowed::new)?;
            match connection.inner.ping().await {
                Ok(()) => return Ok(connection),
                Err(error) if left == 0 => return Err(error),
                Err(_) => left = left.saturating_sub(1),
            }
        }
    }

    /// The pool keeps no prepared statements (`statement_cache_capacity(0)`, as it is often set for
    /// proxies): each would be prepared anew, and stay on the server.
    fn prepare_nothing(&self) {
        self.as_text.store(true, Ordering::Relaxed);
    }

    fn give_up_preparing(&self, error: &sqlx::Error) {
        if !self.as_text.swap(true, Ordering::Relaxed) {
            let code = error::code(error).unwrap_or_default();
            warn!(
                target: "tower_webhooks",
                sqlstate = %code,
                "prepared statements do not work on this connection to PostgreSQL, probably because \
                 of a proxy that pools transactions; statements go out as text from now on. Say so \
                 with PostgresStoreBuilder::transaction_pooling: until it has been noticed, a proxy \
                 may run another statement of the same name"
            );
        }
    }
}

/// How much of an answer is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    First,
    All,
}

/// One round trip, once the statement is prepared on the connection.
async fn ask(
    connection: &mut PgConnection,
    form: Form,
    statement: Statement,
    values: &[Value<'_>],
    read: Read,
) -> Result<Vec<PgRow>, sqlx::Error> {
    let rows = match form {
        Form::Prepared => {
            let query = bound(statement.sql, values);
            match read {
                Read::First => query.fetch_optional(connection).await?.into_iter().collect(),
                Read::All => query.fetch_all(connection).await?,
            }
        }
        Form::Text => simple(connection, written(statement.sql, values), read).await?,
        Form::ReadCommittedText => {
            let text = written(statement.sql, values);
            let text = format!("SET TRANSACTION ISOLATION LEVEL READ COMMITTED; {text}");
            simple(connection, text, read).await?
        }
    };
    if let Some(row) = rows.first() {
        words(row, statement)?;
    }
    Ok(rows)
}

async fn simple(
    connection: &mut PgConnection,
    text: String,
    read: Read,
) -> Result<Vec<PgRow>, sqlx::Error> {
    let query = sqlx::raw_sql(AssertSqlSafe(text));
    Ok(match read {
        Read::First => query.fetch_optional(connection).await?.into_iter().collect(),
        Read::All => query.fetch_all(connection).await?,
    })
}

fn words(row: &PgRow, statement: Statement) -> Result<String, sqlx::Error> {
    let answer: &str = row.try_get(0)?;
    let rest = answer.strip_prefix(statement.name).and_then(|rest| match rest.strip_prefix(' ') {
        None if !rest.is_empty() => None,
        None => Some(rest),
        words => words,
    });
    rest.map(ToOwned::to_owned)
        .ok_or_else(|| sqlx::Error::Protocol("the answer is that of another statement".to_owned()))
}

/// A connection that is closed unless its answer was read to the end.
///
/// The pool would read the rest of an answer before it takes a connection back, without a limit:
/// when the server is gone without a word, every call that was given up would keep a place in the
/// pool. Closing takes 5 seconds at most.
#[derive(Debug)]
struct Borrowed {
    inner: PoolConnection<Postgres>,
    at_rest: bool,
}

impl Borrowed {
    const fn new(inner: PoolConnection<Postgres>) -> Self {
        Self { inner, at_rest: false }
    }

    fn give_back(mut self) {
        self.at_rest = true;
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if !self.at_rest {
            self.inner.close_on_drop();
        }
    }
}
