//! How a statement gets to the server and its answer back.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row};

use super::connections::Connections;
use super::error::{self, Remedy, remedy, store_error};
use super::statements::{SINCE_BEGIN, Statement};
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

/// Whose connections there are in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    /// The store's own: nobody else begins a transaction on one.
    Own,
    /// The application's, which runs its transactions on the same. One may be open on a connection
    /// that the pool lends: only the answer to a text tells for certain.
    Shared,
}

#[derive(Debug)]
pub(super) struct Runner {
    connections: Connections,
    is: Pool,
    /// Once set, it stays so.
    as_text: AtomicBool,
}

impl Runner {
    pub(super) fn new(pool: PgPool, is: Pool) -> Self {
        let connections = Connections::new(pool);
        Self { connections, is, as_text: AtomicBool::new(is == Pool::Shared) }
    }

    pub(super) const fn pool(&self) -> &PgPool {
        self.connections.pool()
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
        let answer = rows.first().map(|row| answer(row, statement)).transpose();
        answer.map(|answer| answer.map(|answer| answer.words)).map_err(store_error)
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
            let connections = &self.connections;
            let connection =
                if reconnected { connections.proven().await } else { connections.any().await };
            let mut connection = connection.map_err(store_error)?;
            let asked = ask(&mut connection.inner, self.is, form, statement, values, read).await;
            let error = match asked {
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
        let mut left = self.pool().options().get_max_connections();
        loop {
            let mut connection = self.connections.proven().await.map_err(store_error)?;
            let text = AssertSqlSafe(text.clone());
            let applied = sqlx::raw_sql(text).execute(&mut *connection.inner).await;
            let is_done = applied.is_err()
                || self.is == Pool::Own
                || is_idle(&mut connection.inner).await.map_err(store_error)?;
            if is_done {
                connection.give_back();
                return applied.map(drop).map_err(store_error);
            }
            if left == 0 {
                return Err(store_error(left_open()));
            }
            left = left.saturating_sub(1);
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
                 of a proxy that pools transactions; statements go out as text from now on. Use \
                 PostgresStore::new with such a proxy: until it has been noticed, it may run another \
                 statement of the same name"
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

/// The first column of what came back of a statement that ran.
struct Answer {
    words: String,
    /// µs from the begin of its transaction to the statement.
    since_begin: i64,
}

/// One round trip, once the statement is prepared on the connection. On a connection that others use
/// too, it is an error if the statement ran in a transaction that somebody left open there, where
/// nothing it did would last. (The transaction of a text is as old as the text; that of a prepared
/// statement is older than its last message.)
///
/// The driver leaves one open when its `begin` is dropped half way, as that of a handler that has
/// run out of time: <https://github.com/launchbadge/sqlx/issues/4385>.
async fn ask(
    connection: &mut PgConnection,
    pool: Pool,
    form: Form,
    statement: Statement,
    values: &[Value<'_>],
    read: Read,
) -> Result<Vec<PgRow>, sqlx::Error> {
    let rows = ask_in(connection, form, statement, values, read).await?;
    let Some(first) = rows.first() else { return Ok(rows) };
    let since_begin = answer(first, statement)?.since_begin;
    match pool == Pool::Own || since_begin == 0 {
        true => Ok(rows),
        false => Err(left_open()),
    }
}

/// Whether no transaction is open on the connection.
async fn is_idle(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = sqlx::raw_sql(SINCE_BEGIN).fetch_one(connection).await?;
    Ok(row.try_get::<i64, _>(0)? == 0)
}

/// The connection is closed for it, and the statement repeated on another.
fn left_open() -> sqlx::Error {
    sqlx::Error::Io(io::Error::other("the connection was in a transaction that somebody left open"))
}

async fn ask_in(
    connection: &mut PgConnection,
    form: Form,
    statement: Statement,
    values: &[Value<'_>],
    read: Read,
) -> Result<Vec<PgRow>, sqlx::Error> {
    Ok(match form {
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
    })
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

fn answer(row: &PgRow, statement: Statement) -> Result<Answer, sqlx::Error> {
    let text: &str = row.try_get(0)?;
    read(text, statement)
        .ok_or_else(|| sqlx::Error::Protocol("the answer is that of another statement".to_owned()))
}

fn read(text: &str, statement: Statement) -> Option<Answer> {
    let rest = text.strip_prefix(statement.name)?.strip_prefix(' ')?;
    let (since_begin, words) = rest.split_once(' ').unwrap_or((rest, ""));
    Some(Answer { words: words.to_owned(), since_begin: since_begin.parse().ok()? })
}
