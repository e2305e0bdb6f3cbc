//! Reading a body: capped, within a deadline, hashed as it comes, without holding the executor.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use http_body::{Body, Frame};

use super::limits::BufferedBytes;
use super::within::within;
use crate::rejection::RejectionKind;
use crate::verifier::Verification;

/// How much is hashed before the task gives way, in bytes: 0.2 ms of SHA-256 or less.
const STRIDE: usize = 256 * 1024;
/// What a frame costs besides its bytes, counted in bytes: frames without any have no end either.
const FRAME: usize = 1024;
/// How often in a row it gives way. Once is not enough: a current-thread runtime looks at its
/// timers only every 61 polls, and the connection's task wakes itself in between.
const TIMES: usize = 3;

/// Reads a whole body into a verification.
pub(super) async fn read<B>(
    body: B,
    verification: &mut Verification<'_>,
    cap: usize,
    deadline: Duration,
    buffered: &BufferedBytes,
) -> Result<(), RejectionKind>
where
    B: Body,
{
    within(deadline, read_frames(body, verification, cap, buffered))
        .await
        .unwrap_or(Err(RejectionKind::BodyTimeout))
}

/// Reads a body of at most `cap` bytes that nothing signs; `None` if it is longer, does not come
/// within the deadline, or breaks off.
pub(super) async fn read_small<B>(
    body: B,
    cap: usize,
    deadline: Duration,
    buffered: &BufferedBytes,
) -> Option<Bytes>
where
    B: Body,
{
    let read = async {
        let mut body = pin!(body);
        let mut share = buffered.share();
        let mut received = Vec::new();
        while let Some(frame) = next_frame(body.as_mut()).await {
            let Ok(data) = frame.ok()?.into_data() else { continue };
            let len = data.remaining();
            if received.len().saturating_add(len) > cap || !share.grow(len) {
                return None;
            }
            received.put(data);
        }
        Some(received.into())
    };
    tokio::time::timeout(deadline, read).await.ok().flatten()
}

async fn read_frames<B>(
    body: B,
    verification: &mut Verification<'_>,
    cap: usize,
    buffered: &BufferedBytes,
) -> Result<(), RejectionKind>
where
    B: Body,
{
    let mut body = pin!(body);
    let mut share = buffered.share();
    let mut received = 0_usize;
    let mut stride = Stride::default();
    while let Some(frame) = next_frame(body.as_mut()).await {
        stride.go(FRAME).await;
        let Ok(mut data) = frame?.into_data() else {
            continue; // trailers are not signed by anybody
        };
        received = received.saturating_add(data.remaining());
        if received > cap {
            return Err(RejectionKind::BodyTooLarge);
        }
        if !verification.make_room(data.remaining(), |more| share.grow(more)) {
            return Err(RejectionKind::Overloaded);
        }
        // Of `Bytes`, as every server gives them, this is a share and no copy.
        let frame = data.copy_to_bytes(data.remaining());
        drop(data);
        for piece in frame.chunks(STRIDE) {
            verification.hash(piece);
            stride.go(piece.len()).await;
        }
        verification.keep(frame);
    }
    Ok(())
}

/// The next frame. What broke a connection is of no use to anybody: only that it broke.
async fn next_frame<B: Body>(
    mut body: Pin<&mut B>,
) -> Option<Result<Frame<B::Data>, RejectionKind>> {
    let broken = |_| RejectionKind::BodyUnreadable;
    poll_fn(|cx| body.as_mut().poll_frame(cx).map(|next| next.map(|frame| frame.map_err(broken))))
        .await
}

/// What was hashed since the task last gave way.
#[derive(Default)]
struct Stride(usize);

impl Stride {
    async fn go(&mut self, bytes: usize) {
        self.0 = self.0.saturating_add(bytes);
        if self.0 >= STRIDE {
            self.0 = 0;
            for _ in 0..TIMES {
                tokio::task::yield_now().await;
            }
        }
    }
}
