//! What the operator learns of a refusal, and what nobody does.
#![cfg(all(feature = "tokio", feature = "testing", feature = "tracing"))]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::layer::{
    Handler, Logs, NOW, SECRET, Signed, around, builder, clock, deliver, github, hmac_sha256,
    mailgun, stays_pending, stripe, stripe_at,
};
use base64::Engine;
use http::Request;
use tower_webhooks::RejectionKind::{self, *};
use tower_webhooks::providers::{GITHUB, MAILGUN, STRIPE};
use tower_webhooks::store::StoreErrorKind::Unavailable;
use tower_webhooks::testing::FailingStore;
use tower_webhooks::{Hint, KeySource, KeySourceError, Keys, Provider, Rejection, WebhookLayer};

/// What a callback of `on_rejection` was told: endpoint, provider, reason, path.
type Told = Arc<Mutex<Vec<(String, String, Rejection, String)>>>;

fn told(layer: tower_webhooks::WebhookLayerBuilder) -> (WebhookLayer, Told) {
    let told = Told::default();
    let note = Arc::clone(&told);
    let layer = layer.on_rejection(move |refused| {
        note.lock().unwrap().push((
            refused.endpoint.into(),
            refused.provider.into(),
            refused.rejection,
            refused.path.into(),
        ));
    });
    (layer.build().unwrap(), told)
}

/// One `WARN` with reason and path, one call with the same reason, and nothing of a secret.
#[track_caller]
fn is_told_once(logs: &Logs, told: &Told, kind: RejectionKind, path: &str) -> String {
    let warnings = logs.lines("WARN");
    assert_eq!(warnings.len(), 1, "{}", logs.text());
    let line = &warnings[0];
    assert!(line.contains(" tower_webhooks: webhook refused"), "target and text: {line}");
    for field in [
        format!("reason=\"{}\"", kind.as_str()),
        format!("status={}", kind.status().as_u16()),
        format!("path=\"{path}\""),
        "endpoint=\"tests\"".into(),
    ] {
        assert!(line.contains(&field), "{field} in {line}");
    }
    let calls = told.lock().unwrap();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!((calls[0].2.kind(), calls[0].0.as_str(), &*calls[0].3), (kind, "tests", path));
    let all = logs.text();
    for hidden in [SECRET, "in-the-query", "sha256=", "v1=", "card-number"] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
    line.clone()
}

fn github_by(secret: &str, body: &'static str) -> Signed {
    let mut request = github(body);
    let tag = crate::support::layer::hex(&hmac_sha256(secret, &[body.as_bytes()]));
    let header = format!("sha256={tag}").parse().unwrap();
    request.headers_mut().insert("x-hub-signature-256", header);
    request
}

#[derive(Debug)]
struct SealedVault;

impl KeySource for SealedVault {
    async fn keys(&self, _: &http::request::Parts) -> Result<Option<Keys>, KeySourceError> {
        Err(KeySourceError::new("the vault is sealed"))
    }
}

#[tokio::test(start_paused = true)]
async fn each_refusal_is_one_warning_one_call_and_an_empty_answer() {
    const BODY: &str = r#"{"card-number":"4242"}"#;
    let unsigned = || Request::post("/webhooks/github?token=in-the-query").body(BODY.to_owned());
    let large = around(&github(BODY), "x".repeat(25 * 1024 * 1024 + 1));
    let cases: [(&Provider, Request<String>, RejectionKind); 5] = [
        (&GITHUB, unsigned().unwrap(), MissingSignature),
        (&GITHUB, around(&github("another"), BODY.to_owned()), BadSignature),
        (&GITHUB, large, BodyTooLarge),
        (&STRIPE, around(&stripe_at(NOW - 400, BODY), BODY.to_owned()), StaleTimestamp),
        (&STRIPE, around(&stripe_at(NOW + 400, BODY), BODY.to_owned()), FutureTimestamp),
    ];
    for (provider, request, kind) in cases {
        let logs = Logs::capture();
        let (layer, told) = told(builder(provider));
        let path = request.uri().path().to_owned();
        let answer = deliver(&layer, &Handler::ok(), request).await;
        answer.refuses(kind, kind.status().as_u16(), None);
        is_told_once(&logs, &told, kind, &path);
        let extension = answer.0.extensions().get::<Rejection>();
        assert_eq!(extension, Some(&told.lock().unwrap()[0].2), "the very same, hint included");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_after_verification_is_told_the_same_way() {
    // The store is down.
    let (logs, store) = (Logs::capture(), FailingStore::default());
    store.fail_claims(Unavailable);
    let (layer, calls) = told(builder(&GITHUB).store(store));
    deliver(&layer, &Handler::ok(), github("{}")).await.refuses(StoreUnavailable, 503, Some(5));
    is_told_once(&logs, &calls, StoreUnavailable, "/webhooks/github");
    drop(logs);

    // In flight, and a handler over its time.
    let logs = Logs::capture();
    let (layer, calls) = told(builder(&GITHUB));
    let (handler, _gate) = Handler::at_a_gate();
    let mut first = Box::pin(deliver(&layer, &handler, github("{}")));
    stays_pending(&mut first).await;
    deliver(&layer, &handler, github("{}")).await.refuses(InFlight, 503, Some(60));
    is_told_once(&logs, &calls, InFlight, "/webhooks/github");
    drop(logs);
    calls.lock().unwrap().clear();
    let logs = Logs::capture();
    first.await.refuses(HandlerTimeout, 503, Some(5));
    is_told_once(&logs, &calls, HandlerTimeout, "/webhooks/github");
    drop(logs);

    // A used signature.
    let (logs, handler) = (Logs::capture(), Handler::ok());
    let (layer, calls) = told(builder(&MAILGUN));
    deliver(&layer, &handler, mailgun("token", "event-1")).await.is_the_handlers(200);
    let reused = deliver(&layer, &handler, mailgun("token", "event-2")).await;
    reused.refuses(ReusedSignature, 401, None);
    is_told_once(&logs, &calls, ReusedSignature, "/webhooks/mailgun");
    drop(logs);

    // Draining.
    let logs = Logs::capture();
    let (layer, calls) = told(builder(&GITHUB));
    layer.drain_handle().drain(Duration::from_secs(1)).await;
    deliver(&layer, &handler, github("{}")).await.refuses(ShuttingDown, 503, Some(5));
    is_told_once(&logs, &calls, ShuttingDown, "/webhooks/github");
}

#[tokio::test(start_paused = true)]
async fn a_key_source_that_fails_is_one_warning_and_its_cause_is_an_error_line() {
    let logs = Logs::capture();
    let verifier = GITHUB.verifier_with(SealedVault).build().unwrap();
    let (layer, told) = told(WebhookLayer::builder("tests", verifier).clock(clock()));
    deliver(&layer, &Handler::ok(), github("{}")).await.refuses(KeysUnavailable, 503, Some(5));
    is_told_once(&logs, &told, KeysUnavailable, "/webhooks/github");
    let errors = logs.lines("ERROR");
    assert!(errors.len() == 1 && errors[0].contains("the vault is sealed"), "{errors:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_handled_or_handled_before_is_no_refusal() {
    let logs = Logs::capture();
    let (layer, told) = told(builder(&GITHUB));
    let handler = Handler::answers([500, 200]);
    for _ in 0..3 {
        deliver(&layer, &handler, github("{}")).await;
    }
    assert!(told.lock().unwrap().is_empty());
    assert!(logs.lines("WARN").is_empty() && logs.lines("ERROR").is_empty(), "{}", logs.text());
    let told = logs.lines("INFO");
    let texts = ["webhook not handled", "webhook handled", "duplicate webhook acknowledged"];
    assert_eq!(told.len(), texts.len(), "{told:?}");
    for (line, text) in told.iter().zip(texts) {
        assert!(line.contains(text), "{line}");
        for field in ["endpoint=\"tests\"", "provider=\"github\"", "key=", "kind=\"push\""] {
            assert!(line.contains(field), "{field} in {line}");
        }
    }
}

// Hints -------------------------------------------------------------------------------------

/// The warning about a request, and the hint of its rejection.
async fn hint(provider: &Provider, secret: &str, request: Signed) -> (String, Option<Hint>) {
    let verifier = provider.verifier(secret).build().unwrap();
    let layer = WebhookLayer::builder("tests", verifier).clock(clock()).build().unwrap();
    let logs = Logs::capture();
    let answer = deliver(&layer, &Handler::ok(), request).await;
    let rejection = answer.0.extensions().get::<Rejection>().expect("it is refused");
    let lines = logs.lines("WARN");
    assert!(lines.len() == 1 && !lines[0].contains(secret), "{lines:?}");
    (lines[0].clone(), rejection.hint())
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_off_is_named_with_its_seconds() {
    for (time, seconds) in [(NOW - 301, 301), (NOW + 400, -400)] {
        let (line, hint) = hint(&STRIPE, SECRET, stripe_at(time, "{}")).await;
        assert_eq!(hint, Some(Hint::ClockOff(seconds)));
        assert!(line.contains(&format!("clock off by {seconds} s")), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_the_sender_decodes_is_named() {
    let encoded = base64::engine::general_purpose::STANDARD.encode("the-key-itself");
    let (line, hint) = hint(&GITHUB, &encoded, github_by("the-key-itself", "{}")).await;
    assert_eq!(hint, Some(Hint::SecretLooksBase64));
    assert!(line.contains("secret looks base64-encoded"), "{line}");
}

#[tokio::test(start_paused = true)]
async fn a_secret_with_white_space_is_named() {
    let (line, hint) = hint(&GITHUB, "two words", github_by("twowords", "{}")).await;
    assert_eq!(hint, Some(Hint::SecretHasWhiteSpace));
    assert!(line.contains("secret has white space"), "{line}");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_that_gives_no_clue_has_no_hint() {
    let (line, hint) = hint(&GITHUB, "another-secret", github("{}")).await;
    assert_eq!(hint, None);
    assert!(line.contains("no configured key made this signature"), "{line}");
    let (_, hint) = self::hint(&STRIPE, "another-secret", stripe("evt_1")).await;
    assert_eq!(hint, None);
}
