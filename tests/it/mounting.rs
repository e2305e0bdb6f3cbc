//! One test, run wherever the layer can be mounted.
#![cfg(all(feature = "tokio", feature = "testing", feature = "axum", feature = "tracing"))]

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use crate::support::layer::{
    Answer, Logs, SECRET, Signed, around, builder, github, layer, send, serve, twilio,
};
use axum::Router;
use axum::extract::State;
use axum::handler::Handler as _;
use axum::routing::post;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use tower::{Layer, Service, ServiceBuilder, service_fn};
use tower_webhooks::RejectionKind::{self, BadSignature, HandlerFailed, UnusablePayload};
use tower_webhooks::layer::{Refused, VerifiedBody};
use tower_webhooks::providers::{GITHUB, TWILIO};
use tower_webhooks::testing::FailingStore;
use tower_webhooks::{Event, Rejection, WebhookLayer};

#[derive(Deserialize, Clone)]
struct Push {
    after: String,
}

/// What the application does, whatever hands it the event: it notes a push; it fails on the first
/// one that says so.
#[derive(Clone, Default)]
struct App(Arc<Mutex<Vec<String>>>);

impl App {
    fn push(&self, event: &Event<Push>) -> StatusCode {
        let mut seen = self.0.lock().unwrap();
        let after = event.payload().after.clone();
        let fails = after == "fails" && !seen.contains(&after);
        seen.push(after);
        if fails { StatusCode::BAD_GATEWAY } else { StatusCode::NO_CONTENT }
    }

    fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

type Sending = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A mounted layer, as a sender sees it.
struct Mounted {
    send: Box<dyn Fn(Signed) -> Sending>,
    /// What a success and a failure of the handler look like.
    answers: (u16, u16),
    /// Extensions do not cross a socket.
    shows_extensions: bool,
}

impl Mounted {
    fn new<S, B>(service: S) -> Self
    where
        S: Service<Signed, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error: std::fmt::Debug> + Send + 'static,
    {
        let send = move |request| -> Sending {
            let service = service.clone();
            Box::pin(async move {
                let response = tower::ServiceExt::oneshot(service, request).await.unwrap();
                read(response).await
            })
        };
        Self { send: Box::new(send), answers: (204, 502), shows_extensions: true }
    }

    async fn over_a_socket<S, B>(service: S) -> Self
    where
        S: Service<Request<hyper::body::Incoming>, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error: Into<tower::BoxError>> + Send + 'static,
    {
        let address = serve(service).await;
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let send = move |mut request: Signed| -> Sending {
            let path = request.uri().path_and_query().unwrap().clone();
            *request.uri_mut() = format!("http://{address}{path}").parse().unwrap();
            let client = client.clone();
            Box::pin(async move { read(client.request(request).await.unwrap()).await })
        };
        Self { send: Box::new(send), answers: (204, 502), shows_extensions: false }
    }

    async fn send(&self, request: Signed) -> u16 {
        (self.send)(request).await.status()
    }

    async fn refuses(&self, request: Signed, kind: RejectionKind, status: u16) {
        let answer = (self.send)(request).await;
        if self.shows_extensions {
            answer.refuses(kind, status, None);
        }
        assert_eq!((answer.status(), answer.0.body().len()), (status, 0));
    }
}

async fn read<B: Body<Data = Bytes, Error: std::fmt::Debug>>(response: Response<B>) -> Answer {
    let (head, body) = response.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    Answer(Response::from_parts(head, body))
}

/// The test.
async fn accepts_acknowledges_refuses_and_retries(mounted: Mounted, app: &App) {
    let (success, failure) = mounted.answers;
    assert_eq!(mounted.send(github(r#"{"after":"abc"}"#)).await, success);
    assert_eq!(mounted.send(github(r#"{"after":"abc"}"#)).await, success, "the acknowledgement");
    assert_eq!(app.seen(), ["abc"]);

    let forged = around(&github(r#"{"after":"abc"}"#), Full::from(r#"{"after":"evil"}"#));
    mounted.refuses(forged, BadSignature, 401).await;
    assert_eq!(app.seen(), ["abc"]);

    assert_eq!(mounted.send(github(r#"{"after":"fails"}"#)).await, failure);
    assert_eq!(mounted.send(github(r#"{"after":"fails"}"#)).await, success, "it was released");
    assert_eq!(mounted.send(github(r#"{"after":"fails"}"#)).await, success);
    assert_eq!(app.seen(), ["abc", "fails", "fails"]);

    // Never a status on which a sender drops the event; and it may come again.
    for _ in 0..2 {
        mounted.refuses(github(r#"{"after":7}"#), UnusablePayload, 500).await;
    }
    assert_eq!(app.seen().len(), 3);
}

async fn handler(State(app): State<App>, event: Event<Push>) -> StatusCode {
    app.push(&event)
}

const PATH: &str = "/webhooks/github";

#[tokio::test]
async fn on_a_router() {
    let app = App::default();
    let router = Router::new().route(PATH, post(handler)).layer(layer(&GITHUB));
    let router = router.with_state(app.clone());
    accepts_acknowledges_refuses_and_retries(Mounted::new(router), &app).await;
}

#[tokio::test]
async fn on_the_routes_of_a_router() {
    let app = App::default();
    let router = Router::new().route(PATH, post(handler)).route_layer(layer(&GITHUB));
    let router = router.with_state(app.clone());
    accepts_acknowledges_refuses_and_retries(Mounted::new(router), &app).await;
}

#[tokio::test]
async fn on_a_method_router() {
    let app = App::default();
    let router = Router::new().route(PATH, post(handler).layer(layer(&GITHUB)));
    let router = router.with_state(app.clone());
    accepts_acknowledges_refuses_and_retries(Mounted::new(router), &app).await;
}

#[tokio::test]
async fn on_a_handler() {
    let app = App::default();
    let router = Router::new().route(PATH, post(handler.layer(layer(&GITHUB))));
    let router = router.with_state(app.clone());
    accepts_acknowledges_refuses_and_retries(Mounted::new(router), &app).await;
}

#[tokio::test]
async fn on_a_nested_router() {
    let app = App::default();
    let inner = Router::new().route("/github", post(handler)).layer(layer(&GITHUB));
    let router = Router::new().nest("/webhooks", inner).with_state(app.clone());
    accepts_acknowledges_refuses_and_retries(Mounted::new(router), &app).await;
}

/// The application as a plain service of requests.
fn plain(
    app: &App,
) -> impl Service<
    Request<VerifiedBody>,
    Response = Response<Full<Bytes>>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ Sync
+ 'static {
    let app = app.clone();
    service_fn(move |request: Request<VerifiedBody>| {
        let event = request.extensions().get::<Event>().unwrap().clone();
        let mut response = Response::new(Full::default());
        match event.parse::<Push>() {
            Ok(event) => *response.status_mut() = app.push(&event),
            Err(_) => {
                *response.status_mut() = UnusablePayload.status();
                response.extensions_mut().insert(Rejection::from(UnusablePayload));
            }
        }
        std::future::ready(Ok(response))
    })
}

#[tokio::test]
async fn in_a_stack_of_layers() {
    let app = App::default();
    let stack = ServiceBuilder::new()
        .concurrency_limit(64)
        .layer(layer(&GITHUB))
        .concurrency_limit(8)
        .service(plain(&app));
    accepts_acknowledges_refuses_and_retries(Mounted::new(stack), &app).await;
}

#[tokio::test]
async fn under_bare_hyper() {
    let app = App::default();
    let mounted = Mounted::over_a_socket(layer(&GITHUB).layer(plain(&app))).await;
    accepts_acknowledges_refuses_and_retries(mounted, &app).await;
}

#[tokio::test]
async fn under_a_router_on_a_socket() {
    let app = App::default();
    let router = Router::new().route(PATH, post(handler)).layer(layer(&GITHUB));
    let mounted = Mounted::over_a_socket(router.with_state(app.clone())).await;
    accepts_acknowledges_refuses_and_retries(mounted, &app).await;
}

/// The application as a service of events.
fn of_events(
    app: &App,
) -> impl Service<Event<Push>, Response = (), Error = std::io::Error, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    let app = app.clone();
    service_fn(move |event: Event<Push>| {
        let status = app.push(&event);
        std::future::ready(match status.is_success() {
            true => Ok(()),
            false => Err(std::io::Error::other("the disk is full")),
        })
    })
}

#[tokio::test]
async fn around_a_service_of_events() {
    let app = App::default();
    let service = layer(&GITHUB).events::<Push>().layer(of_events(&app));
    let mounted = Mounted { answers: (200, 500), ..Mounted::new(service) };
    accepts_acknowledges_refuses_and_retries(mounted, &app).await;
}

#[tokio::test]
async fn around_a_service_of_events_on_a_socket() {
    let app = App::default();
    let service = layer(&GITHUB).events::<Push>().layer(of_events(&app));
    let mounted = Mounted { answers: (200, 500), ..Mounted::over_a_socket(service).await };
    accepts_acknowledges_refuses_and_retries(mounted, &app).await;
}

// The event mounting ------------------------------------------------------------------------

#[tokio::test]
async fn an_error_of_a_service_of_events_is_500_and_released_and_its_text_stays_here() {
    let (logs, store, app) = (Logs::capture(), FailingStore::default(), App::default());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let service = layer.events::<Push>().layer(of_events(&app));
    send(&service, github(r#"{"after":"fails"}"#)).await.refuses(HandlerFailed, 500, None);
    assert_eq!((store.releases(), store.completes()), (1, 0));
    let errors = logs.lines("ERROR");
    assert!(errors.len() == 1 && errors[0].contains("the disk is full"), "{errors:?}");
}

#[tokio::test]
async fn a_payload_that_does_not_parse_is_logged_with_its_path_and_without_its_content() {
    #[derive(Deserialize)]
    struct Order {
        #[allow(dead_code, reason = "it is only parsed")]
        data: Push,
    }
    let (logs, store) = (Logs::capture(), FailingStore::default());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let service = layer
        .events::<Order>()
        .layer(service_fn(async |_: Event<Order>| -> Result<(), Infallible> { unreachable!() }));
    let order = r#"{"data":{"after":["card-number"]}}"#;
    send(&service, github(order)).await.refuses(UnusablePayload, 500, None);
    assert_eq!((store.releases(), store.completes()), (1, 0));
    let errors = logs.lines("ERROR");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("data.after") && !errors[0].contains("card-number"), "{errors:?}");
}

#[tokio::test]
async fn other_types_are_acknowledged_and_neither_parsed_nor_run_nor_remembered() {
    let (store, app) = (FailingStore::default(), App::default());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let service = layer.events::<Push>().only(["push", "create"]).unwrap().layer(of_events(&app));
    let of_type = |kind: Option<&str>, body: &'static str| {
        let mut request = github(body);
        request.headers_mut().remove("x-github-event");
        if let Some(kind) = kind {
            request.headers_mut().insert("x-github-event", kind.parse().unwrap());
        }
        request
    };
    for kind in [Some("ping"), Some("Push"), Some(""), None] {
        send(&service, of_type(kind, r#"{"zen":"no push"}"#)).await.acknowledges();
    }
    let forged = around(&of_type(Some("ping"), "{}"), Full::<Bytes>::from("{ }"));
    send(&service, forged).await.refuses(BadSignature, 401, None);
    assert_eq!((store.claims(), app.seen().len()), (0, 0));

    for kind in ["push", "create"] {
        let body = if kind == "push" { r#"{"after":"a"}"# } else { r#"{"after":"b"}"# };
        assert_eq!(send(&service, of_type(Some(kind), body)).await.status(), 200);
    }
    assert_eq!(app.seen(), ["a", "b"]);
}

/// Never ready to take an event.
#[derive(Clone)]
struct Broken;

impl Service<Event<Push>> for Broken {
    type Response = ();
    type Error = tower::BoxError;
    type Future = std::future::Ready<Result<(), tower::BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), tower::BoxError>> {
        Poll::Ready(Err("the pool is closed".into()))
    }

    fn call(&mut self, _: Event<Push>) -> Self::Future {
        unreachable!("it is not ready")
    }
}

#[tokio::test]
async fn a_service_of_events_that_fails_to_become_ready_is_500_and_released() {
    let (logs, store) = (Logs::capture(), FailingStore::default());
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let mut service = layer.events::<Push>().layer(Broken);
    assert!(poll_fn(|cx| Service::<Signed>::poll_ready(&mut service, cx)).await.is_ok());
    send(&service, github(r#"{"after":"a"}"#)).await.refuses(HandlerFailed, 500, None);
    assert_eq!((store.claims(), store.releases()), (1, 1));
    assert!(logs.lines("ERROR")[0].contains("the pool is closed"));
}

// The extractor -----------------------------------------------------------------------------

#[tokio::test]
async fn an_extractor_without_a_layer_is_500_and_says_so_to_the_operator() {
    let logs = Logs::capture();
    let router = Router::new().route(PATH, post(handler)).with_state(App::default());
    send(&router, github("{}")).await.refuses(HandlerFailed, 500, None);
    let errors = logs.lines("ERROR");
    assert!(errors.len() == 1 && errors[0].contains("no WebhookLayer"), "{errors:?}");
    assert!(!errors[0].contains("in-the-query"), "{errors:?}");
}

#[tokio::test]
async fn an_extractor_whose_payload_does_not_parse_logs_the_path() {
    let logs = Logs::capture();
    let router = Router::new().route(PATH, post(handler)).layer(layer(&GITHUB));
    let router = router.with_state(App::default());
    let push = github(r#"{"after":["card-number"]}"#);
    send(&router, push).await.refuses(UnusablePayload, 500, None);
    let errors = logs.lines("ERROR");
    assert!(errors.len() == 1 && errors[0].contains("path=\"after\""), "{errors:?}");
    assert!(!errors[0].contains("card-number"), "{errors:?}");
}

// What could not be handled is told like a refusal ------------------------------------------

#[tokio::test]
async fn an_event_that_could_not_be_handled_is_one_warning_and_one_call() {
    let (told, app) = (Arc::new(Mutex::new(Vec::new())), App::default());
    let layer = || {
        let told = Arc::clone(&told);
        let note = move |refused: &Refused<'_>| {
            told.lock().unwrap().push((refused.rejection.kind(), refused.path.to_owned()));
        };
        builder(&GITHUB).on_rejection(note).build().unwrap()
    };
    let service = layer().events::<Push>().layer(of_events(&app));
    let router = Router::new().route(PATH, post(handler)).layer(layer());
    let router = router.with_state(app.clone());

    let logs = Logs::capture();
    send(&service, github(r#"{"after":7}"#)).await.refuses(UnusablePayload, 500, None);
    send(&service, github(r#"{"after":"fails"}"#)).await.refuses(HandlerFailed, 500, None);
    send(&router, github(r#"{"after":7}"#)).await.refuses(UnusablePayload, 500, None);
    let kinds = [UnusablePayload, HandlerFailed, UnusablePayload];
    assert_eq!(*told.lock().unwrap(), kinds.map(|kind| (kind, PATH.to_owned())));
    let warnings = logs.lines("WARN");
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    for (line, kind) in warnings.iter().zip(kinds) {
        assert!(line.contains(&format!("reason=\"{}\"", kind.as_str())), "{line}");
    }

    // A status of the application's own is none of the layer's business.
    app.0.lock().unwrap().clear();
    assert_eq!(send(&router, github(r#"{"after":"fails"}"#)).await.status(), 502);
    assert_eq!((told.lock().unwrap().len(), logs.lines("WARN").len()), (3, 3));
}

// Senders that sign their URL ---------------------------------------------------------------

async fn called(_: Event) -> StatusCode {
    StatusCode::NO_CONTENT
}

#[tokio::test]
async fn a_signed_url_is_the_one_before_nesting_wherever_the_layer_stands() {
    let layer = || {
        let verifier = TWILIO.verifier(SECRET).public_url("https://example.com").build();
        WebhookLayer::new("calls", verifier.unwrap())
    };
    let mountings = [
        Router::new().route("/calls", post(called)).layer(layer()),
        Router::new().route("/calls", post(called)).route_layer(layer()),
        Router::new().route("/calls", post(called).layer(layer())),
        Router::new().route("/calls", post(called.layer(layer()))),
    ];
    for (index, inner) in mountings.into_iter().enumerate() {
        let router: Router = Router::new().nest("/hooks", Router::new().nest("/twilio", inner));
        let url = "https://example.com/hooks/twilio/calls?from=menu";
        let answer = send(&router, twilio(url, "Digits", "1")).await;
        assert_eq!(answer.status(), 204, "mounting {index}");
        let mut elsewhere = twilio("https://example.com/calls?from=menu", "Digits", "1");
        *elsewhere.uri_mut() = "/hooks/twilio/calls?from=menu".parse().unwrap();
        send(&router, elsewhere).await.refuses(BadSignature, 401, None);
    }
}
