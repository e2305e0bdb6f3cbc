//! Short names that nobody outside the process can choose.

use std::hash::{BuildHasher, RandomState};

use crate::store::{Fingerprint, Key, Token};

/// 128 bits that stand for a [`Key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tag {
    pub(super) high: u64,
    pub(super) low: u64,
}

/// Makes the tags of one store. They are keyed with its own random secrets, so that a sender who
/// chooses the events can neither make two keys meet nor crowd one part of the table.
///
/// SipHash-1-3 as [`RandomState`] keys it, twice, on inputs that differ: enough for tags that never
/// leave the process, and much faster than SHA-256 with a secret prefix.
#[derive(Default)]
pub(super) struct Tagger {
    high: RandomState,
    low: RandomState,
}

impl Tagger {
    pub(super) fn key(&self, key: &Key) -> Tag {
        Tag {
            high: self.high.hash_one((Kind::High, key)),
            low: self.low.hash_one((Kind::Low, key)),
        }
    }

    pub(super) fn owner(&self, token: &Token) -> u64 {
        self.high.hash_one((Kind::Owner, token))
    }

    pub(super) fn body(&self, fingerprint: &Fingerprint) -> u64 {
        self.high.hash_one((Kind::Body, fingerprint))
    }
}

#[derive(Hash)]
enum Kind {
    High,
    Low,
    Owner,
    Body,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stores_give_one_key_different_tags() {
        let key = Key::from_bytes([7; 32]);
        assert_ne!(Tagger::default().key(&key), Tagger::default().key(&key));
    }

    #[test]
    fn both_halves_depend_on_the_key_and_differ() {
        let tagger = Tagger::default();
        let (one, two) =
            (tagger.key(&Key::from_bytes([1; 32])), tagger.key(&Key::from_bytes([2; 32])));
        assert_ne!(one.high, two.high);
        assert_ne!(one.low, two.low);
        assert_ne!(one.high, one.low);
    }
}
