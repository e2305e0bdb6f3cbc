//! A store in a file.
//!
//! `builder` sets it up and `open` opens the file, `schema` sees to the tables. Each call is an
//! `operation` with its statement of `statements`; `commits` has them carried out on the
//! `connection`, and `record` reads what they give back. `moment` is the time, `living` knows the
//! runs of this process, and `error` what may go wrong.

mod builder;
mod commits;
mod connection;
mod error;
mod living;
mod moment;
mod open;
mod operation;
mod record;
mod schema;
mod statements;

pub use builder::SqliteStoreBuilder;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqlitePool;

use self::commits::Commits;
pub(crate) use self::error::store_error;
pub(crate) use self::living::Living;
use self::operation::Operation;
use super::sweeper::{Sweep, Sweeper};
use super::{
    Claim, Completion, Endpoints, Held, IdempotencyStore, Key, Outcome, StoreError, Token,
};

/// A store in a SQLite file: what was handled is remembered across restarts, and by all processes
/// of one machine that open the same file.
///
/// The file must be on a disk of this machine. Over a network file system, SQLite's locks do not
/// hold.
///
/// # Example
///
/// ```standalone_crate
/// use tower_webhooks::store::SqliteStore;
/// use tower_webhooks::{WebhookLayer, providers::STRIPE};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # std::env::set_current_dir(directory.path())?;
/// let store = SqliteStore::open("webhooks.db").await?;
/// let billing = WebhookLayer::builder("billing", STRIPE.verifier("whsec_test_secret").build()?)
///     .store(store)
///     .build()?;
/// # let _ = billing;
/// # assert!(directory.path().join("webhooks.db").exists());
/// # Ok(())
/// # }
/// ```
///
/// # What is durable
///
/// With the default settings, what was answered is on the disk: it outlives a crash of the process,
/// of the machine, and a loss of power. [`synchronous_normal`](SqliteStoreBuilder::synchronous_normal)
/// is three times as fast and gives up the last of these. Operations that come while the disk is
/// waited for are written together, so that many at once take little longer than one.
///
/// # The file
///
/// About 190 bytes for each event, until it expires. Expired records are dropped in the background
/// ([`sweep_every`](SqliteStoreBuilder::sweep_every)); their room is used again, and the file does
/// not shrink. Beside it, SQLite keeps `-wal` and `-shm` files while it is open (opening it sets
/// the write-ahead log): they belong to it, also in a backup.
/// [`max_file_size`](SqliteStoreBuilder::max_file_size) is a bound.
///
/// # In the application's own file
///
/// The store may be opened on the file of the application's own tables; it adds
/// `webhook_claims` and `webhook_schema`, and nothing else. Those who keep all tables in their
/// migrations can put [`SCHEMA`](Self::SCHEMA) there; [`open`](Self::open) then finds them.
///
/// A handler whose effect is in the same file can record it and the completion of its event in one
/// transaction: [`Event::complete_in`](crate::Event::complete_in).
///
/// SQLite has one writer at a time. While a transaction of the application holds the write lock,
/// claims wait for up to [`busy_timeout`](SqliteStoreBuilder::busy_timeout) and then fail with
/// [`StoreErrorKind::Timeout`](super::StoreErrorKind::Timeout), which a sender sees as a 503. So
/// keep them short: do what takes time, such as calls to other services, before they begin. Begin
/// those that write with `BEGIN IMMEDIATE`: one that first reads and then writes cannot wait for
/// the lock, and fails when another has written meanwhile.
///
/// # Upgrades
///
/// Within one major version of this crate, tables only gain what older releases do not look at, and
/// replicas of different releases work on one file. A change beyond that raises the version in
/// `webhook_schema`, and then older releases refuse to open the file instead of misreading it.
///
/// # Runtime
///
/// It needs tokio, with its timers. SQLite itself runs on a thread of its own; no operation blocks
/// a thread of the runtime.
///
/// # Errors
///
/// Every operation may fail with a [`StoreError`], whose source is the driver's error:
///
/// | kind | when |
/// | --- | --- |
/// | `Timeout` | another transaction held the write lock for longer than the busy timeout |
/// | `Full` | the disk is full, or the file has its greatest size |
/// | `Corrupt` | the file is damaged, or a record holds what this crate does not write |
/// | `Unavailable` | anything else: the file cannot be written, the tables are gone |
///
/// # Fences
///
/// They grow across expiry, and when the clock is set back for as long as the record is there. One
/// store's fences also grow across [`forget`](IdempotencyStore::forget).
///
/// # Clone
///
/// Cheap; the clones share the connection. The file is closed with the last of them.
///
/// # Cancel safety
///
/// Every operation is one statement. When its future is dropped, the statement was not begun or is
/// carried out to its end.
///
/// # When the clock is set
///
/// Records count by the system's clock, as several processes share them. Set back, it keeps no
/// claim of a process that is gone: a lease that begins in the future is over. A run of this store
/// and its clones is not taken over before its lease ends by a clock that nobody can set.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// On one connection: SQLite has one writer at a time, and waiting in line for it is fairer
    /// than trying for its lock.
    commits: Arc<Commits>,
    /// For other tables. It opens a connection when it is first used.
    pool: SqlitePool,
    sweeper: Sweeper,
    path: PathBuf,
    endpoints: Endpoints,
}

impl SqliteStore {
    /// The tables, as SQL for the application's own migrations: SQLite 3.37 or later. It changes
    /// nothing where they exist.
    ///
    /// ```
    /// use tower_webhooks::store::SqliteStore;
    ///
    /// assert!(SqliteStore::SCHEMA.contains("CREATE TABLE IF NOT EXISTS webhook_claims"));
    /// ```
    pub const SCHEMA: &'static str = schema::SCHEMA;

    /// Opens the store in this file with the default settings. Creates the file and the tables
    /// where they are missing; the directory must exist.
    ///
    /// # Errors
    ///
    /// As [`SqliteStoreBuilder::open`].
    ///
    /// # Cancel safety
    ///
    /// When its future is dropped, the tables are there or not; opening again is safe.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::builder(path).open().await
    }

    /// Sets up a store in this file.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_webhooks::store::SqliteStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tower_webhooks::store::StoreError> {
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("webhooks.db");
    /// let store = SqliteStore::builder(&path)
    ///     .busy_timeout(Duration::from_millis(500))
    ///     .max_file_size(1 << 30)
    ///     .open()
    ///     .await?;
    /// # assert!(format!("{store:?}").contains("webhooks.db"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(path: impl AsRef<Path>) -> SqliteStoreBuilder {
        SqliteStoreBuilder::new(path.as_ref().to_owned())
    }

    /// A connection of their own for other tables in the same file: not that of the claims, which
    /// then do not wait for them, nor they for claims.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.inner.pool
    }

    /// The time now and the time after a span, in milliseconds, for other tables.
    pub(crate) fn now_and_after(&self, span: Duration) -> (i64, i64) {
        let now = self.inner.commits.times.now();
        (now.millis(), now.after(span))
    }

    /// What was written later than this has been written by a clock that was set back since.
    pub(crate) fn not_yet(&self) -> i64 {
        let times = &self.inner.commits.times;
        times.not_yet(times.now())
    }

    /// The runs of another table, by this store's clock.
    pub(crate) fn living(&self) -> Living {
        Living::new(self.inner.commits.times.clock())
    }

    /// A fence, more than any before it.
    pub(crate) fn next_fence(&self) -> i64 {
        let times = &self.inner.commits.times;
        times.fence(times.now())
    }

    async fn rows(&self, operation: Operation) -> commits::Rows {
        self.inner.sweeper.ensure_running(&self.inner);
        self.inner.commits.rows(operation).await
    }
}

impl IdempotencyStore for SqliteStore {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        let Commits { times, living, .. } = &*self.inner.commits;
        let rows = self.rows(Operation::claim(claim)).await?;
        let now = times.now().millis();
        let outcome = record::outcome(&rows, claim, now)?;
        // A claim that is repeated leaves its lease as it is.
        if let (Outcome::New { .. }, Some(row)) = (&outcome, rows.first()) {
            living.begin(*claim.key, *claim.token, record::lease_left(row, now)?);
        }
        Ok(outcome)
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        let operation = Operation::Complete { key: *key, by: *by, status: done.status, ttl };
        let held = record::held(&self.rows(operation).await?, false)?;
        self.inner.commits.living.end(key, by);
        Ok(held)
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        let operation = Operation::Release { key: *key, by: *by };
        let held = record::held(&self.rows(operation).await?, true)?;
        self.inner.commits.living.end(key, by);
        Ok(held)
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        let operation = Operation::Renew { key: *key, by: *by, lease };
        let held = record::held(&self.rows(operation).await?, true)?;
        match held {
            Held::Held => self.inner.commits.living.begin(*key, *by, lease),
            Held::Lost => self.inner.commits.living.end(key, by),
        }
        Ok(held)
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        self.inner.sweeper.ensure_running(&self.inner);
        self.inner.sweep(max).await
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        let known = record::known(&self.rows(Operation::Forget { key: *key }).await?)?;
        self.inner.commits.living.forget(key);
        Ok(known)
    }

    fn endpoints(&self) -> &Endpoints {
        &self.inner.endpoints
    }
}

impl Sweep for Inner {
    const STORE: &'static str = "sqlite";

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        let now = self.commits.times.now().millis();
        let query = sqlx::query(statements::SWEEP).bind(now).bind(i64::from(max));
        let swept = self.commits.connection.wait().await.count(query).await.map_err(store_error)?;
        Ok(u32::try_from(swept).unwrap_or(u32::MAX))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.inner.path).finish_non_exhaustive()
    }
}
