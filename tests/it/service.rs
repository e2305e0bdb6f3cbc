//! The layer as a tower service: readiness, limits inside, errors, and a future that is dropped.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::support::layer::Step::{Data, Silence};
use crate::support::layer::{
    Answer, Handler, SECRET, ScriptedBody, Signed, answer, around, builder, deliver, github, layer,
    send, settle, stays_pending, stripe,
};
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::Instant;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};
use tower_test::mock;
use tower_webhooks::RejectionKind::{BadSignature, BodyTooLarge, InFlight, Overloaded};
use tower_webhooks::layer::{Drained, ResponseFuture, VerifiedBody, WebhookService};
use tower_webhooks::providers::{GITHUB, STRIPE};
use tower_webhooks::testing::FailingStore;
use tower_webhooks::{Event, KeySource, KeySourceError, Keys, WebhookLayer};

type Inner = Request<VerifiedBody>;
type Outer = Response<Full<Bytes>>;
type Handle = mock::Handle<Inner, Outer>;

/// The layer around a service that the test answers for. It admits nothing until told.
fn mocked(layer: WebhookLayer) -> (mock::Spawn<WebhookService<mock::Mock<Inner, Outer>>>, Handle) {
    let (service, mut handle) = mock::spawn_layer(layer);
    handle.allow(0);
    (service, handle)
}

// Readiness ---------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn it_is_ready_whatever_the_wrapped_service_is() {
    let (mut service, mut handle) = mocked(layer(&GITHUB));
    assert!(matches!(service.poll_ready::<Signed>(), Poll::Ready(Ok(()))));
    handle.send_error("it broke");
    assert!(matches!(service.poll_ready::<Signed>(), Poll::Ready(Ok(()))));
}

#[tokio::test(start_paused = true)]
async fn a_delivery_waits_for_the_wrapped_service_and_then_runs() {
    let store = FailingStore::default();
    let (mut service, mut handle) = mocked(builder(&GITHUB).store(store.clone()).build().unwrap());
    let mut response = service.call(github("{}"));
    stays_pending(&mut response).await;
    assert_eq!(store.claims(), 0, "nothing is claimed for a service that is not ready");

    handle.allow(1);
    let (request, respond) = tokio::select! { biased; _ = &mut response => panic!("too early"), next = handle.next_request() => next.unwrap() };
    assert_eq!(request.extensions().get::<Event>().unwrap().body(), "{}");
    assert_eq!(store.claims(), 1);
    respond.send_response(answer(202));
    assert_eq!(response.await.unwrap().status(), 202);
}

/// Notes at each question for readiness how much had been read and claimed by then.
#[derive(Clone)]
struct Asked {
    inner: Handler,
    asked: Arc<Mutex<Vec<(usize, u32)>>>,
    frames: Arc<AtomicUsize>,
    store: FailingStore,
}

impl Service<Inner> for Asked {
    type Response = Outer;
    type Error = Infallible;
    type Future = <Handler as Service<Inner>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        let so_far = (self.frames.load(Ordering::SeqCst), self.store.claims());
        self.asked.lock().unwrap().push(so_far);
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Inner) -> Self::Future {
        self.inner.call(request)
    }
}

#[tokio::test(start_paused = true)]
async fn readiness_is_asked_after_verification_and_before_the_claim() {
    let (store, asked) = (FailingStore::default(), Arc::default());
    let body = |text: &'static str| ScriptedBody::new([Data(Bytes::from_static(text.as_bytes()))]);
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let deliver = async |body: ScriptedBody| {
        let asked = Arc::clone(&asked);
        let (inner, frames, store) = (Handler::ok(), body.polls(), store.clone());
        let service = layer.layer(Asked { inner, asked, frames, store });
        send(&service, around(&github("{}"), body)).await
    };
    deliver(body("{ }")).await.refuses(BadSignature, 401, None);
    deliver(body("{}").says(1 << 40)).await.refuses(BodyTooLarge, 413, None);
    assert!(asked.lock().unwrap().is_empty(), "a stranger does not get that far");

    deliver(body("{}")).await.is_the_handlers(200);
    assert_eq!(*asked.lock().unwrap(), [(2, 0)], "the whole body was read, nothing claimed");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_becomes_ready_is_503_and_nothing_is_claimed() {
    let store = FailingStore::default();
    let layer = builder(&GITHUB)
        .store(store.clone())
        .handler_timeout(Duration::from_secs(7))
        .max_runs(1)
        .build()
        .unwrap();
    let (mut service, _handle) = mocked(layer.clone());
    let start = Instant::now();
    let response = service.call(github("{}")).await.unwrap();
    read(response).await.refuses(Overloaded, 503, Some(5));
    assert_eq!((start.elapsed().as_secs(), store.claims()), (7, 0));
    deliver(&layer, &Handler::ok(), github("{}")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn a_failure_to_become_ready_is_the_services_own_error() {
    let store = FailingStore::default();
    let layer = builder(&GITHUB).store(store.clone()).max_runs(1).build().unwrap();
    let (mut service, mut handle) = mocked(layer.clone());
    handle.send_error("it broke");
    let error = service.call(github("{}")).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), store.claims()), ("it broke", 0));
    deliver(&layer, &Handler::ok(), github("{}")).await.is_the_handlers(200);
}

// Errors ------------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn an_error_is_passed_through_and_its_claim_released() {
    let store = FailingStore::default();
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let (mut service, mut handle) = mocked(layer.clone());
    handle.allow(1);
    let response = tokio::spawn(service.call(github("{}")));
    let (_, respond) = handle.next_request().await.unwrap();
    respond.send_error("it broke");
    assert_eq!(response.await.unwrap().unwrap_err().to_string(), "it broke");
    assert_eq!((store.claims(), store.releases(), store.completes()), (1, 1, 0));

    let handler = Handler::ok();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [2]);
}

#[test]
fn its_error_is_the_wrapped_services() {
    fn error_is<E, S: Service<Signed, Error = E>>(_: &S) {}
    fn can_be_sent<T: Send + 'static>(_: &T) {}
    let layer = layer(&GITHUB);
    let mut service = layer.layer(Handler::ok());
    error_is::<Infallible, _>(&service);
    let future: ResponseFuture<Full<Bytes>, Infallible> = service.call(github("{}"));
    can_be_sent(&future);
    let shedding = ServiceBuilder::new().layer(layer).load_shed().service(Handler::ok());
    error_is::<tower::BoxError, _>(&shedding);
    can_be_sent(&shedding);
}

// Limits inside -----------------------------------------------------------------------------

/// A body that never goes on.
fn trickle() -> Request<ScriptedBody> {
    let first = Data(Bytes::from_static(b"{"));
    around(&github("{}"), ScriptedBody::new([first]).then_for_ever(Silence))
}

#[tokio::test(start_paused = true)]
async fn a_stranger_who_trickles_a_body_never_holds_a_permit() {
    let handler = Handler::ok();
    let service =
        ServiceBuilder::new().layer(layer(&GITHUB)).concurrency_limit(1).service(handler.clone());
    let mut strangers = Vec::new();
    for _ in 0..5 {
        let mut stranger = service.clone().oneshot(trickle());
        stays_pending(&mut stranger).await;
        strangers.push(stranger);
    }
    send(&service, github("{}")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn a_concurrency_limit_inside_lets_events_wait_for_each_other() {
    let (handler, gate) = Handler::at_a_gate();
    let service =
        ServiceBuilder::new().layer(layer(&STRIPE)).concurrency_limit(1).service(handler.clone());
    let mut first = Box::pin(send(&service, stripe("evt_1")));
    stays_pending(&mut first).await;
    let mut second = Box::pin(send(&service, stripe("evt_2")));
    stays_pending(&mut second).await;
    assert_eq!(handler.runs(), 1, "there is one permit");

    gate.let_pass(1);
    first.await.is_the_handlers(200);
    stays_pending(&mut second).await;
    assert_eq!(handler.runs(), 2);
    gate.let_pass(1);
    second.await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_hangs_up_while_it_waits_for_a_permit_leaves_it_to_others() {
    let (handler, gate) = Handler::at_a_gate();
    let service =
        ServiceBuilder::new().layer(layer(&STRIPE)).concurrency_limit(1).service(handler.clone());
    let mut first = Box::pin(send(&service, stripe("evt_1")));
    stays_pending(&mut first).await;
    let mut second = Box::pin(send(&service, stripe("evt_2")));
    stays_pending(&mut second).await;
    drop(second);
    gate.let_pass(2);
    first.await.is_the_handlers(200);
    send(&service, stripe("evt_3")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn load_shed_inside_is_an_error_and_takes_no_event_away() {
    let (handler, gate) = Handler::at_a_gate();
    let service = ServiceBuilder::new()
        .layer(layer(&STRIPE))
        .load_shed()
        .concurrency_limit(1)
        .service(handler.clone());
    let mut first = Box::pin(send(&service, stripe("evt_1")));
    stays_pending(&mut first).await;

    let error = service.clone().oneshot(stripe("evt_2")).await.unwrap_err();
    assert!(error.is::<tower::load_shed::error::Overloaded>(), "{error}");
    gate.let_pass(2);
    first.await.is_the_handlers(200);
    send(&service, stripe("evt_2")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1, 2], "its claim was given back");
}

#[tokio::test(start_paused = true)]
async fn a_buffer_inside_takes_events_one_after_the_other() {
    let (handler, gate) = Handler::at_a_gate();
    let service = ServiceBuilder::new()
        .layer(layer(&STRIPE))
        .buffer(1)
        .concurrency_limit(1)
        .service(handler.clone());
    let mut senders: Vec<_> = Vec::new();
    for id in ["evt_1", "evt_2", "evt_3", "evt_4"] {
        senders.push(tokio::spawn(service.clone().oneshot(stripe(id))));
        settle().await;
    }
    assert_eq!(handler.runs(), 1);
    gate.let_pass(4);
    for sender in senders {
        read(sender.await.unwrap().unwrap()).await.is_the_handlers(200);
    }
    assert_eq!(handler.attempts(), [1, 1, 1, 1]);
}

// Clones ------------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn clones_of_a_service_share_its_limits_and_its_memory() {
    let (handler, gate) = Handler::at_a_gate();
    let service = builder(&STRIPE).max_runs(1).build().unwrap().layer(handler.clone());
    let clone = service.clone();
    let mut first = Box::pin(send(&service, stripe("evt_1")));
    stays_pending(&mut first).await;
    send(&clone, stripe("evt_2")).await.refuses(Overloaded, 503, Some(5));
    gate.let_pass(1);
    first.await.is_the_handlers(200);
    send(&clone, stripe("evt_1")).await.acknowledges();
    assert_eq!((service.get_ref().runs(), clone.into_inner().runs()), (1, 1));
}

// Dropped at every step ---------------------------------------------------------------------

/// Polls a future once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}

/// A layer with room for nothing but one delivery: what is not given back is missed.
fn tight(store: &FailingStore) -> WebhookLayer {
    builder(&GITHUB)
        .store(store.clone())
        .max_body(2)
        .max_buffered_bytes(2)
        .max_runs(1)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn dropped_before_it_was_polled_it_leaves_no_trace() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let body = ScriptedBody::new([Data(Bytes::from_static(b"{}"))]);
    let polls = body.polls();
    drop(tight(&store).layer(handler.clone()).call(around(&github("{}"), body)));
    settle().await;
    assert_eq!((polls.load(Ordering::SeqCst), store.claims(), handler.runs()), (0, 0, 0));
}

#[derive(Debug)]
struct Slow;

impl KeySource for Slow {
    async fn keys(&self, _: &Parts) -> Result<Option<Keys>, KeySourceError> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(Some(GITHUB.keys(SECRET).map_err(KeySourceError::new)?))
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_while_keys_are_looked_for_it_leaves_no_trace() {
    let store = FailingStore::default();
    let verifier = GITHUB.verifier_with(Slow).build().unwrap();
    let layer = WebhookLayer::builder("tests", verifier).store(store.clone()).build().unwrap();
    let handler = Handler::ok();
    let mut response = layer.layer(handler.clone()).call(github("{}"));
    stays_pending(&mut response).await;
    drop(response);
    settle().await;
    assert_eq!((store.claims(), handler.runs()), (0, 0));
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn dropped_in_the_middle_of_the_body_it_leaves_no_trace() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = tight(&store);
    let mut response = layer.layer(handler.clone()).call(trickle());
    stays_pending(&mut response).await;
    drop(response);
    settle().await;
    assert_eq!((store.claims(), handler.runs()), (0, 0));
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1]);
}

#[tokio::test(start_paused = true)]
async fn dropped_while_it_waits_for_readiness_it_leaves_no_trace() {
    let store = FailingStore::default();
    let layer = tight(&store);
    let (mut service, _handle) = mocked(layer.clone());
    let mut response = service.call(github("{}"));
    stays_pending(&mut response).await;
    drop(response);
    settle().await;
    assert_eq!(store.claims(), 0);
    let handler = Handler::ok();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1]);
}

#[tokio::test(start_paused = true)]
async fn dropped_while_it_claims_the_run_goes_on() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = tight(&store);
    store.hang_claims();
    let mut response = layer.layer(handler.clone()).call(github("{}"));
    stays_pending(&mut response).await;
    assert_eq!((store.claims(), handler.runs()), (1, 0));
    drop(response);
    store.heal();
    settle().await;
    assert_eq!(handler.runs(), 1);
    deliver(&layer, &handler, github("{}")).await.acknowledges();
}

#[tokio::test(start_paused = true)]
async fn dropped_while_the_handler_runs_the_run_goes_on() {
    let (store, (handler, gate)) = (FailingStore::default(), Handler::at_a_gate());
    let layer = tight(&store);
    let mut response = layer.layer(handler.clone()).call(github("{}"));
    stays_pending(&mut response).await;
    drop(response);
    assert_eq!(layer.drain_handle().drain(Duration::ZERO).await, Drained::Remaining(1));
    gate.let_pass(1);
    settle().await;
    assert_eq!((handler.runs(), store.completes(), store.releases()), (1, 1, 0));
    assert_eq!(layer.drain_handle().drain(Duration::ZERO).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn dropped_after_the_handlers_answer_the_event_is_completed() {
    let (store, handler) = (FailingStore::default(), Handler::ok());
    let layer = tight(&store);
    let mut response = layer.layer(handler.clone()).call(github("{}"));
    assert!(poll_once(&mut response).await.is_ready(), "nothing had to be waited for");
    drop(response);
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    assert_eq!((handler.runs(), store.completes()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_that_hangs_up_takes_nothing_from_the_one_that_runs() {
    let (store, (handler, gate)) = (FailingStore::default(), Handler::at_a_gate());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let mut first = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut first).await;
    let mut duplicate = layer.layer(handler.clone()).call(github("{}"));
    drop(poll_once(&mut duplicate).await);
    drop(duplicate);
    settle().await;
    deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(60));
    assert_eq!(store.releases(), 0);
    gate.let_pass(1);
    first.await.is_the_handlers(200);
}

/// An answer with its body read.
async fn read<B>(response: Response<B>) -> Answer
where
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let (head, body) = response.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    Answer(Response::from_parts(head, body))
}
