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
use crate::event::{Assurance, Event, EventParts, Fingerprinter, Names};
use crate::handshake;
use crate::keys::{Key, Keys, Material};
use crate::provider::{Content, Occurs, Part, Place, Timestamp};
use crate::rejection::{Rejection, RejectionKind};
use crate::scheme::content::{CodedContent, Sink, Values, Whole};
use crate::scheme::digest::DigestState;
use crate::scheme::fields::{Fields, Head};
use crate::scheme::grammar::{Sent, SentSignatures};
use crate::scheme::hmac::HmacState;
use crate::scheme::reader::{Found, Reading, Signatures};
use crate::scheme::timestamp::{self, UnixMillis};
use crate::scheme::token;

/// A request whose head was found in order. What it still needs is a key.
pub(crate) struct Admitted<'a> {
    verifier: &'a Verifier,
    head: Head<'a>,
    sent: SentSignatures,
    /// The signed time, if the head has it.
    time: Option<SignedTime<'a>>,
    url: Option<String>,
    now: SystemTime,
}

/// A signed time that is fresh. What was judged is what goes into the hash.
struct SignedTime<'a> {
    text: Cow<'a, [u8]>,
    at: UnixMillis,
}

/// A verification in progress: frames go in, the verdict comes out.
///
/// [`finish`](Self::finish) takes no body. What it verifies, and what the event is made of, are the
/// very bytes that were given to [`update`](Self::update).
#[must_use = "a verification proves nothing until it is finished"]
pub struct Verification<'a> {
    admitted: Admitted<'a>,
    keys: &'a Keys,
    candidates: Candidates,
    macs: Macs,
    body: ReceivedBody,
    fingerprint: Option<Fingerprinter>,
}

/// The running HMACs, or hashes, of all keys that may have made one of the signatures. The usual single one
/// costs no allocation.
#[derive(Default)]
struct Macs {
    first: Option<KeyedMac>,
    more: Vec<KeyedMac>,
}

struct KeyedMac {
    key: usize,
    state: MacState,
}

#[allow(clippy::large_enum_variant, reason = "boxing would cost an allocation per request")]
enum MacState {
    Hmac(HmacState),
    Digest(DigestState),
}

/// What the signature was found to prove.
struct Proof {
    key: usize,
    assurance: Assurance,
    /// SHA-256 of signed content that tells events apart beside the body.
    context: Option<[u8; 32]>,
    /// Id and type, where code read them.
    names: Option<Names>,
}

impl<'a> Admitted<'a> {
    pub(super) fn new(
        verifier: &'a Verifier,
        head: &'a Parts,
        now: SystemTime,
    ) -> Result<Self, Rejection> {
        let description = verifier.description();
        let mut admitted = Self {
            verifier,
            head: Head::new(description, head),
            sent: SentSignatures::default(),
            time: None,
            url: verifier.inner.url.as_ref().map(|url| url.of(head)),
            now,
        };
        let fields = admitted.head.fields();
        if !handshake::has_all(&fields, description.provider.requires) {
            return Err(RejectionKind::UnsupportedScheme.into());
        }
        if description.signature_in_head {
            admitted.sent = read_signatures(description, &fields)?;
        }
        if description.time_in_head {
            admitted.time = admitted.fresh_time(&fields)?;
        }
        Ok(admitted)
    }

    /// Starts the verification with these keys.
    pub(crate) fn begin(self, keys: &'a Keys) -> Result<Verification<'a>, Rejection> {
        let mut verification = Verification::new(self, keys);
        verification.start()?;
        Ok(verification)
    }

    fn description(&self) -> &'a Description {
        self.verifier.description()
    }

    fn values<'v, 'f>(&'v self, fields: &'v Fields<'f>) -> Values<'v, 'f> {
        let timestamp = self.description().provider.timestamp;
        let time = self.time.as_ref().map(|time| &*time.text);
        Values { fields, timestamp, time, url: self.url.as_deref() }
    }

    /// The signed time, if the sender signs one and it is fresh.
    fn fresh_time<'f>(&self, fields: &Fields<'f>) -> Result<Option<SignedTime<'f>>, Rejection> {
        let Some(Timestamp { place, .. }) = self.description().provider.timestamp else {
            return Ok(None);
        };
        match fields.get(place.place) {
            Ok(text) => self.judge_time(text),
            Err(_) => Err(RejectionKind::MalformedTimestamp.into()),
        }
    }

    /// The signed time as it is written, if the sender signs one and it is fresh.
    fn judge_time<'f>(
        &self,
        text: Option<Cow<'f, [u8]>>,
    ) -> Result<Option<SignedTime<'f>>, Rejection> {
        let Some(Timestamp { place, .. }) = self.description().provider.timestamp else {
            return Ok(None);
        };
        let text = text.ok_or(RejectionKind::MissingTimestamp)?;
        let at = UnixMillis::parse(&text, place.unit).ok_or(RejectionKind::MalformedTimestamp)?;
        if let Some(tolerance) = self.verifier.inner.tolerance {
            timestamp::check_fresh(at, place.unit, self.now, tolerance)?;
        }
        Ok(Some(SignedTime { text, at }))
    }
}

/// The steps of a verification work in place: the state of the hashes is too large to be moved
/// about.
impl<'a> Verification<'a> {
    pub(super) fn new(admitted: Admitted<'a>, keys: &'a Keys) -> Self {
        Self {
            admitted,
            keys,
            candidates: Candidates::default(),
            macs: Macs::default(),
            body: ReceivedBody::default(),
            fingerprint: None,
        }
    }

    /// What the head alone allows: a token is compared, and the HMACs absorb what stands before the
    /// body.
    pub(super) fn start(&mut self) -> Result<(), Rejection> {
        let Self { admitted, keys, candidates, macs, .. } = self;
        let description = admitted.description();
        if keys.provider != description.provider.name {
            return Err(RejectionKind::UnknownKey.into());
        }
        if !description.signature_in_head {
            return Ok(());
        }
        let fields = admitted.head.fields();
        *candidates = Candidates::of(description, &fields, keys, &admitted.sent)?;
        if description.signs_nothing() {
            let known = find_token(keys, *candidates, &admitted.sent);
            known.ok_or(RejectionKind::BadSignature)?;
        }
        if let Some(body_at) = description.streamed_at {
            macs.start(keys, *candidates);
            let before = description.parts().get(..body_at).unwrap_or_default();
            admitted.values(&fields).feed(before, &[], macs)?;
        }
        Ok(())
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
        self.macs.data(data);
        if let Some(fingerprint) = &mut self.fingerprint {
            fingerprint.update(data);
        }
    }

    pub(crate) fn keep(&mut self, frame: Bytes) {
        self.body.push(frame);
    }

    /// Reserves room as the head declares it, if several frames come.
    #[cfg(feature = "tokio")]
    pub(crate) fn declare_length(&mut self, length: usize) {
        self.body.declare(length);
    }

    /// Takes the body's fingerprint along the way, for who needs it in any case.
    #[cfg(feature = "tokio")]
    pub(crate) fn take_fingerprint(&mut self) {
        self.fingerprint = Some(Fingerprinter::default());
    }

    /// The verdict over the head and the frames that were given.
    ///
    /// # Errors
    ///
    /// [`Rejection`] with the exact reason.
    #[inline]
    pub fn finish(mut self) -> Result<Verified, Rejection> {
        self.conclude()
    }

    /// [`finish`](Self::finish) in place.
    pub(super) fn conclude(&mut self) -> Result<Verified, Rejection> {
        let Self { admitted, keys, candidates, macs, body, fingerprint } = self;
        let description = admitted.description();
        let head = admitted.head.parts();
        let body = std::mem::take(body).finish();
        if head.method == Method::GET && !body.is_empty() {
            return Err(RejectionKind::BodyMismatch.into());
        }
        let fields = admitted.head.with_body(&body);
        if !description.signature_in_head && !description.found_by_code {
            admitted.sent = read_signatures(description, &fields)?;
            *candidates = Candidates::of(description, &fields, keys, &admitted.sent)?;
        }
        let mut time_in_body = None;
        let proof = match description.provider.content {
            Content::Parts(parts) => {
                admitted.prove_parts(parts, &fields, keys, *candidates, macs)?
            }
            Content::Code(code) => {
                let url = admitted.url.as_deref().unwrap_or_default();
                let content = code.content(&Whole { head, url, body: &body });
                admitted.prove_code(&content, keys, *candidates)?
            }
            Content::Read(reader) => {
                let url = admitted.url.as_deref().unwrap_or_default();
                let reading = reader.read(&Whole { head, url, body: &body })?;
                let proof = admitted.prove_reading(&reading, keys, *candidates)?;
                if description.found_by_code {
                    time_in_body = admitted.judge_time(reading.time)?;
                }
                proof
            }
            Content::Tokens(code) => prove_tokens(&code.tokens(&body)?, keys, *candidates)?,
        };
        if !description.time_in_head && !description.found_by_code {
            time_in_body = admitted.fresh_time(&fields)?;
        }
        let time = admitted.time.as_ref().or(time_in_body.as_ref()).map(|time| time.at);
        if let Some(answer) = handshake::signed_answer(description, &fields, &body, keys) {
            return answer.map(Verified::Handshake).map_err(Rejection::new);
        }
        let id = fields.first_in_head(description.provider.event_id);
        let kind = fields.first_in_head(description.provider.event_type);
        let signed_id = fields.first_in_head(&description.signed_ids);
        let is_own = admitted.verifier.keys().is_some_and(|own| std::ptr::eq(own, *keys));
        Ok(Verified::Event(Event::new(EventParts {
            verifier: admitted.verifier.clone(),
            id,
            kind,
            signed_id,
            time,
            keys: (!is_own).then(|| Keys::clone(keys)),
            key: proof.key,
            assurance: proof.assurance,
            context: proof.context,
            names: proof.names,
            fingerprint: fingerprint.take().map(Fingerprinter::finish),
            body,
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
        candidates: Candidates,
        macs: &mut Macs,
    ) -> Result<Proof, Rejection> {
        let description = self.description();
        let values = self.values(fields);
        let body = fields.body();
        let rest = match description.streamed_at {
            Some(body_at) => parts.get(body_at.saturating_add(1)..).unwrap_or_default(),
            None => {
                macs.start(keys, candidates);
                parts
            }
        };
        values.feed(rest, body, macs)?;
        let mut matched =
            macs.find_match(keys, &self.sent).or_else(|| find_token(keys, candidates, &self.sent));
        if matched.is_none() && has_public_keys(keys) {
            let mut message = Vec::with_capacity(body.len().saturating_add(256));
            values.feed(parts, body, &mut message)?;
            matched = find_signer(keys, candidates, &self.sent, &message);
        }
        let Some(key) = matched else {
            let hint = mismatch::hint(keys, &self.sent, &values, parts, body);
            return Err(Rejection::with_hint(RejectionKind::BadSignature, hint));
        };
        if description.is_extendable {
            // What a stranger appends begins with the padding of the hash, 0x80: behind UTF-8 it
            // never makes UTF-8.
            let mut content = Vec::with_capacity(body.len().saturating_add(256));
            values.feed(parts, body, &mut content)?;
            std::str::from_utf8(&content).map_err(|_| RejectionKind::BodyMismatch)?;
        }
        let context = description.has_context.then(|| values.digest(parts)).transpose()?;
        let assurance = description.assurance(fields.head());
        Ok(Proof { key, assurance, context, names: None })
    }

    /// The proof of a signature over content that code found.
    fn prove_code(
        &self,
        content: &CodedContent,
        keys: &Keys,
        candidates: Candidates,
    ) -> Result<Proof, Rejection> {
        let matched = find_maker(keys, candidates, &self.sent, &content.candidates);
        let key = matched.ok_or(RejectionKind::BadSignature)?;
        if !content.body_is_bound {
            return Err(RejectionKind::BodyMismatch.into());
        }
        let context = content.candidates.first().map(|content| Sha256::digest(content).into());
        Ok(Proof { key, assurance: content.assurance, context, names: None })
    }

    /// The proof of everything that a reader found signed.
    fn prove_reading(
        &self,
        reading: &Reading<'_>,
        keys: &Keys,
        candidates: Candidates,
    ) -> Result<Proof, Rejection> {
        let mut first = None;
        for signed in &reading.signed {
            let key = match &signed.by {
                Signatures::InPlace => find_maker(keys, candidates, &self.sent, &signed.contents),
                Signatures::Found(found) => {
                    let (sent, candidates) = read_found(self.description(), found, keys)?;
                    find_maker(keys, candidates, &sent, &signed.contents)
                }
            };
            let key = key.ok_or(RejectionKind::BadSignature)?;
            first.get_or_insert(key);
        }
        let key = first.ok_or(RejectionKind::MissingSignature)?;
        if let Some(fault) = reading.fault {
            return Err(fault.into());
        }
        let names = Names::new(reading.id.as_deref(), reading.kind.as_deref());
        let context = Some(Sha256::digest(&reading.identity).into());
        Ok(Proof { key, assurance: reading.assurance, context, names: Some(names) })
    }
}

/// The signatures that a reader found, and the keys that may have made one of them.
fn read_found(
    description: &Description,
    found: &[Found<'_>],
    keys: &Keys,
) -> Result<(SentSignatures, Candidates), RejectionKind> {
    if found.is_empty() {
        return Err(RejectionKind::MissingSignature);
    }
    let names = |found: &Found<'_>, key: &Key| match (&found.key, &key.name) {
        (Some(name), Some(own)) => **name == *own.as_bytes(),
        _ => true,
    };
    let mut sent = SentSignatures::default();
    for each in found.iter().filter(|each| keys.keys.iter().any(|key| names(each, key))) {
        for (way, signature) in description.provider.signatures().enumerate() {
            sent.read(&each.text, way, signature)?;
        }
    }
    let is_named = |key: &Key| found.iter().any(|each| names(each, key));
    let candidates = Candidates::fitting(keys, &sent, is_named)?;
    Ok((sent, candidates))
}

/// The key that made one of the signatures over one of these contents.
fn find_maker(
    keys: &Keys,
    candidates: Candidates,
    sent: &SentSignatures,
    contents: &[Vec<u8>],
) -> Option<usize> {
    contents.iter().find_map(|content| {
        let mut macs = Macs::default();
        macs.start(keys, candidates);
        macs.data(content);
        macs.secret();
        macs.find_match(keys, sent).or_else(|| find_signer(keys, candidates, sent, content))
    })
}

/// The proof of a token that stands in several places; of several that are known, the first.
fn prove_tokens(
    tokens: &[String],
    keys: &Keys,
    candidates: Candidates,
) -> Result<Proof, RejectionKind> {
    let known = |token: &String| {
        let sent = token::hashed(token.as_bytes());
        let is_sent =
            |key: &Key| matches!(&key.material, Material::Token(own) if own.matches(&sent));
        let key = candidates.among(keys).find(|(_, key)| is_sent(key));
        key.map(|(index, _)| index).ok_or(RejectionKind::BadSignature)
    };
    let found: Vec<usize> = tokens.iter().map(known).collect::<Result<_, _>>()?;
    let key = found.first().copied().ok_or(RejectionKind::MissingSignature)?;
    Ok(Proof { key, assurance: Assurance::SenderOnly, context: None, names: None })
}

/// The signatures of a request. Each way of signing that the provider has is looked for.
fn read_signatures(
    description: &Description,
    fields: &Fields<'_>,
) -> Result<SentSignatures, RejectionKind> {
    let mut sent = SentSignatures::default();
    let mut present = false;
    let mut last: Option<(Place, Option<Cow<'_, [u8]>>)> = None;
    for (way, signature) in description.provider.signatures().enumerate() {
        match (signature.place.occurs, signature.place.place) {
            (occurs @ (Occurs::Repeated | Occurs::Numbered), Place::Header(name)) => {
                for value in fields.headers(name, occurs) {
                    present = true;
                    sent.read(value.as_bytes(), way, signature)?;
                }
            }
            (_, place) => {
                // Several ways usually share one place.
                if last.as_ref().is_none_or(|(read, _)| *read != place) {
                    let text = fields.get(place).map_err(|_| RejectionKind::MalformedSignature)?;
                    last = Some((place, text));
                }
                if let Some((_, Some(text))) = &last {
                    present = true;
                    sent.read(text, way, signature)?;
                }
            }
        }
    }
    match (present, sent.is_empty()) {
        (false, _) => Err(RejectionKind::MissingSignature),
        (true, true) => Err(RejectionKind::MalformedSignature),
        (true, false) => Ok(sent),
    }
}

/// The keys that may have made one of the signatures, by position.
#[derive(Debug, Clone, Copy, Default)]
struct Candidates(u64);

impl Candidates {
    /// Keys for whose way of signing there is a signature, and which the request names where it
    /// names one.
    fn of(
        description: &Description,
        fields: &Fields<'_>,
        keys: &Keys,
        sent: &SentSignatures,
    ) -> Result<Self, RejectionKind> {
        let name = match description.provider.key_name.map(|place| fields.get(place)) {
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
    fn fitting(
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

    fn among(self, keys: &Keys) -> impl Iterator<Item = (usize, &Key)> {
        keys.keys.iter().enumerate().filter(move |(index, _)| self.0 & bit(*index) != 0)
    }
}

/// A verifier has at most 8 secrets, each for at most 4 ways of signing.
fn bit(index: usize) -> u64 {
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0)
}

impl Macs {
    fn start(&mut self, keys: &Keys, candidates: Candidates) {
        for (index, key) in candidates.among(keys) {
            let state = match &key.material {
                Material::Hmac(hmac) => MacState::Hmac(hmac.start()),
                Material::Digest(digest) => MacState::Digest(digest.start()),
                Material::Token(_) | Material::Ed25519(_) => continue,
            };
            let mac = KeyedMac { key: index, state };
            match self.first {
                None => self.first = Some(mac),
                Some(_) => self.more.push(mac),
            }
        }
    }

    fn states(&mut self) -> impl Iterator<Item = &mut MacState> {
        self.first.iter_mut().chain(&mut self.more).map(|mac| &mut mac.state)
    }

    /// The key that made one of the signatures.
    fn find_match(&self, keys: &Keys, sent: &SentSignatures) -> Option<usize> {
        let matched = self.first.iter().chain(&self.more).find(|mac| {
            let way = keys.keys.get(mac.key).map(|key| key.way);
            let mut signatures = way.into_iter().flat_map(|way| sent.of_way(way));
            signatures.any(|sent| mac.state.verifies(sent.as_bytes()))
        });
        matched.map(|mac| mac.key)
    }
}

impl Sink for Macs {
    fn data(&mut self, data: &[u8]) {
        self.states().for_each(|state| match state {
            MacState::Hmac(hmac) => hmac.update(data),
            MacState::Digest(digest) => digest.update(data),
        });
    }

    fn secret(&mut self) {
        self.states().for_each(|state| match state {
            MacState::Hmac(_) => {}
            MacState::Digest(digest) => digest.update_with_secret(),
        });
    }
}

impl MacState {
    fn verifies(&self, sent: &[u8]) -> bool {
        match self {
            Self::Hmac(hmac) => hmac.verifies(sent),
            Self::Digest(digest) => digest.verifies(sent),
        }
    }
}

fn has_public_keys(keys: &Keys) -> bool {
    keys.keys.iter().any(|key| matches!(key.material, Material::Ed25519(_)))
}

/// The public key for which one of the signatures is right.
fn find_signer(
    keys: &Keys,
    candidates: Candidates,
    sent: &SentSignatures,
    message: &[u8],
) -> Option<usize> {
    let signed = |(index, key): (usize, &Key)| {
        let Material::Ed25519(public) = &key.material else { return None };
        let verifies = |sent: &Sent| public.verifies(message, sent.as_bytes());
        sent.of_way(key.way).any(verifies).then_some(index)
    };
    candidates.among(keys).find_map(signed)
}

/// The token that was sent.
fn find_token(keys: &Keys, candidates: Candidates, sent: &SentSignatures) -> Option<usize> {
    let is_sent = |(index, key): (usize, &Key)| {
        let Material::Token(token) = &key.material else { return None };
        sent.of_way(key.way).any(|sent| token.matches(sent.as_bytes())).then_some(index)
    };
    candidates.among(keys).find_map(is_sent)
}

impl fmt::Debug for Verification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("provider", &self.admitted.description().provider.name)
            .finish_non_exhaustive()
    }
}
