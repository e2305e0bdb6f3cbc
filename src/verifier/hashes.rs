//! The hashes that run while a body comes in: one for each key that may have signed it.

use super::candidates::Candidates;
use crate::keys::{Keys, Material};
use crate::scheme::digest::DigestState;
use crate::scheme::grammar::SentSignatures;
use crate::scheme::hmac::HmacState;
use crate::scheme::sink::Sink;
use crate::scheme::tag::Tag;

/// The running HMACs, or hashes, of all keys that may have made one of the signatures. The usual
/// single one costs no allocation.
#[derive(Default)]
pub(super) struct Hashes {
    first: Option<KeyedHash>,
    more: Vec<KeyedHash>,
}

/// What the hashes came to: each is finished once, however many signatures were sent.
pub(super) struct Tags {
    first: Option<KeyedTag>,
    more: Vec<KeyedTag>,
}

struct KeyedHash {
    key: usize,
    state: State,
}

struct KeyedTag {
    key: usize,
    tag: Tag,
}

#[allow(clippy::large_enum_variant, reason = "boxing would cost an allocation per request")]
enum State {
    Hmac(HmacState),
    Digest(DigestState),
}

impl Hashes {
    pub(super) fn start(&mut self, keys: &Keys, candidates: Candidates) {
        for (index, key) in candidates.among(keys) {
            let state = match &key.material {
                Material::Hmac(hmac) => State::Hmac(hmac.start()),
                Material::Digest(digest) => State::Digest(digest.start()),
                Material::Token(_) | Material::Ed25519(_) => continue,
            };
            let hash = KeyedHash { key: index, state };
            match self.first {
                None => self.first = Some(hash),
                Some(_) => self.more.push(hash),
            }
        }
    }

    /// Finishes every hash.
    pub(super) fn finish(&mut self) -> Tags {
        let finish = |hash: KeyedHash| KeyedTag { key: hash.key, tag: hash.state.finish() };
        let more = std::mem::take(&mut self.more);
        Tags { first: self.first.take().map(finish), more: more.into_iter().map(finish).collect() }
    }

    fn states(&mut self) -> impl Iterator<Item = &mut State> {
        self.first.iter_mut().chain(&mut self.more).map(|hash| &mut hash.state)
    }
}

impl Tags {
    /// The key that made one of the signatures.
    pub(super) fn find_match(&self, keys: &Keys, sent: &SentSignatures) -> Option<usize> {
        let matched = self.first.iter().chain(&self.more).find(|keyed| {
            let way = keys.keys.get(keyed.key).map(|key| key.way);
            let mut signatures = way.into_iter().flat_map(|way| sent.of_way(way));
            signatures.any(|sent| keyed.tag.is(sent.as_bytes()))
        });
        matched.map(|keyed| keyed.key)
    }
}

impl Sink for Hashes {
    fn data(&mut self, data: &[u8]) {
        self.states().for_each(|state| match state {
            State::Hmac(hmac) => hmac.update(data),
            State::Digest(digest) => digest.update(data),
        });
    }

    fn secret(&mut self) {
        self.states().for_each(|state| match state {
            State::Hmac(_) => {}
            State::Digest(digest) => digest.update_with_secret(),
        });
    }
}

impl State {
    fn finish(self) -> Tag {
        match self {
            Self::Hmac(hmac) => hmac.finish(),
            Self::Digest(digest) => digest.finish(),
        }
    }
}
