//! Code for one sender alone, where a description in data cannot say what is signed.
//!
//! It reads; it never judges a signature. What it returns is compared in one place, the
//! verification, with the same keys and in the same constant time as everything else.

use std::borrow::Cow;
use std::fmt;

use http::request::Parts;

use super::url::original_uri;
use crate::event::Assurance;
use crate::provider::Place;
use crate::rejection::RejectionKind;

pub(crate) use super::content::Whole;

/// Reads the requests of one sender.
pub(crate) trait Reader: fmt::Debug + Sync {
    /// What is signed in a request, by what, and what that says of the event.
    ///
    /// # Errors
    ///
    /// If the request can be read in two ways. That no signature is there is no error: it is told
    /// by an empty [`Signatures::Found`].
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind>;

    /// Whether the value at this place cannot be changed without breaking the signature.
    fn covers(&self, place: Place) -> bool;

    /// Whether it finds the signatures, and the signed time, by itself. Else they stand in the
    /// places that the description names.
    fn finds_signatures(&self) -> bool {
        false
    }

    /// Makes of a body the request that the sender would send, but for the signature.
    #[cfg(feature = "testing")]
    fn dress(&self, _draft: &mut Unsigned<'_>) {}

    /// Writes a signature into a request, or takes it out.
    #[cfg(feature = "testing")]
    fn put_signature(&self, _draft: &mut Unsigned<'_>, _signature: Option<&str>) {}
}

/// What a [`Reader`] read.
pub(crate) struct Reading<'a> {
    /// Every one of these must be found true. None at all is a missing signature.
    pub(crate) signed: Vec<Signed<'a>>,
    /// What names the event: signed bytes only, and nothing of what may differ under one signature
    /// or between two tries of one event.
    pub(crate) identity: Vec<u8>,
    pub(crate) assurance: Assurance,
    /// Id and type, as far as they are signed.
    pub(crate) id: Option<String>,
    pub(crate) kind: Option<String>,
    /// The signed time, where the reader finds it.
    pub(crate) time: Option<Cow<'a, [u8]>>,
    /// What is wrong with a request even if its signature is right.
    pub(crate) fault: Option<RejectionKind>,
}

/// Something that is signed: one of the signatures is over one of the contents.
pub(crate) struct Signed<'a> {
    pub(crate) by: Signatures<'a>,
    /// What may have been signed; of a plain hash, without the secret behind it. A signer of
    /// fixtures signs the first.
    pub(crate) contents: Vec<Vec<u8>>,
}

/// Where the signatures are.
pub(crate) enum Signatures<'a> {
    /// In the places that the description names.
    InPlace,
    /// These, each written as the description says.
    Found(Vec<Found<'a>>),
}

/// A signature that a [`Reader`] found.
pub(crate) struct Found<'a> {
    /// The name of the key that made it, where keys have names.
    pub(crate) key: Option<Cow<'a, [u8]>>,
    pub(crate) text: Cow<'a, [u8]>,
}

impl<'a> Found<'a> {
    /// A signature of a sender whose keys have no names.
    pub(crate) fn unnamed(text: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { key: None, text: text.into() }
    }
}

/// A fixture before it is signed.
#[cfg(feature = "testing")]
pub(crate) struct Unsigned<'d> {
    pub(crate) method: &'d http::Method,
    pub(crate) uri: &'d mut String,
    pub(crate) headers: &'d mut http::HeaderMap,
    pub(crate) body: &'d mut bytes::Bytes,
    pub(crate) id: Option<&'d str>,
    pub(crate) kind: Option<&'d str>,
    /// The time, where the sender signs one.
    pub(crate) time: &'d str,
    /// The name of the key, where keys have names.
    pub(crate) key: &'d str,
}

/// Path and query as the sender knows them: of the public URL if one is configured, else of the
/// request.
pub(crate) fn path_and_query<'a>(head: &'a Parts, url: &'a str) -> &'a str {
    match url.split_once("://") {
        Some((_, rest)) => match rest.find(['/', '?']) {
            Some(at) => rest.get(at..).unwrap_or("/"),
            None => "/",
        },
        None => original_uri(head).path_and_query().map_or("/", |path| path.as_str()),
    }
}

/// Texts joined so that no two lists of them are alike: each with its length in front.
pub(crate) fn list<'t>(texts: impl IntoIterator<Item = &'t [u8]>) -> Vec<u8> {
    let mut joined = Vec::new();
    for text in texts {
        let len = u64::try_from(text.len()).unwrap_or(u64::MAX);
        joined.extend_from_slice(&len.to_be_bytes());
        joined.extend_from_slice(text);
    }
    joined
}
