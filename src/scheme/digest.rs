//! Plain hashes over content that holds the secret, for senders that have nothing better.

use std::sync::Arc;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

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

    /// Whether this is the hash of what went in so far. Compares in constant time; lengths are
    /// public.
    pub(crate) fn verifies(&self, sent: &[u8]) -> bool {
        match &self.hasher {
            Hasher::Md5(hasher) => hasher.clone().finalize().ct_eq(sent).into(),
            Hasher::Sha1(hasher) => hasher.clone().finalize().ct_eq(sent).into(),
            Hasher::Sha256(hasher) => hasher.clone().finalize().ct_eq(sent).into(),
            Hasher::Sha384(hasher) => hasher.clone().finalize().ct_eq(sent).into(),
            Hasher::Sha512(hasher) => hasher.clone().finalize().ct_eq(sent).into(),
        }
    }

    /// The hash itself: only a signer of fixtures needs it.
    #[cfg(feature = "testing")]
    pub(crate) fn value(self) -> Vec<u8> {
        match self.hasher {
            Hasher::Md5(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha1(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha256(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha384(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha512(hasher) => hasher.finalize().to_vec(),
        }
    }
}
