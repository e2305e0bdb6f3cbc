//! The idempotency store, which remembers what was processed: its contract,
//! [`IdempotencyStore`], and its implementations.
//!
//! Nobody can promise exactly-once effects outside the store's own database. What a store gives
//! is this: the handler of one event never runs **twice at the same time** while its lease holds,
//! and runs again only after a failure, a crash or an expired lease.
//!
//! A record is created by [`claim`](IdempotencyStore::claim), in flight until its lease ends, and
//! completed by [`complete`](IdempotencyStore::complete). A claim whose handler failed is
//! [`release`](IdempotencyStore::release)d: the record stays, with its lease in the past, so that
//! the fence and the count of attempts go on growing. Only expiry and
//! [`forget`](IdempotencyStore::forget) remove a record.
//!
//! Each layer has a [`MemoryStore`] of its own until it is given another. Give one store to several
//! layers to have one memory for all, told apart by the names of the endpoints:
//!
//! ```
//! use tower_webhooks::store::{IdempotencyStore, MemoryStore};
//! use tower_webhooks::{WebhookLayer, providers::{GITHUB, STRIPE}, testing::Signer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::builder().max_entries(1_000_000).build();
//! let secret = "whsec_test_secret";
//! let billing = WebhookLayer::builder("billing", STRIPE.verifier(secret).build()?)
//!     .store(store.clone())
//!     .build()?;
//! let deploy = WebhookLayer::builder("deploy", GITHUB.verifier("a secret").build()?)
//!     .store(store.clone())
//!     .build()?;
//! # let _ = (billing, deploy);
//!
//! // The operator wants an event to run again. Its key is in the log, at level debug.
//! # let event = Signer::demo(&GITHUB)?.event("{}").to_event();
//! let key = event.at_endpoint("deploy").replay_key();
//! let was_known = store.forget(&key).await?;
//! # assert!(!was_known);
//! # Ok(())
//! # }
//! ```
//!
//! # From memory to a file, and to a server
//!
//! A [`MemoryStore`] forgets everything when its process ends, and a second process knows nothing
//! of it. `SqliteStore` (feature `store-sqlite`) remembers in a file, for all processes of one
//! machine; `PostgresStore` (`store-postgres`) and `RedisStore` (`store-redis`) remember for all
//! replicas of a service. Two lines change, one that opens it and one that hands it over:
//!
//! ```standalone_crate
//! # #[cfg(feature = "store-sqlite")] {
//! use tower_webhooks::store::SqliteStore;
//! use tower_webhooks::{WebhookLayer, providers::STRIPE};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # std::env::set_current_dir(directory.path())?;
//! let store = SqliteStore::open("webhooks.db").await?;
//! // or PostgresStore::connect("postgres://…").await?, or RedisStore::connect("redis://…").await?
//! let billing = WebhookLayer::builder("billing", STRIPE.verifier("whsec_test_secret").build()?)
//!     .store(store)
//!     .build()?;
//! # let _ = billing;
//! # assert!(directory.path().join("webhooks.db").exists());
//! # Ok(())
//! # }
//! # main().unwrap()
//! # }
//! ```
//!
//! With SQLite and PostgreSQL the handler's writes and the completion can be one transaction, and
//! take effect exactly once: [`Event::commit`](crate::Event::commit). How the stores differ, what
//! they keep where, how to size and inspect them: [`operations`].
//!
//! # The contract
//!
//! | call \ record | absent or expired | in flight | lease over, or released | completed |
//! | --- | --- | --- | --- | --- |
//! | `claim`, new token | `New`, attempt 1 | `InFlight` | `New`, attempt n + 1, higher fence | `Completed` |
//! | `claim`, same token | `New` | the same `New` again | `New`, higher fence | `Completed` |
//! | `complete`, own token | `Lost` | `Held`: completed | `Held`: completed | `Held` |
//! | `complete`, other token | `Lost` | `Lost` | `Lost` | `Lost` |
//! | `release`, own token | `Lost` | `Held`: claimable now | `Held` | `Lost`, stays completed |
//! | `renew`, own token | `Lost` | `Held`: lease moved | `Held`, if nobody took over | `Lost` |

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        clippy::unwrap_used
    )
)]

mod endpoints;
pub(crate) mod erased;
mod key;
mod memory;
#[doc = include_str!("../../OPERATIONS.md")]
pub mod operations {}
mod outcome;
#[cfg(feature = "store-postgres")]
pub(crate) mod postgres;
#[cfg(feature = "store-redis")]
mod redis;
pub(crate) mod run;
#[cfg(feature = "store-sqlite")]
pub(crate) mod sqlite;
mod steady;
#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
pub(crate) mod sweeper;
pub(crate) mod tokens;
#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
pub(crate) mod transaction;

pub use endpoints::Endpoints;
#[cfg(feature = "tokio")]
pub(crate) use endpoints::Memory;
pub use key::{Fingerprint, Key, ParseKeyError, Token};
pub use memory::{MemoryStore, MemoryStoreBuilder};
pub use outcome::{Claim, Completion, Fence, Held, Outcome, StoreError, StoreErrorKind};
#[cfg(feature = "store-postgres")]
pub use postgres::{PostgresStore, PostgresStoreBuilder};
#[cfg(feature = "store-redis")]
pub use redis::{RedisStore, RedisStoreBuilder};
#[cfg(feature = "store-sqlite")]
pub use sqlite::{SqliteStore, SqliteStoreBuilder};
#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
pub use transaction::{CompleteError, HandlerTransaction};

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Remembers which events were handled.
///
/// The layer calls it; an application calls only [`forget`](Self::forget) and, for a store that
/// does not drop expired records by itself, [`sweep`](Self::sweep). Those of this crate do.
///
/// # What an implementation must give
///
/// 1. Each operation is **one atomic statement** and at most one round trip. Reading first and
///    writing afterwards is a defect, however short the time between.
/// 2. At most one live owner per key: `complete`, `release` and `renew` change a record only for
///    the token that holds it.
/// 3. A completed record never becomes anything else before it expires.
/// 4. Fences of one key only grow, also across expiry: `max(old + 1, store clock in µs)`.
/// 5. A claim repeated with the same token while its lease holds gets the same answer again (its
///    first answer was lost on the way).
/// 6. Leases and expiry are measured by the store's own clock where it has one.
/// 7. A record that cannot be read is a [`StoreError`], never [`Outcome::New`].
///
/// All methods are called concurrently, from many tasks. No method has a default body: a default
/// could only be weaker than what is asked for.
///
/// # Cancel safety
///
/// Every method must be cancel-safe: dropping its future leaves the record as it was before, or
/// as it is after.
///
/// # Testing an implementation
///
/// `testing::store_contract` (feature `testing`) runs the whole table of the
/// [module docs](self) against any store.
pub trait IdempotencyStore: std::fmt::Debug + Send + Sync + 'static {
    /// Claims a key for one run of its handler.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the answer is not known. The claim may have been made all the same;
    /// repeating it with the same token is safe.
    fn claim(&self, claim: &Claim<'_>) -> impl Future<Output = Result<Outcome, StoreError>> + Send;

    /// Marks the event as handled and remembers it for `ttl` from now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the answer is not known; repeating the call is safe.
    fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> impl Future<Output = Result<Held, StoreError>> + Send;

    /// Gives a claim back after a failed run: the next claim is `New` at once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the answer is not known; the lease then frees the key.
    fn release(
        &self,
        key: &Key,
        by: &Token,
    ) -> impl Future<Output = Result<Held, StoreError>> + Send;

    /// Moves the end of the lease to `lease` from now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the answer is not known; repeating the call is safe.
    fn renew(
        &self,
        key: &Key,
        by: &Token,
        lease: Duration,
    ) -> impl Future<Output = Result<Held, StoreError>> + Send;

    /// Drops up to `max` expired records and says how many it dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    fn sweep(&self, max: u32) -> impl Future<Output = Result<u32, StoreError>> + Send;

    /// Forgets a key whatever its state, so that the next delivery of its event runs again. Says
    /// whether there was a record.
    ///
    /// For the operator: it undoes the replay protection of one event, for instance so that
    /// GitHub's *Redeliver* button works on a delivery whose signature has no time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the answer is not known; repeating the call is safe.
    fn forget(&self, key: &Key) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The endpoints that are served over this store in this process: one list for the store and all
    /// its clones. An implementation keeps an [`Endpoints::new`] in a field and gives it here.
    fn endpoints(&self) -> &Endpoints;
}

impl<S: IdempotencyStore> IdempotencyStore for Arc<S> {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        (**self).claim(claim).await
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        (**self).complete(key, by, done, ttl).await
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        (**self).release(key, by).await
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        (**self).renew(key, by, lease).await
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        (**self).sweep(max).await
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        (**self).forget(key).await
    }

    fn endpoints(&self) -> &Endpoints {
        (**self).endpoints()
    }
}
