//! What the layer answers is never what makes a sender drop an event that only has to wait.

#![cfg(all(feature = "testing", feature = "tokio"))]

use crate::support::layer::{Handler, deliver, send};
use http_body_util::Full;
use serde_json::{Value, json};
use tower::{Layer, service_fn};
use tower_webhooks::RejectionKind::{self as Kind, *};
use tower_webhooks::providers::{
    self, CONTENTFUL, GITHUB, JIRA, PAGERDUTY, SEGMENT, TWITCH, ZENDESK,
};
use tower_webhooks::store::StoreErrorKind;
use tower_webhooks::testing::{FailingStore, ManualClock, Signer};
use tower_webhooks::{Event, Provider, WebhookLayer};

const TEMPORARY: [Kind; 12] = [
    BodyTimeout,
    BodyUnreadable,
    UnusablePayload,
    HandlerFailed,
    HandlerTimeout,
    InFlight,
    StoreUnavailable,
    NotCommitted,
    KeysUnavailable,
    Overloaded,
    ShuttingDown,
    TooManyDeliveries,
];

fn layer(provider: &Provider, store: FailingStore) -> (Signer, WebhookLayer) {
    let signer = Signer::demo(provider).unwrap();
    let layer = WebhookLayer::builder("tests", signer.verifier().build().unwrap())
        .clock(ManualClock::at(signer.now()))
        .store(store)
        .build()
        .unwrap();
    (signer, layer)
}

#[test]
fn no_sender_gives_up_on_what_passes_by_itself() {
    for provider in providers::ALL.iter() {
        for kind in TEMPORARY {
            assert!(kind.is_temporary(), "{kind:?}");
            let status = provider.status_of(kind).as_u16();
            assert!(provider.would_retry(status), "{}: {kind:?} is {status}", provider.name());
        }
        for kind in [BadSignature, HandshakeRefused, MethodNotAllowed, BodyTooLarge] {
            assert!(!kind.is_temporary(), "{kind:?}");
        }
    }
}

#[test]
fn a_status_that_the_sender_knows_is_left_as_it_is() {
    let all = [BodyTimeout, BodyUnreadable, HandlerFailed, StoreUnavailable, BadSignature];
    let statuses = |provider: &Provider| all.map(|kind| provider.status_of(kind).as_u16());
    assert_eq!(statuses(&GITHUB), [408, 400, 500, 503, 401]);
    assert_eq!(statuses(&SEGMENT), [503, 503, 500, 503, 401], "Segment repeats 5xx only");
    assert_eq!(statuses(&CONTENTFUL), [503, 503, 500, 503, 401]);
    assert_eq!(statuses(&JIRA), [408, 503, 500, 503, 401]);
    assert_eq!(statuses(&PAGERDUTY), [408, 503, 500, 503, 401]);
    assert_eq!(statuses(&ZENDESK), [503, 503, 503, 503, 401]);
    assert_eq!(statuses(&TWITCH), [408, 400, 500, 503, 403]);
}

#[tokio::test(start_paused = true)]
async fn the_layer_answers_with_the_senders_status_and_tells_it() {
    let (signer, twitch) = layer(&TWITCH, FailingStore::default());
    let forged = signer.json(json!({})).id("m-1").with_bad_signature().request().map(Full::new);
    deliver(&twitch, &Handler::ok(), forged).await.refuses(BadSignature, 403, None);

    let (signer, zendesk) = layer(&ZENDESK, FailingStore::default());
    let failing = service_fn(async |_: Event<Value>| Err::<(), _>("out of order"));
    let service = zendesk.events::<Value>().layer(failing);
    let event = || signer.json(json!({"ticket": 7})).request().map(Full::new);
    send(&service, event()).await.refuses(HandlerFailed, 503, Some(5));
    let service = zendesk
        .events::<Vec<u8>>()
        .layer(service_fn(async |_: Event<Vec<u8>>| Ok::<_, std::convert::Infallible>(())));
    send(&service, event()).await.refuses(UnusablePayload, 503, Some(5));

    let store = FailingStore::default();
    store.fail_claims(StoreErrorKind::Unavailable);
    let (signer, segment) = layer(&SEGMENT, store);
    let event = signer.json(json!({"type": "track"})).request().map(Full::new);
    deliver(&segment, &Handler::ok(), event).await.refuses(StoreUnavailable, 503, Some(5));
}
