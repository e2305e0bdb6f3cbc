//! What a status makes a sender do.

use std::ops::RangeInclusive;

use http::StatusCode;

use super::Provider;
use crate::rejection::RejectionKind;

/// Tried in this order where the usual status would lose the event.
const FOR_A_RETRY: [StatusCode; 4] = [
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::CONFLICT,
];

/// How a sender reacts to what is no success.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reactions {
    /// The statuses after which it delivers again; all, if none are named.
    retried: &'static [RangeInclusive<u16>],
    /// The statuses after which it never does.
    given_up: &'static [u16],
    /// The status of a request that is not its.
    unauthorized: u16,
}

impl Reactions {
    pub(super) const USUAL: Self = Self { retried: &[], given_up: &[], unauthorized: 401 };
}

impl Provider {
    /// The statuses after which the sender delivers again, where it does not after each that is no
    /// success. What passes by itself (a store that is down, an event in flight, a limit that is
    /// reached, a handler that failed) is answered with one of them: 503, 500, 429 or 409.
    ///
    /// ```
    /// use tower_webhooks::Provider;
    ///
    /// static ACME: Provider = Provider::new("acme").retries_after(&[429..=429, 500..=599]);
    /// assert!(ACME.would_retry(503) && !ACME.would_retry(408));
    /// ```
    #[must_use]
    pub const fn retries_after(mut self, statuses: &'static [RangeInclusive<u16>]) -> Self {
        self.reactions.retried = statuses;
        self
    }

    /// The statuses after which the sender drops the event, disables the webhook or deletes it. The
    /// layer answers nothing that passes by itself with one of them.
    #[must_use]
    pub const fn gives_up_after(mut self, statuses: &'static [u16]) -> Self {
        self.reactions.given_up = statuses;
        self
    }

    /// The status of a request that is not authentic, where the sender asks for another than 401.
    ///
    /// # Panics
    ///
    /// If it is not from 400 to 499; in a `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn refuses_with(mut self, status: u16) -> Self {
        assert!(400 <= status && status <= 499, "a request is refused with a status of 4xx");
        self.reactions.unauthorized = status;
        self
    }

    /// Whether the sender delivers an event again after this status, as far as that is known.
    #[must_use]
    pub fn would_retry(&self, status: u16) -> bool {
        let Reactions { retried, given_up, .. } = self.reactions;
        let is_failure = !(200..=299).contains(&status) && !given_up.contains(&status);
        is_failure && (retried.is_empty() || retried.iter().any(|range| range.contains(&status)))
    }

    /// The status that this sender gets for a refusal of this kind.
    #[must_use]
    pub fn status_of(&self, kind: RejectionKind) -> StatusCode {
        let usual = kind.status();
        if usual == StatusCode::UNAUTHORIZED {
            return StatusCode::from_u16(self.reactions.unauthorized).unwrap_or(usual);
        }
        if !kind.is_temporary() || self.would_retry(usual.as_u16()) {
            return usual;
        }
        let mut others = FOR_A_RETRY.into_iter();
        others.find(|status| self.would_retry(status.as_u16())).unwrap_or(usual)
    }
}
