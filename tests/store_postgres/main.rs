//! `PostgresStore` against a real server.
#![cfg(all(feature = "store-postgres", feature = "testing"))]

mod concurrency;
mod contract;
mod errors;
mod failures;
mod proxies;
mod round_trips;
mod schema;
mod size;
#[path = "../support/store_model.rs"]
mod store_model;
#[path = "../support"]
#[allow(dead_code, unreachable_pub, reason = "other tests use the rest of it")]
mod support {
    pub mod leash;
    pub mod pgbouncer;
    pub mod postgres;
    pub mod proxy;
    pub mod random;
}

use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use support::postgres::PostgresServer;
use tower_webhooks::store::{
    Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, PostgresStore,
    StoreError, Token,
};
use tower_webhooks::testing::StoreTime;

const LEASE: Duration = Duration::from_secs(60);
const TTL: Duration = Duration::from_secs(86_400);
const DONE: Completion = Completion::new(204);
const BODY: Fingerprint = Fingerprint::from_bytes([3; 32]);

/// A store in a new database of the shared server.
struct Setup {
    url: String,
    pool: PgPool,
    store: PostgresStore,
}

impl Setup {
    async fn new() -> Self {
        let setup = Self::without_table().await;
        setup.store.migrate().await.unwrap();
        setup
    }

    async fn without_table() -> Self {
        let url = PostgresServer::shared().database().await;
        let pool = pool(&url, 10).await;
        Self { store: PostgresStore::new(pool.clone()), pool, url }
    }

    async fn sql(&self, text: &str) {
        sql(&self.pool, text).await;
    }
}

/// A pool as an application would make it, with sqlx's defaults.
async fn pool(url: &str, connections: u32) -> PgPool {
    PgPoolOptions::new().max_connections(connections).connect(url).await.unwrap()
}

async fn sql(pool: &PgPool, text: &str) {
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(pool).await.unwrap();
}

/// The clock is moved by ageing the records, since a server's clock cannot be set.
struct Ageing(PgPool);

impl StoreTime for Ageing {
    fn unit(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn pass(&self, by: Duration) {
        let by = format!("interval '{} microseconds'", by.as_micros());
        let update = format!(
            "UPDATE webhook_claims SET lease_until = lease_until - {by}, expires_at = expires_at - {by}"
        );
        sql(&self.0, &update).await;
    }
}

fn key(number: u64) -> Key {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Key::from_bytes(bytes)
}

fn token(number: u64) -> Token {
    let mut bytes = [9; 16];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Token::from_bytes(bytes)
}

/// Claims a key, for a token of the same number.
async fn claim(store: &PostgresStore, number: u64) -> Result<Outcome, StoreError> {
    claim_as(store, number, number).await
}

async fn claim_as(store: &PostgresStore, number: u64, by: u64) -> Result<Outcome, StoreError> {
    store.claim(&Claim::new(&key(number), &token(by), &BODY, LEASE, TTL)).await
}

async fn complete(store: &PostgresStore, number: u64) -> Result<Held, StoreError> {
    store.complete(&key(number), &token(number), &DONE, TTL).await
}

fn is_new(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::New { .. })
}

fn is_completed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Completed { record, .. } if *record == DONE)
}

/// All that an error says, its causes and its `Debug` included.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error}; {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!("; {error}");
        cause = error.source();
    }
    text
}
