//! What is asked of the table, kept until its statement is sent: only then it is known what time it
//! is.

use std::time::Duration;

use super::connection::Query;
use super::living::Living;
use super::moment::Times;
use super::statements;
use crate::store::{Claim, Fingerprint, Key, Token};

/// One of the calls of a store, with what it was given.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    Claim { key: Key, token: Token, fingerprint: Fingerprint, lease: Duration, ttl: Duration },
    Complete { key: Key, by: Token, status: u16, ttl: Duration },
    Release { key: Key, by: Token },
    Renew { key: Key, by: Token, lease: Duration },
    Forget { key: Key },
}

impl Operation {
    pub(super) fn claim(claim: &Claim<'_>) -> Self {
        Self::Claim {
            key: *claim.key,
            token: *claim.token,
            fingerprint: *claim.fingerprint,
            lease: claim.lease,
            ttl: claim.ttl.max(claim.lease),
        }
    }

    /// Its statement, as of now.
    pub(super) fn query(&self, times: &Times, living: &Living) -> Query {
        let now = times.now();
        match self {
            Self::Claim { key, token, fingerprint, lease, ttl } => about(statements::CLAIM, key)
                .bind(token.as_bytes().as_slice())
                .bind(times.fence(now))
                .bind(now.after(*lease))
                .bind(now.after(*ttl))
                .bind(fingerprint.as_bytes().as_slice())
                .bind(now.millis())
                .bind(living.owner(key).as_ref().map(|owner| owner.as_bytes().as_slice()))
                .bind(times.not_yet(now)),
            Self::Complete { key, by, status, ttl } => {
                let query = by_owner(statements::COMPLETE, key, by, now.millis());
                query.bind(i64::from(*status)).bind(now.after(*ttl))
            }
            Self::Release { key, by } => by_owner(statements::RELEASE, key, by, now.millis()),
            Self::Renew { key, by, lease } => {
                by_owner(statements::RENEW, key, by, now.millis()).bind(now.after(*lease))
            }
            Self::Forget { key } => about(statements::FORGET, key).bind(now.millis()),
        }
    }
}

fn about(sql: &'static str, key: &Key) -> Query {
    sqlx::query(sql).bind(key.as_bytes().as_slice())
}

/// A statement about the record that a token holds.
fn by_owner(sql: &'static str, key: &Key, by: &Token, now: i64) -> Query {
    about(sql, key).bind(by.as_bytes().as_slice()).bind(now)
}
