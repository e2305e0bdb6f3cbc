//! What the head of a request decides, before there is a key.

use std::borrow::Cow;
use std::time::SystemTime;

use http::request::Parts;

use super::{Verification, Verifier};
use crate::handshake;
use crate::keys::Keys;
use crate::plan::Plan;
use crate::provider::{Occurs, Place, Timestamp};
use crate::rejection::{Hint, Rejection, RejectionKind};
use crate::scheme::content::Values;
use crate::scheme::grammar::{Listed, SentSignatures};
use crate::wire::fields::{Fields, Head};
use crate::wire::form::Twice;
use crate::wire::timestamp::{self, UnixMillis};

/// A request whose head was found in order. What it still needs is a key.
pub(crate) struct Admitted<'a> {
    pub(super) verifier: &'a Verifier,
    pub(super) head: Head<'a>,
    pub(super) sent: SentSignatures,
    /// The signed time, if the head has it.
    pub(super) time: Option<SignedTime<'a>>,
    pub(super) url: Option<String>,
    pub(super) now: SystemTime,
}

/// A signed time that is fresh. What was judged is what goes into the hash.
pub(super) struct SignedTime<'a> {
    pub(super) text: Cow<'a, [u8]>,
    pub(super) at: UnixMillis,
}

impl<'a> Admitted<'a> {
    pub(super) fn new(
        verifier: &'a Verifier,
        head: &'a Parts,
        now: SystemTime,
    ) -> Result<Self, Rejection> {
        let plan = verifier.plan();
        let mut admitted = Self {
            verifier,
            head: Head::new(&plan.layout, head),
            sent: SentSignatures::default(),
            time: None,
            url: verifier.inner.url.as_ref().map(|url| url.of(head)),
            now,
        };
        let fields = admitted.head.fields();
        if !handshake::has_all(&fields, plan.provider().requires) {
            return Err(RejectionKind::UnsupportedScheme.into());
        }
        match plan.list_in {
            Some(name) => {
                let (sent, time) = read_list(plan, &fields, name)?;
                admitted.sent = sent;
                if let (true, Some(time)) = (plan.time_in_head, time) {
                    let text = time.map_err(|Twice| RejectionKind::MalformedTimestamp)?;
                    admitted.time = admitted.judge_time(text.map(Cow::Borrowed))?;
                    return Ok(admitted);
                }
            }
            None if plan.signature_in_head => admitted.sent = read_signatures(plan, &fields)?,
            None => {}
        }
        if plan.time_in_head {
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

    pub(super) fn plan(&self) -> &'a Plan {
        self.verifier.plan()
    }

    pub(super) fn values<'v, 'f>(&'v self, fields: &'v Fields<'f>) -> Values<'v, 'f> {
        let timestamp = self.plan().provider().timestamp;
        let time = self.time.as_ref().map(|time| &*time.text);
        Values { fields, timestamp, time, url: self.url.as_deref() }
    }

    /// The signed time, if the sender signs one and it is fresh.
    pub(super) fn fresh_time<'f>(
        &self,
        fields: &Fields<'f>,
    ) -> Result<Option<SignedTime<'f>>, Rejection> {
        let Some(Timestamp { place, .. }) = self.plan().provider().timestamp else {
            return Ok(None);
        };
        match fields.get(place.place) {
            Ok(text) => self.judge_time(text),
            Err(_) => Err(RejectionKind::MalformedTimestamp.into()),
        }
    }

    /// The signed time as it is written, if the sender signs one and it is fresh.
    pub(super) fn judge_time<'f>(
        &self,
        text: Option<Cow<'f, [u8]>>,
    ) -> Result<Option<SignedTime<'f>>, Rejection> {
        let Some(Timestamp { place, .. }) = self.plan().provider().timestamp else {
            return Ok(None);
        };
        let text = text.ok_or(RejectionKind::MissingTimestamp)?;
        let at = UnixMillis::parse(&text, place.unit).ok_or(RejectionKind::MalformedTimestamp)?;
        if let Some(tolerance) = self.plan().chosen.tolerance {
            timestamp::check_fresh(at, place.unit, self.now, tolerance)?;
        }
        Ok(Some(SignedTime { text, at }))
    }
}

/// The signatures of a request that stand in one list, and the time if that stands there too.
fn read_list<'a>(
    plan: &Plan,
    fields: &Fields<'a>,
    name: &str,
) -> Result<(SentSignatures, Option<Listed<'a>>), RejectionKind> {
    let provider = plan.provider();
    let time = provider.timestamp.and_then(|time| match time.place.place {
        Place::Entry(name) => Some(name),
        _ => None,
    });
    let list = fields.header(name).map_err(|Twice| RejectionKind::MalformedSignature)?;
    let list = list.ok_or(RejectionKind::MissingSignature)?;
    let mut sent = SentSignatures::default();
    let listed = sent.read_list(list.as_bytes(), provider, time)?;
    if sent.is_empty() {
        return Err(RejectionKind::MalformedSignature);
    }
    Ok((sent, time.map(|_| listed)))
}

/// The signatures of a request. Each way of signing that the provider has is looked for.
pub(super) fn read_signatures(
    plan: &Plan,
    fields: &Fields<'_>,
) -> Result<SentSignatures, Rejection> {
    let mut sent = SentSignatures::default();
    let mut present = false;
    let mut last: Option<(Place, Option<Cow<'_, [u8]>>)> = None;
    for (way, signature) in plan.provider().signatures().enumerate() {
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
                    let text = fields.get(place).map_err(|_| {
                        let hint = Some(Hint::SignatureTwice);
                        Rejection::with_hint(RejectionKind::MalformedSignature, hint)
                    })?;
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
        (false, _) => Err(RejectionKind::MissingSignature.into()),
        (true, true) => Err(RejectionKind::MalformedSignature.into()),
        (true, false) => Ok(sent),
    }
}
