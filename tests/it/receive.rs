//! From the first byte of a request to a verified event, or to a refusal that cost little.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::layer::Step::{Broken, Data, Silence, Trailers};
use crate::support::layer::{
    Answer, Handler, NOW, SECRET, ScriptedBody, answer, around, builder, deliver, github, layer,
    settle, slack_at, stays_pending, stripe, stripe_at,
};
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use tokio::time::Instant;
use tower::service_fn;
use tower_webhooks::RejectionKind::{self, *};
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::providers::{GITHUB, META, SLACK, STANDARD_WEBHOOKS, STRIPE, ZENDESK};
use tower_webhooks::testing::{ManualClock, Signer};
use tower_webhooks::{Event, Hint, KeySource, KeySourceError, Keys, Provider, WebhookLayer};

fn data(bytes: &'static [u8]) -> crate::support::layer::Step {
    Data(Bytes::from_static(bytes))
}

// Refused by the head -----------------------------------------------------------------------

struct Case {
    what: &'static str,
    provider: &'static Provider,
    request: Request<()>,
    kind: RejectionKind,
}

/// Requests whose head says enough.
fn refused_by_the_head() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |what, provider, request, kind| {
        cases.push(Case { what, provider, request, kind });
    };
    let github = || around(&github("{}"), ());
    let stripe = |time| around(&stripe_at(time, "{}"), ());
    let slack = |time| around(&slack_at(time, "{}"), ());
    let with = |mut request: Request<()>, name: &'static str, value: &str| {
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let without = |mut request: Request<()>, name: &str| {
        request.headers_mut().remove(name).expect("it was there");
        request
    };
    let twice = |mut request: Request<()>, name: &'static str| {
        let value = request.headers().get(name).expect("it was there").clone();
        request.headers_mut().append(name, value);
        request
    };

    let signature = "x-hub-signature-256";
    add("no signature", &GITHUB, without(github(), signature), MissingSignature);
    add("two signatures", &GITHUB, twice(github(), signature), MalformedSignature);
    add("an empty one", &GITHUB, with(github(), signature, ""), MalformedSignature);
    add("no prefix", &GITHUB, with(github(), signature, &"0".repeat(64)), MalformedSignature);
    let short = format!("sha256={}", "0".repeat(62));
    add("too few digits", &GITHUB, with(github(), signature, &short), MalformedSignature);
    let no_hex = format!("sha256={}", "g".repeat(64));
    add("no digits", &GITHUB, with(github(), signature, &no_hex), MalformedSignature);
    let endless = format!("t={NOW},v1={}", "0".repeat(8 * 1024));
    let stripes = "stripe-signature";
    add("r13: 8 KiB of header", &STRIPE, with(stripe(NOW), stripes, &endless), MalformedSignature);
    let many = format!("t={NOW}{}", format!(",v1={}", "0".repeat(64)).repeat(17));
    add("r13: 17 signatures", &STRIPE, with(stripe(NOW), stripes, &many), MalformedSignature);
    let old = format!("t={NOW},v0={}", "0".repeat(64));
    add("an old version only", &STRIPE, with(stripe(NOW), stripes, &old), MalformedSignature);

    add("a stale time", &STRIPE, stripe(NOW - 301), StaleTimestamp);
    add("a time to come", &STRIPE, stripe(NOW + 301), FutureTimestamp);
    let timeless = format!("v1={}", "0".repeat(64));
    add("no time", &STRIPE, with(stripe(NOW), stripes, &timeless), MissingTimestamp);
    let time = "x-slack-request-timestamp";
    add("a stale header time", &SLACK, slack(NOW - 301), StaleTimestamp);
    add("no header time", &SLACK, without(slack(NOW), time), MissingTimestamp);
    add("no number", &SLACK, with(slack(NOW), time, "now"), MalformedTimestamp);
    add("two times", &SLACK, twice(slack(NOW), time), MalformedTimestamp);

    let mib = 1024 * 1024;
    let large = |bytes: usize| with(stripe(NOW), "content-length", &bytes.to_string());
    add("a length over the cap", &STRIPE, large(2 * mib + 1), BodyTooLarge);
    add("a huge length", &STRIPE, large(usize::MAX), BodyTooLarge);
    let large = with(github(), "content-length", &(25 * mib + 1).to_string());
    add("over a preset's cap", &GITHUB, large, BodyTooLarge);
    cases
}

const fn status_of(kind: RejectionKind) -> u16 {
    match kind {
        BodyTooLarge => 413,
        _ => 401,
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_head_decides_is_refused_without_polling_the_body() {
    for Case { what, provider, request, kind } in refused_by_the_head() {
        let (body, handler) = (ScriptedBody::endless(Silence), Handler::ok());
        let polls = body.polls();
        let answer = deliver(&layer(provider), &handler, request.map(|()| body)).await;
        assert_eq!(answer.kind(), Some(kind), "{what}");
        answer.refuses(kind, status_of(kind), None);
        assert_eq!((polls.load(Ordering::SeqCst), handler.runs()), (0, 0), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_the_sender_does_not_use_is_405_and_says_which_it_does() {
    for (provider, method, allow) in [
        (&GITHUB, Method::GET, "POST"),
        (&GITHUB, Method::PUT, "POST"),
        (&GITHUB, Method::HEAD, "POST"),
        (&GITHUB, Method::OPTIONS, "POST"),
        (&META, Method::DELETE, "GET, POST"),
        (&ZENDESK, Method::OPTIONS, "GET, POST, PUT, PATCH, DELETE"),
    ] {
        let mut verifier = provider.verifier(SECRET);
        if provider.needs_verify_token() {
            verifier = verifier.verify_token("a-token");
        }
        let layer = WebhookLayer::new("tests", verifier.build().unwrap());
        let body = ScriptedBody::endless(Silence);
        let polls = body.polls();
        let mut request = around(&github("{}"), body);
        *request.method_mut() = method;
        let answer = deliver(&layer, &Handler::ok(), request).await;
        answer.refuses(MethodNotAllowed, 405, None);
        assert_eq!((answer.header("allow"), polls.load(Ordering::SeqCst)), (Some(allow), 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_length_that_the_body_says_itself_counts_as_well() {
    let body = ScriptedBody::endless(Silence).says(2 * 1024 * 1024 + 1);
    let polls = body.polls();
    let answer = deliver(&layer(&STRIPE), &Handler::ok(), around(&stripe("evt_1"), body)).await;
    answer.refuses(BodyTooLarge, 413, None);
    assert_eq!(polls.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_sender_is_heard_by_each_of_its_methods_and_by_no_other() {
    let signer = Signer::demo(&ZENDESK).unwrap();
    let layer = WebhookLayer::builder("tests", signer.verifier().build().unwrap())
        .clock(ManualClock::at(signer.now()))
        .insecure_without_replay_protection()
        .build()
        .unwrap();
    let by = |method| signer.event(r#"{"ticket":7}"#).method(method).request().map(Full::new);
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let handler = Handler::ok();
        deliver(&layer, &handler, by(method)).await.is_the_handlers(200);
        assert_eq!(handler.runs(), 1);
    }
    for method in [Method::HEAD, Method::OPTIONS, Method::TRACE] {
        let handler = Handler::ok();
        deliver(&layer, &handler, by(method)).await.refuses(MethodNotAllowed, 405, None);
        assert_eq!(handler.runs(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_over_the_cap_is_told_with_the_cap_and_what_raises_it() {
    let silent = around(&stripe("evt_1"), ScriptedBody::endless(Silence).says(u64::MAX));
    let endless = around(&stripe("evt_1"), "x".repeat(2 * 1024 * 1024 + 1));
    let told = |answer: &Answer| {
        let rejection = *answer.0.extensions().get::<tower_webhooks::Rejection>().unwrap();
        assert_eq!(rejection.hint(), Some(Hint::BodyCap(2 * 1024 * 1024)));
        rejection.to_string()
    };
    for text in [
        told(&deliver(&layer(&STRIPE), &Handler::ok(), silent).await),
        told(&deliver(&layer(&STRIPE), &Handler::ok(), endless).await),
    ] {
        assert!(text.contains("2097152 bytes") && text.contains("`max_body`"), "{text}");
    }
}

// Keys that depend on the request -----------------------------------------------------------

#[derive(Debug, Clone)]
enum Source {
    Finds(&'static Provider),
    FindsNothing,
    Fails,
    NeverAnswers,
}

#[derive(Debug, Clone)]
struct Asked(Source, Arc<AtomicUsize>);

impl KeySource for Asked {
    async fn keys(&self, _: &Parts) -> Result<Option<Keys>, KeySourceError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        match self.0 {
            Source::Finds(provider) => {
                Ok(Some(provider.keys(SECRET).map_err(KeySourceError::new)?))
            }
            Source::FindsNothing => Ok(None),
            Source::Fails => Err(KeySourceError::new("the vault is sealed")),
            Source::NeverAnswers => pending().await,
        }
    }
}

fn layer_with(source: Source) -> (WebhookLayer, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let verifier = GITHUB.verifier_with(Asked(source, Arc::clone(&asked))).build().unwrap();
    (WebhookLayer::new("tests", verifier), asked)
}

#[tokio::test(start_paused = true)]
async fn a_key_source_decides_before_the_body_is_read() {
    for (source, kind, status, retry_after, seconds) in [
        (Source::FindsNothing, UnknownKey, 401, None, 0),
        (Source::Finds(&STRIPE), UnknownKey, 401, None, 0),
        (Source::Fails, KeysUnavailable, 503, Some(5), 0),
        (Source::NeverAnswers, KeysUnavailable, 503, Some(5), 5),
    ] {
        let (layer, asked) = layer_with(source);
        let body = ScriptedBody::endless(Silence);
        let (polls, start) = (body.polls(), Instant::now());
        let answer = deliver(&layer, &Handler::ok(), around(&github("{}"), body)).await;
        answer.refuses(kind, status, retry_after);
        assert_eq!((polls.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (0, 1));
        assert_eq!(start.elapsed(), Duration::from_secs(seconds), "key_timeout");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_source_is_asked_only_for_heads_that_are_in_order() {
    let (layer, asked) = layer_with(Source::Finds(&GITHUB));
    let unsigned = Request::post("/").body(String::from("{}")).unwrap();
    deliver(&layer, &Handler::ok(), unsigned).await.refuses(MissingSignature, 401, None);
    let mut large = around(&github("{}"), String::from("{}"));
    large.headers_mut().insert("content-length", (1_u64 << 40).into());
    deliver(&layer, &Handler::ok(), large).await.refuses(BodyTooLarge, 413, None);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    deliver(&layer, &Handler::ok(), github("{}")).await.is_the_handlers(200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

// The cap and the deadline ------------------------------------------------------------------

/// A layer that takes bodies of 10 bytes, within 10 s.
fn small() -> WebhookLayer {
    builder(&GITHUB).max_body(10).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_cap_holds_whatever_length_is_declared() {
    let frames = || [data(b"01234"), data(b"56789"), data(b"!")];
    let signed = || github("0123456789!");
    for (declared, polls_needed) in
        [(Some("11"), 0), (Some("10"), 3), (Some("no number"), 3), (None, 3)]
    {
        let body = ScriptedBody::new(frames());
        let polls = body.polls();
        let mut request = around(&signed(), body);
        if let Some(declared) = declared {
            request.headers_mut().insert("content-length", declared.parse().unwrap());
        }
        let handler = Handler::ok();
        deliver(&small(), &handler, request).await.refuses(BodyTooLarge, 413, None);
        assert_eq!(polls.load(Ordering::SeqCst), polls_needed, "{declared:?}");
        assert_eq!(handler.runs(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_of_exactly_the_cap_is_taken() {
    let body = ScriptedBody::new([data(b"01234"), data(b"56789")]).says(10);
    let handler = Handler::ok();
    let request = around(&github("0123456789"), body);
    deliver(&small(), &handler, request).await.is_the_handlers(200);
    assert_eq!(handler.events()[0].body(), "0123456789");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_meets_the_cap() {
    let body = ScriptedBody::endless(data(b"0"));
    let polls = body.polls();
    deliver(&small(), &Handler::ok(), around(&github("0"), body)).await.refuses(
        BodyTooLarge,
        413,
        None,
    );
    assert_eq!(polls.load(Ordering::SeqCst), 11);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_meets_the_deadline() {
    for seconds in [10, 3] {
        let deadline = Duration::from_secs(seconds);
        let layer = builder(&GITHUB).body_timeout(deadline).build().unwrap();
        let body = ScriptedBody::new([data(b"{")]).then_for_ever(Silence);
        let request = around(&github("{}"), body);
        let start = Instant::now();
        deliver(&layer, &Handler::ok(), request).await.refuses(BodyTimeout, 408, None);
        assert_eq!(start.elapsed(), deadline);
    }
}

#[tokio::test(start_paused = true)]
async fn frames_without_a_byte_do_not_hold_the_executor_beyond_the_deadline() {
    for frame in [data(b""), Trailers] {
        let request = around(&github("{}"), ScriptedBody::endless(frame));
        let late = tokio::spawn(async {
            settle().await;
            tokio::time::advance(Duration::from_secs(11)).await;
        });
        deliver(&small(), &Handler::ok(), request).await.refuses(BodyTimeout, 408, None);
        late.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_400_however_much_had_come() {
    for steps in [vec![Broken], vec![data(b"{}"), Broken]] {
        let request = around(&github("{}"), ScriptedBody::new(steps));
        let handler = Handler::ok();
        deliver(&layer(&GITHUB), &handler, request).await.refuses(BodyUnreadable, 400, None);
        assert_eq!(handler.runs(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_early_is_not_the_signed_one() {
    let request = around(&github("{}"), ScriptedBody::new([data(b"{")]));
    deliver(&layer(&GITHUB), &Handler::ok(), request).await.refuses(BadSignature, 401, None);
}

// The bytes ---------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_single_frame_is_not_copied() {
    let frame = Bytes::from(vec![b'0'; 300 * 1024]); // longer than one stride of hashing
    for steps in
        [vec![Data(frame.clone())], vec![data(b""), Data(frame.clone()), data(b""), Trailers]]
    {
        let handler = Handler::ok();
        let request = around(&github(frame.clone()), ScriptedBody::new(steps));
        deliver(&layer(&GITHUB), &handler, request).await.is_the_handlers(200);
        assert_eq!(handler.events()[0].body().as_ptr(), frame.as_ptr());
    }
}

#[tokio::test(start_paused = true)]
async fn frames_are_joined_in_order_and_trailers_are_nobodys() {
    let steps = [data(b"{\"a\""), data(b""), data(b":1}"), Trailers];
    let handler = Handler::ok();
    let request = around(&github(r#"{"a":1}"#), ScriptedBody::new(steps));
    deliver(&layer(&GITHUB), &handler, request).await.is_the_handlers(200);
    assert_eq!(handler.events()[0].body(), r#"{"a":1}"#);
}

#[tokio::test(start_paused = true)]
async fn the_wrapped_service_reads_the_bytes_that_were_hashed() {
    let seen = Arc::new(Mutex::new(None));
    let note = Arc::clone(&seen);
    let inner = service_fn(move |request: Request<VerifiedBody>| {
        let note = Arc::clone(&note);
        async move {
            let (head, body) = request.into_parts();
            let hint = http_body::Body::size_hint(&body).exact();
            let event = head.extensions.get::<Event>().unwrap().clone();
            let body = body.collect().await.unwrap().to_bytes();
            assert_eq!((hint, body.as_ptr()), (Some(2), event.body().as_ptr()));
            *note.lock().unwrap() = Some((head.method, head.uri, head.headers.len(), body));
            Ok::<_, std::convert::Infallible>(answer(200))
        }
    });
    let service = tower::Layer::layer(&layer(&GITHUB), inner);
    crate::support::layer::send(&service, github("{}")).await.is_the_handlers(200);
    let (method, uri, headers, body) = seen.lock().unwrap().take().unwrap();
    assert_eq!(
        (method, uri.path(), headers, &body[..]),
        (Method::POST, "/webhooks/github", 3, &b"{}"[..])
    );
}

// All requests together ---------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn bodies_that_are_declared_and_do_not_come_keep_nobody_out() {
    const MIB: usize = 1 << 20;
    let layer = builder(&GITHUB).max_body(25 * MIB).max_buffered_bytes(25 * MIB).build().unwrap();
    let handler = Handler::ok();
    let mut idle = Vec::new();
    for _ in 0..100 {
        let body = ScriptedBody::new([data(b"{"), data(b" ")]).then_for_ever(Silence);
        let body = body.says(25 * MIB as u64);
        let mut response = Box::pin(deliver(&layer, &handler, around(&github("0"), body)));
        stays_pending(&mut response).await;
        idle.push(response);
    }
    let frame = Bytes::from(vec![b' '; MIB]);
    let steps = (0..24).map(|_| crate::support::layer::Step::Data(frame.clone()));
    let request = around(&github(vec![b' '; 24 * MIB]), ScriptedBody::new(steps));
    deliver(&layer, &handler, request).await.is_the_handlers(200);
}

/// A layer with room for 15 bytes over all bodies, of 10 each.
fn narrow() -> WebhookLayer {
    builder(&GITHUB).max_body(10).max_buffered_bytes(15).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn bodies_in_the_reading_share_a_bound_and_give_back() {
    type End = (&'static str, crate::support::layer::Step);
    let ends: [End; 3] = [("hangs up", Silence), ("breaks", Broken), ("is too long", data(b"!!!"))];
    for (what, end) in ends {
        let (layer, handler) = (narrow(), Handler::ok());
        let (frames, sender) = channel_body();
        sender.send(data(b"01234567")).unwrap();
        let mut first = Box::pin(deliver(&layer, &handler, around(&github("0"), frames)));
        stays_pending(&mut first).await;

        // 7 bytes are left.
        deliver(&layer, &handler, github("12345678")).await.refuses(Overloaded, 503, Some(5));
        deliver(&layer, &handler, github("1234567")).await.is_the_handlers(200);
        if let Silence = end {
            drop(first);
        } else {
            sender.send(end).unwrap();
            assert!(first.await.kind().is_some(), "{what}");
        }
        deliver(&layer, &handler, github("12345678")).await.is_the_handlers(200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_was_read_leaves_room_while_its_handler_runs() {
    let (layer, (handler, gate)) = (narrow(), Handler::at_a_gate());
    let mut first = Box::pin(deliver(&layer, &handler, github("0123456789")));
    stays_pending(&mut first).await;
    gate.arrived().await;
    let mut second = Box::pin(deliver(&layer, &handler, github("9876543210")));
    stays_pending(&mut second).await;
    gate.arrived().await;
    gate.let_pass(2);
    first.await.is_the_handlers(200);
    second.await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn bodies_that_met_their_deadline_give_back() {
    let (layer, handler) = (narrow(), Handler::ok());
    for _ in 0..5 {
        let body = ScriptedBody::new([data(b"0123456789")]).then_for_ever(Silence);
        let request = around(&github("0"), body);
        deliver(&layer, &handler, request).await.refuses(BodyTimeout, 408, None);
    }
    deliver(&layer, &handler, github("0123456789")).await.is_the_handlers(200);
}

/// A body that is sent step by step.
fn channel_body() -> (ChannelBody, tokio::sync::mpsc::UnboundedSender<crate::support::layer::Step>)
{
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    (ChannelBody(receiver), sender)
}

struct ChannelBody(tokio::sync::mpsc::UnboundedReceiver<crate::support::layer::Step>);

impl http_body::Body for ChannelBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(cx).map(|step| match step? {
            Data(data) => Some(Ok(http_body::Frame::data(data))),
            _ => Some(Err(std::io::Error::other("the connection was reset"))),
        })
    }
}

// A provider whose id stands in the head but is missing -------------------------------------

#[tokio::test(start_paused = true)]
async fn a_value_that_is_signed_and_missing_is_refused() {
    let verifier = STANDARD_WEBHOOKS.verifier("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let layer = WebhookLayer::builder("tests", verifier.build().unwrap())
        .clock(crate::support::layer::clock())
        .build()
        .unwrap();
    let body = ScriptedBody::endless(Silence);
    let polls = body.polls();
    let request = Request::post("/")
        .header("webhook-timestamp", NOW)
        .header("webhook-signature", format!("v1,{}=", "A".repeat(43)))
        .body(body)
        .unwrap();
    deliver(&layer, &Handler::ok(), request).await.refuses(MissingSignedValue, 401, None);
    assert_eq!(polls.load(Ordering::SeqCst), 0);
}
