//! The contract, with its time moved and with time that passes.

use std::time::Duration;

use tower_webhooks::store::{Outcome, PostgresStore};
use tower_webhooks::testing::{RealTime, store_contract};

use crate::store_model::answers_as_the_table_says;
use crate::{Ageing, Setup, claim_as};

#[tokio::test]
async fn statements_as_text_keep_the_contract() {
    let setup = Setup::new().await;
    store_contract(async || setup.store.clone(), &Ageing(setup.pool.clone())).await;
}

#[tokio::test]
async fn prepared_statements_keep_the_contract() {
    let setup = Setup::new().await;
    let store = PostgresStore::builder(setup.pool.clone()).dedicated_pool().build();
    store_contract(async || store.clone(), &Ageing(setup.pool.clone())).await;
}

#[tokio::test]
async fn contract_holds_by_the_clock_of_the_server() {
    let setup = Setup::new().await;
    let time = RealTime::new(Duration::from_millis(100), tokio::time::sleep);
    store_contract(async || setup.store.clone(), &time).await;
}

#[tokio::test]
async fn two_thousand_random_operations_answer_as_the_table_says() {
    let setup = Setup::new().await;
    answers_as_the_table_says(&setup.store, &Ageing(setup.pool.clone()), 2_000).await;
}

#[tokio::test]
async fn fence_grows_past_a_clock_that_was_set_back() {
    let setup = Setup::new().await;
    assert!(crate::is_new(&claim_as(&setup.store, 1, 1).await.unwrap()));
    let far = 1 << 60;
    let text = format!("UPDATE webhook_claims SET fence = {far}, lease_until = 'epoch'");
    setup.sql(&text).await;
    let Outcome::New { fence, attempt } = claim_as(&setup.store, 1, 2).await.unwrap() else {
        panic!("the lease is over");
    };
    assert_eq!((fence.get(), attempt), (far + 1, 2));
}
