//! Everything that is told, on every path of a request.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use http_body_util::Full;
use serde::Deserialize;
use tower::Layer;
use tower_webhooks::RejectionKind::{
    BadSignature, HandlerFailed, HandlerTimeout, InFlight, KeysUnavailable, StoreUnavailable,
    UnusablePayload,
};
use tower_webhooks::layer::observe::{Ended, Observation, Observer, Subject};
use tower_webhooks::providers::{DROPBOX, GITHUB, SHOPIFY, STRIPE};
use tower_webhooks::store::StoreErrorKind::Unavailable;
use tower_webhooks::testing::FailingStore;
use tower_webhooks::{Assurance, Event, KeySource, KeySourceError, Keys, WebhookLayer};

use crate::support::layer::{
    Handler, SECRET, answer, builder, clock, deliver, github, send, settle, shopify, stays_pending,
    stripe,
};

/// Notes each observation as one word or a few.
#[derive(Default, Clone)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    /// What was told since this was last asked.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Notes {
    fn observe(&self, of: &Subject<'_>, observation: &Observation<'_>) {
        assert_eq!(of.endpoint(), "tests");
        let is_of_event = !matches!(
            observation,
            Observation::Received { .. }
                | Observation::Refused { .. }
                | Observation::SetupAnswered { .. }
                | Observation::KeySourceFailed { .. }
                | Observation::EndpointShared { .. }
        );
        assert_eq!(of.event().is_some() && of.key().is_some(), is_of_event || of.event().is_some());
        assert!(of.provider().is_some());
        let note = match observation {
            Observation::Received { method, .. } => {
                format!("received {method} {}", of.path().unwrap())
            }
            Observation::Refused { rejection, .. } => {
                assert!(of.path().unwrap().starts_with('/'));
                format!("refused {}", rejection.kind().as_str())
            }
            Observation::SetupAnswered { status, .. } => format!("setup {}", status.as_u16()),
            Observation::Verified { took, .. } => {
                assert!(took.is_some(), "somebody listens");
                "verified".into()
            }
            Observation::Skipped { because, .. } => format!("skipped {because:?}"),
            Observation::Duplicate { same_body, .. } => format!("duplicate {same_body:?}"),
            Observation::Claimed { took, .. } => {
                assert!(took.is_some() && of.fence().is_some());
                format!("claimed {}", of.attempt().unwrap())
            }
            Observation::Ran { ended: Ended::Answered(status), .. } => {
                format!("ran {}", status.as_u16())
            }
            Observation::Ran { ended, .. } => format!("ran {ended:?}"),
            Observation::HandlerFailed { error, .. } => format!("failed {error}"),
            Observation::PayloadUnusable { error, .. } => format!("unusable {}", error.path()),
            Observation::Settled { settled, .. } => format!("settled {settled:?}"),
            Observation::StoreFailed { operation, error, .. } => {
                format!("store {operation} {:?}", error.kind())
            }
            Observation::KeySourceFailed { cause, .. } => {
                format!("keys {}", cause.map_or("late".into(), ToString::to_string))
            }
            Observation::Retried { tries, .. } => format!("retried {tries}"),
            Observation::Died { tries, .. } => format!("died {tries:?}"),
            other => format!("{other:?}").to_lowercase(),
        };
        self.0.lock().unwrap().push(note);
    }
}

const RECEIVED: &str = "received POST /webhooks/github";

fn github_layer(notes: &Notes, store: &FailingStore) -> WebhookLayer {
    builder(&GITHUB).store(store.clone()).observer(notes.clone()).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_accepted_event_and_its_duplicate() {
    let notes = Notes::default();
    let layer = github_layer(&notes, &FailingStore::default());
    let handler = Handler::answers([500, 200]);
    deliver(&layer, &handler, github("{}")).await;
    let first = [RECEIVED, "verified", "claimed 1", "ran 500", "settled Released"];
    assert_eq!(notes.take(), first);
    deliver(&layer, &handler, github("{}")).await;
    let second = [RECEIVED, "verified", "claimed 2", "ran 200", "settled Completed"];
    assert_eq!(notes.take(), second);
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    assert_eq!(notes.take(), [RECEIVED, "verified", "duplicate Some(true)"]);

    let layer = builder(&STRIPE).observer(notes.clone()).build().unwrap();
    let handler = Handler::ok();
    deliver(&layer, &handler, stripe("evt_1")).await.is_the_handlers(200);
    deliver(&layer, &handler, stripe("evt_1")).await.acknowledges();
    assert_eq!(notes.take().last().unwrap(), "duplicate None", "a signed id names a signed body");
}

#[tokio::test(start_paused = true)]
async fn a_subject_says_what_is_known_of_the_event() {
    #[derive(Clone, Default)]
    struct Facts(Arc<Mutex<Vec<String>>>);
    impl Observer for Facts {
        fn observe(&self, of: &Subject<'_>, observation: &Observation<'_>) {
            if !matches!(observation, Observation::Claimed { .. }) {
                return;
            }
            let (id, kind) = (of.id().unwrap(), of.kind().unwrap());
            assert_eq!((&*id, id.is_signed(), &*kind), ("evt_1", true, "charge.succeeded"));
            assert_eq!((of.principal(), of.key_label()), (Some(""), Some("1")));
            assert_eq!(of.assurance(), Some(Assurance::WholeBody));
            assert_eq!(of.body_len(), of.event().map(|event| event.body().len()));
            assert_eq!(of.key(), of.event().map(Event::replay_key));
            self.0.lock().unwrap().push(of.provider().unwrap().to_owned());
        }
    }
    let facts = Facts::default();
    let layer = builder(&STRIPE).observer(facts.clone()).build().unwrap();
    deliver(&layer, &Handler::ok(), stripe("evt_1")).await.is_the_handlers(200);
    assert_eq!(*facts.0.lock().unwrap(), ["stripe"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused() {
    let notes = Notes::default();
    let layer = github_layer(&notes, &FailingStore::default());
    let mut forged = github("{}");
    *forged.body_mut() = Full::from("[]");
    deliver(&layer, &Handler::ok(), forged).await.refuses(BadSignature, 401, None);
    assert_eq!(notes.take(), [RECEIVED, "refused bad_signature"]);

    let (handler, gate) = Handler::at_a_gate();
    let mut first = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut first).await;
    notes.take();
    deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(60));
    assert_eq!(notes.take(), [RECEIVED, "verified", "refused in_flight"]);
    gate.let_pass(1);
    first.await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn a_setup_request() {
    let notes = Notes::default();
    let layer = builder(&DROPBOX).observer(notes.clone()).build().unwrap();
    let request = Request::get("/webhooks/dropbox?challenge=abc")
        .body(Full::new(bytes::Bytes::new()))
        .unwrap();
    assert_eq!(deliver(&layer, &Handler::ok(), request).await.status(), 200);
    assert_eq!(notes.take(), ["received GET /webhooks/dropbox", "setup 200"]);
}

#[derive(Deserialize)]
struct Push {
    #[allow(dead_code, reason = "it is only parsed")]
    after: String,
}

#[tokio::test(start_paused = true)]
async fn types_and_topics_that_are_not_run() {
    let notes = Notes::default();
    let layer = github_layer(&notes, &FailingStore::default());
    let handle = tower::service_fn(async |_: Event<Push>| Ok::<_, Infallible>(()));
    let service = layer.events::<Push>().only(["create"]).unwrap().layer(handle);
    send(&service, github("{}")).await.acknowledges();
    assert_eq!(notes.take(), [RECEIVED, "verified", "skipped Type"]);

    let verifier = SHOPIFY.verifier(SECRET).topics(["orders/create"]).build().unwrap();
    let layer = WebhookLayer::builder("tests", verifier).clock(clock()).observer(notes.clone());
    let (layer, handler) = (layer.build().unwrap(), Handler::ok());
    deliver(&layer, &handler, shopify("orders/paid", "1", "{}")).await.acknowledges();
    assert_eq!(notes.take(), ["received POST /webhooks/shopify", "verified", "skipped Topic"]);
    assert_eq!(handler.runs(), 0);
}

#[tokio::test(start_paused = true)]
async fn handlers_that_panic_or_take_too_long_whether_or_not_the_sender_waits() {
    let notes = Notes::default();
    let layer = github_layer(&notes, &FailingStore::default());
    let (handler, _gate) = Handler::at_a_gate();
    deliver(&layer, &handler, github("{}")).await.refuses(HandlerTimeout, 503, Some(5));
    let claimed = [RECEIVED, "verified", "claimed 1"];
    let mut told = claimed.to_vec();
    told.extend(["ran TimedOut", "settled Released", "refused handler_timeout"]);
    assert_eq!(notes.take(), told);

    let handler = Handler::new(|_, _| async {
        tokio::task::yield_now().await;
        panic!("its own words")
    });
    let mut response = Box::pin(deliver(&layer, &handler, github("[]")));
    let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(response.as_mut().poll(cx)));
    assert!(polled.await.is_pending());
    drop(response);
    settle().await;
    let mut told = claimed.to_vec();
    told.extend([r#"ran Panicked("its own words")"#, "settled Released"]);
    assert_eq!(notes.take(), told);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_down_and_comes_back() {
    let (notes, store, handler) = (Notes::default(), FailingStore::default(), Handler::ok());
    let layer = github_layer(&notes, &store);
    store.fail_claims(Unavailable);
    for number in 1..=6 {
        deliver(&layer, &handler, github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
        let mut told = vec![RECEIVED, "verified"];
        told.extend(["storedown"].iter().filter(|_| number == 5));
        told.extend(["store claim Unavailable"].iter().filter(|_| number <= 5));
        told.push("refused store_unavailable");
        assert_eq!(notes.take(), told, "delivery {number}");
    }
    store.heal();
    tokio::time::advance(Duration::from_secs(1)).await;
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(notes.take()[2], "storeback");
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_comes_too_late_or_not_at_all() {
    let (notes, store, clock) = (Notes::default(), FailingStore::default(), clock());
    let layer = github_layer(&notes, &store);
    store.fail_completes(u32::MAX);
    deliver(&layer, &Handler::ok(), github("{}")).await.is_the_handlers(200);
    tokio::time::sleep(Duration::from_secs(61)).await;
    let told = notes.take();
    assert_eq!(told[3..5], ["ran 200", "store complete Unavailable"]);
    assert_eq!(told.last().unwrap(), "unrecorded");

    let memory = tower_webhooks::store::MemoryStore::builder().clock(clock.clone()).build();
    let layer = builder(&GITHUB).clock(clock.clone()).store(memory).observer(notes.clone());
    let layer = layer.build().unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let mut first = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut first).await;
    clock.advance(Duration::from_secs(60));
    let mut second = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut second).await;
    gate.let_pass(2);
    second.await.is_the_handlers(200);
    first.await.is_the_handlers(200);
    assert_eq!(notes.take().last().unwrap(), "overtaken");
}

#[derive(Debug)]
struct Vault {
    is_slow: bool,
}

impl KeySource for Vault {
    async fn keys(&self, _: &http::request::Parts) -> Result<Option<Keys>, KeySourceError> {
        if self.is_slow {
            std::future::pending::<()>().await;
        }
        Err(KeySourceError::new("the vault is sealed"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_source_that_fails_or_does_not_answer() {
    for (is_slow, keys) in [(false, "keys the vault is sealed"), (true, "keys late")] {
        let notes = Notes::default();
        let verifier = GITHUB.verifier_with(Vault { is_slow }).build().unwrap();
        let layer = WebhookLayer::builder("tests", verifier).observer(notes.clone());
        let layer = layer.build().unwrap();
        let answer = deliver(&layer, &Handler::ok(), github("{}")).await;
        answer.refuses(KeysUnavailable, 503, Some(5));
        assert_eq!(notes.take(), [RECEIVED, keys, "refused keys_unavailable"]);
    }
}

#[tokio::test(start_paused = true)]
async fn services_of_events_that_fail_or_cannot_use_the_payload() {
    let notes = Notes::default();
    let layer = github_layer(&notes, &FailingStore::default());
    let handle = tower::service_fn(async |_: Event<Push>| Err::<(), _>("the disk is full"));
    let service = layer.events::<Push>().layer(handle);
    send(&service, github(r#"{"after":7}"#)).await.refuses(UnusablePayload, 500, None);
    assert_eq!(
        notes.take()[3..],
        ["ran 500", "settled Released", "unusable after", "refused unusable_payload"]
    );
    send(&service, github(r#"{"after":"a"}"#)).await.refuses(HandlerFailed, 500, None);
    assert_eq!(
        notes.take()[3..],
        ["ran 500", "settled Released", "failed the disk is full", "refused handler_failed"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_changes_nothing() {
    struct Fragile;
    impl Observer for Fragile {
        fn observe(&self, _: &Subject<'_>, _: &Observation<'_>) {
            panic!("an observer's own words");
        }
    }
    let notes = Notes::default();
    let layer = builder(&GITHUB).observer(Fragile).observer(notes.clone()).build().unwrap();
    let handler = Handler::new(|_, _| async { answer(200) });
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!(notes.take().len(), 5);
    deliver(&layer, &handler, github("{}")).await.acknowledges();
}

#[cfg(feature = "store-sqlite")]
#[tokio::test]
async fn an_inbox_tells_of_deposits_and_runs() {
    use tower_webhooks::store::SqliteStore;

    let notes = Notes::default();
    let layer = builder(&GITHUB).observer(notes.clone()).build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("inbox.db")).await.unwrap();
    let (sender, mut ran) = tokio::sync::mpsc::channel(1);
    let handle = tower::service_fn(move |push: Event<Push>| {
        let sender = sender.clone();
        async move {
            sender.send(()).await.unwrap();
            if push.payload().after == "fails" { Err("the disk is full") } else { Ok(()) }
        }
    });
    let inbox = layer.events::<Push>().inbox(store).max_attempts(2);
    let inbox = inbox.backoff(Duration::from_millis(1), Duration::from_millis(1));
    let (receiver, workers) = inbox.build(handle).unwrap();
    let good = || github(r#"{"after":"a"}"#);
    send(&receiver, good()).await.acknowledges();
    send(&receiver, good()).await.acknowledges();
    let deposit = [RECEIVED, "verified", "kept"];
    assert_eq!(
        notes.take(),
        [&deposit[..], &[RECEIVED, "verified", "duplicate Some(true)"]].concat()
    );

    let workers = workers.start();
    ran.recv().await.unwrap();
    send(&receiver, github(r#"{"after":"fails"}"#)).await.acknowledges();
    for _ in 0..2 {
        ran.recv().await.unwrap();
    }
    workers.shutdown(Duration::from_secs(10)).await;
    let mut told = notes.take();
    told.retain(|note| !deposit.contains(&note.as_str()));
    assert_eq!(
        told,
        ["ran Done", "settled Completed", "ran Failed", "retried 1", "ran Failed", "died Some(2)"]
    );
}

#[tokio::test(start_paused = true)]
async fn two_layers_of_one_endpoint_over_one_store_are_told_unless_they_share_on_purpose() {
    let (notes, store) = (Notes::default(), FailingStore::default());
    let over = |store: &FailingStore| builder(&GITHUB).store(store.clone()).observer(notes.clone());
    let first = over(&store).build().unwrap();
    let (_clone, _other_store) = (first.clone(), over(&FailingStore::default()).build().unwrap());
    let _other_sender = builder(&STRIPE).store(store.clone()).observer(notes.clone()).build();
    let _own_stores = [builder(&GITHUB).build().unwrap(), builder(&GITHUB).build().unwrap()];
    assert_eq!(notes.take(), [""; 0]);

    let _second = over(&store).build().unwrap();
    assert_eq!(notes.take(), ["endpointshared"]);
    let _shares = over(&store).shares_endpoint().build().unwrap();
    assert_eq!(notes.take(), [""; 0]);
}
