//! What went wrong, in the words of [`StoreError`].

use std::fmt;

use redis::{ErrorKind, RedisError};

use crate::store::{StoreError, StoreErrorKind};

/// What the driver says, as the error of a store.
///
/// A script's error comes with its code up to Redis 6 as text within, from Redis 7 on as its own.
pub(super) fn store_error(error: RedisError) -> StoreError {
    if error.kind() == ErrorKind::AuthenticationFailed {
        // Its text may repeat what the server was sent.
        return refusal("the server refused the user name or the password");
    }
    let says = |code: &str| {
        error.code() == Some(code) || error.detail().is_some_and(|text| text.contains(code))
    };
    let kind = if error.is_timeout() {
        StoreErrorKind::Timeout
    } else if says("OOM") {
        StoreErrorKind::Full
    } else if says("WRONGTYPE") {
        StoreErrorKind::Corrupt
    } else {
        StoreErrorKind::Unavailable
    };
    StoreError::with_source(kind, error)
}

/// Whether the connection was lost, so that another one may do better at once.
pub(super) fn is_lost_connection(error: &RedisError) -> bool {
    error.is_io_error() && !error.is_timeout()
}

/// Whether it is better to connect anew: the server does not answer, or it is no primary any more
/// and its name may lead to another by now.
pub(super) fn is_wrong_connection(error: &RedisError) -> bool {
    error.is_timeout()
        || error.code() == Some("READONLY")
        || error.detail().is_some_and(|text| text.contains("READONLY"))
}

/// Unavailable, for this reason.
pub(super) fn refusal(reason: impl Into<String>) -> StoreError {
    StoreError::with_source(StoreErrorKind::Unavailable, Refusal(reason.into()))
}

/// A record, or an answer, that is none of ours.
pub(super) fn corrupt() -> StoreError {
    StoreErrorKind::Corrupt.into()
}

#[derive(Debug)]
struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}
