//! The object-safe twin of [`IdempotencyStore`], so that the layer needs no type parameter for its
//! store.

#![allow(dead_code, reason = "only `WebhookLayer` uses it, which needs feature `tokio`")]

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{Claim, Completion, Held, IdempotencyStore, Key, Outcome, StoreError, Token};

/// The answer of a store whose type is not known.
pub(crate) type StoreFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What the layer asks of a store; see [`IdempotencyStore`].
pub(crate) trait ErasedStore: fmt::Debug + Send + Sync + 'static {
    fn claim<'a>(&'a self, claim: &'a Claim<'_>) -> StoreFuture<'a, Outcome>;

    fn complete<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        done: &'a Completion,
        ttl: Duration,
    ) -> StoreFuture<'a, Held>;

    fn release<'a>(&'a self, key: &'a Key, by: &'a Token) -> StoreFuture<'a, Held>;
}

impl<S: IdempotencyStore> ErasedStore for S {
    fn claim<'a>(&'a self, claim: &'a Claim<'_>) -> StoreFuture<'a, Outcome> {
        Box::pin(IdempotencyStore::claim(self, claim))
    }

    fn complete<'a>(
        &'a self,
        key: &'a Key,
        by: &'a Token,
        done: &'a Completion,
        ttl: Duration,
    ) -> StoreFuture<'a, Held> {
        Box::pin(IdempotencyStore::complete(self, key, by, done, ttl))
    }

    fn release<'a>(&'a self, key: &'a Key, by: &'a Token) -> StoreFuture<'a, Held> {
        Box::pin(IdempotencyStore::release(self, key, by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    fn any_store_can_stand_behind_a_pointer() {
        let _: Box<dyn ErasedStore> = Box::new(MemoryStore::new());
        let _: Box<dyn ErasedStore> = Box::new(std::sync::Arc::new(MemoryStore::new()));
    }
}
