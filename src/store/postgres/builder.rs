//! How a [`PostgresStore`] is set up.

use std::fmt;
use std::time::Duration;

use sqlx::PgPool;

use super::PostgresStore;
use super::run::Pool;
use crate::store::sweeper::DEFAULT_INTERVAL;

/// Sets up a [`PostgresStore`]. See [`PostgresStore::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct PostgresStoreBuilder {
    pool: PgPool,
    pool_is: Pool,
    sweep_every: Duration,
}

impl PostgresStoreBuilder {
    pub(super) const fn new(pool: PgPool) -> Self {
        Self { pool, pool_is: Pool::Shared, sweep_every: DEFAULT_INTERVAL }
    }

    /// The pool is the store's alone: nobody else begins a transaction on its connections, and there
    /// is no proxy before the server that pools transactions. Statements are then prepared, once on
    /// each connection, which saves the server a fraction of a millisecond each time.
    ///
    /// **Do not say so of a pool that handlers use.** sqlx 0.9.0 leaves a transaction open when its
    /// `begin` is dropped half way, as that of a handler that runs out of time; what a prepared
    /// statement did on such a connection would be answered, and rolled back later. Nor of a proxy
    /// such as PgBouncer in transaction mode, unless it follows prepared statements (1.21, with
    /// `max_prepared_statements`): their short names are the same in every program with this driver,
    /// and the proxy may run the statement of another in place of ours. The store notices that most
    /// of the time, and prepares nothing from then on.
    ///
    /// By default, an operation is one text with its parameters in it, as hex digits and integers.
    /// (sqlx logs it at level debug, with the hash of the event and the random token of the claim.)
    pub const fn dedicated_pool(mut self) -> Self {
        self.pool_is = Pool::Own;
        self
    }

    /// How often expired records are dropped in the background. Default: about every minute;
    /// [`Duration::MAX`] is never, for those who call
    /// [`sweep`](crate::store::IdempotencyStore::sweep) themselves.
    pub const fn sweep_every(mut self, interval: Duration) -> Self {
        self.sweep_every = interval;
        self
    }

    /// The store. Nothing is sent to the server yet.
    #[must_use]
    pub fn build(self) -> PostgresStore {
        PostgresStore::with(self.pool, self.pool_is, self.sweep_every)
    }
}

impl fmt::Debug for PostgresStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStoreBuilder")
            .field("pool", &self.pool_is)
            .field("sweep_every", &self.sweep_every)
            .finish_non_exhaustive()
    }
}
