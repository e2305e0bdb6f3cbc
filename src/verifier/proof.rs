//! Whether one of the keys made the signature, for each way in which content is found.

use http::Method;
use sha2::{Digest, Sha256};

use super::admitted::Admitted;
use super::candidates::Candidates;
use super::hashes::Hashes;
use super::maker::{Made, Maker};
use super::mismatch;
use crate::event::{Assurance, CodedNames};
use crate::keys::{Key, Keys, Material};
use crate::plan::Plan;
use crate::provider::handshake::MAX_TOKEN;
use crate::provider::reader::{Found, Reading, Signatures};
use crate::provider::{Content, Part};
use crate::rejection::{Rejection, RejectionKind};
use crate::scheme::grammar::SentSignatures;
use crate::scheme::token;
use crate::wire::fields::Fields;
use crate::wire::json::is_container;

/// What the signature was found to prove.
pub(super) struct Proof {
    pub(super) key: usize,
    pub(super) assurance: Assurance,
    /// SHA-256 of signed content that tells events apart beside the body.
    pub(super) context: Option<[u8; 32]>,
    /// Id and type, where code read them.
    pub(super) names: Option<CodedNames>,
}

impl Admitted<'_> {
    /// The proof of a signature over a list of parts.
    pub(super) fn prove_parts(
        &self,
        parts: &[Part],
        fields: &Fields<'_>,
        maker: &mut Maker<'_>,
        candidates: Candidates,
        hashes: &mut Hashes,
    ) -> Result<Proof, Rejection> {
        let plan = self.plan();
        let values = self.values(fields);
        let body = fields.body();
        let rest = match plan.streamed_at {
            Some(body_at) => parts.get(body_at.saturating_add(1)..).unwrap_or_default(),
            None => {
                hashes.start(maker.keys, candidates);
                parts
            }
        };
        values.feed(rest, body, hashes)?;
        let tags = hashes.finish();
        let mut matched =
            tags.find_match(maker.keys, &self.sent).or_else(|| maker.token(candidates, &self.sent));
        if matched.is_none() && maker.has_public_keys(candidates) {
            let mut message = Vec::with_capacity(body.len().saturating_add(256));
            values.feed(parts, body, &mut message)?;
            matched = maker.signer(candidates, &self.sent, &message);
        }
        let Some(key) = matched else {
            let hint = mismatch::hint(maker.keys, &self.sent, &values, parts, body);
            return Err(Rejection::with_hint(RejectionKind::BadSignature, hint));
        };
        if plan.is_extendable {
            // What a stranger appends begins with the padding of the hash, 0x80: behind UTF-8 it
            // never makes UTF-8.
            let mut content = Vec::with_capacity(body.len().saturating_add(256));
            values.feed(parts, body, &mut content)?;
            std::str::from_utf8(&content).map_err(|_| RejectionKind::BodyMismatch)?;
        }
        if plan.url_touches_body {
            check_container(&fields.head().method, body)?;
        }
        if body.len() <= MAX_TOKEN && plan.answers_tokens() {
            // A stranger can have a token signed, so a delivery that is one proves nothing.
            let mut content = Vec::new();
            values.feed(parts, body, &mut content)?;
            if plan.answers_with(&content) {
                return Err(RejectionKind::BodyMismatch.into());
            }
        }
        let context = plan.has_context.then(|| values.digest(parts)).transpose()?;
        let assurance = plan.assurance();
        Ok(Proof { key, assurance, context, names: None })
    }

    /// The proof of everything that a reader found signed.
    pub(super) fn prove_reading(
        &self,
        reading: &Reading<'_>,
        maker: &mut Maker<'_>,
        candidates: Candidates,
    ) -> Result<Proof, Rejection> {
        let mut first = None;
        for signed in &reading.signed {
            let made = match &signed.by {
                Signatures::InPlace => maker.of_any(candidates, &self.sent, &signed.contents),
                Signatures::Found(found) => {
                    let (sent, candidates) = read_found(self.plan(), found, maker.keys)?;
                    maker.of_any(candidates, &sent, &signed.contents)
                }
            };
            let made = made.ok_or(RejectionKind::BadSignature)?;
            if self.plan().answers_with(made.content) {
                return Err(RejectionKind::BodyMismatch.into());
            }
            first.get_or_insert(made);
        }
        let Made { key, content, position } = first.ok_or(RejectionKind::MissingSignature)?;
        if let Some(fault) = reading.fault {
            return Err(fault.into());
        }
        let is_strict = self.plan().chosen.is_strict;
        let context = Sha256::digest(reading.identity.of(content, position, is_strict));
        let names = CodedNames::new(reading.id.as_deref(), reading.kind.as_deref());
        let names = matches!(self.plan().provider().content, Content::Read(it) if it.reads_names())
            .then_some(names);
        Ok(Proof { key, assurance: reading.assurance, context: Some(context.into()), names })
    }
}

/// Where URL and body touch, a piece of the one could be moved into the other under one signature.
/// Neither end of a JSON object or array can: what is left over, or put in front, is no JSON.
fn check_container(method: &Method, body: &[u8]) -> Result<(), RejectionKind> {
    let is_bound = is_container(body) || (method == Method::GET && body.is_empty());
    if is_bound { Ok(()) } else { Err(RejectionKind::BodyMismatch) }
}

/// The signatures that a reader found, and the keys that may have made one of them.
fn read_found(
    plan: &Plan,
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
        for (way, signature) in plan.provider().signatures().enumerate() {
            sent.read(&each.text, way, signature)?;
        }
    }
    let is_named = |key: &Key| found.iter().any(|each| names(each, key));
    let candidates = Candidates::fitting(keys, &sent, is_named)?;
    Ok((sent, candidates))
}

/// The proof of a token that stands in several places; of several that are known, the first.
pub(super) fn prove_tokens(
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
