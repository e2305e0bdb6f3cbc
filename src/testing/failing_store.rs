//! A store that fails when it is told to.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::store::{
    Claim, Completion, Endpoints, Held, IdempotencyStore, Key, MemoryStore, Outcome, StoreError,
    StoreErrorKind, Token,
};

/// A store that works until it is told to fail, and counts its calls.
///
/// It fails before the store behind it is asked, as a server does that cannot be reached; with
/// [`lose_answers`](Self::lose_answers) afterwards, as a connection does that breaks.
/// [`heal`](Self::heal) ends all of it.
///
/// # Clone
///
/// The clones share the store, the orders and the counts: give one to the layer, keep one to
/// command it.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use tower_webhooks::store::{
///     Claim, Fingerprint, IdempotencyStore, Key, Outcome, StoreErrorKind, Token,
/// };
/// use tower_webhooks::testing::FailingStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let store = FailingStore::default();
/// let (key, body) = (Key::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
/// let token = Token::from_bytes([3; 16]);
/// let claim =
///     Claim::new(&key, &token, &body, Duration::from_secs(60), Duration::from_secs(3_600));
///
/// store.fail_claims(StoreErrorKind::Unavailable);
/// let error = store.claim(&claim).await.unwrap_err();
/// assert_eq!(error.kind(), StoreErrorKind::Unavailable);
///
/// store.heal();
/// assert!(matches!(store.claim(&claim).await, Ok(Outcome::New { .. })));
/// assert_eq!(store.claims(), 2);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FailingStore<S = MemoryStore> {
    store: S,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    claim: Order,
    complete: Order,
    release: Order,
    answers_lost: bool,
    claims_hang: bool,
    hanging: Vec<Waker>,
    claims: u32,
    completes: u32,
    releases: u32,
}

/// Whether an operation fails, and how much longer.
#[derive(Debug, Default, Clone, Copy)]
enum Order {
    #[default]
    Work,
    Fail(StoreErrorKind),
    FailTimes(u32),
}

impl<S> FailingStore<S> {
    /// Puts a store behind it.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self { store, state: Arc::default() }
    }

    /// Lets every claim fail with this error. The layer must answer 503 without running the
    /// handler.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_webhooks::store::{
    /// #     Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, StoreErrorKind,
    /// #     Token,
    /// # };
    /// # use tower_webhooks::testing::FailingStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tower_webhooks::store::StoreError> {
    /// # let (key, body) = (Key::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
    /// # let (token, hour) = (Token::from_bytes([3; 16]), Duration::from_secs(3_600));
    /// # let claim = Claim::new(&key, &token, &body, Duration::from_secs(60), hour);
    /// let store = FailingStore::default();
    /// store.fail_claims(StoreErrorKind::Full);
    /// assert_eq!(store.claim(&claim).await.unwrap_err().kind(), StoreErrorKind::Full);
    /// assert!(store.get_ref().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn fail_claims(&self, kind: StoreErrorKind) {
        self.state().claim = Order::Fail(kind);
    }

    /// Lets the next `times` completes fail as unavailable; `u32::MAX` is as good as always. The
    /// layer must repeat them while the handler's answer goes out.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_webhooks::store::{
    /// #     Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, StoreErrorKind,
    /// #     Token,
    /// # };
    /// # use tower_webhooks::testing::FailingStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tower_webhooks::store::StoreError> {
    /// # let (key, body) = (Key::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
    /// # let (token, hour) = (Token::from_bytes([3; 16]), Duration::from_secs(3_600));
    /// # let claim = Claim::new(&key, &token, &body, Duration::from_secs(60), hour);
    /// let (store, done) = (FailingStore::default(), Completion::new(204));
    /// store.claim(&claim).await?;
    /// store.fail_completes(2);
    /// assert!(store.complete(&key, &token, &done, hour).await.is_err());
    /// assert!(store.complete(&key, &token, &done, hour).await.is_err());
    /// assert_eq!(store.complete(&key, &token, &done, hour).await?, Held::Held);
    /// assert_eq!(store.completes(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn fail_completes(&self, times: u32) {
        self.state().complete = Order::FailTimes(times);
    }

    /// Lets every release fail with this error. The key is then free when its lease ends.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_webhooks::store::{
    /// #     Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, StoreErrorKind,
    /// #     Token,
    /// # };
    /// # use tower_webhooks::testing::FailingStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tower_webhooks::store::StoreError> {
    /// # let (key, body) = (Key::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
    /// # let (token, hour) = (Token::from_bytes([3; 16]), Duration::from_secs(3_600));
    /// # let claim = Claim::new(&key, &token, &body, Duration::from_secs(60), hour);
    /// let store = FailingStore::default();
    /// store.claim(&claim).await?;
    /// store.fail_releases(StoreErrorKind::Timeout);
    /// assert!(store.release(&key, &token).await.is_err());
    /// assert_eq!(store.releases(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn fail_releases(&self, kind: StoreErrorKind) {
        self.state().release = Order::Fail(kind);
    }

    /// Lets claims wait until [`heal`](Self::heal). The layer must give up on them after its
    /// `store_timeout`; a claim that is made late must be given back.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_webhooks::store::{
    /// #     Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, StoreErrorKind,
    /// #     Token,
    /// # };
    /// # use tower_webhooks::testing::FailingStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tower_webhooks::store::StoreError> {
    /// # let (key, body) = (Key::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
    /// # let (token, hour) = (Token::from_bytes([3; 16]), Duration::from_secs(3_600));
    /// # let claim = Claim::new(&key, &token, &body, Duration::from_secs(60), hour);
    /// let store = FailingStore::default();
    /// store.hang_claims();
    /// let patience = Duration::from_millis(5);
    /// assert!(tokio::time::timeout(patience, store.claim(&claim)).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn hang_claims(&self) {
        self.state().claims_hang = true;
    }

    /// Lets every operation be done and then answer [`StoreErrorKind::Timeout`]. A claim repeated
    /// with its token after [`heal`](Self::heal) must be `New` again.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_webhooks::store::{
    /// #     Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, StoreErrorKind,
    /// #     Token,
    /// # };
    /// # use tower_webhooks::testing::FailingStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tower_webhooks::store::StoreError> {
    /// # let (key, body) = (Key::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
    /// # let (token, hour) = (Token::from_bytes([3; 16]), Duration::from_secs(3_600));
    /// # let claim = Claim::new(&key, &token, &body, Duration::from_secs(60), hour);
    /// let store = FailingStore::default();
    /// store.lose_answers();
    /// assert!(store.claim(&claim).await.is_err());
    ///
    /// store.heal();
    /// assert!(matches!(store.claim(&claim).await?, Outcome::New { attempt: 1, .. }));
    /// # Ok(())
    /// # }
    /// ```
    pub fn lose_answers(&self) {
        self.state().answers_lost = true;
    }

    /// Lets everything work again; claims that hang go through. The counts stay.
    pub fn heal(&self) {
        let mut state = self.state();
        let hanging = std::mem::take(&mut state.hanging);
        *state = State {
            claims: state.claims,
            completes: state.completes,
            releases: state.releases,
            ..State::default()
        };
        drop(state);
        hanging.into_iter().for_each(Waker::wake);
    }

    /// How many claims were asked for, failed ones included.
    #[must_use]
    pub fn claims(&self) -> u32 {
        self.state().claims
    }

    /// How many completes were asked for, failed ones included.
    #[must_use]
    pub fn completes(&self) -> u32 {
        self.state().completes
    }

    /// How many releases were asked for, failed ones included.
    #[must_use]
    pub fn releases(&self) -> u32 {
        self.state().releases
    }

    /// The store behind it, which never fails.
    #[must_use]
    pub const fn get_ref(&self) -> &S {
        &self.store
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer that was got, unless answers are lost.
    fn answer<T>(&self, answer: T) -> Result<T, StoreError> {
        if self.state().answers_lost {
            return Err(StoreError::new(StoreErrorKind::Timeout));
        }
        Ok(answer)
    }

    async fn hang(&self) {
        poll_fn(|cx| {
            let mut state = self.state();
            if !state.claims_hang {
                return Poll::Ready(());
            }
            if !state.hanging.iter().any(|waker| waker.will_wake(cx.waker())) {
                state.hanging.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }
}

impl Default for FailingStore {
    fn default() -> Self {
        Self::new(MemoryStore::new())
    }
}

impl Order {
    fn obey(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Work | Self::FailTimes(0) => Ok(()),
            Self::Fail(kind) => Err(StoreError::new(*kind)),
            Self::FailTimes(times) => {
                *times = times.saturating_sub(1);
                Err(StoreError::new(StoreErrorKind::Unavailable))
            }
        }
    }
}

impl<S: IdempotencyStore> IdempotencyStore for FailingStore<S> {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        {
            let mut state = self.state();
            state.claims = state.claims.saturating_add(1);
            state.claim.obey()?;
        }
        self.hang().await;
        let outcome = self.store.claim(claim).await?;
        self.answer(outcome)
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        {
            let mut state = self.state();
            state.completes = state.completes.saturating_add(1);
            state.complete.obey()?;
        }
        let held = self.store.complete(key, by, done, ttl).await?;
        self.answer(held)
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        {
            let mut state = self.state();
            state.releases = state.releases.saturating_add(1);
            state.release.obey()?;
        }
        let held = self.store.release(key, by).await?;
        self.answer(held)
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        let held = self.store.renew(key, by, lease).await?;
        self.answer(held)
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        let swept = self.store.sweep(max).await?;
        self.answer(swept)
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        let known = self.store.forget(key).await?;
        self.answer(known)
    }

    fn endpoints(&self) -> &Endpoints {
        self.store.endpoints()
    }
}
