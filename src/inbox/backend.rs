//! What an inbox asks of its database. Each call is one atomic statement, or decided by one.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::event::Stored;
use crate::store::erased::StoreFuture;
use crate::store::{Endpoints, Fence, Held, Key, StoreError, StoreErrorKind, Token};

/// Where an inbox is kept: made [`From`] a [`SqliteStore`](crate::store::SqliteStore) or a
/// [`PostgresStore`](crate::store::PostgresStore).
///
/// # Clone
///
/// Cheap; clones are the same inbox.
#[derive(Clone)]
pub struct InboxStore(Arc<dyn Backend>);

impl InboxStore {
    pub(super) fn new(backend: impl Backend) -> Self {
        Self(Arc::new(backend))
    }

    /// Makes the table of the inbox where it is missing, and brings an older one up to date. The
    /// first use does the same; call it at start to learn early of what is wrong, such as a role
    /// that may not create tables.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be reached or refuses, or if a later release of this
    /// crate has changed the table in a way that this one cannot use.
    ///
    /// # Cancel safety
    ///
    /// Safe: the table is there then or not.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.0.migrate().await
    }

    pub(super) fn backend(&self) -> &dyn Backend {
        &*self.0
    }
}

impl fmt::Debug for InboxStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a deposit came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// It is committed: somebody will work it off.
    New,
    /// It is there already.
    Known { same_body: bool },
}

/// Which events are wanted, and for whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Take<'a> {
    pub(super) endpoint: &'a str,
    /// Of this one call.
    pub(super) owner: &'a Token,
    pub(super) lease: Duration,
    pub(super) limit: u32,
    /// An event that was begun so often is not taken again: it is dead.
    pub(super) max_attempts: u32,
    /// Only those that came due within this time: whatever came due earlier was taken. `None` looks
    /// at all.
    #[cfg_attr(
        not(feature = "store-postgres"),
        allow(dead_code, reason = "SQLite has no events in its index that were handled")
    )]
    pub(super) window: Option<Duration>,
}

/// An event that was taken: the caller runs it.
pub(super) struct Taken {
    pub(super) key: Key,
    pub(super) fence: Fence,
    /// How many runs were begun, with the one that now may.
    pub(super) attempt: u32,
    /// How many of them since the operator last had it run again.
    pub(super) tries: u32,
    /// `Err` for a row that is not understood.
    pub(super) event: Result<Stored, StoreError>,
}

/// What a call for events found.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) taken: Vec<Taken>,
    /// Events whose last permitted run vanished with its process: they are dead now.
    pub(super) died: Vec<Key>,
    /// Rows that cannot be read, and have no name to call them by.
    pub(super) unreadable: Vec<StoreError>,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.taken.len().saturating_add(self.died.len())
    }
}

/// How many events an inbox has of each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// They wait for their first run, or for the next one after a failure.
    pub waiting: u64,
    /// They are being run, or were when their process ended.
    pub running: u64,
    /// They failed as often as is permitted, or cannot be parsed: the operator's turn.
    pub dead: u64,
    /// They were handled, and are remembered so that they are not run again.
    pub done: u64,
}

/// An event that is not run any more until [`Inbox::replay`](super::Inbox::replay) says so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadEvent {
    /// What to give to [`Inbox::replay`](super::Inbox::replay).
    pub key: Key,
    /// The provider's name.
    pub provider: String,
    /// Who the secret that matched belongs to; empty with static keys.
    pub principal: String,
    /// The event's id, where the sender gives one.
    pub event_id: Option<String>,
    /// The event's type, where the sender gives one.
    pub kind: Option<String>,
    /// When it was acknowledged.
    pub received_at: SystemTime,
    /// How many runs were begun.
    pub attempts: u32,
    /// What became of the last one.
    pub last_error: String,
}

pub(super) trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Makes the table, once.
    fn migrate(&self) -> StoreFuture<'_, ()>;

    /// Keeps an event, unless it is known.
    fn put<'a>(&'a self, endpoint: &'a str, event: &'a Stored) -> StoreFuture<'a, Put>;

    /// Takes events that are due, of which nobody else's lease holds.
    fn take<'a>(&'a self, take: Take<'a>) -> StoreFuture<'a, Batch>;

    /// Counts a run of each of these events, and says for which this owner still has the lease. It is
    /// called before they begin: a call for events whose answer is lost is no attempt, and a run
    /// that vanishes with its process is one.
    fn begin<'a>(&'a self, owner: &'a Token, keys: &'a [Key]) -> StoreFuture<'a, Vec<Key>>;

    /// Gives back what a call with this owner took and nobody runs: its answer was lost.
    fn give_back<'a>(&'a self, endpoint: &'a str, owner: &'a Token) -> StoreFuture<'a, ()>;

    /// Marks an event as done, for the owner of its run.
    fn done<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        retention: Duration,
    ) -> StoreFuture<'a, Held>;

    /// Whether the run of this owner is marked as done.
    fn is_done<'a>(&'a self, key: &'a Key, by: &'a Token) -> StoreFuture<'a, bool>;

    /// Has the event run again after a delay; a run that is marked as done stays done.
    fn retry<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        delay: Duration,
        error: &'a str,
    ) -> StoreFuture<'a, Held>;

    /// Has the event not run again until the operator says so; a run that is marked as done stays
    /// done.
    fn bury<'a>(&'a self, key: &'a Key, by: &'a Token, error: &'a str) -> StoreFuture<'a, Held>;

    /// Drops up to `limit` events that were done long enough ago, and says how many.
    fn sweep<'a>(&'a self, endpoint: &'a str, limit: u32) -> StoreFuture<'a, u64>;

    /// The dead events, the oldest first.
    fn dead<'a>(&'a self, endpoint: &'a str, limit: u32) -> StoreFuture<'a, Vec<DeadEvent>>;

    /// Has an event that is not being run due now, whatever became of it.
    fn replay<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool>;

    /// Removes an event, whatever its state.
    fn forget<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool>;

    /// The endpoints that are served over the database in this process.
    fn endpoints(&self) -> &Endpoints;

    fn counts<'a>(&'a self, endpoint: &'a str) -> StoreFuture<'a, Counts>;
}

/// What became of the last run of an event that died of it.
pub(super) const VANISHED: &str = "the process ended during the run, or its lease was overrun";

/// A column that does not hold what its name says.
pub(super) fn undecoded(error: sqlx::Error) -> StoreError {
    StoreError::with_source(StoreErrorKind::Corrupt, error)
}

/// A row that says something that was never written.
pub(super) fn corrupt(what: &'static str) -> StoreError {
    StoreError::with_source(StoreErrorKind::Corrupt, what)
}

pub(super) fn held(rows: u64) -> Held {
    if rows == 0 { Held::Lost } else { Held::Held }
}

pub(super) fn since_epoch(millis: i64) -> SystemTime {
    let at = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    SystemTime::UNIX_EPOCH.checked_add(at).unwrap_or(SystemTime::UNIX_EPOCH)
}

pub(super) fn fence(number: i64) -> Fence {
    Fence::new(u64::try_from(number).unwrap_or(0))
}

pub(super) fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(if number < 0 { 0 } else { u32::MAX })
}

/// An event that is known, and gone when it is asked for, may be put again.
pub(super) const PUT_TRIES: usize = 3;
