//! Which keys may have made a signature.

use crate::keys::{Key, Keys};
use crate::plan::Plan;
use crate::rejection::RejectionKind;
use crate::scheme::grammar::SentSignatures;
use crate::wire::fields::Fields;

/// The keys that may have made one of the signatures, by position.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Candidates(u64);

impl Candidates {
    /// Keys for whose way of signing there is a signature, and which the request names where it
    /// names one.
    pub(super) fn of(
        plan: &Plan,
        fields: &Fields<'_>,
        keys: &Keys,
        sent: &SentSignatures,
    ) -> Result<Self, RejectionKind> {
        if let ([only], None) = (&*keys.keys, plan.provider().key_name) {
            // The usual case: one key, and nothing that names another.
            let is_signed = sent.of_way(only.way).next().is_some();
            return if is_signed {
                Ok(Self(bit(0)))
            } else {
                Err(RejectionKind::MalformedSignature)
            };
        }
        let name = match plan.provider().key_name.map(|place| fields.get(place)) {
            None => None,
            Some(Ok(Some(name))) => Some(name),
            Some(_) => return Err(RejectionKind::UnknownKey),
        };
        let is_named = |key: &Key| match (&name, &key.name) {
            (Some(name), Some(own)) => **name == *own.as_bytes(),
            _ => true,
        };
        Self::fitting(keys, sent, is_named)
    }

    /// Keys that the request names, and for whose way of signing there is a signature.
    pub(super) fn fitting(
        keys: &Keys,
        sent: &SentSignatures,
        is_named: impl Fn(&Key) -> bool,
    ) -> Result<Self, RejectionKind> {
        let mut named = keys.keys.iter().enumerate().filter(|(_, key)| is_named(key)).peekable();
        if named.peek().is_none() {
            return Err(RejectionKind::UnknownKey);
        }
        // A signature of a version for which there is no key is no signature.
        let fitting = named.filter(|(_, key)| sent.of_way(key.way).next().is_some());
        match fitting.fold(0, |set, (index, _)| set | bit(index)) {
            0 => Err(RejectionKind::MalformedSignature),
            set => Ok(Self(set)),
        }
    }

    pub(super) fn among(self, keys: &Keys) -> impl Iterator<Item = (usize, &Key)> {
        keys.keys.iter().enumerate().filter(move |(index, _)| self.0 & bit(*index) != 0)
    }
}

/// A verifier has at most 8 secrets, each for at most 4 ways of signing.
fn bit(index: usize) -> u64 {
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0)
}
