//! A store in the process's own memory.
//!
//! Keys are spread over shards by a keyed tag, each shard under a lock of its own that is never
//! held across an `await`. A shard keeps claims in full (`flights`) and of completed events a
//! record of 42 bytes (`slab`), found through four bytes in an open-addressed table (`index`) and
//! lined up by age (`line`), with a search for what a line hides (`search`).

mod builder;
mod completed;
mod flights;
mod index;
mod layout;
mod line;
mod moment;
mod room;
mod search;
mod shard;
mod slab;
mod tag;

pub use builder::MemoryStoreBuilder;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use self::moment::Moment;
use self::room::Room;
use self::shard::{Context, Shard};
use self::tag::{Tag, Tagger};
use super::steady::Steady;
use super::{
    Claim, Completion, Endpoints, Held, IdempotencyStore, Key, Outcome, StoreError, StoreErrorKind,
    Token,
};
use crate::Clock;

/// How often a claim that needs room tries again when others take what it has freed.
const TRIES_FOR_ROOM: usize = 16;

/// A store in this process's memory.
///
/// **One process only, and gone on restart: for tests, and for a single instance whose events are
/// not critical.** After a restart, or on a second instance, every delivery is new again.
///
/// # What it holds
///
/// At most [`max_entries`](MemoryStoreBuilder::max_entries) records, about 48 bytes for each
/// completed event and 250 for each that is in flight or failed. Expired records are dropped in
/// passing by every operation, and by [`sweep`](IdempotencyStore::sweep). A full store drops
/// expired records first, then completed ones that are past their
/// [`evictable_after`](Claim::evictable_after), the oldest first (each shard looks after its own
/// before it asks the others); never one that nobody completed yet. With nothing to drop a claim
/// fails with [`StoreErrorKind::Full`].
///
/// Leases and lifetimes are measured by the clock's [`monotonic`](Clock::monotonic) side: a system
/// clock that is set ends none early and keeps none alive. Leases are kept to the microsecond. The
/// times of completed records are kept in whole seconds,
/// rounded up: they are remembered up to a second longer than asked, never shorter.
///
/// Keys are held as 128-bit keyed tags, owners and fingerprints of completed records as 64-bit
/// ones, under secrets that each store draws for itself: no sender can aim at a collision.
///
/// # Fences
///
/// They grow over more than one key, so they do so across expiry and
/// [`forget`](IdempotencyStore::forget) too, and when the clock is set back. After a restart they
/// go on from the clock.
///
/// # Clone
///
/// Cheap; the clones share all records.
///
/// # Cancel safety
///
/// No method waits: each is done when its future is first polled. A `sweep` takes about 0.2 µs for
/// each record it drops and does not give way meanwhile: 10,000 at a time are a good measure.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use tower_webhooks::store::{
///     Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, MemoryStore, Outcome,
///     StoreError, Token,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let store = MemoryStore::builder().max_entries(100_000).build();
///
/// let key = Key::from_bytes([1; 32]);
/// let body = Fingerprint::from_bytes([2; 32]);
/// let (mine, theirs) = (Token::from_bytes([3; 16]), Token::from_bytes([4; 16]));
/// let (lease, ttl) = (Duration::from_secs(60), Duration::from_secs(7 * 86_400));
///
/// let first = store.claim(&Claim::new(&key, &mine, &body, lease, ttl)).await?;
/// assert!(matches!(first, Outcome::New { attempt: 1, .. }));
///
/// let done = Completion::new(204);
/// assert_eq!(store.complete(&key, &mine, &done, ttl).await?, Held::Held);
///
/// let again = store.claim(&Claim::new(&key, &theirs, &body, lease, ttl)).await?;
/// assert_eq!(again, Outcome::Completed { record: done, same_body: true });
/// assert_eq!(store.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

struct Inner {
    shards: Box<[Mutex<Shard>]>,
    room: Room,
    tagger: Tagger,
    steady: Steady,
    /// What `steady` lacks to the time since 1970, in µs, when the store was made: a later process
    /// gives out higher fences.
    made_at: u64,
    /// The shard at which the next sweep starts.
    sweep_from: AtomicUsize,
    endpoints: Endpoints,
}

impl MemoryStore {
    /// An empty store for 10,000,000 records on the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets up a store.
    ///
    /// ```
    /// use tower_webhooks::store::MemoryStore;
    ///
    /// let store = MemoryStore::builder().max_entries(50_000).build();
    /// assert!(store.is_empty());
    /// ```
    pub fn builder() -> MemoryStoreBuilder {
        MemoryStoreBuilder::new()
    }

    /// How many records it holds, those included that have expired and were not dropped yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.room.used()
    }

    /// Whether it holds no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn with(max_entries: usize, clock: Arc<dyn Clock>) -> Self {
        let since_1970 = clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (since_1970, steady) = (Moment::new(since_1970), Steady::new(clock));
        Self {
            inner: Arc::new(Inner {
                endpoints: Endpoints::new(),
                shards: (0..shards(max_entries)).map(|_| Mutex::default()).collect(),
                room: Room::new(max_entries),
                tagger: Tagger::default(),
                made_at: since_1970
                    .as_micros()
                    .saturating_sub(Moment::new(steady.now()).as_micros()),
                steady,
                sweep_from: AtomicUsize::new(0),
            }),
        }
    }
}

impl Inner {
    fn context(&self) -> Context<'_> {
        let now = Moment::new(self.steady.now());
        let fence = self.made_at.saturating_add(now.as_micros());
        Context { now, fence, room: &self.room, tagger: &self.tagger }
    }

    /// The shard of a tag. There is always one; a store without any could only be full.
    fn shard(&self, tag: Tag) -> Result<MutexGuard<'_, Shard>, StoreError> {
        let shard = self.shards.get(self.home(tag)).ok_or(StoreErrorKind::Full);
        shard.map(lock).map_err(StoreError::new)
    }

    /// Chosen by the bits of the tag that the index of a shard does not use.
    fn home(&self, tag: Tag) -> usize {
        let mask = self.shards.len().saturating_sub(1);
        usize::from((tag.high & 0xFFFF) as u16) & mask
    }

    /// All shards once, from this one on.
    fn shards_from(&self, start: usize) -> impl Iterator<Item = &Mutex<Shard>> {
        self.shards.iter().skip(start).chain(self.shards.iter().take(start))
    }

    fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        let tag = self.tagger.key(claim.key);
        let cx = self.context();
        for _ in 0..TRIES_FOR_ROOM {
            if let Some(outcome) = self.shard(tag)?.claim(tag, claim, cx) {
                return Ok(outcome);
            }
            // One lock at a time, or two claims could wait for each other's shard.
            if !self.shards_from(self.home(tag)).any(|shard| lock(shard).make_room(cx)) {
                break;
            }
        }
        Err(StoreError::new(StoreErrorKind::Full))
    }

    fn sweep(&self, max: u32) -> u32 {
        let cx = self.context();
        let start = self.sweep_from.fetch_add(1, Ordering::Relaxed);
        let start = start.checked_rem(self.shards.len()).unwrap_or_default();
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let swept = self.shards_from(start).fold(0_usize, |swept, shard| {
            swept.saturating_add(sweep_shard(shard, max.saturating_sub(swept), cx))
        });
        u32::try_from(swept).unwrap_or(u32::MAX)
    }
}

impl IdempotencyStore for MemoryStore {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        self.inner.claim(claim)
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        let tag = self.inner.tagger.key(key);
        let cx = self.inner.context();
        self.inner.shard(tag)?.complete(tag, by, done, ttl, cx)
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        let tag = self.inner.tagger.key(key);
        let cx = self.inner.context();
        Ok(self.inner.shard(tag)?.release(tag, by, cx))
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        let tag = self.inner.tagger.key(key);
        let cx = self.inner.context();
        Ok(self.inner.shard(tag)?.renew(tag, by, lease, cx))
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        Ok(self.inner.sweep(max))
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        let tag = self.inner.tagger.key(key);
        let cx = self.inner.context();
        Ok(self.inner.shard(tag)?.forget(tag, cx))
    }

    fn endpoints(&self) -> &Endpoints {
        &self.inner.endpoints
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("len", &self.len())
            .field("max_entries", &self.inner.room.max())
            .finish_non_exhaustive()
    }
}

/// Drops up to `max` expired records, a few at a time so that no claim waits long for the lock.
fn sweep_shard(shard: &Mutex<Shard>, max: usize, cx: Context<'_>) -> usize {
    const AT_A_TIME: usize = 1_024;
    let mut swept = 0_usize;
    loop {
        let wanted = max.saturating_sub(swept).min(AT_A_TIME);
        let dropped = lock(shard).sweep(wanted, cx);
        swept = swept.saturating_add(dropped);
        if dropped < wanted || wanted == 0 {
            return swept;
        }
    }
}

/// A panic under a lock can only have left a record out; the table itself is whole, and a store
/// that refuses everything from then on would be worse.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Up to 64 shards so that threads seldom meet; then as many as keep a shard at 131,072 records,
/// whose index is made anew in less than a millisecond. A power of two.
fn shards(max_entries: usize) -> usize {
    const FOR_THREADS: usize = 64;
    const RECORDS: usize = 131_072;
    let by_threads = (max_entries / 1024).clamp(1, FOR_THREADS);
    let by_size = max_entries / RECORDS;
    by_threads.max(by_size).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_stores_have_one_shard_and_large_ones_small_shards() {
        assert_eq!(shards(1), 1);
        assert_eq!(shards(100_000), 64);
        assert_eq!(shards(10_000_000), 128);
        assert_eq!(shards(1 << 30), 1 << 13);
    }

    #[test]
    fn debug_shows_no_record() {
        let text = format!("{:?}", MemoryStore::new());
        assert_eq!(text, "MemoryStore { len: 0, max_entries: 10000000, .. }");
    }
}
