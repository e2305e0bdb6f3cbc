//! Code for one sender alone, where a description in data cannot say what is signed.
//!
//! It reads; it never judges a signature. What it returns is compared in one place, the
//! verification, with the same keys and in the same constant time as everything else.

use std::borrow::Cow;
use std::fmt;

use super::Place;
use crate::assurance::Assurance;
use crate::body_digest::BodyDigest;
use crate::rejection::RejectionKind;

/// A request with its body.
pub(crate) struct Whole<'a> {
    pub(crate) head: &'a http::request::Parts,
    pub(crate) url: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) digest: &'a BodyDigest,
}

impl Whole<'_> {
    /// SHA-256 of the body. Whoever else asks for it gets the same one.
    pub(crate) fn body_sha256(&self) -> [u8; 32] {
        self.digest.of(self.body)
    }
}

/// Reads the requests of one sender.
pub(crate) trait Reader: fmt::Debug + Sync {
    /// What is signed in a request, by what, and what that says of the event.
    ///
    /// # Errors
    ///
    /// If the request can be read in two ways. A missing signature is not an error: return an
    /// empty [`Signatures::Found`].
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind>;

    /// Whether the value at this place cannot be changed without breaking the signature.
    fn covers(&self, place: Place) -> bool;

    /// Whether the public URL is signed, so that a verifier must be given one.
    fn needs_url(&self) -> bool {
        false
    }

    /// Whether something stands between the signed time and its neighbours that says where it ends.
    fn borders_time(&self) -> bool {
        true
    }

    /// Whether id and type are what it read. Else they stand, unsigned, in the places that the
    /// description names.
    fn reads_names(&self) -> bool {
        true
    }

    /// Whether it finds the signatures, and the signed time, by itself. Else they stand in the
    /// places that the description names.
    fn finds_signatures(&self) -> bool {
        false
    }

    /// Whether it finds the types of events by itself.
    fn names_types(&self) -> bool {
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
    pub(crate) identity: Identity,
    pub(crate) assurance: Assurance,
    /// Id and type, as far as they are signed.
    pub(crate) id: Option<String>,
    pub(crate) kind: Option<String>,
    /// The signed time, where the reader finds it.
    pub(crate) time: Option<Cow<'a, [u8]>>,
    /// What is wrong with a request even if its signature is right.
    pub(crate) fault: Option<RejectionKind>,
}

/// What names the event: signed bytes (but for [`Told`](Self::Told)), and nothing of what may differ under one signature or
/// between two tries of one event. So where several contents may have been signed it is never made
/// of the one that the request happens to be written as.
pub(crate) enum Identity {
    /// These bytes, whichever content was signed.
    Fixed(Vec<u8>),
    /// For a sender that signs the same for different events: what is signed, for strict identity,
    /// and that with what else tells them apart, **unsigned**.
    Told { strictly: Vec<u8>, usually: Vec<u8> },
    /// The very content that was signed.
    Content,
    /// Of the one thing that is signed: for each of its contents these bytes.
    OfEach(Vec<Vec<u8>>),
}

impl Identity {
    /// The identity of a request of which this content, the one at this position, was signed.
    pub(crate) fn of<'i>(
        &'i self,
        content: &'i [u8],
        position: usize,
        is_strict: bool,
    ) -> &'i [u8] {
        match self {
            Self::Told { strictly, .. } if is_strict => strictly,
            Self::Told { usually, .. } => usually,
            Self::Fixed(bytes) => bytes,
            Self::Content => content,
            Self::OfEach(all) => all.get(position).map_or(content, Vec::as_slice),
        }
    }
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

/// Where one sender alone sends its token: in every part of a batch, say. All must be right.
pub(crate) trait TokenCode: fmt::Debug + Sync {
    /// All the tokens in a body.
    ///
    /// # Errors
    ///
    /// If one is missing.
    fn tokens(&self, body: &[u8]) -> Result<Vec<String>, RejectionKind>;
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
