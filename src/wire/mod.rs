//! How a request is read: its values at the places that a description names.
//!
//! Nothing here knows of signatures or keys, nor any sender's name.

pub(crate) mod elements;
pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod forwarded;
pub(crate) mod header_names;
pub(crate) mod json;
pub(crate) mod layout;
pub(crate) mod multipart;
pub(crate) mod private_key;
pub(crate) mod timestamp;
pub(crate) mod url;
