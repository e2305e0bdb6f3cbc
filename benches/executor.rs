//! How long a large body keeps a current-thread runtime from its other work (aim 8): the longest
//! poll of the response future, and how late a timer of 1 ms comes, with a body of 25 MiB in frames
//! of several sizes, in one frame, and over a connection of hyper.

mod support;

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use support::{Bound, KIB, MIB, SENDERS, row, size};
use tower::{Layer, ServiceExt};
use tower_webhooks::WebhookLayer;
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::testing::ManualClock;

const BODY: usize = 25 * MIB;
const RUNS: usize = 40;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return println!("measures nothing outside `cargo bench`");
    }
    for frame in [16 * KIB, 64 * KIB, 408 * KIB, BODY] {
        let runs: Vec<_> = (0..RUNS).map(|_| in_process(frame)).collect();
        let longest = longest_poll(runs.iter().map(|(polls, _)| polls));
        let late = least(runs.iter().map(|(_, late)| millis(*late)));
        let what = format!("25 MiB in frames of {}", size(frame));
        row(8, &format!("longest poll in ms, {what}"), Bound::AtMost(1.5), longest);
        row(8, &format!("1 ms timer late in ms, {what}"), Bound::AtMost(4.0), late);
    }
    let late = least((0..RUNS).map(|_| millis(over_hyper())));
    row(8, "1 ms timer late in ms, 25 MiB over hyper", Bound::AtMost(4.0), late);
}

/// The walk is the same in every run, poll by poll. What is longer in one run than in another is the
/// machine's other work, so each poll counts with its shortest time.
fn longest_poll<'a>(runs: impl Iterator<Item = &'a Vec<Duration>>) -> f64 {
    let shortest = runs.cloned().reduce(|shortest, polls| {
        assert_eq!(shortest.len(), polls.len(), "the walk differs from run to run");
        shortest.into_iter().zip(polls).map(|(one, other)| one.min(other)).collect()
    });
    shortest.into_iter().flatten().map(millis).fold(0.0, f64::max)
}

/// A timer cannot be followed from run to run: the run counts that was disturbed the least.
fn least(figures: impl Iterator<Item = f64>) -> f64 {
    figures.fold(f64::INFINITY, f64::min)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn layer() -> WebhookLayer {
    let sender = &SENDERS[0];
    let verifier = sender.signer().verifier().build().expect("it is in order");
    WebhookLayer::builder("bench", verifier)
        .clock(ManualClock::at(sender.signer().now()))
        .max_body(BODY)
        .build()
        .expect("it is in order")
}

async fn handle(request: Request<VerifiedBody>) -> Result<Response<Full<Bytes>>, Infallible> {
    drop(request);
    Ok(Response::new(Full::default()))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

/// Counts how late a timer of 1 ms comes at most, until it is aborted.
struct Ticker {
    latest: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Ticker {
    async fn start() -> Self {
        let latest = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&latest);
        let task = tokio::spawn(async move {
            loop {
                let due = Instant::now() + Duration::from_millis(1);
                tokio::time::sleep_until(due.into()).await;
                let late = due.elapsed().as_nanos() as u64;
                seen.fetch_max(late, Ordering::Relaxed);
            }
        });
        // Whatever comes with the start is not counted.
        tokio::time::sleep(Duration::from_millis(10)).await;
        latest.store(0, Ordering::Relaxed);
        Self { latest, task }
    }

    async fn stop(self) -> Duration {
        // The tick that is due now counts.
        tokio::time::sleep(Duration::from_millis(3)).await;
        self.task.abort();
        Duration::from_nanos(self.latest.load(Ordering::Relaxed))
    }
}

/// Every poll of the response future, and the latest timer.
fn in_process(frame: usize) -> (Vec<Duration>, Duration) {
    let service = layer().layer(tower::service_fn(handle));
    let request = SENDERS[0].request(BODY, 1).map(|bytes| Frames { bytes, frame });
    runtime().block_on(async move {
        let ticker = Ticker::start().await;
        let mut polls = Vec::with_capacity(1_000);
        let mut answer = pin!(service.oneshot(request));
        let answer = poll_fn(|cx| {
            let start = Instant::now();
            let polled = answer.as_mut().poll(cx);
            polls.push(start.elapsed());
            polled
        });
        assert!(answer.await.expect("it never fails").status().is_success());
        (polls, ticker.stop().await)
    })
}

/// The latest timer while a body comes over loopback.
fn over_hyper() -> Duration {
    let service = layer().layer(tower::service_fn(handle));
    let (head, body) = SENDERS[0].request(BODY, 1).into_parts();
    let signature = head.headers["x-hub-signature-256"].to_str().expect("it is text");
    let start = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {BODY}\r\nx-hub-signature-256: {signature}\r\n\r\n"
    );
    runtime().block_on(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a connection");
            let service = TowerToHyperService::new(service);
            let mut server = hyper::server::conn::http1::Builder::new();
            server.timer(hyper_util::rt::TokioTimer::new());
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
        let ticker = Ticker::start().await;
        // The client has a thread of its own: only the server is measured.
        let client = tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(address).expect("the server listens");
            stream
                .write_all(start.as_bytes())
                .and_then(|()| stream.write_all(&body))
                .expect("read");
            let mut answer = [0; 1024];
            let length = stream.read(&mut answer).expect("an answer");
            assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
        });
        client.await.expect("it is answered");
        ticker.stop().await
    })
}

/// A body in frames of one size, always at hand.
struct Frames {
    bytes: Bytes,
    frame: usize,
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.frame.min(self.bytes.len());
        let frame = self.bytes.split_to(length);
        Poll::Ready((!frame.is_empty()).then(|| Ok(Frame::data(frame))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
