//! Allocations and bytes, counted: they do not move from run to run, so the aims are gates here.
//!
//! Counts are per thread, and every future runs on the test's own thread.

#![allow(unsafe_code, reason = "an allocator that counts is an unsafe trait's implementation")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body as AxumBody;
use axum::routing::post;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use serde::Deserialize;
use tower::{Layer, Service, ServiceExt};
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::testing::{ManualClock, Signer};
use tower_webhooks::{Event, Provider, Rejection, Verified, Verifier, WebhookLayer, providers};

const MIB: usize = 1024 * 1024;

struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn note(calls: usize, bytes: isize) {
    CALLS.set(CALLS.get() + calls);
    LIVE.set(LIVE.get() + bytes);
    PEAK.set(PEAK.get().max(LIVE.get()));
}

/// Layouts are never larger than `isize::MAX`.
const fn signed(size: usize) -> isize {
    size as isize
}

// SAFETY: every call goes to the system's allocator unchanged. The counters are plain cells that
// are initialised without allocating and have no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, signed(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        note(0, -signed(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // For a moment the old piece and the new one may both be there.
        note(1, signed(size));
        note(0, -signed(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The allocations that this makes.
fn allocations<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = CALLS.get();
    let result = work();
    (CALLS.get() - before, result)
}

/// The most bytes that are in use at once beyond those that are in use now.
fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = work();
    (usize::try_from(PEAK.get() - before).unwrap_or_default(), result)
}

/// The senders whose signature stands in the head, and the body is hashed as it comes.
fn signers() -> impl Iterator<Item = Signer> {
    [
        &providers::GITHUB,
        &providers::SHOPIFY,
        &providers::META,
        &providers::SLACK,
        &providers::STRIPE,
        &providers::STANDARD_WEBHOOKS,
        &providers::SVIX,
    ]
    .into_iter()
    .map(|provider: &Provider| Signer::demo(provider).unwrap())
}

fn json(number: u64) -> String {
    format!(r#"{{"id":"evt_{number:08}","event_id":"Ev{number:08}","type":"invoice.paid"}}"#)
}

fn verify(
    verifier: &Verifier,
    signer: &Signer,
    request: Request<Bytes>,
) -> (usize, Result<Event, Rejection>) {
    let (head, body) = request.into_parts();
    // Nobody else holds it: sharing it would be an allocation, and is counted.
    let body = Bytes::from(body.to_vec());
    let (count, verified) = allocations(|| verifier.verify(&head, body, signer.now()));
    let event = verified.map(|verified| match verified {
        Verified::Event(event) => event,
        other => panic!("{other:?}"),
    });
    (count, event)
}

#[test]
fn an_accepted_verification_allocates_its_event_and_nothing_else() {
    for signer in signers() {
        let verifier = signer.verifier().build().unwrap();
        let (count, event) = verify(&verifier, &signer, signer.event(json(1)).request());
        assert!(event.is_ok());
        let name = signer.provider().name();
        assert_eq!(count, 1, "{name}: aim 4: none beyond the event's own one");
    }
    row(4, "allocations of an accepted verify beyond the event's own one", 0.0, 0.0);
}

#[test]
fn id_and_type_and_replay_key_are_read_without_allocating() {
    for signer in signers() {
        let verifier = signer.verifier().build().unwrap();
        let (_, event) = verify(&verifier, &signer, signer.event(json(1)).request());
        let event = event.unwrap();
        let (count, lengths) = allocations(|| {
            let (id, kind) = (event.id().map(|id| id.len()), event.kind().map(|kind| kind.len()));
            (id, kind, event.replay_key())
        });
        assert_eq!(count, 0, "{}: {lengths:?}", signer.provider().name());
    }
}

#[test]
fn a_refusal_allocates_nothing() {
    for signer in signers() {
        let name = signer.provider().name();
        let verifier = signer.verifier().build().unwrap();
        let mut unsigned = signer.event(json(1)).request();
        unsigned.headers_mut().clear();
        let mut refused = vec![
            unsigned,
            signer.event(json(1)).with_bad_signature().request(),
            signer.event(json(1)).with_changed_body().request(),
        ];
        if signer.provider().signs_time() {
            refused.push(signer.event(json(1)).stale().request());
            refused.push(signer.event(json(1)).from_the_future().request());
        }
        for request in refused {
            let (count, event) = verify(&verifier, &signer, request);
            let kind = event.unwrap_err().kind();
            assert_eq!(count, 0, "{name}, {kind:?}: aim 4: none for a refusal");
        }
    }
    row(4, "allocations of a refusal", 0.0, 0.0);
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    r#type: String,
}

/// So many events that every shard of the store has its first records.
const WARM_UP: u64 = 2_000;

/// What the layers are measured with: verify only, with claim.
fn layers(signer: &Signer) -> [WebhookLayer; 2] {
    let builder = || {
        WebhookLayer::builder("test", signer.verifier().build().unwrap())
            .clock(ManualClock::at(signer.now()))
    };
    [builder().insecure_without_replay_protection().build().unwrap(), builder().build().unwrap()]
}

/// Allocations of the usual request through a service: the median, because a store in memory grows
/// once in a while, and after some that warm it up.
fn through<S, B, R>(service: &S, signer: &Signer) -> usize
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible> + Clone,
    B: From<Bytes>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let send = |number| {
        let request = signer.event(json(number)).uri("/").request().map(B::from);
        let service = service.clone();
        allocations(|| runtime.block_on(service.oneshot(request)).unwrap())
    };
    (0..WARM_UP).for_each(|number| drop(send(number)));
    let count = |number| {
        let (count, response) = send(number);
        assert_eq!(response.status(), StatusCode::OK);
        count
    };
    let mut counts: Vec<_> = (WARM_UP..WARM_UP + 101).map(count).collect();
    counts.sort_unstable();
    counts[counts.len() / 2]
}

#[test]
fn the_layer_allocates_little_per_request() {
    let signer = Signer::demo(&providers::STRIPE).unwrap();
    let [verify_only, with_claim] = layers(&signer);
    let [_, with_envelope] = layers(&signer); // another memory, or all would be duplicates
    let bare = tower::service_fn(async |request: Request<Full<Bytes>>| {
        drop(request);
        Ok::<_, Infallible>(Response::new(()))
    });
    let inner = tower::service_fn(async |request: Request<VerifiedBody>| {
        drop(request);
        Ok::<_, Infallible>(Response::new(()))
    });
    let enveloped = tower::service_fn(async |request: Request<VerifiedBody>| {
        let event = request.extensions().get::<Event>().unwrap();
        let envelope: Envelope = event.json().unwrap();
        assert!(!envelope.id.is_empty() && !envelope.r#type.is_empty());
        Ok::<_, Infallible>(Response::new(()))
    });

    let of_bare = through(&bare, &signer);
    for (what, count, aim) in [
        ("verify only", through::<_, Full<Bytes>, _>(&verify_only.layer(inner), &signer), 5),
        ("with claim", through::<_, Full<Bytes>, _>(&with_claim.layer(inner), &signer), 7),
        (
            "with envelope",
            through::<_, Full<Bytes>, _>(&with_envelope.layer(enveloped), &signer),
            9,
        ),
    ] {
        let count = count - of_bare;
        row(7, &format!("allocations a request, {what}"), aim as f64, count as f64);
        assert!(count <= aim, "aim 7: {what}: {count} allocations, not {aim}");
    }
}

/// What axum adds for any layer that is put into a `Router`: it clones and boxes the route, and
/// boxes the bodies on both sides, because the layer changes their types.
const ROUTER: usize = 5;

#[test]
fn the_layer_allocates_little_per_request_in_a_router() {
    let signer = Signer::demo(&providers::STRIPE).unwrap();
    let [verify_only, with_claim] = layers(&signer);
    let bare = Router::new().route("/", post(async |_: Bytes| StatusCode::OK));

    let of_bare = through::<_, AxumBody, _>(&bare, &signer);
    for (what, layer, most) in [("verify only", verify_only, 5), ("with claim", with_claim, 7)] {
        let count = through::<_, AxumBody, _>(&bare.clone().layer(layer), &signer);
        let count = count - of_bare - ROUTER;
        assert!(count <= most, "{what}: {count} allocations beside axum's, not {most}");
    }
}

/// A row of the table that `scripts/bench` prints.
fn row(aim: u32, what: &str, most: f64, measured: f64) {
    let reached = if measured <= most { "yes" } else { "NO" };
    println!("| {aim} | {what} | <= {most} | {measured} | {reached} |");
}

/// A body in frames, each of which is made when it is asked for, as a server does.
struct Frames {
    bytes: Bytes,
    frame: usize,
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let len = self.frame.min(self.bytes.len());
        let frame = self.bytes.split_to(len);
        let frame = if self.bytes.is_empty() && self.frame == usize::MAX {
            frame
        } else {
            Bytes::from(frame.to_vec())
        };
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

/// The most memory that a large body takes beyond itself as it was sent, and where it then lies.
fn read_large(frame: usize) -> (usize, bool) {
    let signer = Signer::demo(&providers::GITHUB).unwrap();
    let verifier = signer.verifier().build().unwrap();
    let layer = WebhookLayer::builder("test", verifier).max_body(25 * MIB).build().unwrap();
    let request = signer.event(vec![b' '; 25 * MIB]).request();
    let sent = request.body().as_ptr();
    let request = request.map(|bytes| Frames { bytes, frame });
    let service = tower::ServiceBuilder::new().layer(layer).service_fn(
        async move |request: Request<VerifiedBody>| {
            let event = request.extensions().get::<Event>().unwrap();
            Ok::<_, Infallible>(Response::new(event.body().as_ptr().addr().to_string()))
        },
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (most, response) = peak(|| runtime.block_on(service.oneshot(request)).unwrap());
    assert_eq!(response.status(), StatusCode::OK);
    let body = runtime.block_on(http_body_util::BodyExt::collect(response.into_body())).unwrap();
    (most, *body.to_bytes() == *sent.addr().to_string().as_bytes())
}

#[test]
fn one_frame_is_not_copied() {
    let (most, in_place) = read_large(usize::MAX);
    row(9, "copies of a body in one frame", 0.0, f64::from(u8::from(!in_place)));
    assert!(in_place, "aim 9: the very frame is the event's body");
    // The layer's counters of delivery ids, made with its first event, are 90 KiB of it.
    assert!(most < 256 * 1024, "aim 9: {most} bytes beside the one frame");
}

#[test]
fn several_frames_are_copied_once() {
    for frame in [16 * 1024, 64 * 1024, 408 * 1024] {
        let (most, in_place) = read_large(frame);
        let of_body = most as f64 / (25 * MIB) as f64;
        println!(
            "| 9 | peak memory of 25 MiB in frames of {frame} B, of the body | <= 1.1 | {of_body:.3} | |"
        );
        assert!(!in_place);
        assert!(most <= 25 * MIB / 10 * 11, "aim 9: at most 1.1 of the body, not {most} bytes");
    }
}

/// Sends two bytes of the million that its head declares, and nothing more.
struct Stalled(u8);

impl Body for Stalled {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0 += 1;
        if self.0 > 2 { Poll::Pending } else { Poll::Ready(Some(Ok(Frame::data("{".into())))) }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(1_000_000)
    }
}

#[test]
fn bodies_that_are_declared_and_do_not_come_take_no_memory() {
    const CONNECTIONS: usize = 3_000;
    let signer = Signer::demo(&providers::GITHUB).unwrap();
    let layer = WebhookLayer::builder("test", signer.verifier().build().unwrap()).build().unwrap();
    let mut service = layer.layer(tower::service_fn(async |_: Request<VerifiedBody>| {
        Ok::<_, Infallible>(Response::new(()))
    }));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let requests: Vec<_> =
        (0..CONNECTIONS).map(|_| signer.event("{}").request().map(|_| Stalled(0))).collect();
    let _entered = runtime.enter();
    let (most, held) = peak(|| {
        let mut held = Vec::with_capacity(CONNECTIONS);
        for request in requests {
            let mut response = service.call(request);
            let mut cx = Context::from_waker(std::task::Waker::noop());
            assert!(Pin::new(&mut response).poll(&mut cx).is_pending());
            held.push(response);
        }
        held
    });
    let each = most / CONNECTIONS;
    println!("| | bytes a connection that declares 1 MB and sends 2 bytes | <= 8192 | {each} | |");
    assert!(each <= 8 * 1024, "{each} bytes for each connection");
    drop(held);
}

#[test]
fn a_form_of_very_many_names_is_refused_without_collecting_them() {
    let form = Bytes::from("a%41=1&".repeat(150_000) + "sig=00&timestamp=1767225600");
    let json = Bytes::from(format!(r#"{{"notificationItems":[{}0]}}"#, "0,".repeat(500_000)));
    for (provider, body) in [
        (&providers::TWILIO, &form),
        (&providers::MANDRILL, &form),
        (&providers::VONAGE_SIGNATURE, &form),
        (&providers::GITEA, &form),
        (&providers::MAILGUN, &form),
        (&providers::ADYEN, &json),
    ] {
        let signer = Signer::demo(provider).unwrap();
        let verifier = signer.verifier().build().unwrap();
        let (mut head, _) = signer.event("{}").request().into_parts();
        let form = http::HeaderValue::from_static("application/x-www-form-urlencoded");
        head.headers.insert(http::header::CONTENT_TYPE, form);
        let (peak, refused) = peak(|| verifier.verify(&head, body.clone(), signer.now()).is_err());
        assert!(refused && peak < MIB / 2, "{}: {peak} bytes", provider.name());
    }
}
