//! A store in Redis or Valkey.

mod answer;
mod builder;
mod connection;
mod error;
mod link;
mod operations;
mod policy;
mod script;

pub use builder::RedisStoreBuilder;

use std::fmt;
use std::sync::Arc;

use redis::aio::ConnectionManager;

use self::link::Link;
use super::{Endpoints, StoreError};

/// A store in Redis or Valkey: one memory for all replicas of an application.
///
/// Needs Redis 6 or Valkey, in any version. Tested with Redis 7.0, alone, with a replica, and as a
/// cluster of three.
///
/// # What it can lose
///
/// Redis answers before what it was told is safe, so this store is for handlers that may run again:
///
/// - A server that crashes loses what it had not written to its disk: with `appendonly yes` and
///   `appendfsync everysec` up to a second or two, with `appendfsync always` nothing that it has
///   acknowledged, without `appendonly` everything since its last snapshot.
/// - A fail-over loses what the new primary had not got yet. [`wait_replicas`] waits for it, though
///   no `WAIT` makes Redis consistent: a replica that lacks the change may still be chosen if there
///   are more replicas than were asked for.
/// - A server that is full and whose `maxmemory-policy` is another than `noeviction` drops records
///   that are still needed, without a word. The store reads the policy when it connects and warns in
///   the log; with [`strict`] it refuses to start.
///
/// What is lost runs again if it is delivered again, and a replay of it is taken for new. Where that
/// must not be, use `PostgresStore` with the handler's own transaction.
///
/// A good server for it has `appendonly yes`, `appendfsync always`, `maxmemory-policy noeviction` and
/// nothing to do with the application's cache. When its memory is full, claims fail with
/// [`Full`](super::StoreErrorKind::Full), while runs that have begun are still completed, renewed and
/// released.
///
/// # What it holds
///
/// One hash for each event, under [`key_prefix`] and the event's key in hex, which the layer logs at
/// level debug:
///
/// ```text
/// > HGETALL tower-webhooks:5f0c…e1
/// s  state        0 in flight or released, 1 completed
/// o  owner        16 bytes, random for each claim
/// f  fence
/// p  fingerprint  32 bytes, SHA-256 of the body
/// l  lease until  ms since 1970, 0 once released; in flight only
/// n  attempts     in flight only
/// c  status       completed only
/// > PTTL tower-webhooks:5f0c…e1     how much longer it is remembered, in ms
/// ```
///
/// Redis 7.0 takes about 290 bytes for a completed event, 310 for one in flight: 290 MB for a
/// million. The hash lives as long as its record and then expires by itself, so
/// [`sweep`](super::IdempotencyStore::sweep) has nothing to do. [`forget`](super::IdempotencyStore::forget)
/// deletes it, whatever it is.
///
/// # How
///
/// Each operation is one Lua script on one key, which the server runs with nothing between. It is
/// sent by its hash, in one round trip; a server that does not know it, after a restart or
/// `SCRIPT FLUSH`, is told it once in a second one. The application's user needs `EVALSHA`, `EVAL`
/// and `DEL`, and what the scripts call: `TIME`, `HMGET`, `HSET`, `HDEL`, `EXISTS`, `PEXPIRE`,
/// `PTTL`. `WAIT` and `INFO` or `CONFIG GET` if they are to be used.
///
/// Leases and expiry are measured by the clock of the server, in milliseconds, rounded up. Fences are
/// its clock in µs, or one more than the record's last: they grow across expiry and `forget` too, as
/// long as nobody sets the clock back and a fail-over leads to no clock that is behind.
///
/// # Failures
///
/// All tasks share one connection. When it breaks, a call tries once more on a new one; the scripts
/// may be repeated. When nothing comes back for the [`response_timeout`], or the server has become a
/// replica, the call fails and the next one connects anew, by the server's name. A server that is
/// down thus fails each call in well under a second, and is found again without a restart of the
/// application.
///
/// | kind | when |
/// | --- | --- |
/// | [`Unavailable`](super::StoreErrorKind::Unavailable) | no connection; a replica, a server that still loads, a cluster that is down; a command is forbidden; too few replicas in time |
/// | [`Timeout`](super::StoreErrorKind::Timeout) | no answer within the `response_timeout` |
/// | [`Full`](super::StoreErrorKind::Full) | `maxmemory` is reached |
/// | [`Corrupt`](super::StoreErrorKind::Corrupt) | under the key is no record of this store |
///
/// Neither `Debug` nor any error shows a password.
///
/// # Clusters
///
/// Every operation has one key, so records spread over the nodes and nothing is asked of more than
/// one. Redirections are followed. With [`wait_replicas`] the replicas of the key's own primary
/// count. Sentinel is not spoken: give the store a name that always leads to the primary, as hosted
/// servers have.
///
/// # TLS
///
/// `rediss://` works once the application enables it in its own dependency on the `redis` crate, by
/// one of that crate's features such as `tokio-rustls-comp`.
///
/// # Clone
///
/// Cheap; the clones share the connection.
///
/// # Cancel safety
///
/// A call that is dropped leaves the record as it was before, or as it is after: the script runs as a
/// whole or not at all.
///
/// # Example
///
/// ```no_run
/// use std::time::Duration;
/// use tower_webhooks::{WebhookLayer, providers::GITHUB, store::RedisStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::connect("redis://:password@redis.internal").await?;
/// let deploy = WebhookLayer::builder("deploy", GITHUB.verifier("a secret").build()?)
///     .store(store)
///     .build()?;
/// # let _ = deploy;
///
/// // Claims that outlive a fail-over, and no server that would drop them.
/// let store = RedisStore::builder()
///     .wait_replicas(1, Duration::from_millis(100))
///     .strict()
///     .connect("redis://:password@redis.internal")
///     .await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// ```
///
/// [`key_prefix`]: RedisStoreBuilder::key_prefix
/// [`response_timeout`]: RedisStoreBuilder::response_timeout
/// [`strict`]: RedisStoreBuilder::strict
/// [`wait_replicas`]: RedisStoreBuilder::wait_replicas
#[derive(Clone)]
pub struct RedisStore {
    inner: Arc<Inner>,
}

struct Inner {
    link: Link,
    key_prefix: Box<str>,
    endpoints: Endpoints,
}

impl RedisStore {
    /// A store on one server with the default settings: `redis://[user:password@]host[:port][/db]`,
    /// or `rediss://` with [TLS](Self#tls).
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the URL cannot be read or nothing answers there; its source says which.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::builder().connect(url).await
    }

    /// A store in a cluster with the default settings. It finds all nodes through any of these, which
    /// must have one user and password.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if a URL cannot be read or no node answers; its source says which.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written.
    pub async fn connect_cluster<U: AsRef<str>>(
        urls: impl IntoIterator<Item = U>,
    ) -> Result<Self, StoreError> {
        Self::builder().connect_cluster(urls).await
    }

    /// A store on a connection that the application has already, with the default settings.
    ///
    /// The connection keeps its own way to reconnect. It is not replaced when nothing comes back on
    /// it or the server has become a replica, as one that the store has made would be.
    ///
    /// # Errors
    ///
    /// None so far: a server that is down is only warned of, as one whose policy is not known.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written.
    pub async fn from_manager(manager: ConnectionManager) -> Result<Self, StoreError> {
        Self::builder().with_manager(manager).await
    }

    /// A store with other settings than the default ones.
    pub fn builder() -> RedisStoreBuilder {
        RedisStoreBuilder::new()
    }
}

/// Without the connection, whose address may have a password.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("key_prefix", &self.inner.key_prefix)
            .finish_non_exhaustive()
    }
}
