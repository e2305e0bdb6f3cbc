//! HMAC under every hash in use: key schedules prepared once, states advanced frame by frame.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::sink::Sink;
use super::tag::Tag;
use crate::provider::Hash;

/// A key with its schedule: a state that has absorbed the key and nothing else.
#[derive(Clone)]
pub(crate) struct HmacKey(HmacState);

/// A running HMAC.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "boxing would cost an allocation per request")]
pub(crate) enum HmacState {
    Md5(Hmac<Md5>),
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

impl HmacKey {
    pub(crate) fn new(hash: Hash, key: &[u8]) -> Self {
        Self(match hash {
            Hash::Md5 => HmacState::Md5(keyed(key)),
            Hash::Sha1 => HmacState::Sha1(keyed(key)),
            Hash::Sha256 => HmacState::Sha256(keyed(key)),
            Hash::Sha384 => HmacState::Sha384(keyed(key)),
            Hash::Sha512 => HmacState::Sha512(keyed(key)),
        })
    }

    pub(crate) fn start(&self) -> HmacState {
        self.0.clone()
    }
}

/// A key of any length is a key of HMAC (RFC 2104, section 2): a long one is hashed first.
fn keyed<M: KeyInit>(key: &[u8]) -> M {
    match M::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}

impl HmacState {
    pub(crate) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Md5(mac) => mac.update(data),
            Self::Sha1(mac) => mac.update(data),
            Self::Sha256(mac) => mac.update(data),
            Self::Sha384(mac) => mac.update(data),
            Self::Sha512(mac) => mac.update(data),
        }
    }

    /// The tag over what went in.
    pub(crate) fn finish(self) -> Tag {
        #[cfg(test)]
        super::count::finished_hash();
        match self {
            Self::Md5(mac) => Tag::new(&mac.finalize().into_bytes()),
            Self::Sha1(mac) => Tag::new(&mac.finalize().into_bytes()),
            Self::Sha256(mac) => Tag::new(&mac.finalize().into_bytes()),
            Self::Sha384(mac) => Tag::new(&mac.finalize().into_bytes()),
            Self::Sha512(mac) => Tag::new(&mac.finalize().into_bytes()),
        }
    }
}

/// An HMAC has its key already: nothing that is signed with one holds the secret too.
impl Sink for HmacState {
    fn data(&mut self, data: &[u8]) {
        self.update(data);
    }

    fn secret(&mut self) {}
}
