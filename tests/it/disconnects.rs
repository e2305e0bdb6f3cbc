//! Senders that hang up, stores and handlers that panic, and processes that end with the request.
#![cfg(all(feature = "tokio", feature = "testing"))]
#![allow(clippy::async_yields_async, reason = "futures are taken out of their runtime on purpose")]

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::support::layer::{
    Handler, answer, builder, deliver, github, layer, settle, stays_pending, stripe,
};
use http_body_util::BodyExt;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::time::Instant;
use tower::{Layer, Service};
use tower_webhooks::RejectionKind::{HandlerTimeout, StoreUnavailable};
use tower_webhooks::layer::Drained;
use tower_webhooks::providers::{GITHUB, STRIPE};
use tower_webhooks::store::{
    Claim, Completion, Endpoints, Held, IdempotencyStore, Key, MemoryStore, Outcome, StoreError,
    Token,
};
use tower_webhooks::testing::FailingStore;
use tower_webhooks::{Event, WebhookLayer};

const YIELDS: usize = 3;

async fn dawdle() {
    for _ in 0..YIELDS {
        yield_now().await;
    }
}

/// A store that gives way before and after each call.
#[derive(Debug, Default)]
struct Dawdling(MemoryStore);

impl IdempotencyStore for Dawdling {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        dawdle().await;
        let claimed = self.0.claim(claim).await;
        dawdle().await;
        claimed
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        dawdle().await;
        let completed = self.0.complete(key, by, done, ttl).await;
        dawdle().await;
        completed
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        dawdle().await;
        let released = self.0.release(key, by).await;
        dawdle().await;
        released
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        self.0.renew(key, by, lease).await
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        self.0.sweep(max).await
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        self.0.forget(key).await
    }

    fn endpoints(&self) -> &Endpoints {
        self.0.endpoints()
    }
}

/// Answers after a while.
fn dawdler() -> Handler {
    Handler::new(|_, _| async {
        dawdle().await;
        answer(200)
    })
}

async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}

#[tokio::test(start_paused = true)]
async fn dropped_at_any_of_its_polls_a_delivery_leaves_no_trace_or_runs_to_its_end() {
    let mut ends = [0, 0];
    for polls in 0.. {
        let (handler, store) = (dawdler(), FailingStore::new(Arc::new(Dawdling::default())));
        let layer = builder(&GITHUB).store(store.clone()).max_runs(1).build().unwrap();
        let mut response = layer.layer(handler.clone()).call(github("{}"));
        let mut is_answered = false;
        for _ in 0..polls {
            if poll_once(&mut response).await.is_ready() {
                is_answered = true;
                break;
            }
        }
        drop(response);
        settle().await;
        let traces = (store.claims(), handler.runs(), store.completes(), store.releases());
        let has_begun = store.claims() > 0;
        assert_eq!(traces, if has_begun { (1, 1, 1, 0) } else { (0, 0, 0, 0) }, "{polls} polls");
        let drain = layer.drain_handle().drain(Duration::ZERO).await;
        assert_eq!(drain, Drained::All, "{polls} polls");
        ends[usize::from(has_begun)] += 1;
        if is_answered {
            break;
        }
    }
    // Both halves were cut: the first before any poll, the second at each place where it waits.
    assert!(ends[0] >= 1 && ends[1] >= 5 * YIELDS, "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_senders_that_hang_up_have_each_event_run_once() {
    let (handler, store) = (dawdler(), FailingStore::new(Arc::new(Dawdling::default())));
    let layer = builder(&STRIPE).store(store.clone()).build().unwrap();
    let mut service = layer.layer(handler.clone());
    for number in 0..1_000 {
        let mut response = service.call(stripe(&format!("evt_{number}")));
        for _ in 0..=number % 12 {
            assert!(poll_once(&mut response).await.is_pending());
        }
    }
    assert_eq!(layer.drain_handle().drain(Duration::from_secs(1)).await, Drained::All);
    assert_eq!((handler.runs(), store.completes(), store.releases()), (1_000, 1_000, 0));
}

// Where there is no runtime -----------------------------------------------------------------

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn dropped_outside_of_its_runtime_the_run_goes_on_inside_it() {
    let (runtime, layer, handler) = (runtime(), layer(&GITHUB), dawdler());
    let response = runtime.block_on(async {
        let mut response = layer.layer(handler.clone()).call(github("{}"));
        assert!(poll_once(&mut response).await.is_pending());
        response
    });
    std::thread::spawn(move || drop(response)).join().unwrap();
    let drained = runtime.block_on(layer.drain_handle().drain(Duration::from_secs(1)));
    assert_eq!((drained, handler.runs()), (Drained::All, 1));
}

#[test]
fn dropped_after_its_runtime_the_run_ends_without_a_panic() {
    let (runtime, layer, handler) = (runtime(), layer(&GITHUB), dawdler());
    let response = runtime.block_on(async {
        let mut response = layer.layer(handler.clone()).call(github("{}"));
        assert!(poll_once(&mut response).await.is_pending());
        response
    });
    drop(runtime);
    drop(response);
    let drained = self::runtime().block_on(layer.drain_handle().drain(Duration::ZERO));
    assert_eq!(drained, Drained::All, "what was dropped holds no place among the runs");
}

#[test]
fn dropped_by_the_shutdown_of_its_runtime_the_run_ends_without_a_panic() {
    let (runtime, layer, handler) = (runtime(), layer(&GITHUB), dawdler());
    let task = runtime.block_on(async {
        let mut response = layer.layer(handler.clone()).call(github("{}"));
        assert!(poll_once(&mut response).await.is_pending());
        tokio::spawn(response)
    });
    drop(runtime);
    let ended = self::runtime().block_on(task);
    assert!(ended.unwrap_err().is_cancelled());
    let drained = self::runtime().block_on(layer.drain_handle().drain(Duration::ZERO));
    assert_eq!((drained, handler.runs()), (Drained::All, 1));
}

#[test]
fn where_no_runtime_is_at_all_an_event_runs_in_place_and_a_dropped_one_does_not_panic() {
    let (layer, handler) = (layer(&GITHUB), Handler::ok());
    let mut cx = Context::from_waker(Waker::noop());
    let mut response = layer.layer(handler.clone()).call(github("{}"));
    let Poll::Ready(Ok(response)) = Pin::new(&mut response).poll(&mut cx) else {
        panic!("nothing has to be waited for");
    };
    assert_eq!((response.status().as_u16(), handler.runs()), (200, 1));

    // It waits without a timer, so it is asked for what needs no runtime.
    let response = layer.layer(handler).call(github("[]"));
    drop(response);
}

// Everything inside the request -------------------------------------------------------------

fn inside(store: &FailingStore) -> WebhookLayer {
    builder(&GITHUB).store(store.clone()).keep_inside_request().build().unwrap()
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test(start_paused = true)]
async fn kept_inside_the_request_a_completion_is_repeated_before_the_answer() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    store.fail_completes(u32::MAX);
    let start = Instant::now();
    let layer = inside(&store);
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(start.elapsed(), Duration::from_secs(2), "twice `store_timeout`, and no longer");
    assert_eq!(store.completes(), 3, "after 0, 0.1 and 0.5 s");
    assert_eq!(tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn kept_inside_the_request_a_claim_is_given_back_before_the_answer() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    store.lose_answers();
    let layer = inside(&store);
    deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    assert!(store.releases() >= 1);
    assert_eq!((handler.runs(), tasks()), (0, 0));
    store.heal();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn kept_inside_the_request_a_run_ends_with_its_response_future() {
    let (store, (handler, _gate)) = (FailingStore::default(), Handler::at_a_gate());
    let layer = inside(&store);
    let mut response = layer.layer(handler.clone()).call(github("{}"));
    stays_pending(&mut response).await;
    drop(response);
    settle().await;
    assert_eq!((handler.runs(), store.completes(), tasks()), (1, 0, 0));
    assert_eq!(layer.drain_handle().drain(Duration::ZERO).await, Drained::All);
}

// Panics that are not the handler's own -----------------------------------------------------

/// Panics when it is dropped, unless it was disarmed.
struct Bomb(Arc<AtomicBool>);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0.load(Ordering::SeqCst), "the handler's future was dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_when_it_is_dropped_at_its_time_out_leaves_its_key_free() {
    let is_armed = Arc::new(AtomicBool::new(true));
    let theirs = Arc::clone(&is_armed);
    let handler = Handler::new(move |run, _: Event| {
        let bomb = Bomb(Arc::clone(&theirs));
        async move {
            let _bomb = bomb;
            if run == 0 {
                std::future::pending::<()>().await;
            }
            answer(200)
        }
    });
    let store = FailingStore::default();
    let layer = builder(&GITHUB).store(store.clone()).max_runs(1).build().unwrap();
    deliver(&layer, &handler, github("{}")).await.refuses(HandlerTimeout, 503, Some(5));
    assert_eq!(store.releases(), 1);
    is_armed.store(false, Ordering::SeqCst);
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1, 2]);
}

/// A store that panics in one of its calls, the first time.
#[derive(Debug)]
struct Panicking {
    store: MemoryStore,
    call: &'static str,
    is_over: AtomicBool,
}

impl Panicking {
    fn new(call: &'static str) -> Self {
        Self { store: MemoryStore::new(), call, is_over: AtomicBool::new(false) }
    }

    fn enter(&self, call: &str) {
        let panics = call == self.call && !self.is_over.swap(true, Ordering::SeqCst);
        assert!(!panics, "the store's own words");
    }
}

impl IdempotencyStore for Panicking {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        self.enter("claim");
        self.store.claim(claim).await
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        self.enter("complete");
        self.store.complete(key, by, done, ttl).await
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        self.enter("release");
        self.store.release(key, by).await
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        self.store.renew(key, by, lease).await
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        self.store.sweep(max).await
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        self.store.forget(key).await
    }

    fn endpoints(&self) -> &Endpoints {
        self.store.endpoints()
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_in_complete_does_not_turn_a_2xx_into_a_503() {
    let handler = Handler::ok();
    let layer = builder(&GITHUB).store(Panicking::new("complete")).build().unwrap();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    // The completion was repeated behind the answer.
    tokio::time::sleep(Duration::from_secs(1)).await;
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    assert_eq!(handler.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_in_claim_or_release_is_one_that_did_not_answer() {
    let (handler, layer) =
        (Handler::ok(), builder(&GITHUB).store(Panicking::new("claim")).build().unwrap());
    deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    settle().await;
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);

    let handler = Handler::answers([500, 200]);
    let layer = builder(&GITHUB).store(Panicking::new("release")).build().unwrap();
    let answer = deliver(&layer, &handler, github("{}")).await;
    answer.is_the_handlers(500);
}

#[tokio::test(start_paused = true)]
async fn late_claims_are_waited_for_by_a_few_requests_and_for_a_short_while() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&STRIPE).store(store.clone()).build().unwrap();
    store.hang_claims();
    for number in 0..3 {
        let request = stripe(&format!("evt_{number}"));
        deliver(&layer, &handler, request).await.refuses(StoreUnavailable, 503, Some(5));
    }
    assert_eq!(layer.drain_handle().drain(Duration::from_secs(4)).await, Drained::All);
    assert!(store.releases() >= 3, "each was given back: {}", store.releases());
}

#[tokio::test(start_paused = true)]
async fn the_duplicates_of_one_locked_event_do_not_close_the_store_to_the_others() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = builder(&STRIPE).store(store.clone()).build().unwrap();
    store.hang_claims();
    for _ in 0..12 {
        let request = stripe("evt_locked");
        deliver(&layer, &handler, request).await.refuses(StoreUnavailable, 503, Some(5));
    }
    store.heal();
    deliver(&layer, &handler, stripe("evt_other")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn the_answer_of_a_run_in_place_has_its_body() {
    let response = layer(&GITHUB).layer(Handler::ok()).call(github("{}")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "from the handler");
}
