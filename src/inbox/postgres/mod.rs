//! An inbox in a PostgreSQL database. Times are the server's.

mod statements;

pub use statements::POSTGRES_SCHEMA;

use std::time::Duration;

use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgRow};
use tokio::sync::OnceCell;

use super::backend::{
    Backend, Batch, InboxStore, PUT_TRIES, Put, Take, VANISHED, corrupt, held, millis,
};
use super::operator::{Counts, DeadEvent};
use super::row;
use crate::event::Stored;
use crate::store::erased::Answer;
use crate::store::postgres::{Remedy, remedy, store_error as failed};
use crate::store::{Held, Key, PostgresStore, StoreError, Token};
use statements::{
    BURY, COUNTS, DEAD, DONE, FORGET, GIVE_BACK, IS_DONE, KNOWN, PUT, REPLAY, RETRY, SWEEP, TAKE,
};

type Query = sqlx::query::Query<'static, Postgres, PgArguments>;

/// How often a statement is repeated because another transaction came first, or because its
/// connection turned out to be broken.
const REPEATS: u32 = 3;

#[derive(Debug)]
struct PostgresInbox {
    store: PostgresStore,
    table: OnceCell<()>,
}

/// The database of a store is that of its inbox as well.
impl From<PostgresStore> for InboxStore {
    fn from(store: PostgresStore) -> Self {
        Self::new(PostgresInbox { store, table: OnceCell::new() })
    }
}

impl PostgresInbox {
    async fn create_table(&self) -> Result<(), StoreError> {
        let schema = sqlx::raw_sql(POSTGRES_SCHEMA).execute(self.store.pool());
        schema.await.map(|_| ()).map_err(failed)
    }

    /// The rows of a statement, which is repeated where that is of use. Repeating is safe: what a
    /// lost answer has done is found done, and what a lost call took is left to its lease.
    async fn rows(&self, query: impl Fn() -> Query) -> Result<Vec<PgRow>, StoreError> {
        self.table.get_or_try_init(|| self.create_table()).await?;
        let mut repeats = 0_u32;
        loop {
            // To the end: a commit that fails says so behind the last row.
            let error = match query().fetch_all(self.store.pool()).await {
                Ok(rows) => return Ok(rows),
                Err(error) => error,
            };
            let may_help = matches!(remedy(&error), Remedy::Repeat | Remedy::Reconnect);
            if !may_help || repeats >= REPEATS {
                return Err(failed(error));
            }
            repeats = repeats.saturating_add(1);
        }
    }

    /// Whether a statement changed a row.
    async fn changes(&self, query: impl Fn() -> Query) -> Result<u64, StoreError> {
        self.table.get_or_try_init(|| self.create_table()).await?;
        let mut repeats = 0_u32;
        loop {
            let error = match query().execute(self.store.pool()).await {
                Ok(changed) => return Ok(changed.rows_affected()),
                Err(error) => error,
            };
            let may_help = matches!(remedy(&error), Remedy::Repeat | Remedy::Reconnect);
            if !may_help || repeats >= REPEATS {
                return Err(failed(error));
            }
            repeats = repeats.saturating_add(1);
        }
    }
}

impl Backend for PostgresInbox {
    fn migrate(&self) -> Answer<'_, ()> {
        Box::pin(async move { self.table.get_or_try_init(|| self.create_table()).await.copied() })
    }

    fn put<'a>(&'a self, endpoint: &'a str, event: &'a Stored) -> Answer<'a, Put> {
        Box::pin(async move {
            for _ in 0..PUT_TRIES {
                if !self.rows(|| put_query(endpoint, event)).await?.is_empty() {
                    return Ok(Put::New);
                }
                let fingerprint = &event.fingerprint.as_bytes()[..];
                let query = || named(KNOWN, &event.key).bind(fingerprint);
                if let Some(known) = row::known(self.rows(query).await?.first())? {
                    return Ok(known);
                }
            }
            Err(corrupt("an event is neither new nor known"))
        })
    }

    fn take<'a>(&'a self, take: Take<'a>) -> Answer<'a, Batch> {
        Box::pin(async move {
            let query = || {
                sqlx::query(TAKE)
                    .bind(take.endpoint)
                    .bind(&take.owner.as_bytes()[..])
                    .bind(millis(take.lease))
                    .bind(i64::from(take.limit))
                    .bind(i64::from(take.max_attempts))
                    .bind(VANISHED)
            };
            Ok(row::batch(&self.rows(query).await?))
        })
    }

    fn give_back<'a>(&'a self, endpoint: &'a str, owner: &'a Token) -> Answer<'a, ()> {
        Box::pin(async move {
            let owner = &owner.as_bytes()[..];
            let query = || sqlx::query(GIVE_BACK).bind(endpoint).bind(owner);
            self.changes(query).await.map(|_| ())
        })
    }

    fn done<'a>(&'a self, key: &'a Key, by: &'a Token, retention: Duration) -> Answer<'a, Held> {
        Box::pin(async move {
            self.changes(|| owned(DONE, key, by).bind(millis(retention))).await.map(held)
        })
    }

    fn is_done<'a>(&'a self, key: &'a Key, by: &'a Token) -> Answer<'a, bool> {
        Box::pin(async move { Ok(!self.rows(|| owned(IS_DONE, key, by)).await?.is_empty()) })
    }

    fn retry<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        delay: Duration,
        error: &'a str,
    ) -> Answer<'a, Held> {
        Box::pin(async move {
            let query = || owned(RETRY, key, by).bind(millis(delay)).bind(error);
            self.changes(query).await.map(held)
        })
    }

    fn bury<'a>(&'a self, key: &'a Key, by: &'a Token, error: &'a str) -> Answer<'a, Held> {
        Box::pin(async move { self.changes(|| owned(BURY, key, by).bind(error)).await.map(held) })
    }

    fn sweep<'a>(&'a self, endpoint: &'a str, limit: u32) -> Answer<'a, u64> {
        Box::pin(async move {
            self.changes(|| sqlx::query(SWEEP).bind(endpoint).bind(i64::from(limit))).await
        })
    }

    fn dead<'a>(&'a self, endpoint: &'a str, limit: u32) -> Answer<'a, Vec<DeadEvent>> {
        Box::pin(async move {
            let query = || sqlx::query(DEAD).bind(endpoint).bind(i64::from(limit));
            self.rows(query).await?.iter().map(row::dead).collect()
        })
    }

    fn replay<'a>(&'a self, key: &'a Key) -> Answer<'a, bool> {
        Box::pin(async move { Ok(self.changes(|| named(REPLAY, key)).await? > 0) })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> Answer<'a, bool> {
        Box::pin(async move { Ok(self.changes(|| named(FORGET, key)).await? > 0) })
    }

    fn counts<'a>(&'a self, endpoint: &'a str) -> Answer<'a, Counts> {
        Box::pin(
            async move { row::counts(&self.rows(|| sqlx::query(COUNTS).bind(endpoint)).await?) },
        )
    }
}

fn put_query(endpoint: &str, event: &Stored) -> Query {
    let (id, id_signed) = row::parts(&event.id);
    let (kind, kind_signed) = row::parts(&event.kind);
    named(PUT, &event.key)
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
}

/// A statement whose first parameter is the key.
fn named(statement: &'static str, key: &Key) -> Query {
    sqlx::query(statement).bind(&key.as_bytes()[..])
}

/// A statement whose first parameters are the key and the owner.
fn owned(statement: &'static str, key: &Key, by: &Token) -> Query {
    named(statement, key).bind(&by.as_bytes()[..])
}
