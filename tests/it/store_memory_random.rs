//! `MemoryStore` answers 20,000 random operations as the table of the contract says.
#![cfg(feature = "testing")]

use std::time::Duration;

use crate::store_model::Sequence;
use tower_webhooks::store::MemoryStore;
use tower_webhooks::testing::ManualClock;

#[tokio::test]
async fn twenty_thousand_random_operations_answer_as_the_table_says() {
    for seed in 0..100 {
        let clock = ManualClock::at_unix(1_767_225_600);
        let store = MemoryStore::builder().max_entries(100).clock(clock.clone()).build();
        Sequence::new(&store, &clock, Duration::ZERO, seed)
            .run(|sequence| {
                assert!(store.len() >= sequence.live());
                assert!(store.len() <= sequence.named());
            })
            .await;
    }
}
