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
    as_text: bool,
    sweep_every: Duration,
}

impl PostgresStoreBuilder {
    pub(super) const fn new(pool: PgPool) -> Self {
        Self { pool, as_text: false, sweep_every: DEFAULT_INTERVAL }
    }

    /// For a proxy that gives each transaction another connection to the server: PgBouncer before
    /// 1.21 with `pool_mode = transaction`, or newer with `max_prepared_statements = 0`.
    ///
    /// Each operation is then one text that holds its parameters, as hex digits and integers,
    /// instead of a statement prepared under a name. The server plans it anew each time, which
    /// costs it a fraction of a millisecond. (sqlx logs the text at level debug, with the hash of the
    /// event and the random token of the claim in it.)
    ///
    /// Default: prepared statements, unless the pool's `statement_cache_capacity` is 0, and text from
    /// the first error on that shows that they do not work. **Do not rely on that with such a proxy**: prepared statements have short names, the
    /// same in every program that uses this driver. As long as nothing has failed, the proxy may
    /// run the statement of another program under the name of ours, with our parameters, if it has
    /// as many and of the same types.
    pub const fn transaction_pooling(mut self) -> Self {
        self.as_text = true;
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
        PostgresStore::with(self.pool, Pool::Shared, self.as_text, self.sweep_every)
    }
}

impl fmt::Debug for PostgresStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStoreBuilder")
            .field("transaction_pooling", &self.as_text)
            .field("sweep_every", &self.sweep_every)
            .finish_non_exhaustive()
    }
}
