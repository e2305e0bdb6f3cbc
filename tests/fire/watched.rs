//! A store that writes into the history what was asked of it and answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_webhooks::store::{
    Claim, Completion, Endpoints, Fence, Held, IdempotencyStore, Key, Outcome, StoreError, Token,
};

use crate::history::{Pen, now};

#[derive(Debug)]
pub struct Watched<S> {
    inner: S,
    pen: Arc<Pen>,
    asked: Asked,
}

/// When the claims that came out new were about to be asked for.
pub type Asked = Arc<Mutex<HashMap<(Key, Fence), u64>>>;

impl<S> Watched<S> {
    pub fn new(inner: S, pen: Arc<Pen>) -> Self {
        Self { inner, pen, asked: Asked::default() }
    }

    pub fn asked(&self) -> Asked {
        Arc::clone(&self.asked)
    }
}

impl<S: IdempotencyStore> IdempotencyStore for Watched<S> {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        let asked = now();
        let outcome = self.inner.claim(claim).await?;
        if let Outcome::New { fence, .. } = outcome {
            self.asked.lock().unwrap().insert((*claim.key, fence), asked);
        }
        Ok(outcome)
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        // Stands when the layer gives this up.
        let mut said = Said { pen: &self.pen, key, what: "uncompleted" };
        let answer = self.inner.complete(key, by, done, ttl).await;
        match answer {
            Ok(Held::Held) => said.what = "completed",
            Ok(Held::Lost) => said.what = "lost",
            Err(_) => {}
        }
        answer
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        self.inner.release(key, by).await
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        self.inner.renew(key, by, lease).await
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        self.inner.sweep(max).await
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        self.inner.forget(key).await
    }

    fn endpoints(&self) -> &Endpoints {
        self.inner.endpoints()
    }
}

struct Said<'a> {
    pen: &'a Pen,
    key: &'a Key,
    what: &'static str,
}

impl Drop for Said<'_> {
    fn drop(&mut self) {
        self.pen.note(&format!("{} {}", self.what, self.key));
    }
}
