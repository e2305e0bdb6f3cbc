//! The store fails: nothing runs unclaimed, nothing is stuck, and work that is done stays done.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::future::pending;
use std::time::Duration;

use crate::support::layer::{
    Handler, Logs, SECRET, builder, clock, deliver, github, settle, stays_pending, stripe,
};
use tokio::time::Instant;
use tower_webhooks::RejectionKind::{InFlight, Overloaded, StoreUnavailable};
use tower_webhooks::WebhookLayer;
use tower_webhooks::layer::Drained;
use tower_webhooks::providers::{GITHUB, STRIPE};
use tower_webhooks::store::StoreErrorKind::{Corrupt, Full, Timeout, Unavailable};
use tower_webhooks::store::{
    Claim, Completion, Endpoints, Held, IdempotencyStore, Key, MemoryStore, Outcome, StoreError,
    Token,
};
use tower_webhooks::testing::{FailingStore, ManualClock};

const LEASE: Duration = Duration::from_secs(60);

fn store_on(clock: &ManualClock) -> FailingStore {
    FailingStore::new(MemoryStore::builder().clock(clock.clone()).build())
}

// Claims ------------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_claim_is_503_and_the_handler_does_not_run() {
    for kind in [Unavailable, Timeout, Full, Corrupt] {
        let logs = Logs::capture();
        let (store, handler) = (FailingStore::default(), Handler::ok());
        let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
        store.fail_claims(kind);
        deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
        assert_eq!((handler.runs(), store.claims()), (0, 1));
        let error = StoreError::new(kind).to_string();
        assert!(logs.lines("ERROR")[0].contains(&error), "the operator learns which: {error}");

        store.heal();
        deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
        assert_eq!(handler.attempts(), [1]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_store_is_503_until_there_is_room() {
    let clock = clock();
    let store = MemoryStore::builder().max_entries(1).clock(clock.clone()).build();
    let verifier = GITHUB.verifier(SECRET).strict_identity().build().unwrap();
    let layer = WebhookLayer::builder("tests", verifier).clock(clock.clone()).store(store);
    let (layer, handler) = (layer.build().unwrap(), Handler::ok());
    deliver(&layer, &handler, github("1")).await.is_the_handlers(200);
    // GitHub signs no time: the record of the first is all its protection, and is not dropped.
    deliver(&layer, &handler, github("2")).await.refuses(StoreUnavailable, 503, Some(5));
    deliver(&layer, &handler, github("1")).await.acknowledges();
    clock.advance(Duration::from_secs(7 * 24 * 60 * 60));
    deliver(&layer, &handler, github("2")).await.is_the_handlers(200);
}

#[tokio::test]
async fn a_memory_store_warns_once_before_it_is_full() {
    let (logs, handler) = (Logs::capture(), Handler::ok());
    let store = MemoryStore::builder().max_entries(10).build();
    let layer = builder(&GITHUB).store(store).build().unwrap();
    for event in 0..10 {
        assert_eq!(logs.text().contains("four fifths full"), event > 8, "after {event} events");
        deliver(&layer, &handler, github(event.to_string())).await.is_the_handlers(200);
    }
    assert_eq!(logs.text().matches("four fifths full").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_hangs_is_503_when_the_stores_time_is_over() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&GITHUB)
        .store(store.clone())
        .store_timeout(Duration::from_millis(700))
        .build()
        .unwrap();
    store.hang_claims();
    let start = Instant::now();
    deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    assert_eq!((handler.runs(), start.elapsed().as_millis()), (0, 700));
}

#[tokio::test(start_paused = true)]
async fn r7_a_claim_that_is_made_late_is_given_back() {
    for hangs_up in [false, true] {
        let (store, handler) = (FailingStore::default(), Handler::ok());
        let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
        store.hang_claims();
        if hangs_up {
            let mut answer = Box::pin(deliver(&layer, &handler, github("{}")));
            stays_pending(&mut answer).await;
        } else {
            deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
        }
        tokio::time::advance(Duration::from_secs(2)).await;
        settle().await;
        let before = store.releases();
        store.heal();
        settle().await;
        // A release before its end may have come too early.
        assert_eq!((store.claims(), store.releases(), handler.runs()), (1, before + 1, 0));
        tokio::time::advance(Duration::from_secs(60)).await;
        settle().await;
        assert_eq!(store.releases(), before + 1, "that one was the last");

        deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
        assert_eq!(handler.attempts(), [2], "the claim that was given back was the first");
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_claim_holds_its_place_among_the_runs_for_three_store_timeouts_at_most() {
    let store = FailingStore::default();
    let layer = builder(&GITHUB).store(store.clone()).max_runs(1).build().unwrap();
    store.hang_claims();
    let handler = Handler::ok();
    deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    deliver(&layer, &handler, github("{}")).await.refuses(Overloaded, 503, Some(5));
    let drain = layer.drain_handle();
    assert_eq!(drain.drain(Duration::from_millis(2_900)).await, Drained::Remaining(1));
    assert_eq!(drain.drain(Duration::from_millis(200)).await, Drained::All);
    assert_eq!(store.releases(), 2, "on another connection, and when the late claim was given up");
}

#[tokio::test(start_paused = true)]
async fn r7_a_claim_whose_answer_was_lost_does_not_hold_the_event() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    store.lose_answers();
    deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    settle().await;
    store.heal();
    // The claim was made, and given back: the sender was told to come back in 5 s, not in 60.
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [2]);
}

#[tokio::test(start_paused = true)]
async fn r7_a_claim_whose_answer_was_lost_is_given_back_however_often_that_fails() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    store.lose_answers();
    store.fail_releases(Unavailable);
    deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(store.releases(), 3, "after 0, 0.1 and 0.5 s");
    store.heal();
    deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(60));
    // The next try is 1.6 s after the last one, and that one is enough.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((store.releases(), handler.attempts()), (4, vec![2]));
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_given_back_on_another_connection_while_its_answer_is_late() {
    let store = FailingStore::default();
    let (handler, layer) = (Handler::ok(), builder(&GITHUB).store(store.clone()).build().unwrap());
    store.hang_claims();
    deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    settle().await;
    assert_eq!(store.releases(), 1);
}

// Circuit -----------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_asked_by_one_delivery_a_second() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    store.hang_claims();
    let start = Instant::now();
    for number in 0..5 {
        let request = github(number.to_string()); // one event in a row says nothing of others
        deliver(&layer, &handler, request).await.refuses(StoreUnavailable, 503, Some(5));
    }
    assert_eq!(start.elapsed(), Duration::from_secs(5), "each waited for the store's time-out");
    for _ in 0..100 {
        deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    }
    assert_eq!((start.elapsed(), store.claims()), (Duration::from_secs(5), 5));
    for minute in 1..4 {
        tokio::time::advance(Duration::from_secs(60)).await;
        for _ in 0..10 {
            deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
        }
        assert_eq!(store.claims(), 5 + minute);
    }
    assert_eq!(handler.runs(), 0);

    store.heal();
    tokio::time::advance(Duration::from_secs(1)).await;
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    deliver(&layer, &handler, github("[]")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn completions_are_not_held_back_while_claims_are() {
    let (store, (handler, gate)) = (FailingStore::default(), Handler::at_a_gate());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let mut running = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut running).await;
    store.fail_claims(Unavailable);
    for _ in 0..6 {
        deliver(&layer, &handler, github("[]")).await.refuses(StoreUnavailable, 503, Some(5));
    }
    assert_eq!(store.claims(), 1 + 5);
    gate.let_pass(1);
    running.await.is_the_handlers(200);
    assert_eq!(store.completes(), 1);
}

#[tokio::test(start_paused = true)]
async fn fail_open_does_not_wait_for_a_store_that_is_known_to_be_down() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&GITHUB).store(store.clone()).insecure_fail_open().build().unwrap();
    store.hang_claims();
    let start = Instant::now();
    for number in 0..20 {
        let request = github(number.to_string());
        deliver(&layer, &handler, request).await.is_the_handlers(200);
    }
    assert_eq!((start.elapsed(), handler.runs()), (Duration::from_secs(5), 20));
}

// Completion --------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn r8_a_completion_that_fails_is_repeated_while_the_2xx_is_out() {
    let (store, handler) = (FailingStore::default(), Handler::answers([204]));
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    store.fail_completes(3);
    let start = Instant::now();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(204);
    assert_eq!((start.elapsed(), store.completes()), (Duration::ZERO, 1));
    // Until then it is in flight, and never run twice.
    deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(60));

    assert_eq!(layer.drain_handle().drain(LEASE).await, Drained::All);
    assert_eq!((start.elapsed().as_millis(), store.completes()), (100 + 400 + 1_600, 4));
    let event = &handler.events()[0];
    let (key, token, body) = (event.replay_key(), Token::from_bytes([9; 16]), event.fingerprint());
    let claim = Claim::new(&key, &token, &body, LEASE, LEASE * 2);
    let record = Completion::new(204);
    let answer = store.claim(&claim).await.unwrap();
    assert_eq!(answer, Outcome::Completed { record, same_body: true });
    assert_eq!(handler.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn r8_a_completion_is_tried_until_the_lease_ends_and_no_longer() {
    let (logs, clock) = (Logs::capture(), clock());
    let store = store_on(&clock);
    // The lease runs from the claim on: the handler's 10 s are part of it.
    let handler = Handler::new(|_, _| async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        crate::support::layer::answer(200)
    });
    let layer = builder(&GITHUB).clock(clock.clone()).store(store.clone()).build().unwrap();
    store.fail_completes(u32::MAX);
    let start = Instant::now();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(layer.drain_handle().drain(LEASE * 2).await, Drained::All);
    assert_eq!(start.elapsed(), LEASE, "the last attempt is at the end of the lease");
    // At once; after 0.1, 0.4, 1.6, 6.4 and 25.6 s more; at the end.
    assert_eq!(store.completes(), 7);
    let last = logs.lines("ERROR").pop().unwrap();
    assert!(last.contains("a later delivery will run it again"), "{last}");
}

#[tokio::test(start_paused = true)]
async fn r8_an_outage_that_ends_within_the_lease_loses_no_completion() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    store.fail_completes(u32::MAX);
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    tokio::time::sleep(Duration::from_secs(50)).await;
    store.heal();
    tokio::time::sleep(Duration::from_secs(11)).await;
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    assert_eq!(handler.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_completion_whose_answer_was_lost_is_repeated_and_held() {
    let (logs, store) = (Logs::capture(), FailingStore::default());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    // The claim's answer must get through.
    let (gated, gate) = Handler::at_a_gate();
    let mut answer = Box::pin(deliver(&layer, &gated, github("{}")));
    stays_pending(&mut answer).await;
    store.lose_answers();
    gate.let_pass(1);
    answer.await.is_the_handlers(200);
    store.heal();
    assert_eq!(layer.drain_handle().drain(LEASE).await, Drained::All);
    assert_eq!(store.completes(), 2);
    assert!(!logs.text().contains("outlived its lease"), "it was its own record all along");
    assert_eq!(gated.runs(), 1);
}

// Release -----------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn r9_what_cannot_be_released_is_free_when_its_lease_ends() {
    for kind in [Unavailable, Timeout] {
        let clock = clock();
        let (store, handler) = (store_on(&clock), Handler::answers([500, 200]));
        let layer = builder(&GITHUB).clock(clock.clone()).store(store.clone()).build().unwrap();
        store.fail_releases(kind);
        deliver(&layer, &handler, github("{}")).await.is_the_handlers(500);
        assert_eq!(store.releases(), 1, "the best is one attempt");
        deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(60));
        clock.advance(LEASE);
        deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
        assert_eq!(handler.attempts(), [1, 2]);
    }
}

/// A store that takes claims, and never answers after that.
#[derive(Debug, Clone, Default)]
struct Mute(MemoryStore);

impl IdempotencyStore for Mute {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        self.0.claim(claim).await
    }

    async fn complete(
        &self,
        _: &Key,
        _: &Token,
        _: &Completion,
        _: Duration,
    ) -> Result<Held, StoreError> {
        pending().await
    }

    async fn release(&self, _: &Key, _: &Token) -> Result<Held, StoreError> {
        pending().await
    }

    async fn renew(&self, _: &Key, _: &Token, _: Duration) -> Result<Held, StoreError> {
        pending().await
    }

    async fn sweep(&self, _: u32) -> Result<u32, StoreError> {
        pending().await
    }

    async fn forget(&self, _: &Key) -> Result<bool, StoreError> {
        pending().await
    }

    fn endpoints(&self) -> &Endpoints {
        self.0.endpoints()
    }
}

#[tokio::test(start_paused = true)]
async fn r9_a_store_that_never_answers_holds_a_response_no_longer_than_its_time() {
    for status in [200, 500] {
        let handler = Handler::answers([status]);
        let layer = builder(&GITHUB).store(Mute::default()).build().unwrap();
        let start = Instant::now();
        deliver(&layer, &handler, github("{}")).await.is_the_handlers(status);
        assert_eq!(start.elapsed(), Duration::from_secs(1), "store_timeout");
    }
}

// The ways to weaken it ---------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn fail_open_runs_without_a_fence_while_the_store_is_down() {
    for kind in [Unavailable, Timeout, Full, Corrupt] {
        let (store, handler) = (FailingStore::default(), Handler::answers([200, 500, 200]));
        let layer = builder(&GITHUB).store(store.clone()).insecure_fail_open().build().unwrap();
        store.fail_claims(kind);
        for status in [200, 500] {
            deliver(&layer, &handler, github("{}")).await.is_the_handlers(status);
        }
        assert_eq!(store.completes(), 0, "there is no claim to complete");
        store.heal();
        deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
        deliver(&layer, &handler, github("{}")).await.acknowledges();
        let fenced: Vec<_> = handler.events().iter().map(|event| event.fence().is_some()).collect();
        assert_eq!((fenced, handler.attempts()), (vec![false, false, true], vec![1, 1, 1]));
    }
}

#[tokio::test(start_paused = true)]
async fn fail_open_waits_for_a_hanging_store_no_longer_than_its_time() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&GITHUB).store(store.clone()).insecure_fail_open().build().unwrap();
    store.hang_claims();
    let start = Instant::now();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(start.elapsed(), Duration::from_secs(1), "store_timeout");
    assert!(handler.events()[0].fence().is_none());
}

#[tokio::test(start_paused = true)]
async fn fail_open_changes_nothing_while_the_store_answers() {
    let handler = Handler::ok();
    let layer = builder(&STRIPE).insecure_fail_open().build().unwrap();
    deliver(&layer, &handler, stripe("evt_1")).await.is_the_handlers(200);
    deliver(&layer, &handler, stripe("evt_1")).await.acknowledges();
    assert!(handler.events()[0].fence().is_some());
}

#[tokio::test(start_paused = true)]
async fn without_replay_protection_each_delivery_runs_and_is_still_verified() {
    let handler = Handler::ok();
    let layer = builder(&GITHUB).insecure_without_replay_protection().build().unwrap();
    for _ in 0..3 {
        deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    }
    let forged = crate::support::layer::around(&github("{}"), String::from("{ }"));
    assert_eq!(deliver(&layer, &handler, forged).await.status(), 401);
    assert_eq!(handler.attempts(), [1, 1, 1]);
    assert!(handler.events().iter().all(|event| event.fence().is_none()));
}
