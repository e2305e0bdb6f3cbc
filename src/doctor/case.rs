//! A request that is refused, the verifier that refuses it, and how much may still be tried.

use std::cell::Cell;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;

use crate::provider::{Provider, Signature};
use crate::rejection::Rejection;
use crate::verifier::{Verifier, VerifierBuilder};
use crate::wire::url::redacted;

/// Over all trials: a moment's work, whatever the request is.
const MOST_BYTES: usize = 64 * 1024 * 1024;
const MOST_TRIALS: usize = 512;

pub(super) struct Case<'a> {
    pub(super) verifier: &'a Verifier,
    pub(super) head: &'a Parts,
    pub(super) body: Bytes,
    now: SystemTime,
    bytes_left: Cell<usize>,
    trials_left: Cell<usize>,
    is_complete: Cell<bool>,
}

impl<'a> Case<'a> {
    pub(super) const fn new(
        verifier: &'a Verifier,
        head: &'a Parts,
        body: Bytes,
        now: SystemTime,
    ) -> Self {
        Self {
            verifier,
            head,
            body,
            now,
            bytes_left: Cell::new(MOST_BYTES),
            trials_left: Cell::new(MOST_TRIALS),
            is_complete: Cell::new(true),
        }
    }

    pub(super) fn rejection(&self) -> Option<Rejection> {
        self.verifier.verify(self.head, self.body.clone(), self.now).err()
    }

    pub(super) fn provider(&self) -> &Provider {
        self.verifier.provider()
    }

    /// Whether the request is accepted by a verifier that is configured otherwise.
    pub(super) fn passes(&self, changed: Option<VerifierBuilder>) -> bool {
        self.passes_as(changed, self.body.clone())
    }

    /// Whether it is accepted as it is configured, with another body.
    pub(super) fn passes_with_body(&self, body: Vec<u8>) -> bool {
        body != *self.body && self.passes_as(self.blueprint(), body.into())
    }

    fn passes_as(&self, changed: Option<VerifierBuilder>, body: Bytes) -> bool {
        let Some(changed) = changed else { return false };
        self.may_try(body.len())
            && changed
                .build_trial()
                .is_ok_and(|verifier| verifier.verify(self.head, body, self.now).is_ok())
    }

    fn may_try(&self, bytes: usize) -> bool {
        let trials = self.trials_left.get().checked_sub(1);
        let (Some(trials), Some(left)) = (trials, self.bytes_left.get().checked_sub(bytes)) else {
            self.is_complete.set(false);
            return false;
        };
        self.trials_left.set(trials);
        self.bytes_left.set(left);
        true
    }

    pub(super) const fn is_complete(&self) -> bool {
        self.is_complete.get()
    }

    /// The configuration, if its secrets are its own.
    pub(super) fn blueprint(&self) -> Option<VerifierBuilder> {
        self.verifier.blueprint().cloned()
    }

    /// The same configuration for a provider whose ways of signing are changed.
    pub(super) fn with_ways(
        &self,
        change: impl Fn(Signature) -> Signature,
    ) -> Option<VerifierBuilder> {
        self.blueprint().map(|each| {
            each.map_provider(|mut provider| {
                provider.signatures = provider.signatures.map(|way| way.map(&change));
                provider
            })
        })
    }

    /// The URL that is checked, as an operator may see it.
    pub(super) fn shown_url(&self) -> Option<String> {
        let url = self.verifier.url_of(self.head).filter(|_| self.provider().needs_public_url());
        url.as_deref().map(redacted)
    }
}
