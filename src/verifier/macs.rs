//! The hashes that run while a body comes in: one for each key that may have signed it.

use super::candidates::Candidates;
use crate::keys::{Keys, Material};
use crate::scheme::digest::DigestState;
use crate::scheme::grammar::SentSignatures;
use crate::scheme::hmac::HmacState;
use crate::scheme::sink::Sink;

/// The running HMACs, or hashes, of all keys that may have made one of the signatures. The usual
/// single one costs no allocation.
#[derive(Default)]
pub(super) struct Macs {
    first: Option<KeyedMac>,
    more: Vec<KeyedMac>,
}

struct KeyedMac {
    key: usize,
    state: MacState,
}

#[allow(clippy::large_enum_variant, reason = "boxing would cost an allocation per request")]
enum MacState {
    Hmac(HmacState),
    Digest(DigestState),
}

impl Macs {
    pub(super) fn start(&mut self, keys: &Keys, candidates: Candidates) {
        for (index, key) in candidates.among(keys) {
            let state = match &key.material {
                Material::Hmac(hmac) => MacState::Hmac(hmac.start()),
                Material::Digest(digest) => MacState::Digest(digest.start()),
                Material::Token(_) | Material::Ed25519(_) => continue,
            };
            let mac = KeyedMac { key: index, state };
            match self.first {
                None => self.first = Some(mac),
                Some(_) => self.more.push(mac),
            }
        }
    }

    fn states(&mut self) -> impl Iterator<Item = &mut MacState> {
        self.first.iter_mut().chain(&mut self.more).map(|mac| &mut mac.state)
    }

    /// The key that made one of the signatures.
    pub(super) fn find_match(&self, keys: &Keys, sent: &SentSignatures) -> Option<usize> {
        let matched = self.first.iter().chain(&self.more).find(|mac| {
            let way = keys.keys.get(mac.key).map(|key| key.way);
            let mut signatures = way.into_iter().flat_map(|way| sent.of_way(way));
            signatures.any(|sent| mac.state.verifies(sent.as_bytes()))
        });
        matched.map(|mac| mac.key)
    }
}

impl Sink for Macs {
    fn data(&mut self, data: &[u8]) {
        self.states().for_each(|state| match state {
            MacState::Hmac(hmac) => hmac.update(data),
            MacState::Digest(digest) => digest.update(data),
        });
    }

    fn secret(&mut self) {
        self.states().for_each(|state| match state {
            MacState::Hmac(_) => {}
            MacState::Digest(digest) => digest.update_with_secret(),
        });
    }
}

impl MacState {
    fn verifies(&self, sent: &[u8]) -> bool {
        match self {
            Self::Hmac(hmac) => hmac.verifies(sent),
            Self::Digest(digest) => digest.verifies(sent),
        }
    }
}
