//! One verification, from the head to the verdict.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::Method;
use http::request::Parts;
use sha2::{Digest, Sha256};

use super::body::ReceivedBody;
use super::{Description, Verified, Verifier, mismatch};
use crate::event::{Assurance, Event, EventParts, Fingerprinter};
use crate::handshake;
use crate::keys::{Keys, Material};
use crate::provider::{Content, Part, Timestamp};
use crate::rejection::{Rejection, RejectionKind};
use crate::scheme::content::{CodedContent, Values, Whole};
use crate::scheme::fields::Fields;
use crate::scheme::grammar::SentSignatures;
use crate::scheme::hmac::HmacState;
use crate::scheme::timestamp::{self, UnixMillis};

/// A request whose head was found in order. What it still needs is a key.
pub(crate) struct Admitted<'a> {
    verifier: &'a Verifier,
    fields: Fields<'a>,
    sent: SentSignatures,
    time: Option<UnixMillis>,
    url: Option<String>,
    now: SystemTime,
}

/// A verification in progress: frames go in, the verdict comes out.
///
/// [`finish`](Self::finish) takes no body. What it verifies, and what the event is made of, are the
/// very bytes that were given to [`update`](Self::update).
#[must_use = "a verification proves nothing until it is finished"]
pub struct Verification<'a> {
    admitted: Admitted<'a>,
    keys: &'a Keys,
    macs: Macs,
    body: ReceivedBody,
    fingerprint: Option<Fingerprinter>,
}

/// The running HMACs of all keys that may have made one of the signatures. The usual single one
/// costs no allocation.
#[derive(Default)]
struct Macs {
    first: Option<KeyedMac>,
    more: Vec<KeyedMac>,
}

struct KeyedMac {
    key: usize,
    state: HmacState,
}

/// What the signature was found to prove.
struct Proof {
    key: usize,
    assurance: Assurance,
    /// SHA-256 of signed content that tells events apart beside the body.
    context: Option<[u8; 32]>,
}

impl<'a> Admitted<'a> {
    pub(super) fn new(
        verifier: &'a Verifier,
        head: &'a Parts,
        now: SystemTime,
    ) -> Result<Self, Rejection> {
        let description = &*verifier.inner.description;
        let mut admitted = Self {
            verifier,
            fields: Fields::of_head(description, head),
            sent: SentSignatures::default(),
            time: None,
            url: verifier.inner.url.as_ref().map(|url| url.of(head)),
            now,
        };
        if description.signature_in_head {
            admitted.sent = read_signatures(description, &admitted.fields)?;
        }
        if description.time_in_head {
            admitted.time = admitted.fresh_time(&admitted.fields)?;
        }
        Ok(admitted)
    }

    /// Starts the HMAC of every key that may have made one of the signatures.
    pub(crate) fn begin(self, keys: &'a Keys) -> Result<Verification<'a>, Rejection> {
        if keys.provider != self.description().provider.name {
            return Err(RejectionKind::UnknownKey.into());
        }
        let mut macs = Macs::default();
        if self.description().signature_in_head {
            self.check_a_key_fits(&self.sent, keys)?;
        }
        if let Some(body_at) = self.description().streamed_at {
            macs = Macs::start(keys, &self.sent);
            let before = self.description().parts().get(..body_at).unwrap_or_default();
            self.values(&self.fields).feed(before, &[], &mut |data| macs.update(data))?;
        }
        Ok(Verification {
            admitted: self,
            keys,
            macs,
            body: ReceivedBody::default(),
            fingerprint: None,
        })
    }

    fn description(&self) -> &'a Description {
        &self.verifier.inner.description
    }

    /// A signature of a version for which there is no key is no signature.
    fn check_a_key_fits(&self, sent: &SentSignatures, keys: &Keys) -> Result<(), RejectionKind> {
        let fits = keys.keys.iter().any(|key| sent.of_way(key.way).next().is_some());
        if fits { Ok(()) } else { Err(RejectionKind::MalformedSignature) }
    }

    fn values<'v, 'f>(&'v self, fields: &'v Fields<'f>) -> Values<'v, 'f> {
        let timestamp = self.description().provider.timestamp;
        Values { fields, timestamp, url: self.url.as_deref() }
    }

    /// The signed time, if the sender signs one and it is fresh.
    fn fresh_time(&self, fields: &Fields<'_>) -> Result<Option<UnixMillis>, Rejection> {
        let Some(Timestamp { place, tolerance }) = self.description().provider.timestamp else {
            return Ok(None);
        };
        let text = match fields.get(place.place) {
            Ok(Some(text)) => text,
            Ok(None) => return Err(RejectionKind::MissingTimestamp.into()),
            Err(_) => return Err(RejectionKind::MalformedTimestamp.into()),
        };
        let time = UnixMillis::parse(&text, place.unit).ok_or(RejectionKind::MalformedTimestamp)?;
        let tolerance = self.verifier.inner.tolerance.unwrap_or(tolerance);
        timestamp::check_fresh(time, place.unit, self.now, tolerance)?;
        Ok(Some(time))
    }
}

impl Verification<'_> {
    /// Takes the next frame of the body: hashes it and keeps it.
    pub fn update(&mut self, frame: Bytes) {
        self.hash(&frame);
        self.keep(frame);
    }

    /// Hashes bytes that [`keep`](Self::keep) is given afterwards. Apart, so that a large frame can
    /// be hashed piece by piece without being cut.
    pub(crate) fn hash(&mut self, data: &[u8]) {
        self.macs.update(data);
        if let Some(fingerprint) = &mut self.fingerprint {
            fingerprint.update(data);
        }
    }

    pub(crate) fn keep(&mut self, frame: Bytes) {
        self.body.push(frame);
    }

    /// Reserves room as the head declares it, if several frames come.
    pub(crate) fn declare_length(&mut self, length: usize) {
        self.body.declare(length);
    }

    /// Takes the body's fingerprint along the way, for who needs it in any case.
    pub(crate) fn with_fingerprint(mut self) -> Self {
        self.fingerprint = Some(Fingerprinter::default());
        self
    }

    /// The verdict over the head and the frames that were given.
    ///
    /// # Errors
    ///
    /// [`Rejection`] with the exact reason.
    pub fn finish(self) -> Result<Verified, Rejection> {
        let Self { mut admitted, keys, macs, body, fingerprint } = self;
        let description = admitted.description();
        let head = admitted.fields.head();
        let body = body.finish();
        if head.method == Method::GET && !body.is_empty() {
            return Err(RejectionKind::BodyMismatch.into());
        }
        let fields = admitted.fields.with_body(&body);
        if !description.signature_in_head {
            admitted.sent = read_signatures(description, &fields)?;
            admitted.check_a_key_fits(&admitted.sent, keys)?;
        }
        let proof = match description.provider.content {
            Content::Parts(parts) => admitted.prove_parts(parts, &fields, keys, macs)?,
            Content::Code(code) => {
                let url = admitted.url.as_deref().unwrap_or_default();
                admitted.prove_code(&code.content(&Whole { head, url, body: &body }), keys)?
            }
        };
        if !description.time_in_head {
            admitted.time = admitted.fresh_time(&fields)?;
        }
        let handshakes = description.provider.handshakes;
        if let Some(answer) = handshake::signed_answer(handshakes, &fields, &body) {
            return answer.map(Verified::Handshake).map_err(Rejection::new);
        }
        Ok(Verified::Event(Event::new(EventParts {
            description: std::sync::Arc::clone(&admitted.verifier.inner.description),
            id: fields.first_in_head(description.provider.event_id),
            kind: fields.first_in_head(description.provider.event_type),
            signed_id: fields.first_in_head(&description.signed_ids),
            time: admitted.time,
            keys: keys.clone(),
            key: proof.key,
            assurance: proof.assurance,
            context: proof.context,
            has_topics: admitted.verifier.inner.topics.is_some(),
            fingerprint: fingerprint.map(Fingerprinter::finish),
            body: body.clone(),
        })))
    }
}

impl Admitted<'_> {
    /// The proof of a signature over a list of parts.
    fn prove_parts(
        &self,
        parts: &[Part],
        fields: &Fields<'_>,
        keys: &Keys,
        mut macs: Macs,
    ) -> Result<Proof, Rejection> {
        let description = self.description();
        let values = self.values(fields);
        let body = fields.body();
        let rest = match description.streamed_at {
            Some(body_at) => parts.get(body_at.saturating_add(1)..).unwrap_or_default(),
            None => {
                macs = Macs::start(keys, &self.sent);
                parts
            }
        };
        values.feed(rest, body, &mut |data| macs.update(data))?;
        let mut matched = macs.find_match(keys, &self.sent);
        if matched.is_none() && has_public_keys(keys) {
            let mut message = Vec::with_capacity(body.len().saturating_add(256));
            values.feed(parts, body, &mut |data| message.extend_from_slice(data))?;
            matched = find_signer(keys, &self.sent, &message);
        }
        let Some(key) = matched else {
            let hint = mismatch::hint(keys, &self.sent, &values, parts, body);
            return Err(Rejection::with_hint(RejectionKind::BadSignature, hint));
        };
        let covers_body = description.covers_body();
        let context = description.has_context.then(|| values.digest(parts)).transpose()?;
        let assurance = if covers_body { Assurance::WholeBody } else { Assurance::PartOfBody };
        Ok(Proof { key, assurance, context })
    }

    /// The proof of a signature over content that code found.
    fn prove_code(&self, content: &CodedContent, keys: &Keys) -> Result<Proof, Rejection> {
        let matched = content.candidates.iter().find_map(|candidate| {
            let mut macs = Macs::start(keys, &self.sent);
            macs.update(candidate);
            macs.find_match(keys, &self.sent).or_else(|| find_signer(keys, &self.sent, candidate))
        });
        let key = matched.ok_or(RejectionKind::BadSignature)?;
        if !content.body_is_bound {
            return Err(RejectionKind::BodyMismatch.into());
        }
        let context = content.candidates.first().map(|content| Sha256::digest(content).into());
        Ok(Proof { key, assurance: content.assurance, context })
    }
}

/// The signatures of a request. Each way of signing that the provider has is looked for.
fn read_signatures(
    description: &Description,
    fields: &Fields<'_>,
) -> Result<SentSignatures, RejectionKind> {
    let mut sent = SentSignatures::default();
    let mut present = false;
    for (way, signature) in description.provider.signatures().enumerate() {
        let text: Cow<'_, [u8]> = match fields.get(signature.place.place) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(_) => return Err(RejectionKind::MalformedSignature),
        };
        present = true;
        sent.read(&text, way, signature.place, signature.algorithm.signature_len())?;
    }
    match (present, sent.is_empty()) {
        (false, _) => Err(RejectionKind::MissingSignature),
        (true, true) => Err(RejectionKind::MalformedSignature),
        (true, false) => Ok(sent),
    }
}

impl Macs {
    fn start(keys: &Keys, sent: &SentSignatures) -> Self {
        let mut macs = Self::default();
        for (index, key) in keys.keys.iter().enumerate() {
            let Material::Hmac(hmac) = &key.material else { continue };
            if sent.of_way(key.way).next().is_none() {
                continue;
            }
            let mac = KeyedMac { key: index, state: hmac.start() };
            match macs.first {
                None => macs.first = Some(mac),
                Some(_) => macs.more.push(mac),
            }
        }
        macs
    }

    fn update(&mut self, data: &[u8]) {
        self.first.iter_mut().chain(&mut self.more).for_each(|mac| mac.state.update(data));
    }

    /// The key that made one of the signatures.
    fn find_match(self, keys: &Keys, sent: &SentSignatures) -> Option<usize> {
        self.first.into_iter().chain(self.more).find_map(|mac| {
            let way = keys.keys.get(mac.key)?.way;
            let tag = mac.state.finish();
            sent.of_way(way).any(|sent| tag.matches(sent.as_bytes())).then_some(mac.key)
        })
    }
}

fn has_public_keys(keys: &Keys) -> bool {
    keys.keys.iter().any(|key| matches!(key.material, Material::Ed25519(_)))
}

/// The public key for which one of the signatures is right.
fn find_signer(keys: &Keys, sent: &SentSignatures, message: &[u8]) -> Option<usize> {
    keys.keys.iter().position(|key| match &key.material {
        Material::Ed25519(public) => {
            sent.of_way(key.way).any(|sent| public.verifies(message, sent.as_bytes()))
        }
        Material::Hmac(_) => false,
    })
}

impl fmt::Debug for Verification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("provider", &self.admitted.description().provider.name)
            .finish_non_exhaustive()
    }
}
