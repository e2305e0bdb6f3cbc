//! A store in a PostgreSQL database.
//!
//! `builder` sets it up, `schema` makes its table, `operations` are its `statements` with
//! their `value`s, `run` gets them to the server on one of its `connections`, `answer` reads what comes back, and `error` knows what
//! may go wrong and what can be done about it.

mod answer;
mod builder;
mod connections;
mod error;
mod operations;
mod run;
mod schema;
mod statements;
mod value;

pub use builder::PostgresStoreBuilder;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{ConnectOptions, PgPool};

use super::sweeper::{DEFAULT_INTERVAL, Sweeper};
use super::{Endpoints, StoreError, StoreErrorKind};
use error::store_error;
use run::{Pool, Read, Runner};
pub(crate) use statements::{Statement, since_begin};
pub(crate) use value::Value;

/// Connections of a pool of the store's own. A claim holds one for a millisecond.
const CONNECTIONS: u32 = 10;

/// How long a call waits for one of them. The layer gives up earlier.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it may take to find out why there is no connection.
const EXPLAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// Remembers handled events in a PostgreSQL database, 9.5 or newer: one memory for many replicas.
///
/// The driver is `sqlx` 0.9.
///
/// # Example
///
/// ```no_run
/// use tower_webhooks::store::PostgresStore;
/// use tower_webhooks::{WebhookLayer, providers::STRIPE};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::connect("postgres://app:password@db.internal/app").await?;
/// let layer = WebhookLayer::builder("billing", STRIPE.verifier("whsec_secret").build()?)
///     .store(store)
///     .build()?;
/// # Ok(())
/// # }
/// ```
///
/// With the pool that the application has anyway, and the table made at start:
///
/// ```no_run
/// # use tower_webhooks::store::PostgresStore;
/// # async fn example(pool: sqlx::PgPool) -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::new(pool);
/// store.migrate().await?;
/// # Ok(())
/// # }
/// ```
///
/// # What makes a claim atomic
///
/// One round trip, at any isolation level, to a function that [`migrate`](Self::migrate) makes. The
/// `INSERT … ON CONFLICT` or the `UPDATE` in it decides, each by itself: of claims at the same time
/// exactly one is new and each of the others learns what the first has done. The server's clock
/// measures leases. As a function, the claim is planned once for each connection of the server, and
/// not for each text that it gets.
///
/// # Round trips
///
/// One an operation. A pool that tests connections before it lends them (sqlx's default) would add
/// one: the store takes an idle connection untested, and repeats its statement on another if that one
/// turns out to be dead. When none is idle it waits as everyone does, and the test is made: give a
/// busy pool `test_before_acquire(false)`. (A `before_acquire` hook is not called for connections
/// taken untested; without the test it is.)
///
/// On a pool of the application's, an operation is one text, and its answer tells whether it ran in a
/// transaction that somebody had left open on the connection: sqlx 0.9.0 leaves one when its `begin`
/// is dropped half way, as that of a handler that runs out of time, and nothing would last there.
/// Such a connection is closed, and the statement repeated on another. A store with a pool of its own,
/// by [`connect`](Self::connect), prepares its statements, which is faster by what it takes the server
/// to plan one.
///
/// After the answer, the pool asks every connection that comes back for a sign of life, for which no
/// claim waits.
///
/// # Durability
///
/// An answer means that the record is on the server's disk: claim, complete and renew switch
/// `synchronous_commit` on for their own transaction where it is off, and leave other settings of
/// it alone. `fsync = off` they cannot mend; [`migrate`](PostgresStore::migrate) warns of it.
///
/// # Errors and time-outs
///
/// A serialization failure or a deadlock is repeated up to 3 times, a broken connection once. What
/// is left is a [`StoreError`]: `Timeout` when no connection became free or a time-out of the server
/// struck, `Full` when its disk or memory is, `Corrupt` for a record that cannot be read, else
/// `Unavailable`. No error text has a password in it.
///
/// The store has no time-out of its own: the layer has. A call that finds no connection for half a
/// second looks for the reason, and fails with it if nobody can connect.
///
/// A handler's transaction that has completed its event holds the lock of its record until it
/// commits. Another delivery of the event is told after 200 ms that it is in flight, so that a sender
/// who tries again does not use up the pool; only a claim that takes over after the lease waits for
/// how the transaction ends. The `lock_timeout` of a connection holds where it is shorter.
///
/// # Cancel safety
///
/// Every operation may be dropped: its statement has then been carried out or not, never half. The
/// connection is closed, because the rest of the answer might never come, and leaves the pool within
/// 5 seconds: a server that is gone without a word does not use up the pool. (Except for connections
/// on their way back at that moment, whose sign of life is awaited for as long as TCP tries, on Linux
/// about 15 minutes.) Two settings of a pool of your own matter then: `acquire_timeout`, 30 s by
/// default, after which a call that found no connection is told so, and `max_connections`.
///
/// # Proxies that pool transactions
///
/// [`new`](Self::new) works behind all of them, such as PgBouncer in transaction mode: it prepares
/// nothing. Do not [`connect`](Self::connect) through one, unless it follows prepared statements
/// (PgBouncer 1.21, with `max_prepared_statements`): the store notices when they fail, and does
/// without them from then on, but before anything fails, another program's statement may run in place
/// of ours.
///
/// # The table
///
/// `webhook_claims`, found by `search_path`, about 340 bytes a record with its two indexes. Expired
/// records are dropped in the background, a thousand a statement, by each replica about once a
/// minute ([`sweep_every`](PostgresStoreBuilder::sweep_every)); replicas do not wait for each other.
/// The store's role needs the rights to select, insert, update and delete there, to execute
/// `webhook_claim_1` and `webhook_complete_1`, which stand beside it, and, for
/// [`migrate`](PostgresStore::migrate), to select from `webhook_schema`, where the version of the
/// schema stands.
///
/// Within a major version of this crate, a schema only gains what older versions do without: old
/// and new replicas work side by side, so upgrade them in any order, and going back needs nothing.
/// The version changes only with a schema that older code cannot use, which then refuses to start.
///
/// # Clone
///
/// Cheap; clones share the pool.
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    runner: Runner,
    sweeper: Sweeper,
    endpoints: Endpoints,
}

impl PostgresStore {
    /// What [`migrate`](Self::migrate) sends, for those who apply schemas with a tool of their own:
    /// one command that changes nothing where it was applied before, safe to run from several
    /// places at once.
    pub const MIGRATION: &'static str = schema::MIGRATION;

    /// A store on a pool of the application's. Nothing is sent to the server yet; the table must be
    /// there before the first claim, see [`migrate`](Self::migrate).
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self::builder(pool).build()
    }

    /// Sets up a store on a pool of the application's.
    pub const fn builder(pool: PgPool) -> PostgresStoreBuilder {
        PostgresStoreBuilder::new(pool)
    }

    /// Connects with a pool of the store's own, of at most 10 connections, and applies the schema.
    ///
    /// The URL is like `postgres://user:password@host:5432/database?sslmode=verify-full`; what it
    /// leaves out comes from the variables `PGHOST`, `PGPASSWORD` and so on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the URL cannot be read, the server cannot be reached, or as
    /// [`migrate`](Self::migrate).
    ///
    /// # Cancel safety
    ///
    /// Safe: the schema is then applied or not.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        // What the parser complains of may be a part of the URL, and that a part of the password.
        let options = PgConnectOptions::from_str(url).map_err(|_| {
            StoreError::with_source(
                StoreErrorKind::Unavailable,
                "the URL of the PostgreSQL database cannot be read",
            )
        })?;
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("tower-webhooks"),
        };
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .connect_with(options.clone().disable_statement_logging())
            .await;
        let pool = match pool {
            Ok(pool) => pool,
            Err(error) => return Err(store_error(explained(error, &options).await)),
        };
        let store = Self::with(pool, Pool::Own, DEFAULT_INTERVAL);
        store.migrate().await?;
        Ok(store)
    }

    /// Makes the table where it is missing, in the first schema of `search_path`, and brings an
    /// older one up to date. Every replica may call it at every start, all at the same time; a role
    /// that may not create tables can call it once they are there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the server cannot be reached or refuses, or if a newer version of this
    /// crate has changed the table in a way that this one cannot use.
    ///
    /// # Cancel safety
    ///
    /// Safe: the schema is then applied or not.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        schema::migrate(&self.inner.runner).await
    }

    fn pool(&self) -> &PgPool {
        self.inner.runner.pool()
    }

    /// The rows of a statement on another table of the same database, which is safe to repeat. The
    /// first column of each begins with the statement's name.
    pub(crate) async fn rows(
        &self,
        statement: Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, StoreError> {
        self.inner.runner.rows(statement, values, Read::All).await
    }

    /// Applies the schema of another table.
    pub(crate) async fn apply(&self, schema: &str) -> Result<(), StoreError> {
        schema::apply(&self.inner.runner, schema).await
    }

    fn with(pool: PgPool, is: Pool, sweep_every: Duration) -> Self {
        let (runner, sweeper) = (Runner::new(pool, is), Sweeper::new(sweep_every));
        Self { inner: Arc::new(Inner { runner, sweeper, endpoints: Endpoints::new() }) }
    }
}

/// Why a pool could not connect: it tries again and again, and then says only that time is up.
async fn explained(error: sqlx::Error, options: &PgConnectOptions) -> sqlx::Error {
    if !matches!(error, sqlx::Error::PoolTimedOut) {
        return error;
    }
    match tokio::time::timeout(EXPLAIN_TIMEOUT, options.connect()).await {
        Ok(Err(cause)) => cause,
        Ok(Ok(_)) | Err(_) => error,
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("connections", &self.pool().size())
            .field("as_text", &self.inner.runner.is_as_text())
            .finish_non_exhaustive()
    }
}
