//! Simultaneous copies of one event, at one layer.

use std::time::Duration;

use tokio::task::JoinSet;
use tower_webhooks::providers::GITHUB;
use tower_webhooks::store::{
    IdempotencyStore, MemoryStore, PostgresStore, RedisStore, SqliteStore,
};

use crate::short_or_long;
use crate::support::layer::{Handler, builder, deliver, github};
use crate::support::postgres::PostgresServer;
use crate::support::redis::RedisServer;

/// No store is so slow that anything fails here.
const PATIENCE: Duration = Duration::from_secs(60);

async fn copies_run_once(store: impl IdempotencyStore, copies: usize, events: usize) {
    let layer = builder(&GITHUB)
        .store(store)
        .store_timeout(PATIENCE)
        .handler_timeout(PATIENCE)
        .max_runs(copies)
        .build()
        .unwrap();
    for event in 0..events {
        let (handler, mut senders) = (Handler::ok(), JoinSet::new());
        for _ in 0..copies {
            let (layer, handler) = (layer.clone(), handler.clone());
            let request = github(format!("event-{event}"));
            senders.spawn(async move { deliver(&layer, &handler, request).await.status() });
        }
        let statuses = senders.join_all().await;
        assert!(statuses.iter().all(|status| matches!(status, 200 | 503)), "{statuses:?}");
        assert!(statuses.contains(&200), "event {event}: nobody ran");
        assert_eq!(handler.attempts(), [1], "event {event}");
        deliver(&layer, &handler, github(format!("event-{event}"))).await.acknowledges();
        assert_eq!(handler.runs(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_copies_run_once_in_memory() {
    copies_run_once(MemoryStore::new(), 1_000, short_or_long(10, 200)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_copies_run_once_in_redis() {
    let server = RedisServer::start();
    let store = RedisStore::builder().response_timeout(PATIENCE);
    let store = store.connect(&server.url()).await.unwrap();
    copies_run_once(store, 1_000, short_or_long(10, 200)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_run_once_in_postgres() {
    let store = PostgresStore::connect(&PostgresServer::shared().database().await).await.unwrap();
    copies_run_once(store, 64, short_or_long(30, 1_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_run_once_in_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::builder(directory.path().join("claims.db")).busy_timeout(PATIENCE);
    copies_run_once(store.open().await.unwrap(), 64, short_or_long(30, 1_000)).await;
}
