//! Stores that have no room.

use std::time::{Duration, SystemTime};

use tower_webhooks::RejectionKind::StoreUnavailable;
use tower_webhooks::providers::GITHUB;
use tower_webhooks::store::{IdempotencyStore, RedisStore, SqliteStore};
use tower_webhooks::testing::ManualClock;

use crate::support::layer::{Handler, builder, deliver, github};
use crate::support::redis::RedisServer;

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_full_redis_refuses_new_events_until_there_is_room() {
    let server = RedisServer::start_bounded("4mb", "noeviction");
    let store = RedisStore::builder().response_timeout(PATIENCE);
    let store = store.connect(&server.url()).await.unwrap();
    let layer = builder(&GITHUB).store(store).store_timeout(PATIENCE).build().unwrap();
    let handler = Handler::ok();
    deliver(&layer, &handler, github("old")).await.is_the_handlers(200);
    server.ask::<()>(&["SETRANGE", "filler", "8000000", "x"]);
    for _ in 0..10 {
        deliver(&layer, &handler, github("new")).await.refuses(StoreUnavailable, 503, Some(5));
    }
    // What needs no room goes on, and that it is full is no reason to leave it alone.
    deliver(&layer, &handler, github("old")).await.acknowledges();
    assert_eq!(handler.runs(), 1);
    server.ask::<()>(&["DEL", "filler"]);
    deliver(&layer, &handler, github("new")).await.is_the_handlers(200);
    deliver(&layer, &handler, github("new")).await.acknowledges();
    assert_eq!(handler.runs(), 2);
}

#[tokio::test]
async fn a_full_file_refuses_new_events_until_records_expire() {
    let directory = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(SystemTime::now());
    let store = SqliteStore::builder(directory.path().join("claims.db"))
        .max_file_size(64 * 1024)
        .sweep_every(Duration::MAX)
        .busy_timeout(PATIENCE)
        .clock(clock.clone());
    let store = store.open().await.unwrap();
    let retention = Duration::from_secs(3_600);
    let layer = builder(&GITHUB).store(store.clone()).store_timeout(PATIENCE);
    let layer = layer.retention(retention).build().unwrap();
    let handler = Handler::ok();
    let mut events = 0;
    let refused = loop {
        let answer = deliver(&layer, &handler, github(format!("event-{events}"))).await;
        if answer.status() != 200 {
            break answer;
        }
        events += 1;
        assert!(events < 10_000, "it never is full");
    };
    refused.refuses(StoreUnavailable, 503, Some(5));
    assert_eq!(handler.runs(), events);
    deliver(&layer, &handler, github("event-0")).await.acknowledges();

    clock.advance(retention + Duration::from_secs(1));
    assert!(store.sweep(1_000).await.unwrap() > 0);
    let next = || github(format!("event-{events}"));
    deliver(&layer, &handler, next()).await.is_the_handlers(200);
    deliver(&layer, &handler, next()).await.acknowledges();
}
