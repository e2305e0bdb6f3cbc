//! A large body does not keep the executor from its other tasks. Counted in polls, never timed.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::support::layer::Step::Data;
use crate::support::layer::{Handler, ScriptedBody, Signed, around, github, layer};
use bytes::Bytes;
use http::Request;
use tower::{Layer, Service};
use tower_webhooks::providers::GITHUB;

const MIB: usize = 1024 * 1024;
/// The largest body that GitHub sends.
const LARGEST: usize = 25 * MIB;
/// How much may be hashed in one go.
const STRIDE: usize = 256 * 1024;
/// How often it gives way after each.
const TIMES: usize = 3;

/// The largest push: signed once, because that takes a while without optimisation.
fn largest() -> &'static (Bytes, Signed) {
    static PUSH: OnceLock<(Bytes, Signed)> = OnceLock::new();
    PUSH.get_or_init(|| {
        let body = Bytes::from(vec![b' '; LARGEST]);
        (body.clone(), github(body))
    })
}

/// What the reading of a body looked like from outside.
struct Reading {
    status: u16,
    /// How often the response gave way.
    pending: usize,
    /// The most polls of the body between two of those.
    most_frames: usize,
    /// How many turns another task had meanwhile.
    others: usize,
}

async fn watch(body: ScriptedBody, signed: &Signed) -> Reading {
    let polls = body.polls();
    let request: Request<ScriptedBody> = around(signed, body);
    let mut response = layer(&GITHUB).layer(Handler::ok()).call(request);
    let turns = Arc::new(AtomicUsize::new(0));
    let other = tokio::spawn({
        let turns = Arc::clone(&turns);
        async move {
            loop {
                turns.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    });
    let (mut pending, mut most_frames, mut before) = (0, 0, 0);
    let answer = poll_fn(|cx| {
        let polled = Pin::new(&mut response).poll(cx);
        let frames = polls.load(Ordering::SeqCst);
        most_frames = most_frames.max(frames - before);
        before = frames;
        pending += usize::from(polled.is_pending());
        polled
    })
    .await
    .unwrap();
    other.abort();
    let others = turns.load(Ordering::SeqCst);
    Reading { status: answer.status().as_u16(), pending, most_frames, others }
}

#[tokio::test]
async fn the_largest_body_in_frames_gives_way_at_each_stride() {
    let (body, signed) = largest();
    let frame = 16 * 1024;
    let frames = (0..LARGEST / frame).map(|at| body.slice(at * frame..(at + 1) * frame));
    let reading = watch(ScriptedBody::new(frames.map(Data)), signed).await;
    assert_eq!(reading.status, 200);
    assert!(reading.pending >= LARGEST / STRIDE * TIMES, "{}", reading.pending);
    assert!(reading.most_frames <= STRIDE / frame + 1, "{}", reading.most_frames);
    assert!(reading.others >= LARGEST / STRIDE, "{}", reading.others);
}

#[tokio::test]
async fn the_largest_body_in_one_frame_gives_way_at_each_stride() {
    let (body, signed) = largest();
    let reading = watch(ScriptedBody::new([Data(body.clone())]), signed).await;
    assert_eq!(reading.status, 200);
    assert!(reading.pending >= LARGEST / STRIDE * TIMES, "{}", reading.pending);
    assert!(reading.others >= LARGEST / STRIDE, "{}", reading.others);
}

#[tokio::test]
async fn a_body_in_single_bytes_gives_way_long_before_its_bytes_are_a_stride() {
    let text = "0".repeat(10_000);
    let frames = text.bytes().map(|byte| Data(Bytes::from(vec![byte])));
    let reading = watch(ScriptedBody::new(frames), &github(text.clone())).await;
    assert_eq!(reading.status, 200);
    assert!(reading.most_frames <= 256, "{}", reading.most_frames);
}

#[tokio::test]
async fn an_ordinary_body_does_not_give_way_at_all() {
    let body = ScriptedBody::new([Data(Bytes::from_static(b"{}"))]);
    let reading = watch(body, &github("{}")).await;
    // Nor does its handler, which runs in place.
    assert_eq!((reading.status, reading.pending), (200, 0));
}
