//! The calls of the store, each a script or a command.

use std::time::Duration;

use redis::cmd;

use super::link::Reply;
use super::script::{CLAIM, COMPLETE, RELEASE, RENEW, Script};
use super::{RedisStore, answer, error};
use crate::store::{
    Claim, Completion, Endpoints, Held, IdempotencyStore, Key, Outcome, StoreError, Token,
};

/// 3,000 years, so that the script's sums stay exact.
const LONGEST_MILLIS: u64 = 100_000_000_000_000;

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

    fn endpoints(&self) -> &Endpoints {
        &self.inner.endpoints
    }
}

impl RedisStore {
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
    fn enough(&self, written: bool) -> Result<(), StoreError> {
        if written && !self.replicated {
            return Err(error::refusal("too few replicas have the change by now"));
        }
        Ok(())
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
