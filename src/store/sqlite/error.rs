//! SQLite's errors as those of a store.

use crate::store::{StoreError, StoreErrorKind};

// https://www.sqlite.org/rescode.html
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const CONSTRAINT: u32 = 19;
const MISMATCH: u32 = 20;
const NOT_A_DATABASE: u32 = 26;

pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    StoreError::with_source(kind(&error), error)
}

/// A record with something in it that this crate does not write.
pub(super) fn unreadable(what: &'static str) -> StoreError {
    StoreError::with_source(StoreErrorKind::Corrupt, format!("its {what} is not readable"))
}

pub(super) fn kind(error: &sqlx::Error) -> StoreErrorKind {
    match error {
        sqlx::Error::PoolTimedOut => StoreErrorKind::Timeout,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreErrorKind::Corrupt,
        sqlx::Error::Database(_) => match code(error) {
            Some(BUSY | LOCKED) => StoreErrorKind::Timeout,
            Some(FULL) => StoreErrorKind::Full,
            // A constraint can only fail when a number in the record is past all bounds.
            Some(CORRUPT | NOT_A_DATABASE | CONSTRAINT | MISMATCH) => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Unavailable,
        },
        _ => StoreErrorKind::Unavailable,
    }
}

/// The primary result code: the low byte of the extended one.
fn code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xFF)
}
