//! What a store is asked and what it answers.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::{Fingerprint, Key, Token};

/// One attempt to claim a key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Claim<'a> {
    /// What is claimed.
    pub key: &'a Key,
    /// Who claims it; the same token again asks for the same claim again.
    pub token: &'a Token,
    /// How long the run may take before somebody else may take over.
    pub lease: Duration,
    /// How long the record lives if nobody completes it.
    pub ttl: Duration,
    /// SHA-256 of the body that came with this claim.
    pub fingerprint: &'a Fingerprint,
    /// From when on a full store may drop the completed record: the sender's signature is stale by
    /// then. `None` where the signature has no time: never before `ttl`.
    pub evictable_after: Option<Duration>,
}

impl<'a> Claim<'a> {
    /// A claim that a full store may not drop before `ttl`.
    #[must_use]
    pub const fn new(
        key: &'a Key,
        token: &'a Token,
        fingerprint: &'a Fingerprint,
        lease: Duration,
        ttl: Duration,
    ) -> Self {
        Self { key, token, lease, ttl, fingerprint, evictable_after: None }
    }

    /// Allows a full store to drop the completed record `after` this long.
    #[must_use]
    pub const fn evictable_after(mut self, after: Duration) -> Self {
        self.evictable_after = Some(after);
        self
    }
}

/// A number that only grows for one key. Pass it on with an effect outside the store's database,
/// so that the other side can refuse a run that was overtaken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fence(u64);

impl Fence {
    /// A fence from its number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The caller owns the key now and must complete or release it.
    New {
        /// Grows with every owner of the key.
        fence: Fence,
        /// 1 for the first run; more if an earlier one failed, crashed or overran its lease.
        attempt: u32,
    },
    /// Somebody else is running it.
    InFlight {
        /// The rest of their lease.
        retry_after: Duration,
        /// Whether the record's fingerprint is the claim's.
        same_body: bool,
    },
    /// It was handled before.
    Completed {
        /// What was recorded then.
        record: Completion,
        /// Whether the record's fingerprint is the claim's.
        same_body: bool,
    },
}

/// What is remembered of a handled event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// The HTTP status the handler answered with, 200 to 299.
    pub status: u16,
}

impl Completion {
    /// A completion with the handler's status.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status }
    }
}

/// Whether the caller's token still held the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a lost claim means that somebody else ran, or may run, the same event"]
#[allow(clippy::exhaustive_enums, reason = "a record is held by the caller or it is not")]
pub enum Held {
    /// It did, and the record was changed.
    Held,
    /// It did not, and nothing was changed.
    Lost,
}

/// Why a store could not answer.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of [`StoreError`]. The layer fails closed on each: 503 with `Retry-After`, or 500 for
/// [`Unstorable`](Self::Unstorable).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store cannot be reached, or refused the call.
    Unavailable,
    /// The store was set up wrongly, and no later try will go better: its source says what to do.
    Misconfigured,
    /// It did not answer in time.
    Timeout,
    /// It has no room and nothing that it may drop.
    Full,
    /// It holds a record that cannot be read.
    Corrupt,
    /// It is well, and cannot hold what it is given, such as a text outside of a database's encoding.
    /// No other event is concerned.
    Unstorable,
}

impl StoreError {
    /// An error of this kind.
    #[must_use]
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// An error of this kind with its cause.
    #[must_use]
    pub fn with_source(
        kind: StoreErrorKind,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the idempotency store is unavailable",
            StoreErrorKind::Misconfigured => "the idempotency store is set up wrongly",
            StoreErrorKind::Timeout => "the idempotency store did not answer in time",
            StoreErrorKind::Full => "the idempotency store is full",
            StoreErrorKind::Corrupt => "the idempotency store holds a record it cannot read",
            StoreErrorKind::Unstorable => "the database cannot hold this event",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
