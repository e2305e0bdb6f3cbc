//! The first half of the walk: from a request to a verified event, or an answer.

use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body::Body;

use super::Shared;
use super::answer::Refusal;
use super::observe::{Observation, Subject};
use super::read::{read, read_small};
use super::within::within;
use crate::event::Event;
use crate::handshake::{Answer, MAX_BODY};
use crate::keys::Keys;
use crate::rejection::{Hint, Rejection, RejectionKind};
use crate::verifier::{Verified, Verifier};
use crate::wire::url::original_uri;

/// A request that passed.
pub(super) enum Received {
    Event(Event),
    /// An event of a topic that this endpoint does not handle: it is acknowledged.
    Unwanted(Event),
    Handshake(Answer),
}

impl Shared {
    /// Admits the head, finds the keys, reads and hashes the body, finishes.
    pub(super) async fn receive<B: Body>(
        &self,
        verifier: &Verifier,
        head: &Parts,
        body: B,
    ) -> Result<Received, Refusal> {
        let timer = self.observers.timer();
        let setup = match verifier.awaits_key(head) {
            true => {
                verifier.unsigned_handshake_with(head, &self.keys_of_tenant(verifier, head).await?)
            }
            false => verifier.unsigned_handshake(head),
        };
        if let Some(answer) = setup {
            return answer.map(Received::Handshake).map_err(Refusal::from);
        }
        let admitted = match verifier.admit(head, self.clock.now()) {
            Err(rejection) if verifier.awaits_unsigned_post(head) => {
                return self.receive_unsigned(verifier, head, body, rejection).await;
            }
            admitted => admitted?,
        };
        let declared = declared_length(head, &body);
        if declared > self.settings.max_body {
            return Err(self.too_large().into());
        }
        let of_tenant;
        let keys = match verifier.keys() {
            Some(own) => own,
            None => {
                of_tenant = self.keys_of_tenant(verifier, head).await?;
                &of_tenant
            }
        };
        let mut verification = admitted.begin(keys)?;
        verification.declare_length(declared);
        if self.remembers() {
            verification.expect_replay_key();
        }
        let (cap, deadline) = (self.settings.max_body, self.settings.body_timeout);
        read(body, &mut verification, cap, deadline, &self.buffered).await.map_err(|kind| {
            match kind {
                RejectionKind::BodyTooLarge => self.too_large(),
                other => other.into(),
            }
        })?;
        let event = match verification.finish()? {
            Verified::Event(event) => event.at_endpoint(Arc::clone(&self.endpoint)),
            Verified::Handshake(answer) => return Ok(Received::Handshake(answer)),
        };
        self.tell(&event, &Observation::Verified { took: timer.elapsed() });
        Ok(match verifier.wants(&event)? {
            true => Received::Event(event),
            false => Received::Unwanted(event),
        })
    }

    fn too_large(&self) -> Rejection {
        let cap = u32::try_from(self.settings.max_body).unwrap_or(u32::MAX);
        Rejection::with_hint(RejectionKind::BodyTooLarge, Some(Hint::BodyCap(cap)))
    }

    /// A POST that nothing signs: a setup request, or refused as it would be anyway.
    async fn receive_unsigned<B: Body>(
        &self,
        verifier: &Verifier,
        head: &Parts,
        body: B,
        rejection: Rejection,
    ) -> Result<Received, Refusal> {
        if declared_length(head, &body) > MAX_BODY {
            return Err(rejection.into());
        }
        let body = read_small(body, MAX_BODY, self.settings.body_timeout, &self.buffered).await;
        let answer = body.and_then(|body| verifier.unsigned_post(head, &body));
        answer.unwrap_or(Err(rejection)).map(Received::Handshake).map_err(Refusal::from)
    }

    async fn keys_of_tenant(
        &self,
        verifier: &Verifier,
        head: &Parts,
    ) -> Result<Keys, RejectionKind> {
        let source = verifier.key_source().ok_or(RejectionKind::UnknownKey)?;
        let failed = |cause| {
            let of = Subject::endpoint_of(&self.endpoint)
                .provider_of(Some(verifier.provider().name()))
                .path_of(original_uri(head).path());
            self.observers.tell(&of, &Observation::KeySourceFailed { cause });
        };
        match within(self.settings.key_timeout, source.keys(head)).await {
            Ok(Ok(Some(keys))) => Ok(keys),
            Ok(Ok(None)) => Err(RejectionKind::UnknownKey),
            Ok(Err(error)) => {
                failed(Some(error.cause()));
                Err(RejectionKind::KeysUnavailable)
            }
            Err(_) => {
                failed(None);
                Err(RejectionKind::KeysUnavailable)
            }
        }
    }
}

/// How long the head says the body is, in bytes; 0 if it does not say.
fn declared_length<B: Body>(head: &Parts, body: &B) -> usize {
    let header = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let header = header.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    usize::try_from(header.max(body.size_hint().lower())).unwrap_or(usize::MAX)
}
