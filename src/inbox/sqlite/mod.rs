//! An inbox in a file. Times are milliseconds since 1970, of the host's clock.

mod statements;

pub use statements::SQLITE_SCHEMA;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sqlx::Sqlite;
use sqlx::sqlite::{SqliteArguments, SqlitePool};

use super::backend::{
    Backend, Batch, InboxStore, PUT_TRIES, Put, Take, VANISHED, corrupt, failed, held, millis,
};
use super::operator::{Counts, DeadEvent};
use super::row;
use crate::clock::Clock;
use crate::event::Stored;
use crate::store::erased::Answer;
use crate::store::{Held, Key, StoreError, Token};
use statements::{
    BURY, COUNTS, DEAD, DONE, FORGET, GIVE_BACK, IS_DONE, KNOWN, PUT, REPLAY, RETRY, SWEEP, TAKE,
};

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

struct SqliteInbox {
    pool: SqlitePool,
    clock: Arc<dyn Clock>,
}

impl InboxStore {
    /// Stand-in until the store itself is there.
    #[doc(hidden)]
    pub fn sqlite(pool: SqlitePool, clock: Arc<dyn Clock>) -> Self {
        Self::new(SqliteInbox { pool, clock })
    }
}

impl SqliteInbox {
    /// Milliseconds since 1970.
    fn now(&self) -> i64 {
        let since = self.clock.now().duration_since(SystemTime::UNIX_EPOCH);
        millis(since.unwrap_or_default())
    }

    fn put_query(&self, endpoint: &str, event: &Stored) -> Query {
        let (id, id_signed) =
            event.id.as_ref().map_or((None, false), |(id, signed)| (Some(&**id), *signed));
        let (kind, kind_signed) =
            event.kind.as_ref().map_or((None, false), |(kind, signed)| (Some(&**kind), *signed));
        sqlx::query(PUT)
            .bind(&event.key.as_bytes()[..])
            .bind(endpoint)
            .bind(&*event.provider)
            .bind(&*event.principal)
            .bind(&*event.key_label)
            .bind(id)
            .bind(id_signed)
            .bind(kind)
            .bind(kind_signed)
            .bind(event.time)
            .bind(event.assurance.to_stored())
            .bind(&event.fingerprint.as_bytes()[..])
            .bind(&event.body[..])
            .bind(self.now())
    }

    async fn change(&self, query: Query) -> Result<u64, StoreError> {
        Ok(query.execute(&self.pool).await.map_err(failed)?.rows_affected())
    }
}

impl Backend for SqliteInbox {
    fn put<'a>(&'a self, endpoint: &'a str, event: &'a Stored) -> Answer<'a, Put> {
        Box::pin(async move {
            for _ in 0..PUT_TRIES {
                let new = self.put_query(endpoint, event).fetch_optional(&self.pool);
                if new.await.map_err(failed)?.is_some() {
                    return Ok(Put::New);
                }
                let query = named(KNOWN, &event.key).bind(&event.fingerprint.as_bytes()[..]);
                let row = query.fetch_optional(&self.pool).await.map_err(failed)?;
                if let Some(known) = row::known(row.as_ref())? {
                    return Ok(known);
                }
            }
            Err(corrupt("an event is neither new nor known"))
        })
    }

    fn take<'a>(&'a self, take: Take<'a>) -> Answer<'a, Batch> {
        Box::pin(async move {
            let query = sqlx::query(TAKE)
                .bind(take.endpoint)
                .bind(&take.owner.as_bytes()[..])
                .bind(self.now())
                .bind(millis(take.lease))
                .bind(take.limit)
                .bind(take.max_attempts)
                .bind(VANISHED);
            Ok(row::batch(&query.fetch_all(&self.pool).await.map_err(failed)?))
        })
    }

    fn give_back<'a>(&'a self, endpoint: &'a str, owner: &'a Token) -> Answer<'a, ()> {
        Box::pin(async move {
            let query = sqlx::query(GIVE_BACK).bind(endpoint).bind(&owner.as_bytes()[..]);
            self.change(query.bind(self.now())).await.map(|_| ())
        })
    }

    fn done<'a>(&'a self, key: &'a Key, by: &'a Token, retention: Duration) -> Answer<'a, Held> {
        Box::pin(async move {
            let query = owned(DONE, key, by).bind(self.now()).bind(millis(retention));
            self.change(query).await.map(held)
        })
    }

    fn is_done<'a>(&'a self, key: &'a Key, by: &'a Token) -> Answer<'a, bool> {
        Box::pin(async move {
            let row = owned(IS_DONE, key, by).fetch_optional(&self.pool).await;
            Ok(row.map_err(failed)?.is_some())
        })
    }

    fn retry<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        delay: Duration,
        error: &'a str,
    ) -> Answer<'a, Held> {
        Box::pin(async move {
            let query = owned(RETRY, key, by).bind(self.now()).bind(millis(delay)).bind(error);
            self.change(query).await.map(held)
        })
    }

    fn bury<'a>(&'a self, key: &'a Key, by: &'a Token, error: &'a str) -> Answer<'a, Held> {
        Box::pin(async move { self.change(owned(BURY, key, by).bind(error)).await.map(held) })
    }

    fn sweep<'a>(&'a self, endpoint: &'a str, limit: u32) -> Answer<'a, u64> {
        Box::pin(async move {
            self.change(sqlx::query(SWEEP).bind(endpoint).bind(self.now()).bind(limit)).await
        })
    }

    fn dead<'a>(&'a self, endpoint: &'a str, limit: u32) -> Answer<'a, Vec<DeadEvent>> {
        Box::pin(async move {
            let query = sqlx::query(DEAD).bind(endpoint).bind(limit);
            query.fetch_all(&self.pool).await.map_err(failed)?.iter().map(row::dead).collect()
        })
    }

    fn replay<'a>(&'a self, key: &'a Key) -> Answer<'a, bool> {
        Box::pin(async move { Ok(self.change(named(REPLAY, key).bind(self.now())).await? > 0) })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> Answer<'a, bool> {
        Box::pin(async move { Ok(self.change(named(FORGET, key)).await? > 0) })
    }

    fn counts<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Counts> {
        Box::pin(async move {
            let query = sqlx::query(COUNTS).bind(endpoint);
            row::counts(&query.fetch_all(&self.pool).await.map_err(failed)?)
        })
    }
}

/// A statement whose first parameter is the key.
fn named(statement: &'static str, key: &Key) -> Query {
    sqlx::query(statement).bind(&key.as_bytes()[..])
}

/// A statement whose first parameters are the key and the owner.
fn owned(statement: &'static str, key: &Key, by: &Token) -> Query {
    named(statement, key).bind(&by.as_bytes()[..])
}

impl fmt::Debug for SqliteInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteInbox").finish_non_exhaustive()
    }
}
