//! Servers, networks and records that fail.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::timeout;
use tower_webhooks::store::{Held, IdempotencyStore, Outcome, PostgresStore, StoreErrorKind};

use crate::round_trips::{proxied, settled};
use crate::support::postgres::PostgresServer;
use crate::support::proxy::Fault;
use crate::{Setup, claim, claim_as, complete, is_completed, is_new, key, pool, sql, told};

#[tokio::test(flavor = "multi_thread")]
async fn answered_claims_survive_a_killed_server_and_the_store_reconnects() {
    let mut server = PostgresServer::start();
    // With the setting that loses the last commits of whoever does not mind.
    let alter = "ALTER DATABASE postgres SET synchronous_commit = off";
    sql(&pool(&server.url(), 1).await, alter).await;
    let pool = pool(&server.url(), 10).await;
    let store = PostgresStore::new(pool.clone());
    store.migrate().await.unwrap();
    let claims = (0..20).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            assert!(is_new(&claim(&store, number).await.unwrap()));
            if number % 2 == 0 {
                assert_eq!(complete(&store, number).await.unwrap(), Held::Held);
            }
        })
    });
    for claim in claims.collect::<Vec<_>>() {
        claim.await.unwrap();
    }
    server.kill();
    server.restart();
    // Every idle connection is dead; nobody notices.
    for number in 0..20 {
        let outcome = claim_as(&store, number, 100).await.unwrap();
        assert_eq!(is_completed(&outcome), number % 2 == 0, "{number}: {outcome:?}");
        assert!(!is_new(&outcome));
    }
    assert_eq!(complete(&store, 1).await.unwrap(), Held::Held);
}

#[tokio::test]
async fn server_that_is_gone_is_an_error_within_the_time_of_the_pool() {
    let mut server = PostgresServer::start();
    let options = PgPoolOptions::new().acquire_timeout(Duration::from_millis(500));
    let pool = options.connect(&server.url()).await.unwrap();
    let store = PostgresStore::new(pool);
    store.migrate().await.unwrap();
    server.stop();
    let error = claim(&store, 1).await.unwrap_err();
    let kind = error.kind();
    assert!(matches!(kind, StoreErrorKind::Timeout | StoreErrorKind::Unavailable), "{error:?}");
    server.restart();
    assert!(is_new(&claim(&store, 1).await.unwrap()));
}

#[tokio::test]
async fn idle_connections_that_the_server_ended_are_replaced_unnoticed() {
    let setup = Setup::new().await;
    let tests = PgPoolOptions::new().max_connections(5).test_before_acquire(false);
    let untested = tests.connect(&setup.url).await.unwrap();
    let observer = pool(&setup.url, 1).await;
    for (round, store) in
        [PostgresStore::new(untested), setup.store.clone()].into_iter().enumerate()
    {
        let number = |of: usize| u64::try_from(round * 10 + of).unwrap();
        let (one, two, three) = tokio::join!(
            claim(&store, number(1)),
            claim(&store, number(2)),
            claim(&store, number(3))
        );
        assert!([one, two, three].iter().all(|outcome| is_new(outcome.as_ref().unwrap())));
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sql(&observer, end).await;
        assert!(is_new(&claim(&store, number(4)).await.unwrap()));
        assert_eq!(complete(&store, number(4)).await.unwrap(), Held::Held);
    }
}

#[tokio::test]
async fn calls_that_were_given_up_do_not_use_up_the_pool() {
    let setup = Setup::new().await;
    let (proxy, url) = proxied(&setup).await;
    let pool = pool(&url, 2).await;
    let store = PostgresStore::new(pool.clone());
    assert!(is_new(&claim(&store, 1).await.unwrap()));
    settled().await;
    proxy.set(Fault::BlackHole);
    for _ in 0..6 {
        let given_up = timeout(Duration::from_millis(50), claim(&store, 2)).await;
        assert!(given_up.is_err(), "nothing comes back");
    }
    let started = Instant::now();
    while pool.size() > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "{} are kept", pool.size());
        settled().await;
    }
    proxy.set(Fault::None);
    assert!(is_new(&claim(&store, 2).await.unwrap()));
    assert_eq!(complete(&store, 2).await.unwrap(), Held::Held);
}

#[tokio::test]
async fn claim_whose_answer_was_lost_is_repeated_and_is_new() {
    let setup = Setup::new().await;
    let (proxy, url) = proxied(&setup).await;
    let pool = pool(&url, 1).await;
    let store = PostgresStore::new(pool);
    assert!(is_new(&claim(&store, 1).await.unwrap()));
    settled().await;
    proxy.set(Fault::ResetAfter(3));
    let error = timeout(Duration::from_secs(2), claim(&store, 2)).await;
    proxy.set(Fault::None);
    assert!(!matches!(error, Ok(Ok(_))), "{error:?}");
    assert!(is_new(&claim(&store, 2).await.unwrap()), "the token is the same");
    assert!(!is_new(&claim_as(&store, 2, 3).await.unwrap()));
}

#[tokio::test]
async fn record_that_cannot_be_read_is_corrupt() {
    let setup = Setup::new().await;
    for (number, damage) in [
        "state = 7",
        "state = 1, status = NULL",
        "attempts = 0",
        "fence = -1",
        "fence = 9223372036854775807, lease_until = 'epoch'",
        "lease_until = 'infinity'",
    ]
    .into_iter()
    .enumerate()
    {
        let number = u64::try_from(number).unwrap();
        assert!(is_new(&claim(&setup.store, number).await.unwrap()));
        let key = key(number);
        setup.sql(&format!("UPDATE webhook_claims SET {damage} WHERE key = '\\x{key}'")).await;
        let error = claim_as(&setup.store, number, 99).await.expect_err(damage);
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}: {error:?}");
    }
    assert!(is_new(&claim(&setup.store, 99).await.unwrap()), "the connection is as good as before");
}

#[tokio::test]
async fn time_outs_of_the_server_are_time_outs() {
    let setup = Setup::new().await;
    assert!(is_new(&claim(&setup.store, 1).await.unwrap()));
    let mut transaction = setup.pool.begin().await.unwrap();
    let lock = "SELECT FROM webhook_claims FOR UPDATE";
    sqlx::query(lock).execute(&mut *transaction).await.unwrap();
    let name = setup.url.rsplit('/').next().unwrap();
    for setting in ["statement_timeout", "lock_timeout"] {
        setup.sql(&format!("ALTER DATABASE {name} SET {setting} = '50ms'")).await;
        let store = PostgresStore::new(pool(&setup.url, 1).await);
        let error = claim_as(&store, 1, 2).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Timeout, "{setting}: {error:?}");
        setup.sql(&format!("ALTER DATABASE {name} RESET {setting}")).await;
    }
}

#[tokio::test]
async fn pool_without_a_free_connection_is_a_time_out() {
    let setup = Setup::new().await;
    let options = PgPoolOptions::new().max_connections(1);
    let options = options.acquire_timeout(Duration::from_millis(50));
    let pool = options.connect(&setup.url).await.unwrap();
    let held = pool.acquire().await.unwrap();
    let error = claim(&PostgresStore::new(pool), 1).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Timeout, "{error:?}");
    drop(held);
}

#[tokio::test]
async fn passwords_are_in_no_text() {
    let mut texts = Vec::new();
    for url in [
        "postgres://app:hunter2@127.0.0.1:1/app",
        "postgres://app:hunter2@127.0.0.1:notaport/app",
        "postgres://app:hunter2@[::1/app",
        "postgres://app@127.0.0.1:1/app?password=hunter2&sslmode=hunter2",
        "hunter2",
    ] {
        // sqlx asks again for as long as the pool would wait.
        match timeout(Duration::from_millis(300), PostgresStore::connect(url)).await {
            Ok(Ok(store)) => panic!("{store:?}"),
            Ok(Err(error)) => texts.push(told(&error)),
            Err(_) => {}
        }
    }
    let options = PgPoolOptions::new().acquire_timeout(Duration::from_millis(50));
    let pool = options.connect_lazy("postgres://app:hunter2@127.0.0.1:1/app").unwrap();
    let builder = PostgresStore::builder(pool);
    texts.push(format!("{builder:?}"));
    let store = builder.build();
    texts.push(format!("{store:?}"));
    texts.push(told(&claim(&store, 1).await.unwrap_err()));
    assert!(texts.len() >= 6, "{texts:?}");
    assert!(texts.iter().all(|text| !text.contains("hunter2")), "{texts:?}");
}

#[tokio::test]
async fn a_server_that_refuses_connections_is_named_as_the_cause() {
    let url = "postgres://app:hunter2@127.0.0.1:1/app";
    let error = told(&PostgresStore::connect(url).await.unwrap_err());
    assert!(error.contains("Connection refused") && !error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_server_that_was_stopped_is_named_as_the_cause_before_the_layer_gives_up() {
    let mut server = PostgresServer::start();
    let store = PostgresStore::new(pool(&server.url(), 4).await);
    store.migrate().await.unwrap();
    server.stop();
    for number in 0..3 {
        let started = Instant::now();
        let error = timeout(Duration::from_secs(5), claim(&store, number)).await.unwrap();
        let error = error.unwrap_err();
        assert!(told(&error).contains("Connection refused"), "{}", told(&error));
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    }
    server.restart();
    let mut outcome = claim(&store, 9).await;
    for _ in 0..50 {
        if outcome.is_ok() {
            break;
        }
        settled().await;
        outcome = claim(&store, 9).await;
    }
    assert!(is_new(&outcome.unwrap()));
}

#[tokio::test]
async fn expired_records_are_dropped_without_anyone_calling_for_it() {
    let setup = Setup::new().await;
    let interval = Duration::from_millis(20);
    let store = PostgresStore::builder(setup.pool.clone()).sweep_every(interval).build();
    assert!(is_new(&claim(&store, 1).await.unwrap()));
    setup.sql("UPDATE webhook_claims SET expires_at = 'epoch'").await;
    let started = Instant::now();
    let left = "SELECT FROM webhook_claims";
    while sqlx::query(left).fetch_optional(&setup.pool).await.unwrap().is_some() {
        assert!(started.elapsed() < Duration::from_secs(20), "it is never swept");
        tokio::time::sleep(interval).await;
    }
}

/// As the driver leaves a connection whose `begin` was dropped half way.
#[tokio::test]
async fn a_transaction_that_somebody_left_open_swallows_nothing() {
    let setup = Setup::new().await;
    let leave_open = async |pool: &PgPool| {
        let mut connection = pool.acquire().await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut *connection).await.unwrap();
        drop(connection);
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let ours = pool(&setup.url, 1).await;
    let store = PostgresStore::new(ours.clone());
    for number in [0, 1] {
        leave_open(&ours).await;
        assert!(is_new(&claim(&store, number).await.unwrap()));
        let theirs = claim_as(&setup.store, number, 99);
        let theirs = timeout(Duration::from_secs(10), theirs).await.unwrap().unwrap();
        assert!(matches!(theirs, Outcome::InFlight { .. }), "{theirs:?}");
        leave_open(&ours).await;
        assert_eq!(complete(&store, number).await.unwrap(), Held::Held);
        assert!(is_completed(&claim_as(&setup.store, number, 99).await.unwrap()));
        leave_open(&ours).await;
        assert!(store.forget(&key(number)).await.unwrap());
        assert!(is_new(&claim_as(&setup.store, number, 99).await.unwrap()));
    }
}
