//! How a [`SqliteStore`] is set up.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _};

use super::commits::Commits;
use super::living::Living;
use super::moment::Times;
use super::{Inner, SqliteStore, connection, open};
use crate::clock::{Clock, SystemClock};
use crate::store::sweeper::{DEFAULT_INTERVAL, Sweeper};
use crate::store::{Endpoints, StoreError};

const SHORTEST_BUSY_TIMEOUT: Duration = Duration::from_millis(10);
const LONGEST_BUSY_TIMEOUT: Duration = Duration::from_secs(3_600);

/// Sets up a [`SqliteStore`]. See [`SqliteStore::builder`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `open`"]
pub struct SqliteStoreBuilder {
    path: PathBuf,
    synchronous: SqliteSynchronous,
    busy_timeout: Duration,
    max_file_size: Option<u64>,
    sweep_every: Duration,
    clock: Arc<dyn Clock>,
}

impl SqliteStoreBuilder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            synchronous: SqliteSynchronous::Full,
            busy_timeout: Duration::from_secs(1),
            max_file_size: None,
            sweep_every: DEFAULT_INTERVAL,
            clock: Arc::new(SystemClock),
        }
    }

    /// Answers before the disk has confirmed: faster, and the last claims and completions may be
    /// lost when the **power fails or the operating system crashes**. Their events then run again,
    /// also those that were acknowledged. A crash of the process loses nothing.
    ///
    /// Default: SQLite's `FULL`, each operation waits for the disk.
    pub const fn synchronous_normal(mut self) -> Self {
        self.synchronous = SqliteSynchronous::Normal;
        self
    }

    /// How long an operation waits in line behind the others of this store, and then for a
    /// transaction of somebody else that holds the file's write lock. Default: 1 second, as the
    /// layer waits for its store.
    ///
    /// From 10 milliseconds to an hour; a time outside is taken as the nearest of these.
    pub fn busy_timeout(mut self, longest: Duration) -> Self {
        self.busy_timeout = longest.clamp(SHORTEST_BUSY_TIMEOUT, LONGEST_BUSY_TIMEOUT);
        self
    }

    /// The most bytes the file may have, in whole pages (4 KiB). When it has them, operations that
    /// need room fail with [`StoreErrorKind::Full`](crate::store::StoreErrorKind::Full) until
    /// records expire: claims of new events, and now and then a completion, which the layer tries
    /// again. Default: as much as the disk has.
    ///
    /// Only what this store writes is bounded, but everything in the file counts. The `-wal` file
    /// beside it is not counted; it usually has about 4 MiB.
    pub const fn max_file_size(mut self, bytes: u64) -> Self {
        self.max_file_size = Some(bytes);
        self
    }

    /// How often expired records are dropped in the background. Default: about every 60 seconds.
    /// [`Duration::MAX`] is never; then call [`sweep`](crate::store::IdempotencyStore::sweep).
    ///
    /// The times vary by a quarter, and the first is sooner, so that processes do not sweep in step.
    /// One round drops at most 100,000 records, 1,000 at a time; with more left, the next comes
    /// after an eighth of the time.
    pub const fn sweep_every(mut self, interval: Duration) -> Self {
        self.sweep_every = interval;
        self
    }

    /// Where the store gets the time from. Default: [`SystemClock`]. Processes that share a file
    /// must share the clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Opens the store. Creates the file and the tables where they are missing; the directory must
    /// exist.
    ///
    /// # Errors
    ///
    /// [`StoreError`], whose source says what is wrong with which path, and what to do:
    /// `Misconfigured` if it is no path of a file, such as `:memory:`; `Unavailable` if the file
    /// cannot be opened or written, or its tables are of a later release of this crate or of
    /// somebody else; `Corrupt` if it is no SQLite file; `Timeout` if somebody else holds its lock;
    /// `Full` if the disk is.
    ///
    /// # Cancel safety
    ///
    /// When its future is dropped, the tables are there or not; opening again is safe.
    pub async fn open(self) -> Result<SqliteStore, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(self.synchronous)
            .busy_timeout(self.busy_timeout)
            // The layer logs what a store did wrong.
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(self.busy_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            // A full disk makes SQLite roll a transaction back by itself. The driver counts it as
            // open, and would refuse to begin another on this connection.
            .before_acquire(|connection, _| {
                Box::pin(async move { Ok(!connection.is_in_transaction()) })
            })
            .after_connect(move |connection, _| {
                Box::pin(connection::bound(connection, self.max_file_size))
            })
            .connect_lazy_with(options.clone());
        let connection =
            open::open(&self.path, options, self.busy_timeout, self.max_file_size).await?;
        let times = Times::new(Arc::clone(&self.clock), self.busy_timeout);
        let living = Living::new(self.clock);
        let commits = Arc::new(Commits::new(connection, times, living, self.busy_timeout));
        let sweeper = Sweeper::new(self.sweep_every);
        let inner = Inner { commits, pool, sweeper, path: self.path, endpoints: Endpoints::new() };
        Ok(SqliteStore { inner: Arc::new(inner) })
    }
}
