//! Many at once: copies, senders that hang up, strangers. Counted, never timed.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::layer::Step::{Data, Silence};
use crate::support::layer::{
    Answer, GITHUB_DELIVERY, Gate, Handler, ScriptedBody, answer, around, builder, deliver, github,
    github_signature, serve, stripe,
};
use bytes::Bytes;
use http::Request;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tower::{Layer, Service, service_fn};
use tower_webhooks::RejectionKind::{InFlight, Overloaded};
use tower_webhooks::layer::Drained;
use tower_webhooks::providers::{GITHUB, STRIPE};
use tower_webhooks::testing::FailingStore;
use tower_webhooks::{Provider, WebhookLayer, WebhookLayerBuilder};

/// A layer whose time-outs a busy machine does not meet: the clock of these tests runs.
fn patient(provider: &Provider) -> WebhookLayerBuilder {
    let hour = Duration::from_secs(3_600);
    builder(provider).handler_timeout(hour).body_timeout(hour).store_timeout(hour)
}

/// Sends a request on a task of its own.
fn spawn<B>(senders: &mut JoinSet<Answer>, to: (&WebhookLayer, &Handler), request: Request<B>)
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
{
    let (layer, handler) = (to.0.clone(), to.1.clone());
    senders.spawn(async move { deliver(&layer, &handler, request).await });
}

/// Waits until something holds, as other threads make it.
async fn until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    // Not a measurement: what never comes about shall fail and not hang.
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it never came about");
}

/// How many of the statuses there were.
async fn tally(senders: JoinSet<Answer>) -> HashMap<u16, usize> {
    let mut statuses = HashMap::new();
    for answer in senders.join_all().await {
        *statuses.entry(answer.status()).or_default() += 1;
    }
    statuses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_simultaneous_copies_run_once_and_each_is_answered() {
    let (layer, handler) = (patient(&GITHUB).build().unwrap(), Handler::ok());
    let mut senders = JoinSet::new();
    for _ in 0..1_000 {
        spawn(&mut senders, (&layer, &handler), github("{}"));
    }
    let statuses = tally(senders).await;
    assert_eq!(handler.attempts(), [1]);
    let answered = |status| statuses.get(&status).copied().unwrap_or_default();
    assert_eq!(answered(200) + answered(503), 1_000, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_copies_while_one_runs_are_all_in_flight() {
    let (layer, (handler, gate)) = (patient(&GITHUB).build().unwrap(), Handler::at_a_gate());
    let mut senders = JoinSet::new();
    for _ in 0..1_000 {
        spawn(&mut senders, (&layer, &handler), github("{}"));
    }
    for _ in 0..999 {
        let answer = senders.join_next().await.unwrap().unwrap();
        assert_eq!((answer.kind(), answer.status()), (Some(InFlight), 503));
    }
    gate.let_pass(1);
    senders.join_next().await.unwrap().unwrap().is_the_handlers(200);
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    assert_eq!(handler.runs(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_senders_that_hang_up_lose_nothing() {
    let store = FailingStore::default();
    let layer = patient(&STRIPE).store(store.clone()).build().unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let mut senders = JoinSet::new();
    for number in 0..1_000 {
        spawn(&mut senders, (&layer, &handler), stripe(&format!("evt_{number}")));
    }
    for _ in 0..1_000 {
        gate.arrived().await;
    }
    senders.shutdown().await;
    gate.let_pass(1_000);
    until(|| store.completes() == 1_000).await;

    for number in 0..1_000 {
        deliver(&layer, &handler, stripe(&format!("evt_{number}"))).await.acknowledges();
    }
    assert_eq!((handler.runs(), store.releases()), (1_000, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_senders_that_hang_up_hold_no_more_than_the_runs() {
    const SENDERS: usize = 10_000;
    const RUNS: usize = 16;
    let store = FailingStore::default();
    let layer = patient(&STRIPE).store(store.clone()).max_runs(RUNS).build().unwrap();
    let (gate, live, most) = (Gate::default(), Arc::new(AtomicUsize::new(0)), Arc::default());
    let handler = Handler::new({
        let (gate, live, most) =
            (gate.clone(), Arc::clone(&live), Arc::<AtomicUsize>::clone(&most));
        move |_, _| {
            let (gate, live, most) = (gate.clone(), Arc::clone(&live), Arc::clone(&most));
            async move {
                most.fetch_max(live.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                gate.pass().await;
                live.fetch_sub(1, Ordering::SeqCst);
                answer(200)
            }
        }
    });
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        spawn(&mut senders, (&layer, &handler), stripe(&format!("evt_{number}")));
    }
    for _ in 0..SENDERS - RUNS {
        let answer = senders.join_next().await.unwrap().unwrap();
        assert_eq!((answer.kind(), answer.retry_after()), (Some(Overloaded), Some(5)));
    }
    // Those that are left run on when they are alone, and still hold their places.
    senders.shutdown().await;
    until(|| live.load(Ordering::SeqCst) == RUNS).await;
    deliver(&layer, &handler, stripe("evt_new")).await.refuses(Overloaded, 503, Some(5));
    assert_eq!(store.claims() as usize, RUNS);

    gate.let_pass(RUNS);
    assert_eq!(layer.drain_handle().drain(Duration::from_secs(60)).await, Drained::All);
    assert_eq!((most.load(Ordering::SeqCst), handler.runs()), (RUNS, RUNS));
    assert_eq!(store.completes() as usize, RUNS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_strangers_that_trickle_hold_no_more_than_the_bytes() {
    const SENDERS: usize = 10_000;
    const HOLDING: usize = 64;
    let store = FailingStore::default();
    let layer = patient(&GITHUB)
        .store(store.clone())
        .max_body(1_024)
        .max_buffered_bytes(1_024 * HOLDING)
        .max_runs(1)
        .build()
        .unwrap();
    let (handler, mut senders) = (Handler::ok(), JoinSet::new());
    let frame = Bytes::from(vec![b'0'; 1_024]);
    for _ in 0..SENDERS {
        let body = ScriptedBody::new([Data(frame.clone())]).then_for_ever(Silence);
        spawn(&mut senders, (&layer, &handler), around(&github("{}"), body));
    }
    for _ in 0..SENDERS - HOLDING {
        let answer = senders.join_next().await.unwrap().unwrap();
        assert_eq!((answer.kind(), answer.status()), (Some(Overloaded), 503));
    }
    senders.shutdown().await;
    assert_eq!((store.claims(), handler.runs()), (0, 0));
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
}

/// Counts the responses that were dropped before they were done.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn senders_that_close_their_sockets_lose_nothing() {
    const SENDERS: usize = 50;
    let store = FailingStore::default();
    let layer = patient(&GITHUB).store(store.clone()).build().unwrap();
    let ((handler, gate), dropped) = (Handler::at_a_gate(), Arc::new(AtomicUsize::new(0)));
    let (service, noted) = (layer.layer(handler.clone()), Arc::clone(&dropped));
    let address = serve(service_fn(move |request| {
        let (response, unfinished) = (service.clone().call(request), Dropped(Arc::clone(&noted)));
        async move {
            let response = response.await;
            std::mem::forget(unfinished);
            response as Result<_, Infallible>
        }
    }))
    .await;

    let body = |number: usize| format!(r#"{{"number":{number}}}"#);
    let mut sockets = Vec::new();
    for number in 0..SENDERS {
        let (mut socket, body) = (TcpStream::connect(address).await.unwrap(), body(number));
        let request = format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\nx-github-delivery: {GITHUB_DELIVERY}\r\nx-hub-signature-256: {}\r\ncontent-length: {}\r\n\r\n{body}",
            github_signature(body.as_bytes()),
            body.len(),
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        gate.arrived().await;
        sockets.push(socket);
    }
    drop(sockets);
    until(|| dropped.load(Ordering::SeqCst) == SENDERS).await;
    assert_eq!(store.completes(), 0, "no handler is through, and nobody waits for one");

    gate.let_pass(SENDERS);
    until(|| store.completes() as usize == SENDERS).await;
    for number in 0..SENDERS {
        deliver(&layer, &handler, github(body(number))).await.acknowledges();
    }
    assert_eq!((handler.runs(), store.releases()), (SENDERS, 0));
}
