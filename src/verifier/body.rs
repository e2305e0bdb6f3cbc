//! The body as it comes: one frame is kept as it is, several are joined once.

use bytes::Bytes;

/// How much is reserved on a sender's word alone, in bytes.
const TRUSTED: usize = 1024 * 1024;

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

    pub(crate) fn push(&mut self, frame: Bytes) {
        if frame.is_empty() {
            return;
        }
        if self.joined.is_empty() && self.first.is_empty() {
            self.first = frame;
            return;
        }
        if self.joined.is_empty() {
            self.reserve(self.first.len().saturating_add(frame.len()));
            self.joined.extend_from_slice(&std::mem::take(&mut self.first));
        } else {
            self.reserve(frame.len());
        }
        self.joined.extend_from_slice(&frame);
    }

    pub(crate) fn finish(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.into() }
    }

    /// Makes room for `more`: for the declared length if that is modest or most of what is trusted
    /// has come, else a little ahead. So a declaration costs its sender real bytes first.
    fn reserve(&mut self, more: usize) {
        let needed = self.joined.len().saturating_add(more);
        if needed <= self.joined.capacity() {
            return;
        }
        let ahead = if self.declared <= TRUSTED || self.joined.len() >= TRUSTED / 2 {
            self.declared
        } else {
            TRUSTED
        };
        if ahead > needed {
            self.joined.reserve_exact(ahead.saturating_sub(self.joined.len()));
        } else {
            self.joined.reserve(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_frame_is_not_copied() {
        let frame = Bytes::from(vec![7; 100]);
        let mut body = ReceivedBody::default();
        body.push(Bytes::new());
        body.push(frame.clone());
        body.push(Bytes::new());
        assert_eq!(body.finish().as_ptr(), frame.as_ptr());
    }

    #[test]
    fn several_frames_are_joined_in_order_into_the_declared_room() {
        let mut body = ReceivedBody::default();
        body.declare(6);
        for frame in ["ab", "cd", "ef"] {
            body.push(Bytes::from(frame));
        }
        assert_eq!(body.joined.capacity(), 6);
        assert_eq!(body.finish(), "abcdef");
    }

    #[test]
    fn a_large_declaration_reserves_little_before_bytes_came() {
        let mut body = ReceivedBody::default();
        body.declare(25 * 1024 * 1024);
        body.push(Bytes::from_static(b"a"));
        body.push(Bytes::from_static(b"b"));
        assert!(body.joined.capacity() <= TRUSTED);
        body.push(Bytes::from(vec![0; TRUSTED]));
        body.push(Bytes::from(vec![0; TRUSTED]));
        assert_eq!(body.joined.capacity(), 25 * 1024 * 1024);
    }
}
