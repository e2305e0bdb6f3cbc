//! What is signed, and by what: contents, signatures and the algorithms over them.
//!
//! Nothing here knows a sender's name.

pub(crate) mod content;
#[cfg(test)]
pub(crate) mod count;
pub(crate) mod digest;
pub(crate) mod ed25519;
pub(crate) mod grammar;
pub(crate) mod hmac;
pub(crate) mod sink;
pub(crate) mod tag;
pub(crate) mod token;
