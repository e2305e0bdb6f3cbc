//! How signatures work: the code that every provider's data is read by.
//!
//! Nothing here knows a sender's name.

pub(crate) mod content;
pub(crate) mod digest;
pub(crate) mod ed25519;
pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod forwarded;
pub(crate) mod grammar;
pub(crate) mod hmac;
pub(crate) mod json;
pub(crate) mod multipart;
pub(crate) mod names;
pub(crate) mod reader;
pub(crate) mod timestamp;
pub(crate) mod token;
pub(crate) mod url;
