//! One verification, from the head to the verdict.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;

use super::Verified;
use super::admitted::{Admitted, read_signatures};
use super::body::ReceivedBody;
use super::candidates::Candidates;
use super::hashes::Hashes;
use super::maker::Maker;
use super::proof::prove_tokens;
use crate::body_digest::BodyDigest;
use crate::event::{Event, EventParts};
use crate::keys::Keys;
use crate::provider::Content;
use crate::provider::reader::Whole;
use crate::rejection::{Rejection, RejectionKind};
use crate::scheme::sink::Sink;
use crate::store::Fingerprint;

/// A verification in progress: frames go in, the verdict comes out.
///
/// [`finish`](Self::finish) takes no body. What it verifies, and what the event is made of, are the
/// very bytes that were given to [`update`](Self::update).
#[must_use = "a verification proves nothing until it is finished"]
pub struct Verification<'a> {
    admitted: Admitted<'a>,
    keys: &'a Keys,
    candidates: Candidates,
    hashes: Hashes,
    body: ReceivedBody,
    digest: BodyDigest,
}

/// The steps of a verification work in place: the state of the hashes is too large to be moved
/// about.
impl<'a> Verification<'a> {
    pub(super) fn new(admitted: Admitted<'a>, keys: &'a Keys) -> Self {
        Self {
            admitted,
            keys,
            candidates: Candidates::default(),
            hashes: Hashes::default(),
            body: ReceivedBody::default(),
            digest: BodyDigest::default(),
        }
    }

    /// What the head alone allows: a token is compared, and the HMACs absorb what stands before the
    /// body.
    pub(super) fn start(&mut self) -> Result<(), Rejection> {
        let Self { admitted, keys, candidates, hashes, .. } = self;
        let plan = admitted.plan();
        if keys.provider != plan.provider().name {
            return Err(RejectionKind::UnknownKey.into());
        }
        if !plan.signature_in_head {
            return Ok(());
        }
        let fields = admitted.head.fields();
        *candidates = Candidates::of(plan, &fields, keys, &admitted.sent)?;
        if plan.signs_nothing() {
            let known = Maker::among(keys).token(*candidates, &admitted.sent);
            known.ok_or(RejectionKind::BadSignature)?;
        }
        if let Some(body_at) = plan.streamed_at {
            hashes.start(keys, *candidates);
            let before = plan.parts().get(..body_at).unwrap_or_default();
            admitted.values(&fields).feed(before, &[], hashes)?;
        }
        Ok(())
    }
}

impl Verification<'_> {
    /// Takes the next frame of the body: hashes it and keeps it.
    pub fn update(&mut self, frame: Bytes) {
        self.hash(&frame);
        let _ = self.make_room(frame.len(), |_| true);
        self.keep(frame);
    }

    /// Hashes bytes that [`keep`](Self::keep) is given afterwards. Apart, so that a large frame can
    /// be hashed piece by piece without being cut.
    pub(crate) fn hash(&mut self, data: &[u8]) {
        self.hashes.data(data);
        self.digest.update(data);
    }

    /// Makes room for a frame of so many bytes, if `allows` lets so much memory be taken.
    #[must_use]
    pub(crate) fn make_room(&mut self, frame: usize, allows: impl FnMut(usize) -> bool) -> bool {
        self.body.reserve(frame, allows)
    }

    pub(crate) fn keep(&mut self, frame: Bytes) {
        self.body.push(frame);
    }

    /// Reserves room as the head declares it, if several frames come.
    #[cfg(feature = "tokio")]
    pub(crate) fn declare_length(&mut self, length: usize) {
        self.body.declare(length);
    }

    /// Hashes the body along the way if its digest will name the event, or tell it from another.
    #[cfg(feature = "tokio")]
    pub(crate) fn expect_replay_key(&mut self) {
        if self.admitted.plan().needs_body_digest {
            self.digest.start();
        }
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
        let Self { admitted, keys, candidates, hashes, body, digest } = self;
        let plan = admitted.plan();
        let head = admitted.head.parts();
        let body = std::mem::take(body).finish();
        digest.finish();
        let maker = &mut Maker::among(keys);
        if head.method == Method::GET && !body.is_empty() {
            return Err(RejectionKind::BodyMismatch.into());
        }
        let carried =
            plan.layout.document(&body).map_err(|_| RejectionKind::AmbiguousSignedValue)?;
        let fields = admitted.head.with_body(&body, carried.as_deref().unwrap_or(&body));
        if let Some(answer) = admitted.verifier.unsigned_post_in(&fields, Some(*keys)) {
            return answer.map(Verified::Handshake);
        }
        if !plan.signature_in_head && !plan.found_by_code {
            admitted.sent = read_signatures(plan, &fields)?;
            *candidates = Candidates::of(plan, &fields, keys, &admitted.sent)?;
        }
        let mut time_in_body = None;
        let proof = match plan.provider().content {
            Content::Parts(parts) => {
                admitted.prove_parts(parts, &fields, maker, *candidates, hashes)?
            }
            Content::Read(reader) => {
                let url = admitted.url.as_deref().unwrap_or_default();
                let reading = reader.read(&Whole { head, url, body: &body, digest })?;
                let proof = admitted.prove_reading(&reading, maker, *candidates)?;
                if plan.found_by_code {
                    time_in_body = admitted.judge_time(reading.time)?;
                }
                proof
            }
            Content::Tokens(code) => prove_tokens(&code.tokens(&body)?, keys, *candidates)?,
        };
        if !plan.time_in_head && !plan.found_by_code {
            time_in_body = admitted.fresh_time(&fields)?;
        }
        let time = admitted.time.as_ref().or(time_in_body.as_ref()).map(|time| time.at);
        if let Some(answer) = admitted.verifier.signed_answer(&fields, keys, proof.key) {
            return answer.map(Verified::Handshake);
        }
        let in_head = |places| {
            if plan.is_named_in_head { fields.first_in_head(places) } else { None }
        };
        Ok(Verified::Event(Event::new(EventParts {
            plan: Arc::clone(admitted.verifier.plan()),
            id: in_head(plan.provider().event_id),
            kind: in_head(plan.provider().event_type),
            signed_id: in_head(&plan.signed_ids),
            delivery: match plan.provider().identification.delivery {
                [] => None,
                places => fields.first_in_head(places),
            },
            time,
            key_label: keys.keys.get(proof.key).map(|key| Arc::clone(&key.label)),
            principal: keys.principal.clone(),
            assurance: proof.assurance,
            context: proof.context,
            names: proof.names,
            fingerprint: digest.known().map(Fingerprint::from_bytes),
            body,
        })))
    }
}

impl fmt::Debug for Verification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("provider", &self.admitted.plan().provider().name)
            .finish_non_exhaustive()
    }
}
