//! The layer over a real connection: the processor time of a request and requests a second against
//! a bare handler and against verifying by hand inside it (aims 5 and 6), and what the refusal of a
//! large unsigned body takes (aim 10).
//!
//! Each service has a thread of its own with a current-thread runtime and hyper on loopback TCP. A
//! client writes ready-made requests, one after the other. The services
//! take turns; processor time is that of the server's thread, as the kernel counts it.

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use bytes::Bytes;
use hmac::{Hmac, Mac};
use http::{HeaderMap, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use sha2::Sha256;
use support::{Bound, KIB, MIB, SENDERS, Sender, median, row, size};
use tower_webhooks::testing::ManualClock;
use tower_webhooks::{Event, WebhookLayer, WebhookLayerBuilder};

/// One, so that each request comes alone and no body waits for another.
const CONNECTIONS: usize = 1;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return println!("measures nothing outside `cargo bench`");
    }
    for (sender, sizes) in
        [(&SENDERS[0], &[KIB, 16 * KIB, MIB][..]), (&SENDERS[2], &[KIB, 16 * KIB, MIB][..])]
    {
        for bytes in sizes {
            requests(sender, *bytes);
        }
    }
    refusals();
}

fn requests(sender: &'static Sender, bytes: usize) {
    let layered = |builder: WebhookLayerBuilder| bare().layer(builder.build().expect("in order"));
    let services = [
        Served::new("bare", bare()),
        Served::new("by hand", by_hand(sender)),
        Served::new("verify only", layered(layer(sender).insecure_without_replay_protection())),
        Served::new("with claim", layered(layer(sender))),
        Served::new("with envelope", enveloped().layer(layer(sender).build().expect("in order"))),
    ];
    let rounds = if bytes == MIB { 40 } else { 150 };
    let costs = in_turns(&services, rounds, bytes, |number| {
        written(&sender.request(bytes, number).map(Some), bytes)
    });

    let (name, at) = (sender.name, size(bytes));
    let cpu = |side: usize, over: usize| {
        median(costs.iter().map(|round| round[side].cpu / round[over].cpu))
    };
    let rate = |side: usize| median(costs.iter().map(|round| round[0].wall / round[side].wall));
    let micros: Vec<_> =
        (0..services.len()).map(|side| median(costs.iter().map(|round| round[side].cpu))).collect();
    let detail = format!(
        "µs: bare {:.1}, by hand {:.1}, verify only {:.1}, with claim {:.1}, with envelope {:.1}",
        micros[0], micros[1], micros[2], micros[3], micros[4]
    );
    let what = format!("CPU a request over by hand, {name}, {at}, verify only ({detail})");
    row(5, &what, Bound::AtMost(1.05), cpu(2, 1));
    row(5, &format!("the same, {name}, {at}, with memory store"), Bound::None, cpu(3, 1));
    let bounds = match bytes {
        KIB => [Bound::AtLeast(0.82), Bound::AtLeast(0.76)],
        _ => [Bound::None, Bound::None],
    };
    row(6, &format!("requests/s of bare, {name}, {at}, by hand"), Bound::None, rate(1));
    row(6, &format!("requests/s of bare, {name}, {at}, verify only"), bounds[0], rate(2));
    row(6, &format!("requests/s of bare, {name}, {at}, with memory store"), bounds[1], rate(3));
}

/// An unsigned request of 1 MiB. A client that sends it all is answered before it has.
fn refusals() {
    let sender = &SENDERS[0];
    let services = [
        Served::new("bare", bare()),
        Served::new("refusing", bare().layer(layer(sender).build().expect("in order"))),
    ];
    let costs = in_turns(&services, 40, MIB, |number| {
        let mut request = sender.request(MIB, number);
        request.headers_mut().clear();
        written(&request.map(Some), MIB)
    });
    let ratio = median(costs.iter().map(|round| round[1].cpu / round[0].cpu));
    let micros = |side: usize| median(costs.iter().map(|round| round[side].cpu));
    let what = format!(
        "refusal of an unsigned 1 MiB body, of bare's CPU ({:.1} of {:.1} µs)",
        micros(1),
        micros(0)
    );
    row(10, &what, Bound::AtMost(0.25), ratio);
}

fn bare() -> Router {
    let handler = async |body: Bytes| {
        std::hint::black_box(body);
        StatusCode::OK
    };
    Router::new().route("/", post(handler)).layer(DefaultBodyLimit::disable())
}

fn enveloped() -> Router {
    #[derive(Deserialize)]
    struct Envelope {
        id: String,
        r#type: String,
    }
    let handler = async |event: Event<Envelope>| {
        std::hint::black_box((&event.payload().id, &event.payload().r#type));
        StatusCode::OK
    };
    Router::new().route("/", post(handler)).layer(DefaultBodyLimit::disable())
}

fn layer(sender: &Sender) -> WebhookLayerBuilder {
    let verifier = sender.signer().verifier().build().expect("it is in order");
    WebhookLayer::builder("bench", verifier).clock(ManualClock::at(sender.signer().now()))
}

/// What a careful user writes: the key schedule kept, the body as it came, nothing allocated.
fn by_hand(sender: &'static Sender) -> Router {
    let keyed = sender.keyed();
    let now = sender.signer().now().duration_since(std::time::UNIX_EPOCH).expect("later").as_secs();
    let handler = async move |headers: HeaderMap, body: Bytes| {
        let accepted = match sender.name {
            "GitHub" => github(&keyed, &headers, &body),
            _ => stripe(&keyed, &headers, &body, now),
        };
        if accepted.is_some() { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
    };
    Router::new().route("/", post(handler)).layer(DefaultBodyLimit::disable())
}

fn github(keyed: &Hmac<Sha256>, headers: &HeaderMap, body: &[u8]) -> Option<()> {
    let sent = headers.get("x-hub-signature-256")?.as_bytes().strip_prefix(b"sha256=")?;
    let mac = keyed.clone().chain_update(body);
    mac.verify_slice(&hex(sent)?).ok()
}

fn stripe(keyed: &Hmac<Sha256>, headers: &HeaderMap, body: &[u8], now: u64) -> Option<()> {
    let header = headers.get("stripe-signature")?.to_str().ok()?;
    let (mut time, mut sent) = (None, None);
    for element in header.split(',') {
        match element.split_once('=')? {
            ("t", value) => time = Some(value),
            ("v1", value) => sent = hex(value.as_bytes()),
            _ => {}
        }
    }
    let time = time?;
    if time.parse::<u64>().ok()?.abs_diff(now) > 300 {
        return None;
    }
    let mac = keyed.clone().chain_update(time).chain_update(b".").chain_update(body);
    mac.verify_slice(&sent?).ok()
}

fn hex(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Some(bytes)
}

/// A request as it goes over the wire; without a body, only its head.
fn written(request: &Request<Option<Bytes>>, length: usize) -> Vec<u8> {
    let mut bytes =
        format!("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n").into_bytes();
    for (name, value) in request.headers() {
        if name != "host" && name != "content-length" {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
    }
    bytes.extend(b"\r\n");
    bytes.extend(request.body().iter().flatten());
    bytes
}

struct Cost {
    /// Microseconds a request of the server's thread.
    cpu: f64,
    /// Microseconds a request on the wall clock.
    wall: f64,
}

/// A service on a thread of its own.
struct Served {
    address: SocketAddr,
    /// Where the kernel counts the thread's processor time.
    schedstat: String,
}

impl Served {
    /// The name is the thread's, for a profiler.
    fn new(name: &str, router: Router) -> Self {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new().name(name.to_owned());
        let server = thread.spawn(move || {
            let thread = std::fs::read_link("/proc/thread-self").expect("this is Linux");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let address = listener.local_addr().expect("it is bound");
                let schedstat = format!("/proc/{}/schedstat", thread.display());
                sender.send(Self { address, schedstat }).expect("somebody waits");
                loop {
                    let (stream, _) = listener.accept().await.expect("a connection");
                    stream.set_nodelay(true).expect("a TCP stream");
                    let service = TowerToHyperService::new(router.clone());
                    tokio::spawn(async move {
                        let mut server = hyper::server::conn::http1::Builder::new();
                        server.timer(TokioTimer::new());
                        // A refused client may hang up with its body half sent.
                        let _ = server.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
            });
        });
        server.expect("a thread starts");
        receiver.recv().expect("the server starts")
    }

    /// Microseconds of processor time so far.
    fn cpu(&self) -> f64 {
        let text = std::fs::read_to_string(&self.schedstat).expect("the kernel counts it");
        let nanos = text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
        nanos.expect("it is a number") / 1e3
    }
}

/// One connection, opened anew when the server has closed it.
struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: Box<[u8; 4096]>,
}

impl Connection {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a TCP stream");
        Self { address, stream, buffer: Box::new([0; 4096]) }
    }

    fn send(&mut self, request: &[u8]) {
        // A server that refuses early may close while the body is on its way.
        let _ = self.stream.write_all(request);
    }

    /// Reads one answer; its body is empty.
    fn receive(&mut self) {
        let mut length = 0;
        loop {
            match self.stream.read(&mut self.buffer[length..]) {
                Ok(0) | Err(_) => {
                    *self = Self::new(self.address);
                    return;
                }
                Ok(more) => length += more,
            }
            let answer = &self.buffer[..length];
            if answer.ends_with(b"\r\n\r\n") {
                if answer.windows(17).any(|part| part == b"connection: close") {
                    *self = Self::new(self.address);
                }
                return;
            }
        }
    }
}

/// The services take turns, each with the same number of fresh requests a round.
fn in_turns<const N: usize>(
    services: &[Served; N],
    rounds: usize,
    bytes: usize,
    request: impl Fn(u64) -> Vec<u8>,
) -> Vec<[Cost; N]> {
    let number = Arc::new(AtomicU64::new(0));
    let bursts = if bytes >= MIB { 8 } else { 100 };
    let mut connections: Vec<Vec<_>> = services
        .iter()
        .map(|served| (0..CONNECTIONS).map(|_| Connection::new(served.address)).collect())
        .collect();
    let mut costs = Vec::new();
    for round in 0..rounds + 5 {
        let mut order: [usize; N] = std::array::from_fn(|index| index);
        order.rotate_left(round % N);
        let mut cost: [Option<Cost>; N] = std::array::from_fn(|_| None);
        for index in order {
            let requests: Vec<Vec<u8>> = (0..bursts * CONNECTIONS)
                .map(|_| request(number.fetch_add(1, Ordering::Relaxed)))
                .collect();
            // Until the kernel has counted the last of what was before.
            std::thread::sleep(Duration::from_micros(200));
            let (cpu, start) = (services[index].cpu(), Instant::now());
            for burst in requests.chunks(CONNECTIONS) {
                let connections = &mut connections[index];
                connections.iter_mut().zip(burst).for_each(|(open, request)| open.send(request));
                connections.iter_mut().for_each(Connection::receive);
            }
            let wall = start.elapsed().as_secs_f64() * 1e6;
            std::thread::sleep(Duration::from_micros(200));
            let count = requests.len() as f64;
            let cpu = services[index].cpu() - cpu;
            cost[index] = Some(Cost { cpu: cpu / count, wall: wall / count });
        }
        if round >= 5 {
            costs.push(cost.map(|cost| cost.expect("each had its turn")));
        }
    }
    costs
}
