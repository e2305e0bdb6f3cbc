//! Which key made one of the signatures.

use super::candidates::Candidates;
use super::hashes::Hashes;
use crate::keys::{Key, Keys, Material};
use crate::scheme::ed25519::PublicKey;
use crate::scheme::grammar::SentSignatures;
use crate::scheme::sink::Sink;

/// The most public keys that are used for one request, whatever it sends: each use costs as much
/// as hashing 100 KB.
const MAX_OPERATIONS: u8 = 8;

/// A signature that was found right.
pub(super) struct Made<'c> {
    pub(super) key: usize,
    /// What is signed, and its position among what may have been.
    pub(super) content: &'c [u8],
    pub(super) position: usize,
}

/// Looks for the key, and spends no more than one request may.
pub(super) struct Maker<'k> {
    pub(super) keys: &'k Keys,
    operations: u8,
}

impl<'k> Maker<'k> {
    pub(super) const fn among(keys: &'k Keys) -> Self {
        Self { keys, operations: MAX_OPERATIONS }
    }

    /// The key that made one of the signatures over one of these contents, and over which.
    pub(super) fn of_any<'c>(
        &mut self,
        candidates: Candidates,
        sent: &SentSignatures,
        contents: &'c [Vec<u8>],
    ) -> Option<Made<'c>> {
        contents.iter().enumerate().find_map(|(position, content)| {
            let mut hashes = Hashes::default();
            hashes.start(self.keys, candidates);
            hashes.data(content);
            hashes.secret();
            let tags = hashes.finish();
            let key =
                tags.find_match(self.keys, sent).or_else(|| self.signer(candidates, sent, content));
            key.map(|key| Made { key, content, position })
        })
    }

    /// Whether one of the candidates is a public key.
    pub(super) fn has_public_keys(&self, candidates: Candidates) -> bool {
        self.public_keys(candidates).next().is_some()
    }

    /// The public key for which one of the signatures is right.
    ///
    /// Pairs of a key and a signature are tried by how early both stand: where a sender rotates, it
    /// is the first of few signatures and the first of few keys that fit, and what else a request
    /// sends is tried last, or not at all.
    pub(super) fn signer(
        &mut self,
        candidates: Candidates,
        sent: &SentSignatures,
        message: &[u8],
    ) -> Option<usize> {
        let keys: Vec<(usize, usize, &PublicKey)> = self.public_keys(candidates).collect();
        if keys.is_empty() {
            return None;
        }
        let mut pairs = Vec::new();
        for (rank, (index, way, public)) in keys.into_iter().enumerate() {
            let signatures = sent.of_way(way).enumerate();
            pairs.extend(
                signatures
                    .map(|(late, sent)| (rank.saturating_add(late), late, index, public, sent)),
            );
        }
        pairs.sort_by_key(|(early, late, ..)| (*early, *late));
        pairs.into_iter().find_map(|(.., index, public, sent)| {
            self.operations = self.operations.checked_sub(1)?;
            public.verifies(message, sent.as_bytes()).then_some(index)
        })
    }

    /// The token that was sent.
    pub(super) fn token(&self, candidates: Candidates, sent: &SentSignatures) -> Option<usize> {
        let is_sent = |(index, key): (usize, &Key)| {
            let Material::Token(token) = &key.material else { return None };
            sent.of_way(key.way).any(|sent| token.matches(sent.as_bytes())).then_some(index)
        };
        candidates.among(self.keys).find_map(is_sent)
    }

    fn public_keys(
        &self,
        candidates: Candidates,
    ) -> impl Iterator<Item = (usize, usize, &'k PublicKey)> {
        candidates.among(self.keys).filter_map(|(index, key)| match &key.material {
            Material::Ed25519(public) => Some((index, key.way, public)),
            Material::Hmac(_) | Material::Digest(_) | Material::Token(_) => None,
        })
    }
}
