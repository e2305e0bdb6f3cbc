//! What becomes of a delivery that passed: claimed, run, settled, and answered on every retry.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::support::layer::{
    Handler, Logs, answer, around, builder, clock, deliver, github, layer, one_of_each, settle,
    slack_at, stays_pending, stripe,
};
use tokio::time::Instant;
use tower_webhooks::RejectionKind::{
    HandlerTimeout, InFlight, MissingSignature, Overloaded, ShuttingDown,
};
use tower_webhooks::layer::Drained;
use tower_webhooks::providers::{GITHUB, SLACK, STRIPE};
use tower_webhooks::store::{
    Claim, Completion, Fingerprint, IdempotencyStore, MemoryStore, Outcome, Token,
};
use tower_webhooks::testing::FailingStore;
use tower_webhooks::{Event, WebhookLayer};

const LEASE: Duration = Duration::from_secs(60);

/// What another process would be told if it claimed the event.
async fn ask(store: &impl IdempotencyStore, event: &Event) -> Outcome {
    let (key, token) = (event.replay_key(), Token::from_bytes([9; 16]));
    let body: Fingerprint = event.fingerprint();
    store.claim(&Claim::new(&key, &token, &body, LEASE, LEASE * 2)).await.unwrap()
}

// The answers -------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_second_delivery_is_acknowledged_without_calling_the_handler() {
    for (provider, request) in one_of_each() {
        let (layer, handler) = (layer(provider), Handler::ok());
        deliver(&layer, &handler, request.clone()).await.is_the_handlers(200);
        for _ in 0..3 {
            deliver(&layer, &handler, request.clone()).await.acknowledges();
        }
        assert_eq!(handler.attempts(), [1], "{}", provider.name());
    }
}

#[tokio::test(start_paused = true)]
async fn i4_every_2xx_completes() {
    for status in [200, 201, 202, 204, 299] {
        let store = MemoryStore::builder().clock(clock()).build();
        let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
        let handler = Handler::answers([status]);
        deliver(&layer, &handler, github("{}")).await.is_the_handlers(status);

        let Outcome::Completed { record, same_body } = ask(&store, &handler.events()[0]).await
        else {
            panic!("{status} did not complete");
        };
        assert_eq!((record, same_body), (Completion::new(status), true));
        let again = deliver(&layer, &handler, github("{}")).await;
        assert_eq!((again.kind(), again.status(), handler.runs()), (None, status, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn r11_any_other_status_releases_and_the_retry_runs_with_attempt_2() {
    for status in [301, 304, 400, 401, 404, 409, 410, 422, 429, 500, 503] {
        let (layer, handler) = (layer(&STRIPE), Handler::answers([status, status, 204]));
        for attempt in [status, status, 204] {
            deliver(&layer, &handler, stripe("evt_1")).await.is_the_handlers(attempt);
        }
        let again = deliver(&layer, &handler, stripe("evt_1")).await;
        assert_eq!((again.kind(), again.status(), handler.runs()), (None, 204, 3));
        assert_eq!(handler.attempts(), [1, 2, 3]);
        let fences: Vec<_> = handler.events().iter().map(Event::fence).collect();
        assert!(fences[0].is_some() && fences.is_sorted_by(|a, b| a < b), "{fences:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_over_its_time_is_dropped_then_released_and_the_sender_comes_back() {
    struct Dropped(FailingStore, Arc<AtomicU32>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            // Released before would be 2 here: the retry could have run beside it.
            self.1.store(1 + self.0.releases(), Ordering::SeqCst);
        }
    }
    let (store, dropped) = (FailingStore::default(), Arc::new(AtomicU32::new(0)));
    let (theirs, noted) = (store.clone(), Arc::clone(&dropped));
    let handler = Handler::new(move |run, _| {
        let held = Dropped(theirs.clone(), Arc::clone(&noted));
        async move {
            if run == 0 {
                pending::<()>().await;
            }
            std::mem::forget(held);
            answer(200)
        }
    });
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();

    let start = Instant::now();
    deliver(&layer, &handler, github("{}")).await.refuses(HandlerTimeout, 503, Some(5));
    assert_eq!(start.elapsed().as_secs(), 30, "the default");
    assert_eq!((dropped.load(Ordering::SeqCst), store.releases()), (1, 1));

    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn in_flight_says_the_rest_of_the_lease_from_1_to_60_seconds() {
    // lease, what has passed of it, what the sender is told
    for (lease, passed, told) in [
        (60_000, 0, 60),
        (60_000, 20_000, 40),
        (60_000, 29_800, 31), // rounded up: the lease is not over before
        (60_000, 59_000, 1),
        (60_000, 59_999, 1),
        (600_000, 0, 60),
        (600_000, 539_000, 60),
        (600_000, 570_000, 30),
    ] {
        let clock = clock();
        let layer = builder(&GITHUB)
            .clock(clock.clone())
            .lease(Duration::from_millis(lease))
            .build()
            .unwrap();
        let (handler, gate) = Handler::at_a_gate();
        let first = tokio::spawn({
            let (layer, handler) = (layer.clone(), handler.clone());
            async move { deliver(&layer, &handler, github("{}")).await }
        });
        gate.arrived().await;
        clock.advance(Duration::from_millis(passed));
        deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(told));
        gate.let_pass(1);
        first.await.unwrap().is_the_handlers(200);
        assert_eq!(handler.runs(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_claim_is_only_in_flight_until_the_work_succeeded() {
    let store = MemoryStore::builder().clock(clock()).build();
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let mut answer = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut answer).await;
    gate.arrived().await;
    let event = handler.events()[0].clone();
    assert!(matches!(ask(&store, &event).await, Outcome::InFlight { same_body: true, .. }));

    gate.let_pass(1);
    answer.await.is_the_handlers(200);
    assert!(matches!(ask(&store, &event).await, Outcome::Completed { .. }));
}

// R1: the run is detached -------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn r1_a_sender_that_hangs_up_does_not_cancel_the_handler() {
    let (layer, (handler, gate)) = (layer(&GITHUB), Handler::at_a_gate());
    let mut answer = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut answer).await;
    drop(answer);
    gate.arrived().await;

    deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(60));
    gate.let_pass(1);
    settle().await;
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    assert_eq!(handler.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn r1_a_failure_after_the_sender_hung_up_is_released_too() {
    let handler = Handler::new(|run, _| async move {
        tokio::task::yield_now().await;
        answer(if run == 0 { 500 } else { 200 })
    });
    let layer = layer(&GITHUB);
    let mut answer = Box::pin(deliver(&layer, &handler, github("{}")));
    // One poll brings the handler to where it waits; it answers after the sender is gone.
    let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(answer.as_mut().poll(cx))).await;
    assert!(polled.is_pending());
    drop(answer);
    settle().await;
    assert_eq!(handler.attempts(), [1]);
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn r1_the_run_is_in_the_span_of_its_request() {
    use tracing::Instrument;
    let logs = Logs::capture();
    let handler = Handler::new(|_, _| async {
        tracing::info!("in the handler");
        answer(200)
    });
    let request = tracing::info_span!("request", number = 7);
    deliver(&layer(&GITHUB), &handler, github("{}")).instrument(request).await;
    let lines = logs.lines("INFO");
    assert!(lines.iter().any(|line| line.contains("in the handler")), "{lines:?}");
    assert!(lines.iter().all(|line| line.contains("request{number=7}")), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn r1_no_more_runs_than_allowed_and_the_rest_leave_the_store_alone() {
    let store = FailingStore::default();
    let layer = builder(&STRIPE).store(store.clone()).max_runs(2).build().unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let mut senders = Vec::new();
    for id in ["evt_1", "evt_2"] {
        let mut sender = Box::pin(deliver(&layer, &handler, stripe(id)));
        stays_pending(&mut sender).await;
        senders.push(sender);
    }
    // Hanging up does not free a place: the handler goes on.
    drop(senders);
    deliver(&layer, &handler, stripe("evt_3")).await.refuses(Overloaded, 503, Some(5));
    assert_eq!((handler.runs(), store.claims()), (2, 2));

    gate.let_pass(3);
    settle().await;
    deliver(&layer, &handler, stripe("evt_3")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1, 1, 1]);
}

// Panics ------------------------------------------------------------------------------------

fn panics_at_first(in_call: bool) -> Handler {
    Handler::new(move |run, _| {
        assert!(run > 0 || !in_call, "the handler's own words");
        async move {
            tokio::task::yield_now().await;
            assert!(run > 0, "the handler's own words");
            answer(200)
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_panic_releases_and_goes_on_to_who_awaits_the_answer() {
    for in_call in [true, false] {
        let (layer, handler) = (layer(&GITHUB), panics_at_first(in_call));
        let panic = tokio::spawn({
            let (layer, handler) = (layer.clone(), handler.clone());
            async move { deliver(&layer, &handler, github("{}")).await }
        })
        .await
        .unwrap_err()
        .into_panic();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"the handler's own words"));

        deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
        assert_eq!(handler.attempts(), [1, 2]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_that_nobody_awaits_is_released_and_logged() {
    let logs = Logs::capture();
    let (layer, handler) = (layer(&GITHUB), panics_at_first(false));
    let mut answer = Box::pin(deliver(&layer, &handler, github("{}")));
    let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(answer.as_mut().poll(cx))).await;
    assert!(polled.is_pending());
    drop(answer);
    settle().await;

    let errors = logs.lines("ERROR");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(
        errors[0].contains("tower_webhooks: ") && errors[0].contains("the handler's own words")
    );
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1, 2]);
}

// Leases ------------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn i7_a_run_that_never_ends_is_taken_over_when_its_lease_does() {
    let clock = clock();
    let layer = builder(&GITHUB).clock(clock.clone()).build().unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let mut first = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut first).await;

    clock.advance(LEASE);
    let mut second = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut second).await;
    assert_eq!(handler.attempts(), [1, 2]);
    let fences: Vec<_> = handler.events().iter().map(Event::fence).collect();
    assert!(fences[0] < fences[1], "the other side can tell them apart: {fences:?}");

    gate.let_pass(2);
    second.await.is_the_handlers(200);
    first.await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn r8_a_lost_completion_is_logged_and_the_2xx_goes_out() {
    let (logs, clock) = (Logs::capture(), clock());
    let layer = builder(&GITHUB).clock(clock.clone()).build().unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let mut overtaken = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut overtaken).await;
    clock.advance(LEASE);
    let mut overtaking = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut overtaking).await;

    // Semaphores are fair: the first to wait passes first, and finds its claim lost.
    gate.let_pass(1);
    overtaken.await.is_the_handlers(200);
    let errors = logs.lines("ERROR");
    assert!(errors.len() == 1 && errors[0].contains("outlived its lease"), "{errors:?}");

    // It took nothing from the one that holds the claim now.
    deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(60));
    gate.let_pass(1);
    overtaking.await.is_the_handlers(200);
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    assert_eq!(handler.runs(), 2);
}

// R3: no claim without a proof --------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn r3_what_is_refused_or_only_a_setup_request_never_reaches_the_store() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let github_layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let unsigned = http::Request::post("/").body(String::from("{}")).unwrap();
    deliver(&github_layer, &handler, unsigned).await.refuses(MissingSignature, 401, None);
    let other_body = around(&github("{}"), String::from("{ }"));
    assert_eq!(deliver(&github_layer, &handler, other_body).await.status(), 401);

    let slack = builder(&SLACK).store(store.clone()).build().unwrap();
    let setup = slack_at(
        crate::support::layer::NOW,
        r#"{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#,
    );
    let answer = deliver(&slack, &handler, setup).await;
    assert_eq!((answer.kind(), answer.status()), (None, 200));
    assert!(answer.0.body().starts_with(b"3eZbrw"));
    assert_eq!((handler.runs(), store.claims()), (0, 0));
}

// R10: shutdown -----------------------------------------------------------------------------

fn drain(layer: &WebhookLayer, secs: u64) -> impl Future<Output = Drained> + use<> {
    let handle = layer.drain_handle();
    async move { handle.drain(Duration::from_secs(secs)).await }
}

#[tokio::test(start_paused = true)]
async fn r10_draining_refuses_new_events_and_waits_for_the_running() {
    let store = FailingStore::default();
    let layer = builder(&STRIPE).store(store.clone()).build().unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let mut running = Box::pin(deliver(&layer, &handler, stripe("evt_1")));
    stays_pending(&mut running).await;

    let mut drained = Box::pin(drain(&layer, 60));
    stays_pending(&mut drained).await;
    deliver(&layer, &handler, stripe("evt_2")).await.refuses(ShuttingDown, 503, Some(5));
    assert_eq!(store.claims(), 1, "an event that is refused is not claimed");

    gate.let_pass(1);
    running.await.is_the_handlers(200);
    assert_eq!(drained.await, Drained::All);
    deliver(&layer, &handler, stripe("evt_2")).await.refuses(ShuttingDown, 503, Some(5));
    assert_eq!(drain(&layer, 60).await, Drained::All, "it stays drained");
}

#[tokio::test(start_paused = true)]
async fn r10_what_still_runs_at_the_limit_is_counted() {
    let layer = builder(&STRIPE).max_runs(5).build().unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let mut senders = Vec::new();
    for id in ["evt_1", "evt_2", "evt_3"] {
        let mut sender = Box::pin(deliver(&layer, &handler, stripe(id)));
        stays_pending(&mut sender).await;
        senders.push(sender);
    }
    drop(senders); // those whose sender hung up count
    assert_eq!(drain(&layer, 10).await, Drained::Remaining(3));
    gate.let_pass(2);
    settle().await;
    assert_eq!(drain(&layer, 10).await, Drained::Remaining(1));
    gate.let_pass(1);
    assert_eq!(drain(&layer, 10).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn r10_a_drain_that_is_given_up_goes_on_refusing() {
    let layer = layer(&STRIPE);
    let (handler, gate) = Handler::at_a_gate();
    let mut running = Box::pin(deliver(&layer, &handler, stripe("evt_1")));
    stays_pending(&mut running).await;
    let mut drained = Box::pin(drain(&layer, 60));
    stays_pending(&mut drained).await;
    drop(drained);
    deliver(&layer, &handler, stripe("evt_2")).await.refuses(ShuttingDown, 503, Some(5));
    gate.let_pass(1);
    running.await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn r10_setup_requests_are_answered_while_draining() {
    let layer = layer(&SLACK);
    assert_eq!(drain(&layer, 1).await, Drained::All);
    let setup = slack_at(
        crate::support::layer::NOW,
        r#"{"type":"url_verification","challenge":"the-challenge"}"#,
    );
    let answer = deliver(&layer, &Handler::ok(), setup).await;
    assert_eq!((answer.status(), &answer.0.body()[..]), (200, &b"the-challenge"[..]));
}
