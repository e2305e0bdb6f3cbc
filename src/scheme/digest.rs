//! Plain hashes over content that holds the secret, for senders that have nothing better.

use std::sync::Arc;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::tag::Tag;
use crate::provider::Hash;

/// A secret that is hashed with the content.
#[derive(Clone)]
pub(crate) struct DigestKey {
    hash: Hash,
    secret: Arc<Zeroizing<Vec<u8>>>,
}

/// A running hash.
pub(crate) struct DigestState {
    hasher: Hasher,
    secret: Arc<Zeroizing<Vec<u8>>>,
}

enum Hasher {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl DigestKey {
    pub(crate) fn new(hash: Hash, secret: &[u8]) -> Self {
        Self { hash, secret: Arc::new(secret.to_vec().into()) }
    }

    pub(crate) fn start(&self) -> DigestState {
        let hasher = match self.hash {
            Hash::Md5 => Hasher::Md5(Md5::new()),
            Hash::Sha1 => Hasher::Sha1(Sha1::new()),
            Hash::Sha256 => Hasher::Sha256(Sha256::new()),
            Hash::Sha384 => Hasher::Sha384(Sha384::new()),
            Hash::Sha512 => Hasher::Sha512(Sha512::new()),
        };
        DigestState { hasher, secret: Arc::clone(&self.secret) }
    }
}

impl DigestState {
    pub(crate) fn update(&mut self, data: &[u8]) {
        match &mut self.hasher {
            Hasher::Md5(hasher) => hasher.update(data),
            Hasher::Sha1(hasher) => hasher.update(data),
            Hasher::Sha256(hasher) => hasher.update(data),
            Hasher::Sha384(hasher) => hasher.update(data),
            Hasher::Sha512(hasher) => hasher.update(data),
        }
    }

    pub(crate) fn update_with_secret(&mut self) {
        let secret = Arc::clone(&self.secret);
        self.update(&secret);
    }

    /// The hash of what went in.
    pub(crate) fn finish(self) -> Tag {
        #[cfg(test)]
        super::count::finished_hash();
        match self.hasher {
            Hasher::Md5(hasher) => Tag::new(&hasher.finalize()),
            Hasher::Sha1(hasher) => Tag::new(&hasher.finalize()),
            Hasher::Sha256(hasher) => Tag::new(&hasher.finalize()),
            Hasher::Sha384(hasher) => Tag::new(&hasher.finalize()),
            Hasher::Sha512(hasher) => Tag::new(&hasher.finalize()),
        }
    }
}
