//! Each operation is one statement.

use std::time::Duration;

use super::statements::{self, Statement};
use super::value::Value;
use super::{Inner, PostgresStore, answer};
use crate::store::sweeper::Sweep;
use crate::store::{
    Claim, Completion, Endpoints, Held, IdempotencyStore, Key, Outcome, StoreError, Token,
};

impl IdempotencyStore for PostgresStore {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        let values = [
            Value::Bytes(claim.key.as_bytes()),
            Value::Bytes(claim.token.as_bytes()),
            Value::micros(claim.lease),
            Value::micros(claim.ttl.max(claim.lease)),
            Value::Bytes(claim.fingerprint.as_bytes()),
        ];
        let answer = self.run(statements::CLAIM, &values).await?;
        // The statement always has a row, unless a trigger or a policy of the table took it away.
        answer::outcome(&answer.ok_or_else(|| answer::unreadable(statements::CLAIM.name))?)
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        let values = [
            Value::Bytes(key.as_bytes()),
            Value::Bytes(by.as_bytes()),
            Value::Integer(answer::status_to_column(done.status).into()),
            Value::micros(ttl),
        ];
        let answer = self.run(statements::COMPLETE, &values).await?;
        answer::held(&answer.ok_or_else(|| answer::unreadable(statements::COMPLETE.name))?)
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        let values = [Value::Bytes(key.as_bytes()), Value::Bytes(by.as_bytes())];
        self.held(statements::RELEASE, &values).await
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        let values =
            [Value::Bytes(key.as_bytes()), Value::Bytes(by.as_bytes()), Value::micros(lease)];
        self.held(statements::RENEW, &values).await
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        self.inner.sweep(max).await
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        let answer = self.run(statements::FORGET, &[Value::Bytes(key.as_bytes())]).await?;
        answer.as_deref().map_or(Ok(false), answer::was_live)
    }

    fn endpoints(&self) -> &Endpoints {
        &self.inner.endpoints
    }
}

impl Sweep for Inner {
    const STORE: &'static str = "PostgreSQL";

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        let answer = self.runner.run(statements::SWEEP, &[Value::Integer(max.into())]).await?;
        answer.as_deref().map_or(Ok(0), answer::count)
    }
}

impl PostgresStore {
    async fn run(
        &self,
        statement: Statement,
        values: &[Value<'_>],
    ) -> Result<Option<String>, StoreError> {
        self.inner.sweeper.ensure_running(&self.inner);
        self.inner.runner.run(statement, values).await
    }

    async fn held(&self, statement: Statement, values: &[Value<'_>]) -> Result<Held, StoreError> {
        let changed = self.run(statement, values).await?;
        Ok(if changed.is_some() { Held::Held } else { Held::Lost })
    }
}
