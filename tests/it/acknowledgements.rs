//! What the layer itself answers to an event that was taken: what its sender wants to hear.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::convert::Infallible;

use crate::support::layer::{Handler, send};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde::Deserialize;
use tower::{Layer, Service};
use tower_webhooks::provider::{
    Acknowledgement, Algorithm::Hmac, Hash::Sha256, Provider, header, json,
};
use tower_webhooks::providers::{DROPBOX_SIGN, GITHUB, ZULIP};
use tower_webhooks::testing::{Fixture, ManualClock, Signer};
use tower_webhooks::{Event, WebhookLayer};

static ACME: Provider = Provider::new("acme")
    .signature(Hmac(Sha256), header("x-acme-signature").hex())
    .event_id(&[json("/id")])
    .event_type(&[json("/type")])
    .acknowledges(Acknowledgement::json(r#"{"success":true}"#).status(202));

fn layer(signer: &Signer) -> WebhookLayer {
    WebhookLayer::builder("tests", signer.verifier().build().unwrap())
        .clock(ManualClock::at(signer.now()))
        .build()
        .unwrap()
}

fn request(fixture: &Fixture) -> Request<Full<Bytes>> {
    fixture.clone().request().map(Full::from)
}

/// Status, content type and body of what a service answers.
async fn said<S, R>(service: &S, fixture: &Fixture) -> (u16, Option<String>, Bytes)
where
    S: Service<Request<Full<Bytes>>, Response = http::Response<R>> + Clone,
    S::Error: std::fmt::Debug,
    R: http_body::Body<Data = Bytes>,
    R::Error: std::fmt::Debug,
{
    let answer = send(service, request(fixture)).await;
    (answer.status(), answer.header("content-type").map(str::to_owned), answer.0.into_body())
}

fn success() -> (u16, Option<String>, Bytes) {
    (202, Some("application/json".into()), r#"{"success":true}"#.into())
}

#[derive(Deserialize)]
struct Any {}

#[tokio::test]
async fn a_service_of_events_a_duplicate_and_a_type_of_no_interest_get_the_senders_acknowledgement()
{
    let signer = Signer::demo(&ACME).unwrap();
    let handle = tower::service_fn(async |_: Event<Any>| Ok::<_, Infallible>(()));
    let service = layer(&signer).events::<Any>().only(["paid"]).unwrap().layer(handle);
    let paid = signer.event(r#"{"id":"1","type":"paid"}"#);
    for what in ["the service of events", "a duplicate"] {
        assert_eq!(said(&service, &paid).await, success(), "{what}");
    }
    let other = signer.event(r#"{"id":"2","type":"other"}"#);
    assert_eq!(said(&service, &other).await, success(), "a type of no interest");

    // A handler of requests answers for itself; the layer answers the duplicate.
    let service = layer(&signer).layer(Handler::ok());
    assert_eq!(said(&service, &paid).await.2, "from the handler");
    assert_eq!(said(&service, &paid).await, success());
}

#[tokio::test]
async fn dropbox_sign_and_zulip_hear_what_their_documentation_demands() {
    for (provider, text) in [
        (&DROPBOX_SIGN, "Hello API Event Received"),
        (&ZULIP, r#"{"response_not_required": true}"#),
    ] {
        assert_eq!(provider.acknowledgement().body(), text);
        assert_eq!(provider.acknowledgement().status_code(), 200);
    }
    assert_eq!(GITHUB.acknowledgement(), Acknowledgement::empty());
    let signer = Signer::demo(&ZULIP).unwrap();
    let handle = tower::service_fn(async |_: Event<Any>| Ok::<_, Infallible>(()));
    let service = layer(&signer).events::<Any>().layer(handle);
    let (status, content_type, body) = said(&service, &signer.event("{}")).await;
    assert_eq!((status, content_type.as_deref()), (200, Some("application/json")));
    assert_eq!(body, r#"{"response_not_required": true}"#);
}

#[cfg(feature = "store-sqlite")]
#[tokio::test]
async fn an_inbox_gives_the_senders_acknowledgement_each_time() {
    use tower_webhooks::store::SqliteStore;

    let signer = Signer::demo(&ACME).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("inbox.db")).await.unwrap();
    let handle = tower::service_fn(async |_: Event<Any>| Ok::<_, Infallible>(()));
    let (receiver, _workers) = layer(&signer).events::<Any>().inbox(store).build(handle).unwrap();
    let paid = signer.event(r#"{"id":"1","type":"paid"}"#);
    for what in ["the deposit", "a duplicate"] {
        assert_eq!(said(&receiver, &paid).await, success(), "{what}");
    }
}

#[tokio::test]
async fn a_duplicate_hears_the_status_that_the_first_delivery_heard() {
    for status in [200, 202, 204] {
        let signer = Signer::demo(&GITHUB).unwrap();
        let service = layer(&signer).layer(Handler::answers([status]));
        let push = signer.event("{}").kind("push");
        assert_eq!(said(&service, &push).await.0, status);
        assert_eq!(said(&service, &push).await, (status, None, Bytes::new()), "again");
    }
    // What a sender looks for in the body is said with the sender's own status.
    let signer = Signer::demo(&ACME).unwrap();
    let service = layer(&signer).layer(Handler::answers([204]));
    let event = signer.json(serde_json::json!({"id": "evt_1", "type": "paid"}));
    assert_eq!(said(&service, &event).await.0, 204);
    assert_eq!(said(&service, &event).await, success());
}
