//! An inbox in a PostgreSQL database. Times are the server's.

mod statements;

pub use statements::POSTGRES_SCHEMA;

use std::time::Duration;

use sqlx::postgres::PgRow;
use tokio::sync::OnceCell;

use super::backend::{
    Backend, Batch, Counts, DeadEvent, InboxStore, PUT_TRIES, Put, Take, VANISHED, corrupt, held,
};
use super::row;
use crate::event::Stored;
use crate::store::erased::StoreFuture;
use crate::store::postgres::Value::{Boolean, Bytes, Integer, IntegerOrNull, Text, TextOrNull};
use crate::store::postgres::{Statement, Value};
use crate::store::{Endpoints, Held, IdempotencyStore, Key, PostgresStore, StoreError, Token};
use statements::{
    BEGIN, BURY, COUNTS, DEAD, DONE, FORGET, GIVE_BACK, IS_DONE, KNOWN, PUT, REPLAY, RETRY, SWEEP,
    TAKE,
};

#[derive(Debug)]
struct PostgresInbox {
    store: PostgresStore,
    table: OnceCell<()>,
}

/// The database of a store is that of its inbox as well, and what was said of the store's
/// connections, such as
/// [`dedicated_pool`](crate::store::PostgresStoreBuilder::dedicated_pool), holds for both.
impl From<PostgresStore> for InboxStore {
    fn from(store: PostgresStore) -> Self {
        Self::new(PostgresInbox { store, table: OnceCell::new() })
    }
}

impl PostgresInbox {
    async fn ensure_table(&self) -> Result<(), StoreError> {
        self.table.get_or_try_init(|| self.store.apply(POSTGRES_SCHEMA)).await.copied()
    }

    /// The rows of a statement, which may be repeated. That is safe: what a lost answer has done is
    /// found done, and what it took is left to its lease.
    async fn rows(
        &self,
        statement: Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, StoreError> {
        self.ensure_table().await?;
        self.store.rows(statement, values).await
    }

    /// How many rows a statement changed.
    async fn changes(&self, statement: Statement, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let rows = self.rows(statement, values).await?.len();
        Ok(u64::try_from(rows).unwrap_or(u64::MAX))
    }
}

impl Backend for PostgresInbox {
    fn migrate(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.ensure_table())
    }

    fn put<'a>(&'a self, endpoint: &'a str, event: &'a Stored) -> StoreFuture<'a, Put> {
        Box::pin(async move {
            let (id, id_signed) = row::parts(&event.id);
            let (kind, kind_signed) = row::parts(&event.kind);
            let key = Bytes(event.key.as_bytes());
            let fingerprint = Bytes(event.fingerprint.as_bytes());
            let values = [
                key,
                Text(endpoint),
                Text(&event.provider),
                Text(&event.principal),
                Text(&event.key_label),
                TextOrNull(id),
                Boolean(id_signed),
                TextOrNull(kind),
                Boolean(kind_signed),
                IntegerOrNull(event.time),
                Text(event.assurance.to_stored()),
                fingerprint,
                Bytes(&event.body),
            ];
            for _ in 0..PUT_TRIES {
                if !self.rows(PUT, &values).await?.is_empty() {
                    return Ok(Put::New);
                }
                let rows = self.rows(KNOWN, &[key, fingerprint]).await?;
                if let Some(known) = row::known(rows.first())? {
                    return Ok(known);
                }
            }
            Err(corrupt("an event is neither new nor known"))
        })
    }

    fn take<'a>(&'a self, take: Take<'a>) -> StoreFuture<'a, Batch> {
        Box::pin(async move {
            let values = [
                Text(take.endpoint),
                Bytes(take.owner.as_bytes()),
                Integer(millis(take.lease)),
                Integer(take.limit.into()),
                Integer(take.max_attempts.into()),
                Text(VANISHED),
                Integer(take.window.map_or(CENTURY, millis)),
            ];
            Ok(row::batch(&self.rows(TAKE, &values).await?))
        })
    }

    fn begin<'a>(&'a self, owner: &'a Token, keys: &'a [Key]) -> StoreFuture<'a, Vec<Key>> {
        Box::pin(async move {
            let keys = row::joined(keys);
            let rows = self.rows(BEGIN, &[Bytes(owner.as_bytes()), Bytes(&keys)]).await?;
            Ok(row::keys(&rows))
        })
    }

    fn give_back<'a>(&'a self, endpoint: &'a str, owner: &'a Token) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let values = [Text(endpoint), Bytes(owner.as_bytes())];
            self.changes(GIVE_BACK, &values).await.map(|_| ())
        })
    }

    fn done<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        retention: Duration,
    ) -> StoreFuture<'a, Held> {
        Box::pin(async move {
            let [key, owner] = owned(key, by);
            self.changes(DONE, &[key, owner, Integer(millis(retention))]).await.map(held)
        })
    }

    fn is_done<'a>(&'a self, key: &'a Key, by: &'a Token) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.changes(IS_DONE, &owned(key, by)).await? > 0) })
    }

    fn retry<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        delay: Duration,
        error: &'a str,
    ) -> StoreFuture<'a, Held> {
        Box::pin(async move {
            let [key, owner] = owned(key, by);
            let values = [key, owner, Integer(millis(delay)), Text(error)];
            self.changes(RETRY, &values).await.map(held)
        })
    }

    fn bury<'a>(&'a self, key: &'a Key, by: &'a Token, error: &'a str) -> StoreFuture<'a, Held> {
        Box::pin(async move {
            let [key, owner] = owned(key, by);
            self.changes(BURY, &[key, owner, Text(error)]).await.map(held)
        })
    }

    fn sweep<'a>(&'a self, endpoint: &'a str, limit: u32) -> StoreFuture<'a, u64> {
        Box::pin(async move { self.changes(SWEEP, &[Text(endpoint), Integer(limit.into())]).await })
    }

    fn dead<'a>(&'a self, endpoint: &'a str, limit: u32) -> StoreFuture<'a, Vec<DeadEvent>> {
        Box::pin(async move {
            let rows = self.rows(DEAD, &[Text(endpoint), Integer(limit.into())]).await?;
            rows.iter().map(row::dead).collect()
        })
    }

    fn replay<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.changes(REPLAY, &[Bytes(key.as_bytes())]).await? > 0) })
    }

    fn forget<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.changes(FORGET, &[Bytes(key.as_bytes())]).await? > 0) })
    }

    fn counts<'a>(&'a self, endpoint: &'a str) -> StoreFuture<'a, Counts> {
        Box::pin(async move { row::counts(&self.rows(COUNTS, &[Text(endpoint)]).await?) })
    }

    fn endpoints(&self) -> &Endpoints {
        self.store.endpoints()
    }
}

fn owned<'a>(key: &'a Key, by: &'a Token) -> [Value<'a>; 2] {
    [Bytes(key.as_bytes()), Bytes(by.as_bytes())]
}

/// In milliseconds: so long, that no sum with it overflows, is for ever.
const CENTURY: i64 = 100 * 365 * 24 * 60 * 60 * 1000;

/// Whole milliseconds, as statements count, and a century at most.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(CENTURY).min(CENTURY)
}
