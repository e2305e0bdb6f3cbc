//! Behind PgBouncer, which gives each transaction another connection to the server.

use std::sync::OnceLock;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;
use tower_webhooks::store::{Held, Outcome, PostgresStore};

use crate::support::pgbouncer::PgBouncer;
use crate::support::postgres::PostgresServer;
use crate::{Setup, claim, claim_as, complete, is_completed, is_new, pool};

fn bouncer() -> &'static PgBouncer {
    static SHARED: OnceLock<PgBouncer> = OnceLock::new();
    SHARED.get_or_init(|| PgBouncer::start(PostgresServer::shared()))
}

/// Many clients on two connections: each event is new once, completed once, then a duplicate.
async fn events_run_once(stores: Vec<PostgresStore>) {
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        for (by, store) in stores.iter().cloned().enumerate() {
            tasks.spawn(async move {
                let by = number + 1_000 * u64::try_from(by).unwrap();
                (number, by, claim_as(&store, number, by).await.unwrap(), store)
            });
        }
    }
    let mut new = [0; 40];
    while let Some(joined) = tasks.join_next().await {
        let (number, by, outcome, store) = joined.unwrap();
        match outcome {
            Outcome::New { attempt: 1, .. } => {
                new[usize::try_from(number).unwrap()] += 1;
                let (key, token) = (crate::key(number), crate::token(by));
                let held = tower_webhooks::store::IdempotencyStore::complete(
                    &store,
                    &key,
                    &token,
                    &crate::DONE,
                    crate::TTL,
                );
                assert_eq!(held.await.unwrap(), Held::Held);
            }
            Outcome::InFlight { .. } | Outcome::Completed { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(new, [1; 40]);
    for number in 0..40 {
        assert!(is_completed(&claim_as(&stores[0], number, 9_999).await.unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_on_the_applications_pool_works_behind_a_proxy_that_pools_transactions() {
    let setup = Setup::new().await;
    let url = bouncer().through(&setup.url);
    let mut stores = Vec::new();
    for _ in 0..4 {
        let pool = pool(&url, 8).await;
        stores.push(PostgresStore::new(pool));
    }
    stores[0].migrate().await.unwrap();
    events_run_once(stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn store_that_was_not_told_notices_the_proxy() {
    let setup = Setup::new().await;
    let url = bouncer().through(&setup.url);
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(PostgresStore::builder(pool(&url, 8).await).dedicated_pool().build());
    }
    events_run_once(stores.clone()).await;
    let noticed = |store: &PostgresStore| format!("{store:?}").contains("as_text: true");
    assert!(stores.iter().any(noticed), "{stores:?}");
}

#[tokio::test]
async fn statement_that_somebody_removed_is_sent_as_text_from_then_on() {
    let setup = Setup::new().await;
    let pool = pool(&setup.url, 1).await;
    let store = PostgresStore::builder(pool.clone()).dedicated_pool().build();
    assert!(is_new(&claim(&store, 1).await.unwrap()));
    crate::sql(&pool, "DEALLOCATE ALL").await;
    assert!(is_new(&claim(&store, 2).await.unwrap()));
    assert!(format!("{store:?}").contains("as_text: true"));
    assert_eq!(complete(&store, 2).await.unwrap(), Held::Held);
}

#[tokio::test]
async fn pool_without_prepared_statements_has_none_prepared() {
    let setup = Setup::new().await;
    let options = setup.url.parse::<PgConnectOptions>().unwrap().statement_cache_capacity(0);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let store = PostgresStore::builder(pool.clone()).dedicated_pool().build();
    for number in 0..5 {
        assert!(is_new(&claim(&store, number).await.unwrap()));
        assert_eq!(complete(&store, number).await.unwrap(), Held::Held);
    }
    assert!(format!("{store:?}").contains("as_text: true"));
    let prepared = sqlx::raw_sql("SELECT name FROM pg_prepared_statements").fetch_all(&pool).await;
    assert!(prepared.unwrap().len() <= 1, "only until it was noticed");
}

/// What a proxy may do: our statement's name is that of another, which takes the same parameters.
#[tokio::test]
async fn answer_of_another_statement_is_not_taken_for_ours() {
    let setup = Setup::new().await;
    let pool = pool(&setup.url, 1).await;
    let store = PostgresStore::builder(pool.clone()).dedicated_pool().build();
    assert!(is_new(&claim(&store, 1).await.unwrap()));
    crate::sql(
        &pool,
        "DEALLOCATE ALL; PREPARE sqlx_s_1 (bytea, bytea, bigint, bigint, bytea) AS \
         SELECT '0 1 7 1 - 1 9'::text WHERE $1 <> $2 AND $3 + $4 > 0 AND $5 <> ''",
    )
    .await;
    assert!(!is_new(&claim_as(&store, 1, 2).await.unwrap()), "it is in flight");
    assert!(format!("{store:?}").contains("as_text: true"));
}
