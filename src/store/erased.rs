//! The object-safe twin of [`IdempotencyStore`], so that the layer needs no type parameter for its
//! store.
//!
//! Its calls own what they work with, so that one whose answer is late can outlive the request that
//! made it.

#![allow(dead_code, reason = "only `WebhookLayer` uses it, which needs feature `tokio`")]

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Claim, Completion, Endpoints, Fingerprint, Held, IdempotencyStore, Key, Outcome, StoreError,
    Token,
};

/// The answer of a store whose type is not known.
pub(crate) type StoreFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A [`Claim`] that owns what it names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnedClaim {
    pub(crate) key: Key,
    pub(crate) token: Token,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) lease: Duration,
    pub(crate) ttl: Duration,
    pub(crate) evictable_after: Option<Duration>,
}

impl OwnedClaim {
    const fn borrow(&self) -> Claim<'_> {
        let Self { key, token, fingerprint, lease, ttl, evictable_after } = self;
        let mut claim = Claim::new(key, token, fingerprint, *lease, *ttl);
        claim.evictable_after = *evictable_after;
        claim
    }
}

/// What the layer asks of a store; see [`IdempotencyStore`].
pub(crate) trait ErasedStore: fmt::Debug + Send + Sync + 'static {
    fn claim(self: Arc<Self>, claim: OwnedClaim) -> StoreFuture<'static, Outcome>;

    fn complete(
        self: Arc<Self>,
        key: Key,
        by: Token,
        done: Completion,
        ttl: Duration,
    ) -> StoreFuture<'static, Held>;

    fn release(self: Arc<Self>, key: Key, by: Token) -> StoreFuture<'static, Held>;

    fn endpoints(&self) -> &Endpoints;
}

impl<S: IdempotencyStore> ErasedStore for S {
    fn claim(self: Arc<Self>, claim: OwnedClaim) -> StoreFuture<'static, Outcome> {
        Box::pin(async move { IdempotencyStore::claim(&*self, &claim.borrow()).await })
    }

    fn complete(
        self: Arc<Self>,
        key: Key,
        by: Token,
        done: Completion,
        ttl: Duration,
    ) -> StoreFuture<'static, Held> {
        Box::pin(async move { IdempotencyStore::complete(&*self, &key, &by, &done, ttl).await })
    }

    fn release(self: Arc<Self>, key: Key, by: Token) -> StoreFuture<'static, Held> {
        Box::pin(async move { IdempotencyStore::release(&*self, &key, &by).await })
    }

    fn endpoints(&self) -> &Endpoints {
        IdempotencyStore::endpoints(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    fn any_store_can_stand_behind_a_pointer() {
        let _: Arc<dyn ErasedStore> = Arc::new(MemoryStore::new());
        let _: Arc<dyn ErasedStore> = Arc::new(Arc::new(MemoryStore::new()));
    }
}
