//! An inbox in a file. Times are milliseconds since 1970, of the host's clock.

mod statements;

pub use statements::SQLITE_SCHEMA;

use std::time::Duration;

use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Connection, Row, Sqlite};
use tokio::sync::OnceCell;

use super::backend::{
    Backend, Batch, Counts, DeadEvent, InboxStore, PUT_TRIES, Put, Take, VANISHED, corrupt, held,
};
use super::row;
use crate::event::Stored;
use crate::store::erased::StoreFuture;
use crate::store::sqlite::{Living, store_error as failed};
use crate::store::{
    Endpoints, Held, IdempotencyStore, Key, SqliteStore, StoreError, StoreErrorKind, Token,
};
use statements::{
    BEGIN, BURY, COUNTS, DEAD, DONE, FORGET, GIVE_BACK, IS_DONE, KNOWN, KNOWN_VERSION, PUT, REPLAY,
    RETRY, SWEEP, TAKE, VERSION,
};

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

#[derive(Debug)]
struct SqliteInbox {
    store: SqliteStore,
    table: OnceCell<()>,
    living: Living,
}

/// The file of a store is that of its inbox as well.
impl From<SqliteStore> for InboxStore {
    fn from(store: SqliteStore) -> Self {
        let living = store.living();
        Self::new(SqliteInbox { store, table: OnceCell::new(), living })
    }
}

impl SqliteInbox {
    /// Creates the table where it is missing. Where it is not, nothing is written.
    async fn create_table(&self) -> Result<(), StoreError> {
        let mut connection = self.store.pool().acquire().await.map_err(failed)?;
        let version = |rows: Vec<SqliteRow>| rows.first().map(|row| row.try_get(0)).transpose();
        let rows = sqlx::query(VERSION).fetch_all(&mut *connection).await.map_err(failed)?;
        match version(rows).map_err(failed)? {
            None => {
                // If this fails because the disk is full, SQLite has rolled it back by itself, and
                // the driver does not know: the pool then closes the connection.
                let transaction = connection.begin_with("BEGIN IMMEDIATE").await;
                let mut transaction = transaction.map_err(failed)?;
                let schema = sqlx::raw_sql(SQLITE_SCHEMA).execute(&mut *transaction).await;
                schema.map_err(failed)?;
                transaction.commit().await.map_err(failed)
            }
            Some(version) if version > KNOWN_VERSION => Err(newer(version)),
            Some(_) => Ok(()),
        }
    }

    /// Runs a statement to its end. Asking for one row only would leave the commit to the clean-up
    /// after it, where nobody hears that it failed.
    async fn rows(&self, query: Query) -> Result<Vec<SqliteRow>, StoreError> {
        self.table.get_or_try_init(|| self.create_table()).await?;
        query.fetch_all(self.store.pool()).await.map_err(failed)
    }

    /// How many rows a statement changed.
    async fn change(&self, query: Query) -> Result<u64, StoreError> {
        self.table.get_or_try_init(|| self.create_table()).await?;
        let changed = query.execute(self.store.pool()).await.map_err(failed)?;
        Ok(changed.rows_affected())
    }

    fn now(&self) -> i64 {
        self.store.now_and_after(Duration::ZERO).0
    }

    /// The end of a run, however its record came out.
    async fn end(&self, query: Query, key: &Key, by: &Token) -> Result<Held, StoreError> {
        let changed = self.change(query).await?;
        self.living.end(key, by);
        Ok(held(changed))
    }

    fn put_query(&self, endpoint: &str, event: &Stored) -> Query {
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
            .bind(self.now())
    }
}

impl Backend for SqliteInbox {
    fn migrate(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.table.get_or_try_init(|| self.create_table()).await.copied() })
    }

    fn put<'a>(&'a self, endpoint: &'a str, event: &'a Stored) -> StoreFuture<'a, Put> {
        Box::pin(async move {
            for _ in 0..PUT_TRIES {
                if !self.rows(self.put_query(endpoint, event)).await?.is_empty() {
                    return Ok(Put::New);
                }
                let query = named(KNOWN, &event.key).bind(&event.fingerprint.as_bytes()[..]);
                if let Some(known) = row::known(self.rows(query).await?.first())? {
                    return Ok(known);
                }
            }
            Err(corrupt("an event is neither new nor known"))
        })
    }

    fn take<'a>(&'a self, take: Take<'a>) -> StoreFuture<'a, Batch> {
        Box::pin(async move {
            let (now, lease_end) = self.store.now_and_after(take.lease);
            let query = sqlx::query(TAKE)
                .bind(take.endpoint)
                .bind(&take.owner.as_bytes()[..])
                .bind(now)
                .bind(lease_end)
                .bind(take.limit)
                .bind(take.max_attempts)
                .bind(VANISHED)
                .bind(self.store.next_fence())
                .bind(self.living.owners())
                .bind(self.store.not_yet());
            let batch = row::batch(&self.rows(query).await?);
            for taken in &batch.taken {
                self.living.begin(taken.key, *take.owner, take.lease);
            }
            Ok(batch)
        })
    }

    fn begin<'a>(&'a self, owner: &'a Token, keys: &'a [Key]) -> StoreFuture<'a, Vec<Key>> {
        Box::pin(async move {
            let query = sqlx::query(BEGIN).bind(&owner.as_bytes()[..]).bind(row::joined(keys));
            Ok(row::keys(&self.rows(query).await?))
        })
    }

    fn give_back<'a>(&'a self, endpoint: &'a str, owner: &'a Token) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let query = sqlx::query(GIVE_BACK).bind(endpoint).bind(&owner.as_bytes()[..]);
            self.change(query.bind(self.now())).await.map(|_| ())
        })
    }

    fn done<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        retention: Duration,
    ) -> StoreFuture<'a, Held> {
        Box::pin(async move {
            let (now, expires_at) = self.store.now_and_after(retention);
            self.end(owned(DONE, key, by).bind(now).bind(expires_at), key, by).await
        })
    }

    fn is_done<'a>(&'a self, key: &'a Key, by: &'a Token) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(!self.rows(owned(IS_DONE, key, by)).await?.is_empty()) })
    }

    fn retry<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        delay: Duration,
        error: &'a str,
    ) -> StoreFuture<'a, Held> {
        Box::pin(async move {
            let (now, next_at) = self.store.now_and_after(delay);
            let query = owned(RETRY, key, by).bind(next_at).bind(error).bind(now);
            self.end(query, key, by).await
        })
    }

    fn bury<'a>(&'a self, key: &'a Key, by: &'a Token, error: &'a str) -> StoreFuture<'a, Held> {
        Box::pin(async move { self.end(owned(BURY, key, by).bind(error), key, by).await })
    }

    fn sweep<'a>(&'a self, endpoint: &'a str, limit: u32) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            self.change(sqlx::query(SWEEP).bind(endpoint).bind(self.now()).bind(limit)).await
        })
    }

    fn dead<'a>(&'a self, endpoint: &'a str, limit: u32) -> StoreFuture<'a, Vec<DeadEvent>> {
        Box::pin(async move {
            let query = sqlx::query(DEAD).bind(endpoint).bind(limit);
            self.rows(query).await?.iter().map(row::dead).collect()
        })
    }

    fn replay<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let owner = self.living.owner(key);
            let query = named(REPLAY, key)
                .bind(self.now())
                .bind(owner.as_ref().map(|owner| &owner.as_bytes()[..]))
                .bind(self.store.not_yet());
            Ok(self.change(query).await? > 0)
        })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let known = self.change(named(FORGET, key)).await? > 0;
            self.living.forget(key);
            Ok(known)
        })
    }

    fn counts<'a>(&'a self, endpoint: &'a str) -> StoreFuture<'a, Counts> {
        Box::pin(async move {
            let query = sqlx::query(COUNTS).bind(endpoint);
            row::counts(&self.rows(query).await?)
        })
    }

    fn endpoints(&self) -> &Endpoints {
        self.store.endpoints()
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

/// A table that a later release has made.
fn newer(version: i64) -> StoreError {
    let advice = format!(
        "the table webhook_inbox has version {version}, made by a later release of \
         tower-webhooks; update this program"
    );
    StoreError::with_source(StoreErrorKind::Unavailable, advice)
}
