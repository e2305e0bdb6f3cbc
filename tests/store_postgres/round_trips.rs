//! What an operation costs on the way.

use std::future::Future;
use std::time::Duration;

use tower_webhooks::store::{Held, IdempotencyStore, PostgresStore};

use crate::support::postgres::PostgresServer;
use crate::support::proxy::Proxy;
use crate::{LEASE, Setup, claim, claim_as, complete, is_completed, is_new, key, pool, token};

/// A proxy that counts, and the URL of the database through it.
pub(crate) async fn proxied(setup: &Setup) -> (Proxy, String) {
    let proxy = Proxy::start(format!("127.0.0.1:{}", PostgresServer::shared().port())).await;
    let database = setup.url.rsplit('/').next().unwrap();
    let url = format!("postgres://postgres@{}/{database}", proxy.address());
    (proxy, url)
}

/// Returns when a connection that was given back is idle. The pool asks it for a sign of life
/// first, for which no claim waits.
pub(crate) async fn settled() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

async fn cost<A>(proxy: &Proxy, operation: impl Future<Output = A>) -> (A, usize) {
    settled().await;
    proxy.reset_count();
    let answer = operation.await;
    (answer, proxy.round_trips())
}

#[tokio::test]
async fn one_round_trip_an_operation_once_it_is_prepared() {
    let setup = Setup::new().await;
    let (proxy, url) = proxied(&setup).await;
    let prepared = PostgresStore::builder(pool(&url, 1).await).dedicated_pool().build();
    let as_text = PostgresStore::new(pool(&url, 1).await);
    let own = PostgresStore::connect(&url).await.unwrap();
    for (store, first) in [(prepared, 0), (as_text, 10), (own, 20)] {
        // The first use of each statement prepares it.
        for number in first..first + 5 {
            let (key, token) = (key(number), token(number));
            let mut costs = Vec::new();
            let (new, trips) = cost(&proxy, claim(&store, number)).await;
            assert!(is_new(&new.unwrap()));
            costs.push(trips);
            let (held, trips) = cost(&proxy, store.renew(&key, &token, LEASE)).await;
            assert_eq!(held.unwrap(), Held::Held);
            costs.push(trips);
            let (held, trips) = cost(&proxy, store.release(&key, &token)).await;
            assert_eq!(held.unwrap(), Held::Held);
            costs.push(trips);
            let (held, trips) = cost(&proxy, complete(&store, number)).await;
            assert_eq!(held.unwrap(), Held::Held);
            costs.push(trips);
            let (duplicate, trips) = cost(&proxy, claim_as(&store, number, 99)).await;
            assert!(is_completed(&duplicate.unwrap()));
            costs.push(trips);
            // Claim, renew, release, complete, duplicate.
            assert!(number == first || costs == [1; 5], "{costs:?}");
        }
    }
}
