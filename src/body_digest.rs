//! SHA-256 of a body, made once, whoever asks for it and however often.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// Made frame by frame where somebody is known to ask for it; else of the whole body, when
/// somebody does.
#[derive(Debug, Default)]
pub(crate) struct BodyDigest {
    running: Option<Sha256>,
    made: OnceLock<[u8; 32]>,
}

impl BodyDigest {
    /// From here on the frames are hashed as they come.
    #[cfg(any(test, feature = "tokio"))]
    pub(crate) fn start(&mut self) {
        self.running = Some(Sha256::new());
    }

    pub(crate) fn update(&mut self, frame: &[u8]) {
        if let Some(running) = &mut self.running {
            running.update(frame);
        }
    }

    /// No frame follows.
    pub(crate) fn finish(&mut self) {
        if let Some(running) = self.running.take() {
            self.made = OnceLock::from(<[u8; 32]>::from(running.finalize()));
        }
    }

    /// The digest of this body, which is the one that the frames were of.
    pub(crate) fn of(&self, body: &[u8]) -> [u8; 32] {
        *self.made.get_or_init(|| Sha256::digest(body).into())
    }

    /// The digest, if anybody asked for it.
    pub(crate) fn known(&self) -> Option<[u8; 32]> {
        self.made.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_when_it_is_asked_for_and_is_the_same_by_frames() {
        let mut by_frames = BodyDigest::default();
        by_frames.start();
        by_frames.update(b"ab");
        by_frames.update(b"c");
        by_frames.finish();
        let lazily = BodyDigest::default();
        assert_eq!(lazily.known(), None);
        assert_eq!(lazily.of(b"abc"), by_frames.known().unwrap());
        assert_eq!(lazily.known(), by_frames.known());
    }
}
