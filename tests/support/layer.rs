//! What the tests of the layer share: signed requests, bodies and handlers that do as told, and
//! answers that are looked at.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use sha1::Sha1;
use sha2::Sha256;
use tokio::sync::Semaphore;
use tower::{Layer, Service, ServiceExt};
use tower_webhooks::layer::{VerifiedBody, WebhookLayerBuilder};
use tower_webhooks::providers::{GITHUB, MAILGUN, SLACK, STRIPE};
use tower_webhooks::testing::ManualClock;
use tower_webhooks::{Event, Provider, Rejection, RejectionKind, WebhookLayer};

/// Where the clocks of the tests stand.
pub const NOW: u64 = 1_767_225_600;
pub const SECRET: &str = "a-secret-of-the-tests";

// Layers ------------------------------------------------------------------------------------

pub fn clock() -> ManualClock {
    ManualClock::at_unix(NOW)
}

/// A layer for a sender that signs with [`SECRET`], its clock at [`NOW`].
#[track_caller]
pub fn builder(provider: &Provider) -> WebhookLayerBuilder {
    let verifier = provider.verifier(SECRET).build().expect("the secret is in order");
    WebhookLayer::builder("tests", verifier).clock(clock())
}

#[track_caller]
pub fn layer(provider: &Provider) -> WebhookLayer {
    builder(provider).build().expect("the settings are in order")
}

// Signed requests ---------------------------------------------------------------------------

pub type Signed = Request<Full<Bytes>>;

pub fn hmac_sha256(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

pub fn hmac_sha1(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What [`GITHUB`] puts in its signature header.
pub fn github_signature(body: &[u8]) -> String {
    format!("sha256={}", hex(&hmac_sha256(SECRET, &[body])))
}

pub const GITHUB_DELIVERY: &str = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

/// A push from [`GITHUB`].
pub fn github(body: impl Into<Bytes>) -> Signed {
    let body = body.into();
    Request::post("/webhooks/github?token=in-the-query")
        .header("x-hub-signature-256", github_signature(&body))
        .header("x-github-event", "push")
        .header("x-github-delivery", GITHUB_DELIVERY)
        .body(Full::new(body))
        .expect("it is a request")
}

/// The head of a request and the signature of its body, around another body.
pub fn around<B>(signed: &Signed, body: B) -> Request<B> {
    let mut request = Request::new(body);
    *request.method_mut() = signed.method().clone();
    *request.uri_mut() = signed.uri().clone();
    *request.headers_mut() = signed.headers().clone();
    request
}

pub fn stripe_at(time: u64, body: impl Into<Bytes>) -> Signed {
    stripe_by(SECRET, time, body)
}

pub fn stripe_by(secret: &str, time: u64, body: impl Into<Bytes>) -> Signed {
    let body = body.into();
    let tag = hmac_sha256(secret, &[time.to_string().as_bytes(), b".", &body]);
    Request::post("/webhooks/stripe")
        .header("stripe-signature", format!("t={time},v1={}", hex(&tag)))
        .body(Full::new(body))
        .expect("it is a request")
}

/// A delivery of [`STRIPE`] with this event id.
pub fn stripe(id: &str) -> Signed {
    stripe_at(NOW, format!(r#"{{"id":"{id}","type":"charge.succeeded"}}"#))
}

pub fn slack_at(time: u64, body: impl Into<Bytes>) -> Signed {
    let body = body.into();
    let tag = hmac_sha256(SECRET, &[b"v0:", time.to_string().as_bytes(), b":", &body]);
    Request::post("/webhooks/slack")
        .header("x-slack-request-timestamp", time)
        .header("x-slack-signature", format!("v0={}", hex(&tag)))
        .body(Full::new(body))
        .expect("it is a request")
}

/// A delivery of [`MAILGUN`], which signs a time and a token and nothing of the event.
pub fn mailgun(token: &str, event: &str) -> Signed {
    let tag = hex(&hmac_sha256(SECRET, &[NOW.to_string().as_bytes(), token.as_bytes()]));
    let body = format!(
        r#"{{"signature":{{"timestamp":"{NOW}","token":"{token}","signature":"{tag}"}},"event-data":{{"id":"{event}","event":"delivered"}}}}"#
    );
    Request::post("/webhooks/mailgun").body(Full::new(body.into())).expect("it is a request")
}

/// A delivery of Shopify.
pub fn shopify(topic: &str, webhook_id: &str, body: &'static str) -> Signed {
    Request::post("/webhooks/shopify")
        .header("x-shopify-hmac-sha256", BASE64.encode(hmac_sha256(SECRET, &[body.as_bytes()])))
        .header("x-shopify-topic", topic)
        .header("x-shopify-webhook-id", webhook_id)
        .body(Full::new(body.into()))
        .expect("it is a request")
}

/// A form of Twilio with one parameter, called at a URL.
pub fn twilio(url: &str, name: &str, value: &str) -> Signed {
    let tag = hmac_sha1(SECRET, &[url.as_bytes(), name.as_bytes(), value.as_bytes()]);
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    Request::post(path.expect("the URL has a path"))
        .header("x-twilio-signature", BASE64.encode(tag))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(format!("{name}={value}").into()))
        .expect("it is a request")
}

/// One ordinary delivery of each of four senders, with its provider.
pub fn one_of_each() -> Vec<(&'static Provider, Signed)> {
    vec![
        (&GITHUB, github(r#"{"after":"abc"}"#)),
        (&STRIPE, stripe("evt_1")),
        (&SLACK, slack_at(NOW, r#"{"event_id":"Ev1","type":"event_callback"}"#)),
        (&MAILGUN, mailgun("token-1", "event-1")),
    ]
}

// Bodies ------------------------------------------------------------------------------------

/// One thing that a body does when it is polled.
#[derive(Debug, Clone)]
pub enum Step {
    Data(Bytes),
    Trailers,
    Broken,
    /// Nothing comes any more.
    Silence,
}

/// A body that follows a script, and counts its polls.
#[derive(Debug, Clone)]
pub struct ScriptedBody {
    steps: VecDeque<Step>,
    /// Given again and again when the script is over.
    for_ever: Option<Step>,
    says: Option<u64>,
    polls: Arc<AtomicUsize>,
}

impl ScriptedBody {
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps = steps.into_iter().collect();
        Self { steps, for_ever: None, says: None, polls: Arc::default() }
    }

    pub fn endless(step: Step) -> Self {
        Self::new([]).then_for_ever(step)
    }

    pub fn then_for_ever(mut self, step: Step) -> Self {
        self.for_ever = Some(step);
        self
    }

    /// Declares a length, true or not.
    pub fn says(mut self, length: u64) -> Self {
        self.says = Some(length);
        self
    }

    pub fn polls(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.polls)
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let polls = self.polls.fetch_add(1, Ordering::SeqCst);
        assert!(polls < 1_000_000, "it is polled without end");
        match self.steps.pop_front().or_else(|| self.for_ever.clone()) {
            None => Poll::Ready(None),
            Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(data)))),
            Some(Step::Trailers) => Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new())))),
            Some(Step::Broken) => {
                Poll::Ready(Some(Err(io::Error::other("the connection was reset"))))
            }
            Some(Step::Silence) => Poll::Pending,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.says.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

// Handlers ----------------------------------------------------------------------------------

type Answering = Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>>;

/// A service that notes the events it gets and does as told.
#[derive(Clone)]
pub struct Handler {
    seen: Arc<Mutex<Vec<Event>>>,
    answer: Arc<dyn Fn(usize, Event) -> Answering + Send + Sync>,
}

impl Handler {
    /// Answers each event as the closure says, which gets the number of the run, from 0.
    pub fn new<F>(answer: impl Fn(usize, Event) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let answer = move |run, event| -> Answering { Box::pin(answer(run, event)) };
        Self { seen: Arc::default(), answer: Arc::new(answer) }
    }

    pub fn ok() -> Self {
        Self::answers([200])
    }

    /// Answers the first event with the first status, and so on; the last one stays.
    pub fn answers<const N: usize>(statuses: [u16; N]) -> Self {
        Self::new(move |run, _| std::future::ready(answer(statuses[run.min(N - 1)])))
    }

    /// Waits at a gate, and answers 200.
    pub fn at_a_gate() -> (Self, Gate) {
        let gate = Gate::default();
        let theirs = gate.clone();
        let handler = Self::new(move |_, _| {
            let gate = theirs.clone();
            async move {
                gate.pass().await;
                answer(200)
            }
        });
        (handler, gate)
    }

    pub fn events(&self) -> Vec<Event> {
        self.seen.lock().unwrap().clone()
    }

    pub fn runs(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The attempt of each run.
    pub fn attempts(&self) -> Vec<u32> {
        self.events().iter().map(Event::attempt).collect()
    }
}

impl Service<Request<VerifiedBody>> for Handler {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<VerifiedBody>) -> Self::Future {
        let event = request.extensions().get::<Event>().expect("the layer put it in").clone();
        let mut seen = self.seen.lock().unwrap();
        let run = seen.len();
        seen.push(event.clone());
        drop(seen);
        let answer = (self.answer)(run, event);
        Box::pin(async move { Ok(answer.await) })
    }
}

pub fn answer(status: u16) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("from the handler"));
    *response.status_mut() = StatusCode::from_u16(status).expect("it is a status");
    response
}

/// Where handlers wait until the test opens it.
#[derive(Debug, Clone)]
pub struct Gate {
    arrived: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { arrived: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) }
    }
}

impl Gate {
    /// For a handler: says that it is there, and waits.
    pub async fn pass(&self) {
        self.arrived.add_permits(1);
        self.open.acquire().await.expect("nobody closes it").forget();
    }

    /// For the test: waits until one more handler is there.
    pub async fn arrived(&self) {
        self.arrived.acquire().await.expect("nobody closes it").forget();
    }

    pub fn let_pass(&self, handlers: usize) {
        self.open.add_permits(handlers);
    }
}

// Answers -----------------------------------------------------------------------------------

/// What came back of a request, its body read.
#[derive(Debug)]
pub struct Answer(pub Response<Bytes>);

/// Sends a request and reads the answer.
pub async fn send<S, B, R>(service: &S, request: Request<B>) -> Answer
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Debug,
    R: Body<Data = Bytes>,
    R::Error: Debug,
{
    let response = service.clone().oneshot(request).await.expect("the service does not fail");
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("the body is whole").to_bytes();
    Answer(Response::from_parts(head, body))
}

/// Sends a request through a layer around a handler.
pub async fn deliver<B>(layer: &WebhookLayer, handler: &Handler, request: Request<B>) -> Answer
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    send(&layer.layer(handler.clone()), request).await
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub fn kind(&self) -> Option<RejectionKind> {
        self.0.extensions().get::<Rejection>().map(Rejection::kind)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name).map(|value| value.to_str().expect("it is text"))
    }

    pub fn retry_after(&self) -> Option<u64> {
        self.header("retry-after").map(|seconds| seconds.parse().expect("it is a number"))
    }

    /// It is the handler's own answer.
    #[track_caller]
    pub fn is_the_handlers(&self, status: u16) {
        assert_eq!((self.kind(), self.status()), (None, status));
        assert_eq!(self.0.body(), "from the handler");
    }

    /// It acknowledges an event without running it.
    #[track_caller]
    pub fn acknowledges(&self) {
        self.acknowledges_with("");
    }

    /// The same, where the sender wants to read something.
    #[track_caller]
    pub fn acknowledges_with(&self, text: &'static str) {
        assert_eq!((self.kind(), self.status()), (None, 200));
        assert_eq!(self.0.body(), text, "or else the handler ran");
    }

    /// It is a refusal for this reason: status, no word of why, and `Retry-After` where the sender
    /// is to come back.
    #[track_caller]
    pub fn refuses(&self, kind: RejectionKind, status: u16, retry_after: Option<u64>) {
        assert_eq!((self.kind(), self.status()), (Some(kind), status));
        assert_eq!(self.retry_after(), retry_after, "Retry-After");
        assert!(self.0.body().is_empty(), "the sender learns a status and nothing else");
        assert_eq!(self.header("allow").is_some(), status == 405, "Allow belongs to 405");
    }
}

/// Asserts that a future is not done now, after everything else had its turn.
pub async fn stays_pending(future: &mut (impl Future + Unpin)) {
    for _ in 0..10 {
        tokio::task::yield_now().await;
        let polled = std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await;
        assert!(polled.is_pending(), "it is done");
    }
}

/// Lets every other task of the runtime go as far as it can.
pub async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

// Logs --------------------------------------------------------------------------------------

/// The log lines of one thread while it lives.
pub struct Logs {
    written: Arc<Mutex<Vec<u8>>>,
    _until: tracing::subscriber::DefaultGuard,
}

impl Logs {
    pub fn capture() -> Self {
        let written = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&written);
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || LogWriter(Arc::clone(&writer)))
            .finish();
        Self { written, _until: tracing::subscriber::set_default(subscriber) }
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.written.lock().unwrap().clone()).expect("it is text")
    }

    pub fn lines(&self, level: &str) -> Vec<String> {
        let level = format!(" {level} ");
        self.text().lines().filter(|line| line.contains(&level)).map(str::to_owned).collect()
    }
}

struct LogWriter(Arc<Mutex<Vec<u8>>>);

impl io::Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

// Sockets -----------------------------------------------------------------------------------

/// Serves a service with hyper on a free port of this machine, until the runtime ends.
pub async fn serve<S, B>(service: S) -> std::net::SocketAddr
where
    S: Service<Request<hyper::body::Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<tower::BoxError>,
    B: Body<Data = Bytes, Error: Into<tower::BoxError>> + Send + 'static,
{
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use hyper_util::server::conn::auto::Builder;
    use hyper_util::service::TowerToHyperService;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                // That senders break their connections is what some tests are about.
                let io = TokioIo::new(stream);
                let _ = Builder::new(TokioExecutor::new()).serve_connection(io, service).await;
            });
        }
    });
    address
}
