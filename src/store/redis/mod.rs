//! A store in Redis or Valkey.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answer;
mod builder;
mod connection;
mod error;
mod link;
mod policy;
mod script;

pub use builder::RedisStoreBuilder;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionManager;
use redis::cmd;

use self::link::{Link, Reply};
use self::script::{CLAIM, COMPLETE, RELEASE, RENEW, Script};
use super::{
    Claim, Completion, Held, IdempotencyStore, Key, Outcome, StoreError, StoreErrorKind, Token,
};

/// 3,000 years, so that the script's sums stay exact.
const LONGEST_MILLIS: u64 = 100_000_000_000_000;

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
/// [`Full`](StoreErrorKind::Full), while runs that have begun are still completed, renewed and
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
/// [`sweep`](IdempotencyStore::sweep) has nothing to do. [`forget`](IdempotencyStore::forget)
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
/// | [`Unavailable`](StoreErrorKind::Unavailable) | no connection; a replica, a server that still loads, a cluster that is down; a command is forbidden; too few replicas in time |
/// | [`Timeout`](StoreErrorKind::Timeout) | no answer within the `response_timeout` |
/// | [`Full`](StoreErrorKind::Full) | `maxmemory` is reached |
/// | [`Corrupt`](StoreErrorKind::Corrupt) | under the key is no record of this store |
///
/// `Debug` and the errors show neither addresses nor passwords.
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

    async fn run(
        &self,
        script: &Script,
        key: &Key,
        arguments: &[&[u8]],
    ) -> Result<Reply, StoreError> {
        self.inner.link.run(script, &self.name(key), arguments).await
    }

    async fn run_by_owner(
        &self,
        script: &Script,
        key: &Key,
        arguments: &[&[u8]],
    ) -> Result<Held, StoreError> {
        let reply = self.run(script, key, arguments).await?;
        let held = answer::held(&reply.value)?;
        reply.enough(held == Held::Held).map(|()| held)
    }

    fn name(&self, key: &Key) -> String {
        format!("{}{key}", self.inner.key_prefix)
    }
}

impl Reply {
    /// An error if something was `written` and too few replicas have it.
    const fn enough(&self, written: bool) -> Result<(), StoreError> {
        if written && !self.replicated {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        Ok(())
    }
}

impl IdempotencyStore for RedisStore {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        let (token, body) = (claim.token.as_bytes(), claim.fingerprint.as_bytes());
        let (lease, lifetime) = (millis(claim.lease), millis(claim.ttl.max(claim.lease)));
        let arguments: [&[u8]; 4] = [token, body, lease.as_bytes(), lifetime.as_bytes()];
        let reply = self.run(&CLAIM, claim.key, &arguments).await?;
        let outcome = answer::outcome(&reply.value)?;
        reply.enough(matches!(outcome, Outcome::New { .. })).map(|()| outcome)
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        let (status, ttl) = (done.status.to_string(), millis(ttl));
        let arguments: [&[u8]; 3] = [by.as_bytes(), status.as_bytes(), ttl.as_bytes()];
        self.run_by_owner(&COMPLETE, key, &arguments).await
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        self.run_by_owner(&RELEASE, key, &[by.as_bytes()]).await
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        self.run_by_owner(&RENEW, key, &[by.as_bytes(), millis(lease).as_bytes()]).await
    }

    /// Always 0: the server drops expired records by itself.
    async fn sweep(&self, _: u32) -> Result<u32, StoreError> {
        Ok(0)
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        let name = self.name(key);
        let mut delete = cmd("DEL");
        delete.arg(&name);
        let reply = self.inner.link.write(&name, delete).await?;
        reply.enough(true)?;
        answer::count(&reply.value).map(|count| count > 0)
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

/// Whole milliseconds, rounded up: no lease and no record ends before its time.
fn millis(duration: Duration) -> String {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    millis.min(LONGEST_MILLIS.into()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up_to_milliseconds_and_bounded() {
        assert_eq!(millis(Duration::ZERO), "0");
        assert_eq!(millis(Duration::from_micros(1)), "1");
        assert_eq!(millis(Duration::from_millis(1_500)), "1500");
        assert_eq!(millis(Duration::MAX), LONGEST_MILLIS.to_string());
    }
}
