//! Claims at the same time.

use sqlx::Row;
use tokio::task::JoinSet;
use tower_webhooks::store::{Held, IdempotencyStore, Outcome, PostgresStore};

use crate::support::postgres::PostgresServer;
use crate::{Setup, claim, claim_as, complete, is_completed, is_new, key, pool, sql, token};

/// Each key is claimed by 64 tasks over the stores at once: one is new, and every other is told
/// that it is in flight.
async fn exactly_one_of_64_is_new(stores: &[PostgresStore], keys: u64) {
    let mut claims = JoinSet::new();
    for number in 0..keys {
        for by in 0..64 {
            let store = stores[usize::try_from(by).unwrap() % stores.len()].clone();
            claims.spawn(async move { (number, claim_as(&store, number, by).await) });
        }
    }
    let mut new = vec![0; usize::try_from(keys).unwrap()];
    while let Some(joined) = claims.join_next().await {
        let (number, outcome) = joined.unwrap();
        match outcome.unwrap() {
            Outcome::New { attempt: 1, .. } => new[usize::try_from(number).unwrap()] += 1,
            Outcome::InFlight { same_body: true, .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(new.iter().all(|&new| new == 1), "{new:?}");
}

async fn stores(url: &str, pools: usize) -> Vec<PostgresStore> {
    let mut stores = Vec::new();
    for _ in 0..pools {
        stores.push(PostgresStore::new(pool(url, 8).await));
    }
    stores
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_of_64_simultaneous_claims_is_new() {
    let setup = Setup::new().await;
    exactly_one_of_64_is_new(&stores(&setup.url, 4).await, 20).await;
    let seen = sqlx::query("SELECT min(seen), max(seen) FROM webhook_claims");
    let seen = seen.fetch_one(&setup.pool).await.unwrap();
    assert_eq!((seen.get::<i32, _>(0), seen.get::<i32, _>(1)), (64, 64));
}

#[tokio::test(flavor = "multi_thread")]
async fn serializable_transactions_by_default_change_nothing() {
    let url = PostgresServer::shared().database().await;
    let name = url.rsplit('/').next().unwrap();
    let alter = format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'");
    sql(&pool(&url, 1).await, &alter).await;
    let stores = stores(&url, 4).await;
    stores[0].migrate().await.unwrap();
    exactly_one_of_64_is_new(&stores, 10).await;
}

#[tokio::test]
async fn sweeps_at_the_same_time_share_the_work() {
    let setup = Setup::new().await;
    setup.sql(
        "INSERT INTO webhook_claims (key, owner, fence, state, lease_until, expires_at, fingerprint, \
         attempts, seen) SELECT decode(md5(n::text), 'hex'), '', 1, 1, 'epoch', \
         CASE WHEN n <= 1000 THEN now() ELSE now() + interval '1 day' END, '', 1, 1 \
         FROM generate_series(1, 1010) AS n",
    )
    .await;
    let (one, two) = tokio::join!(setup.store.sweep(600), setup.store.sweep(600));
    assert_eq!(one.unwrap() + two.unwrap() + setup.store.sweep(600).await.unwrap(), 1_000);
    assert_eq!(setup.store.sweep(0).await.unwrap(), 0);
    let left = sqlx::query("SELECT count(*) FROM webhook_claims").fetch_one(&setup.pool).await;
    assert_eq!(left.unwrap().get::<i64, _>(0), 10);
}

/// Same-transaction completion: who claims waits, and learns how the transaction ended.
#[tokio::test]
async fn claim_waits_for_a_transaction_that_completes_the_event() {
    for commits in [true, false] {
        let setup = Setup::new().await;
        assert!(is_new(&claim(&setup.store, 1).await.unwrap()));
        setup.sql("UPDATE webhook_claims SET lease_until = 'epoch'").await;
        let mut transaction = setup.pool.begin().await.unwrap();
        let update = "UPDATE webhook_claims SET state = 1, status = 204";
        sqlx::query(update).execute(&mut *transaction).await.unwrap();
        let store = setup.store.clone();
        let waiting = tokio::spawn(async move { claim_as(&store, 1, 2).await });
        let blocked = "SELECT FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while sqlx::query(blocked).fetch_optional(&setup.pool).await.unwrap().is_none() {
            assert!(!waiting.is_finished(), "it has to wait");
        }
        if commits {
            transaction.commit().await.unwrap();
            assert!(is_completed(&waiting.await.unwrap().unwrap()));
        } else {
            transaction.rollback().await.unwrap();
            let outcome = waiting.await.unwrap().unwrap();
            assert!(matches!(outcome, Outcome::New { attempt: 2, .. }), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn forgotten_event_is_new_again() {
    let setup = Setup::new().await;
    assert!(!setup.store.forget(&key(1)).await.unwrap());
    assert!(is_new(&claim(&setup.store, 1).await.unwrap()));
    assert_eq!(complete(&setup.store, 1).await.unwrap(), Held::Held);
    assert!(setup.store.forget(&key(1)).await.unwrap());
    assert!(is_new(&claim_as(&setup.store, 1, 2).await.unwrap()));
    assert_eq!(setup.store.release(&key(1), &token(1)).await.unwrap(), Held::Lost);
}

/// A handler's transaction has completed its event and takes its time to commit: the sender, who
/// tries again meanwhile, takes no connection from other events.
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_of_an_event_whose_transaction_is_open_keep_no_other_event_waiting() {
    let setup = Setup::new().await;
    assert!(is_new(&claim(&setup.store, 0).await.unwrap()));
    let mut transaction = pool(&setup.url, 1).await.begin().await.unwrap();
    let update = "UPDATE webhook_claims SET state = 1, status = 204";
    sqlx::query(update).execute(&mut *transaction).await.unwrap();
    for store in [
        PostgresStore::new(pool(&setup.url, 4).await),
        PostgresStore::builder(pool(&setup.url, 4).await).dedicated_pool().build(),
    ] {
        let started = std::time::Instant::now();
        let mut again = JoinSet::new();
        for by in 1..=12 {
            let store = store.clone();
            again.spawn(async move { claim_as(&store, 0, by).await.unwrap() });
        }
        tokio::task::yield_now().await;
        store.forget(&key(1)).await.unwrap();
        assert!(is_new(&claim_as(&store, 1, 50).await.unwrap()));
        for outcome in again.join_all().await {
            let in_flight = matches!(outcome, Outcome::InFlight { same_body: true, .. });
            assert!(in_flight, "{outcome:?}");
        }
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
    transaction.commit().await.unwrap();
    assert!(is_completed(&claim_as(&setup.store, 0, 99).await.unwrap()));
}
