//! A finished MAC or hash, to be compared with as many signatures as were sent.

use std::fmt;

use subtle::ConstantTimeEq;

/// The longest: that of SHA-512.
const MAX_LENGTH: usize = 64;

/// What a keyed hash came to. Whoever knows it can sign, so it never prints.
#[derive(Clone, Copy)]
pub(crate) struct Tag {
    bytes: [u8; MAX_LENGTH],
    len: usize,
}

impl Tag {
    /// The tag of an algorithm whose output is at most 64 bytes.
    pub(crate) fn new(output: &[u8]) -> Self {
        let mut bytes = [0; MAX_LENGTH];
        let len = output.len().min(MAX_LENGTH);
        bytes.iter_mut().zip(output).for_each(|(byte, value)| *byte = *value);
        Self { bytes, len }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Whether this is the tag that was sent. Compares in constant time; lengths are public.
    pub(crate) fn is(&self, sent: &[u8]) -> bool {
        self.as_bytes().ct_eq(sent).into()
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag(..)")
    }
}
