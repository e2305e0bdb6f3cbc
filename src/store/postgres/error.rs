//! What an error of the driver means for the store.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::store::{StoreError, StoreErrorKind};

/// What can be done about an error but to report it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    None,
    /// Nothing was changed: another transaction came first.
    Repeat,
    /// This connection is of no use any more.
    Reconnect,
    /// The server does not know the statement that was prepared on it: a proxy gave this
    /// connection another server.
    Unprepared,
}

pub(super) fn remedy(error: &sqlx::Error) -> Remedy {
    match error {
        sqlx::Error::Io(_) => Remedy::Reconnect,
        // A row that is not the statement's, or messages in an order that is not.
        sqlx::Error::Protocol(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            Remedy::Unprepared
        }
        sqlx::Error::Database(_) => match code(error).as_deref() {
            // serialization_failure, deadlock_detected
            Some("40001" | "40P01") => Remedy::Repeat,
            // invalid_sql_statement_name, duplicate_prepared_statement, protocol_violation,
            // invalid_binary_representation: the last two when the name is another statement's.
            Some("26000" | "42P05" | "08P01" | "22P03") => Remedy::Unprepared,
            // "cached plan must not change result type", a transaction somebody left open,
            // read_only_sql_transaction (the server has become a standby), the server shuts down
            // or crashed.
            Some("0A000" | "25P02" | "25006" | "57P01" | "57P02" | "57P03") => Remedy::Reconnect,
            Some(code) if code.starts_with("08") => Remedy::Reconnect,
            _ => Remedy::None,
        },
        _ => Remedy::None,
    }
}

pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    let kind = kind(&error);
    match code(&error).as_deref() {
        // undefined_table, undefined_column, undefined_function
        Some("42P01" | "42703" | "42883") => StoreError::with_source(kind, NotMigrated(error)),
        _ => StoreError::with_source(kind, error),
    }
}

fn kind(error: &sqlx::Error) -> StoreErrorKind {
    match error {
        sqlx::Error::PoolTimedOut => StoreErrorKind::Timeout,
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            StoreErrorKind::Timeout
        }
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::TypeNotFound { .. } => StoreErrorKind::Corrupt,
        sqlx::Error::Database(_) => match code(error).as_deref() {
            // query_canceled (statement_timeout), lock_not_available (lock_timeout), and the
            // time-outs of transactions and idle sessions.
            Some("57014" | "55P03" | "25P03" | "25P04" | "57P05") => StoreErrorKind::Timeout,
            // disk_full, out_of_memory, program_limit_exceeded
            Some("53100" | "53200" | "54000") => StoreErrorKind::Full,
            // numeric_value_out_of_range and datetime_field_overflow: of what the record holds, as
            // what goes in is bounded; data_corrupted, index_corrupted.
            Some("22003" | "22008" | "XX001" | "XX002") => StoreErrorKind::Corrupt,
            // invalid_binary_representation: of a statement, not of an event.
            Some("22P03") => StoreErrorKind::Unavailable,
            // data_exception: a character that the database's encoding has not, a text too long.
            Some(code) if code.starts_with("22") => StoreErrorKind::Unstorable,
            _ => StoreErrorKind::Unavailable,
        },
        _ => StoreErrorKind::Unavailable,
    }
}

pub(super) fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code)
}

/// The table is not there, or has not all columns, or the functions are missing.
#[derive(Debug)]
struct NotMigrated(sqlx::Error);

impl fmt::Display for NotMigrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the table webhook_claims or its functions are missing or too old: call `PostgresStore::migrate()` once \
             at start, or apply `PostgresStore::MIGRATION`",
        )
    }
}

impl Error for NotMigrated {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
