//! The body as it comes: one frame is kept as it is, several are joined once.

use bytes::Bytes;

/// Room for the whole body that the head declares is made once one part in so many has come. Before,
/// half of what came is reserved ahead: a declaration alone costs its sender nothing, and may cost the
/// receiver no more.
const PART: usize = 16;

/// The bytes received so far.
#[derive(Debug, Default)]
pub(crate) struct ReceivedBody {
    first: Bytes,
    joined: Vec<u8>,
    /// How long the head says the body is; at most the cap.
    declared: usize,
}

impl ReceivedBody {
    #[cfg(feature = "tokio")]
    pub(crate) fn declare(&mut self, length: usize) {
        self.declared = length;
    }

    /// Makes room for a frame of so many bytes. `allows` is asked before more memory is taken, and
    /// may deny it: first what is better, then what is needed. `false` if it denied both.
    #[must_use]
    pub(crate) fn reserve(&mut self, frame: usize, mut allows: impl FnMut(usize) -> bool) -> bool {
        if self.is_empty() {
            return allows(frame); // it is kept where it is
        }
        let held = self.first.len().saturating_add(self.joined.capacity());
        let len = self.first.len().saturating_add(self.joined.len());
        let needed = len.saturating_add(frame);
        if needed <= self.joined.capacity() {
            return true;
        }
        let ahead = if self.declared <= needed.saturating_mul(PART) {
            self.declared.max(needed)
        } else {
            needed.saturating_add(needed / 2)
        };
        let mut room = |capacity: usize| {
            let is_allowed = allows(capacity.saturating_sub(held));
            if is_allowed {
                self.joined.reserve_exact(capacity.saturating_sub(self.joined.len()));
            }
            is_allowed
        };
        room(ahead) || room(needed)
    }

    pub(crate) fn push(&mut self, frame: Bytes) {
        if frame.is_empty() {
            return;
        }
        if self.is_empty() {
            self.first = frame;
            return;
        }
        self.joined.extend_from_slice(&std::mem::take(&mut self.first));
        self.joined.extend_from_slice(&frame);
    }

    pub(crate) fn finish(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.into() }
    }

    const fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.first.is_empty()
    }
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use super::*;

    /// Takes a frame as the layer does, and says how much memory was asked for.
    fn take(body: &mut ReceivedBody, frame: Bytes) -> usize {
        let mut asked = 0;
        assert!(body.reserve(frame.len(), |more| {
            asked += more;
            true
        }));
        body.push(frame);
        asked
    }

    #[test]
    fn a_single_frame_is_not_copied() {
        let frame = Bytes::from(vec![7; 100]);
        let mut body = ReceivedBody::default();
        take(&mut body, Bytes::new());
        take(&mut body, frame.clone());
        assert_eq!(body.finish().as_ptr(), frame.as_ptr());
    }

    #[test]
    fn several_frames_are_joined_in_order_into_the_declared_room() {
        let mut body = ReceivedBody::default();
        body.declare(6);
        for frame in ["ab", "", "cd", "ef"] {
            take(&mut body, Bytes::from(frame));
        }
        assert_eq!(body.joined.capacity(), 6);
        assert_eq!(body.finish(), "abcdef");
    }

    #[test]
    fn a_large_declaration_reserves_little_before_bytes_came() {
        const DECLARED: usize = 25 * 1024 * 1024;
        let mut body = ReceivedBody::default();
        body.declare(DECLARED);
        let mut asked = take(&mut body, Bytes::from_static(b"a"));
        asked += take(&mut body, Bytes::from_static(b"b"));
        assert!(asked <= 4 && body.joined.capacity() <= 8, "{asked} bytes");
        let mut received = 2;
        while received < DECLARED {
            let frame = (16 * 1024).min(DECLARED - received);
            asked += take(&mut body, Bytes::from(vec![0; frame]));
            received += frame;
            assert!(asked >= body.joined.capacity(), "what is reserved is asked for");
            assert!(asked <= received * PART, "{asked} bytes for {received}");
        }
        assert_eq!(body.joined.capacity(), DECLARED);
    }

    #[test]
    fn room_ahead_that_is_denied_is_no_reason_to_refuse_what_fits() {
        let mut body = ReceivedBody::default();
        body.declare(1_000);
        assert!(body.reserve(100, |more| more <= 100));
        body.push(Bytes::from(vec![0; 100]));
        assert!(body.reserve(100, |more| more <= 100));
        body.push(Bytes::from(vec![0; 100]));
        assert!(!body.reserve(100, |_| false));
    }
}
