//! What a stranger tries with setup requests: to have a delivery signed, to have an event swallowed, to
//! have a text of his shown as a page; and what still must be answered when all else fails.

#![cfg(all(feature = "testing", feature = "tokio"))]

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::providers::{
    BITBUCKET, DROPBOX, MANDRILL, META, MICROSOFT_GRAPH, OKTA_EVENT_HOOKS, SLACK, SMARTSHEET,
    TRELLO, WEBSUB, X_TWITTER, ZOOM,
};
use tower_webhooks::store::StoreErrorKind;
use tower_webhooks::testing::{FailingStore, Fixture, ManualClock, Signer};
use tower_webhooks::{
    ConfigErrorKind, Event, Provider, Rejection, RejectionKind as Kind, Verified, WebhookLayer,
};

const FORM: &str = "application/x-www-form-urlencoded";
const TOPIC: &str = "https://example.org/feed.xml";

fn signer(provider: &Provider) -> Signer {
    Signer::demo(provider).unwrap()
}

fn layer(signer: &Signer, store: FailingStore) -> WebhookLayer {
    let mut verifier = signer.verifier();
    if signer.provider().name() == "websub" {
        verifier = verifier.expect_setup([TOPIC]);
    }
    WebhookLayer::builder("setup", verifier.build().unwrap())
        .clock(ManualClock::at(signer.now()))
        .store(store)
        .build()
        .unwrap()
}

/// The layer's answer, and whether the handler ran.
async fn ask(layer: &WebhookLayer, request: Request<Bytes>) -> (Response<Bytes>, bool) {
    let (told, ran) = tokio::sync::watch::channel(false);
    let handler = service_fn(move |request: Request<VerifiedBody>| {
        told.send_replace(request.extensions().get::<Event>().is_some());
        async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
    });
    let answer = layer.layer(handler).oneshot(request.map(Full::new)).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let has_run = *ran.borrow();
    (Response::from_parts(head, body), has_run)
}

fn refusal(answer: &Response<Bytes>) -> Option<Kind> {
    answer.extensions().get::<Rejection>().map(Rejection::kind)
}

fn request(method: Method, uri: &str) -> http::request::Builder {
    Request::builder().method(method).uri(uri)
}

fn empty(method: Method, uri: &str) -> Request<Bytes> {
    request(method, uri).body(Bytes::new()).unwrap()
}

/// A right setup request of each sender.
fn setup_requests() -> Vec<(&'static Provider, Request<Bytes>)> {
    let post = |uri: &str, content_type: &str, body: &'static str| {
        let request = request(Method::POST, uri).header("content-type", content_type);
        request.body(Bytes::from(body)).unwrap()
    };
    let header = |name: &str, value: &str, mut request: Request<Bytes>| {
        let name = http::HeaderName::try_from(name).unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let hub = format!(
        "/?hub.mode=subscribe&hub.challenge=c&hub.topic={TOPIC}&hub.verify_token={}",
        Signer::VERIFY_TOKEN
    );
    let zoom = json!({"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlv"}});
    let slack = json!({"type": "url_verification", "challenge": "c"});
    vec![
        (&META, empty(Method::GET, &hub)),
        (&WEBSUB, empty(Method::GET, &hub)),
        (&DROPBOX, empty(Method::GET, "/?challenge=c")),
        (&X_TWITTER, empty(Method::GET, "/?crc_token=c")),
        (&TRELLO, empty(Method::HEAD, "/")),
        (&MANDRILL, empty(Method::HEAD, "/")),
        (&MANDRILL, post("/", FORM, "mandrill_events=%5B%5D")),
        (&MICROSOFT_GRAPH, post("/?validationToken=c", "text/plain", "")),
        (&SLACK, post("/", FORM, "ssl_check=1&token=x")),
        (&SLACK, empty(Method::GET, "/?ssl_check=1")),
        (&SLACK, signer(&SLACK).json(slack).request()),
        (&ZOOM, signer(&ZOOM).json(zoom).request()),
        (&OKTA_EVENT_HOOKS, header("x-okta-verification-challenge", "c", empty(Method::GET, "/"))),
        (
            &BITBUCKET,
            header("x-event-key", "diagnostics:ping", post("/", "text/plain", r#"{"test": true}"#)),
        ),
        (
            &SMARTSHEET,
            header(
                "smartsheet-hook-challenge",
                "c",
                post("/", "application/json", r#"{"challenge":"c","webhookId":7}"#),
            ),
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn setup_requests_are_answered_when_the_store_is_down_and_while_the_layer_drains() {
    for (provider, request) in setup_requests() {
        let store = FailingStore::default();
        store.fail_claims(StoreErrorKind::Unavailable);
        let layer = layer(&signer(provider), store);
        let (answer, ran) = ask(&layer, request.clone()).await;
        assert_eq!((answer.status(), ran), (StatusCode::OK, false), "{}", provider.name());
        layer.drain_handle().drain(Duration::ZERO).await;
        let (draining, ran) = ask(&layer, request).await;
        assert_eq!((draining.status(), ran), (StatusCode::OK, false), "{}", provider.name());
        assert_eq!(draining.body(), answer.body());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_given_back_can_be_taken_for_a_page() {
    for (provider, request) in setup_requests() {
        let (answer, _) = ask(&layer(&signer(provider), FailingStore::default()), request).await;
        if answer.body().is_empty() {
            continue;
        }
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let content_type = header("content-type");
        let is_harmless =
            content_type.starts_with("text/plain") || content_type == "application/json";
        assert!(is_harmless, "{}: {content_type}", provider.name());
        assert_eq!(header("x-content-type-options"), "nosniff", "{}", provider.name());
    }
}

/// The key that answers is the key that signs: whatever is signed for a stranger must be no delivery.
#[tokio::test(start_paused = true)]
async fn no_delivery_of_x_can_be_had_signed() {
    let signer = signer(&X_TWITTER);
    let layer = layer(&signer, FailingStore::default());
    let crc = |token: &str| {
        let uri = format!("/?crc_token={}", percent(token));
        empty(Method::GET, &uri)
    };
    for token in
        [r#"{"for_user_id":"1"}"#, "[]", "a b", "a\0", "", &"A".repeat(201), "a.b", "ä", "\"a\""]
    {
        let (answer, ran) = ask(&layer, crc(token)).await;
        assert_eq!((refusal(&answer), ran), (Some(Kind::HandshakeRefused), false), "{token}");
        assert!(answer.body().is_empty());
    }
    let twice = empty(Method::GET, "/?crc_token=a&crc_token=b");
    assert_eq!(refusal(&ask(&layer, twice).await.0), Some(Kind::HandshakeRefused));
    // What is signed for him is of use for nothing: as a delivery it is refused.
    let (answer, _) = ask(&layer, crc("abc")).await;
    let signed: Value = serde_json::from_slice(answer.body()).unwrap();
    let forged = request(Method::POST, "/")
        .header("x-twitter-webhooks-signature", signed["response_token"].as_str().unwrap())
        .body(Bytes::from("abc"))
        .unwrap();
    let (answer, ran) = ask(&layer, forged).await;
    assert_eq!((refusal(&answer), ran), (Some(Kind::BodyMismatch), false));
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Zoom's published example: secret, token and answer.
#[tokio::test(start_paused = true)]
async fn zoom_is_answered_with_the_key_that_signed_and_a_stranger_is_not() {
    let validation = |token: Value| json!({"event": "endpoint.url_validation", "payload": {"plainToken": token}});
    let old = Signer::new(&ZOOM, "secret").unwrap();
    let both = ZOOM.verifier(["a newer one", "secret"]).build().unwrap();
    let (head, body) = old.json(validation("qgg8vlvZRS6UYooatFL8Aw".into())).request().into_parts();
    let Ok(Verified::Handshake(answer)) = both.verify(&head, body, old.now()) else { panic!() };
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(
        answer["encryptedToken"],
        "72cef096bfd47c0b8664df30d07721641e4abd7e885ba432204260db477a9a3e"
    );
    let layer = layer(&old, FailingStore::default());
    let forged = old.json(validation("qgg8vlvZRS6UYooatFL8Aw".into())).without_signature();
    assert_eq!(refusal(&ask(&layer, forged.request()).await.0), Some(Kind::MissingSignature));
    // Nor may the sender have a delivery signed, should its own test be misled.
    for token in [json!("v0:1767225600:{}"), json!(""), json!({}), json!(null)] {
        let (answer, ran) = ask(&layer, old.json(validation(token)).request()).await;
        assert_eq!((refusal(&answer), ran), (Some(Kind::HandshakeRefused), false));
    }
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_is_dressed_as_a_setup_request_is_a_delivery() {
    let cases: [(&Provider, Fixture); 5] = [
        (
            &BITBUCKET,
            signer(&BITBUCKET).event(r#"{"test":true}"#).header("x-event-key", "diagnostics:ping"),
        ),
        (
            &SMARTSHEET,
            signer(&SMARTSHEET)
                .event(r#"{"challenge":"c"}"#)
                .header("smartsheet-hook-challenge", "c"),
        ),
        (&SLACK, signer(&SLACK).form([("ssl_check", "1"), ("token", "x")])),
        (&SLACK, signer(&SLACK).json(json!({"type": "x", "challenge": "c"}))),
        (&DROPBOX, signer(&DROPBOX).event("{}").uri("/?challenge=c")),
    ];
    for (provider, fixture) in cases {
        let layer = layer(&signer(provider), FailingStore::default());
        let (answer, ran) = ask(&layer, fixture.clone().request()).await;
        assert_eq!((answer.status(), ran), (StatusCode::OK, true), "{}", provider.name());
        let (answer, ran) = ask(&layer, fixture.with_bad_signature().request()).await;
        assert_eq!((refusal(&answer), ran), (Some(Kind::BadSignature), false));
    }
    // Graph has its token in the body, and its setup request has none.
    let signer = signer(&MICROSOFT_GRAPH);
    let delivery = signer.event(r#"{"value":[{"clientState":"x"}]}"#).uri("/?validationToken=c");
    let (answer, ran) = ask(&layer(&signer, FailingStore::default()), delivery.request()).await;
    assert_eq!((answer.status(), ran, answer.body().is_empty()), (StatusCode::OK, true, true));
}

#[tokio::test(start_paused = true)]
async fn what_stands_there_twice_or_is_too_long_is_given_back_to_nobody() {
    let long = "c".repeat(1025);
    let with = |name: &str, values: &[&str], request: http::request::Builder| {
        let request = values.iter().fold(request, |request, value| request.header(name, *value));
        request.body(Bytes::new()).unwrap()
    };
    let get = || request(Method::GET, "/");
    let okta = "x-okta-verification-challenge";
    let cases = [
        (&MICROSOFT_GRAPH, empty(Method::POST, "/?validationToken=a&validationToken=b")),
        (&MICROSOFT_GRAPH, empty(Method::POST, &format!("/?validationToken={long}"))),
        (&OKTA_EVENT_HOOKS, with(okta, &["a", "b"], get())),
        (&OKTA_EVENT_HOOKS, with(okta, &[&long], get())),
        (&OKTA_EVENT_HOOKS, empty(Method::GET, "/")),
    ];
    for (provider, request) in cases {
        let (answer, ran) = ask(&layer(&signer(provider), FailingStore::default()), request).await;
        let name = provider.name();
        assert_eq!((refusal(&answer), ran), (Some(Kind::HandshakeRefused), false), "{name}");
        assert!(answer.body().is_empty() && answer.status() == StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hub_is_told_of_a_topic_that_nobody_asked_for_and_never_of_a_withdrawal() {
    let signer = signer(&WEBSUB);
    let layer = layer(&signer, FailingStore::default());
    let hub = |mode: &str, topic: &str| {
        empty(Method::GET, &format!("/?hub.mode={mode}&hub.challenge=c&hub.topic={topic}"))
    };
    assert_eq!(ask(&layer, hub("subscribe", TOPIC)).await.0.body(), "c");
    let (other, _) = ask(&layer, hub("subscribe", "https://example.org/other.xml")).await;
    assert_eq!(
        (other.status(), refusal(&other)),
        (StatusCode::NOT_FOUND, Some(Kind::HandshakeRefused))
    );
    // Whoever may end a subscription would be a stranger.
    let (other, _) = ask(&layer, hub("unsubscribe", TOPIC)).await;
    assert_eq!(refusal(&other), Some(Kind::MethodNotAllowed));
}

#[test]
fn what_was_asked_for_is_checked_when_the_verifier_is_built() {
    let error = |builder: tower_webhooks::VerifierBuilder| builder.build().unwrap_err().kind();
    let none: [&str; 0] = [];
    for wrong in [
        WEBSUB.verifier("a secret of ours").expect_setup(none),
        WEBSUB.verifier("a secret of ours").expect_setup([" "]),
        DROPBOX.verifier("a secret of ours").expect_setup([TOPIC]),
    ] {
        assert_eq!(error(wrong), ConfigErrorKind::ExpectedSetup);
    }
}
