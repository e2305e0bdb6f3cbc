//! A receiver in a process of its own, which can be killed.
//!
//! It is this test binary once more: [`process`] is a test that does nothing unless a receiver is
//! to be served.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};
use tower::{BoxError, Layer, Service, service_fn};
use tower_webhooks::event::Raw;
use tower_webhooks::inbox::InboxStore;
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::providers::GITHUB;
use tower_webhooks::store::{
    Fence, IdempotencyStore, PostgresStore, RedisStore, SqliteStore, StoreError,
};
use tower_webhooks::{Event, WebhookLayerBuilder};

use crate::bank::{Bank, Paid};
use crate::history::Pen;
use crate::support;
use crate::support::random::Random;
use crate::watched::{Asked, Watched};

const SETTINGS: &str = "FIRE_RECEIVER";

/// What the names of events start with whose first run is longer than its lease.
pub const SLOW: &str = "slow";

/// How a receiver is set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// `sqlite:`, `postgres:`, `pooled:postgres:` (through a proxy that pools transactions),
    /// `redis:`, or `replicated:redis:` (which waits for a replica).
    pub store: String,
    pub history: PathBuf,
    pub handler_timeout: Duration,
    pub store_timeout: Duration,
    pub work: Work,
    /// Events also run while the store does not answer.
    pub fails_open: bool,
    pub seed: u64,
}

/// What the handler does between the two lines that it writes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Work {
    /// Takes up to so many milliseconds, and fails so many times of a hundred.
    Waits { slowest: u64, failing: u64 },
    /// As `Waits`, by the workers of an inbox, which gives an event up after so many attempts.
    Queues { slowest: u64, failing: u64, attempts: u32 },
    /// Pays in a transaction that completes the event.
    Pays { failing: u64 },
}

impl Settings {
    /// The shortest that a layer accepts.
    pub fn lease(&self) -> Duration {
        self.handler_timeout + 2 * self.store_timeout + Duration::from_secs(5)
    }
}

/// Ends with the test process, or when this is dropped.
#[derive(Debug)]
pub struct Receiver {
    child: Child,
    pub address: SocketAddr,
}

impl Receiver {
    /// Starts one, and waits until it listens.
    pub fn start(settings: &Settings) -> Self {
        let settings = serde_json::to_string(settings).expect("it is text");
        let mut child = Command::new(std::env::current_exe().expect("it has a path"))
            .args(["receiver::process", "--exact", "--nocapture", "--test-threads=1"])
            .env(SETTINGS, settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this binary runs");
        let output = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines();
        let address = lines.find_map(|line| {
            let line = line.expect("it is text");
            line.split_once("listening on ").map(|(_, address)| address.to_owned())
        });
        // What it prints later goes nowhere, which is no reason to fail.
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.expect("it listens").parse().expect("it is an address");
        Self { child, address }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Stops it where it is for a time, as a machine does that swaps. A shell sees to it that it
    /// goes on, also if the test is gone by then.
    pub async fn pause(id: u32, time: Duration) {
        const SCRIPT: &str = "kill -STOP $0; sleep $1; kill -CONT $0";
        let mut shell = tokio::process::Command::new("sh");
        shell.args(["-c", SCRIPT, &id.to_string(), &time.as_secs_f32().to_string()]);
        assert!(shell.status().await.is_ok_and(|status| status.success()), "it was stopped");
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.kill();
    }
}

#[test]
fn process() {
    let Ok(settings) = std::env::var(SETTINGS) else { return };
    let settings: Settings = serde_json::from_str(&settings).expect("they are ours");
    // The other end is closed when the test process is gone.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(serve(settings));
}

async fn serve(settings: Settings) {
    let (url, patience) = (settings.store.clone(), settings.store_timeout);
    match url.split_once(':').map_or("", |(scheme, _)| scheme) {
        "postgres" => {
            let store = opened(async || PostgresStore::connect(&url).await).await;
            if let Work::Queues { .. } = settings.work {
                return serve_inbox(store, settings).await;
            }
            serve_with(store, settings).await;
        }
        "pooled" => {
            let url = url.trim_start_matches("pooled:");
            let store = opened(async || pooled(url).await).await;
            if let Work::Queues { .. } = settings.work {
                return serve_inbox(store, settings).await;
            }
            serve_with(store, settings).await;
        }
        "redis" => {
            let store = RedisStore::builder().response_timeout(patience);
            serve_with(opened(async || store.clone().connect(&url).await).await, settings).await;
        }
        "replicated" => {
            let url = url.trim_start_matches("replicated:");
            let store = RedisStore::builder().response_timeout(patience);
            let store = store.wait_replicas(1, patience / 2);
            serve_with(opened(async || store.clone().connect(url).await).await, settings).await;
        }
        _ => {
            let path = url.trim_start_matches("sqlite:");
            let store = SqliteStore::builder(path).busy_timeout(patience);
            let store = opened(async || store.clone().open().await).await;
            if let Work::Queues { .. } = settings.work {
                return serve_inbox(store, settings).await;
            }
            serve_with(store, settings).await;
        }
    }
}

/// On a pool as an application has one.
async fn pooled(url: &str) -> Result<PostgresStore, StoreError> {
    let pool = sqlx::PgPool::connect_lazy(url).expect("it is a URL");
    let store = PostgresStore::new(pool);
    store.migrate().await.map(|()| store)
}

/// A store that may be too busy to be opened at once.
async fn opened<S>(open: impl AsyncFn() -> Result<S, StoreError>) -> S {
    for _ in 0..100 {
        match open().await {
            Ok(store) => return store,
            Err(error) => eprintln!("a receiver waits for its store: {error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the store is not to be opened")
}

async fn serve_with(store: impl IdempotencyStore, settings: Settings) {
    let pen = Arc::new(Pen::open(&settings.history));
    let store = Watched::new(store, Arc::clone(&pen));
    let desk = Arc::new(Desk::open(&settings, pen, store.asked()).await);
    let layer = layer(&settings).store(store).build().expect("the settings are in order");
    let handler = service_fn(move |request: Request<VerifiedBody>| {
        let event = request.extensions().get::<Event>().expect("the layer put it in").clone();
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(answer(desk.handle(event).await)) }
    });
    listen(layer.layer(handler)).await;
}

async fn serve_inbox(store: impl Into<InboxStore>, settings: Settings) {
    let pen = Arc::new(Pen::open(&settings.history));
    let desk = Arc::new(Desk::open(&settings, pen, Asked::default()).await);
    let layer = layer(&settings).build().expect("the settings are in order");
    let handler = service_fn(move |event: Event| {
        let desk = Arc::clone(&desk);
        async move {
            match desk.handle(event).await {
                "200" => Ok(()),
                failed => Err(failed),
            }
        }
    });
    let Work::Queues { attempts, .. } = settings.work else { panic!("it has no inbox") };
    let (receiver, workers) = layer
        .events::<Raw>()
        .inbox(store)
        .workers(16)
        .max_attempts(attempts)
        .backoff(Duration::from_millis(50), Duration::from_millis(500))
        .poll_interval(Duration::from_millis(100))
        .build(handler)
        .expect("the settings are in order");
    let _workers = workers.start();
    listen(receiver).await;
}

fn layer(settings: &Settings) -> WebhookLayerBuilder {
    let layer = support::layer::builder(&GITHUB)
        .handler_timeout(settings.handler_timeout)
        .store_timeout(settings.store_timeout)
        .lease(settings.lease());
    if settings.fails_open { layer.insecure_fail_open() } else { layer }
}

async fn listen<S, B>(service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let address = support::layer::serve(service).await;
    println!("listening on {address}");
    std::future::pending().await
}

/// Where events are handled.
struct Desk {
    pen: Arc<Pen>,
    asked: Asked,
    bank: Option<Bank>,
    work: Work,
    timeout: Duration,
    lease: Duration,
    random: Mutex<Random>,
}

impl Desk {
    async fn open(settings: &Settings, pen: Arc<Pen>, asked: Asked) -> Self {
        let bank = match settings.work {
            Work::Pays { .. } => Some(Bank::open(&settings.store).await),
            Work::Waits { .. } | Work::Queues { .. } => None,
        };
        let random = Random::seeded(settings.seed ^ u64::from(std::process::id()));
        Self {
            pen,
            asked,
            bank,
            work: settings.work,
            timeout: settings.handler_timeout,
            lease: settings.lease(),
            random: Mutex::new(random),
        }
    }

    /// The status to answer with.
    async fn handle(&self, event: Event) -> &'static str {
        let run = self.begin(&event);
        match self.work {
            Work::Waits { slowest, failing } | Work::Queues { slowest, failing, .. } => {
                tokio::time::sleep(Duration::from_millis(self.below(slowest + 1))).await;
                let status = if self.below(100) < failing { "500" } else { "200" };
                run.end(status);
                status
            }
            Work::Pays { failing } => {
                let wait = self.some_time(&run, event.attempt());
                let fails = self.below(100) < failing;
                let bank = self.bank.clone().expect("it is open");
                // On a task of its own the handler goes on when the layer gives it up: so it can
                // outlive its lease.
                let paid = tokio::spawn(async move { run.pay(&bank, wait, fails, event).await });
                let paid = paid.await.expect("it does not panic");
                if paid == Paid::Committed { "200" } else { "500" }
            }
        }
    }

    fn begin(&self, event: &Event) -> Running {
        // Without a claim there is none; then the time tells runs apart.
        let key = event.replay_key();
        let fence = event.fence().unwrap_or_else(|| Fence::new(crate::history::now()));
        // Nobody watches what workers ask for.
        let asked = self.asked.lock().unwrap().remove(&(key, fence)).unwrap_or_default();
        let name = String::from_utf8(event.body().to_vec()).expect("it is a name");
        self.pen.note(&format!("begin {name} {key} {} {fence} {asked}", event.attempt()));
        Running { pen: Arc::clone(&self.pen), name, fence: fence.get(), is_over: false }
    }

    fn below(&self, limit: u64) -> u64 {
        self.random.lock().unwrap().below(limit)
    }

    /// Mostly short, now and then longer than the layer waits, and sometimes longer than the lease.
    fn some_time(&self, run: &Running, attempt: u32) -> Duration {
        match self.below(100) {
            _ if run.name.starts_with(SLOW) && attempt == 1 => self.lease + self.timeout,
            0..4 => self.lease + Duration::from_millis(self.below(1_000)),
            4..10 => self.timeout + Duration::from_millis(self.below(1_000)),
            _ => Duration::from_millis(self.below(20)),
        }
    }
}

/// A run that says how it ended.
struct Running {
    pen: Arc<Pen>,
    name: String,
    fence: u64,
    is_over: bool,
}

impl Running {
    fn end(mut self, how: &str) {
        self.is_over = true;
        self.note(how);
    }

    async fn pay(self, bank: &Bank, wait: Duration, fails: bool, event: Event) -> Paid {
        tokio::time::sleep(wait).await;
        let paid = bank.pay(&self.name, fails, event).await;
        self.end(paid.as_str());
        paid
    }

    fn note(&self, how: &str) {
        self.pen.note(&format!("end {} {} {how}", self.name, self.fence));
    }
}

/// The layer gave it up.
impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_over {
            self.note("dropped");
        }
    }
}

fn answer(status: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("from the handler"));
    *response.status_mut() = StatusCode::from_bytes(status.as_bytes()).expect("it is a status");
    response
}
