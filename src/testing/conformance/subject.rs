//! One record under test, brought into a state of the table.

use std::fmt;
use std::time::Duration;

use super::StoreTime;
use crate::store::{
    Claim, Completion, Fence, Fingerprint, Held, IdempotencyStore, Key, Outcome, StoreError, Token,
};

/// The columns of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Absent,
    ExpiredInFlight,
    ExpiredCompleted,
    LeaseValid,
    LeaseOver,
    Released,
    Completed,
}

/// A record of the store under test, of a random key.
pub(super) struct Subject<'a, S, T> {
    pub(super) store: &'a S,
    pub(super) time: &'a T,
    pub(super) key: Key,
    pub(super) body: Fingerprint,
    /// Who claimed it, or would have.
    pub(super) owner: Token,
    /// What the owner got.
    pub(super) first: Option<Outcome>,
    pub(super) state: State,
}

/// Longer than the kit lasts.
const LONG: u32 = 10_000;

pub(super) const STATUS: u16 = 202;

impl<'a, S: IdempotencyStore, T: StoreTime> Subject<'a, S, T> {
    /// A key without a record.
    pub(super) fn new(store: &'a S, time: &'a T) -> Self {
        let key = Key::from_bytes(random());
        let body = Fingerprint::from_bytes(random());
        Self { store, time, key, body, owner: token(), first: None, state: State::Absent }
    }

    /// A record in this state.
    pub(super) async fn reach(store: &'a S, time: &'a T, state: State) -> Self {
        let mut subject = Self::new(store, time);
        subject.state = state;
        if state == State::Absent {
            return subject;
        }
        let (lease, ttl) = match state {
            State::ExpiredInFlight => (1, 2),
            State::LeaseOver => (1, LONG),
            _ => (LONG / 2, LONG),
        };
        subject.first = Some(subject.claim_for(&subject.owner, lease, ttl).await);
        let first = subject.first.as_ref();
        subject.check(
            "the first claim",
            matches!(first, Some(Outcome::New { attempt: 1, .. })),
            first,
        );
        match state {
            State::ExpiredInFlight => subject.pass(4).await,
            State::LeaseOver => subject.pass(2).await,
            State::Released => {
                subject.held(
                    "the first `release`",
                    subject.release(&subject.owner).await,
                    Held::Held,
                );
            }
            State::Completed => {
                let held = subject.complete(&subject.owner, LONG).await;
                subject.held("the first `complete`", held, Held::Held);
            }
            State::ExpiredCompleted => {
                let held = subject.complete(&subject.owner, 2).await;
                subject.held("the first `complete`", held, Held::Held);
                subject.pass(4).await;
            }
            State::Absent | State::LeaseValid => {}
        }
        subject
    }

    pub(super) fn units(&self, count: u32) -> Duration {
        self.time.unit().saturating_mul(count)
    }

    pub(super) async fn pass(&self, units: u32) {
        self.time.pass(self.units(units)).await;
    }

    /// A claim whose lease outlasts the kit.
    pub(super) async fn claim(&self, token: &Token) -> Outcome {
        self.claim_for(token, LONG / 2, LONG).await
    }

    pub(super) async fn claim_for(&self, token: &Token, lease: u32, ttl: u32) -> Outcome {
        let claim = Claim::new(&self.key, token, &self.body, self.units(lease), self.units(ttl));
        self.expect("`claim`", self.store.claim(&claim).await)
    }

    /// A claim that comes with another body.
    pub(super) async fn claim_other_body(&self, token: &Token) -> Outcome {
        let other = Fingerprint::from_bytes(random());
        let (lease, ttl) = (self.units(LONG / 2), self.units(LONG));
        let claim = Claim::new(&self.key, token, &other, lease, ttl);
        self.expect("`claim` with another body", self.store.claim(&claim).await)
    }

    pub(super) async fn complete(&self, by: &Token, ttl: u32) -> Held {
        let done = Completion::new(STATUS);
        let answer = self.store.complete(&self.key, by, &done, self.units(ttl)).await;
        self.expect("`complete`", answer)
    }

    pub(super) async fn release(&self, by: &Token) -> Held {
        self.expect("`release`", self.store.release(&self.key, by).await)
    }

    pub(super) async fn renew(&self, by: &Token, lease: u32) -> Held {
        let lease = self.units(lease);
        self.expect("`renew`", self.store.renew(&self.key, by, lease).await)
    }

    pub(super) async fn forget(&self) -> bool {
        self.expect("`forget`", self.store.forget(&self.key).await)
    }

    pub(super) fn first_fence(&self) -> Option<Fence> {
        self.first.as_ref().and_then(fence)
    }

    #[track_caller]
    pub(super) fn held(&self, cell: &str, got: Held, expected: Held) {
        self.check(&format!("{cell}, expected {expected:?}"), got == expected, got);
    }

    /// Checks for a `New` of this attempt with a higher fence than before.
    #[track_caller]
    pub(super) fn is_new(&self, cell: &str, got: &Outcome, attempt: u32) {
        let grown = fence(got) > self.first_fence();
        let new = matches!(got, Outcome::New { attempt: n, .. } if *n == attempt);
        let before = self.first_fence();
        let expected = format!("{cell}, expected New of attempt {attempt}, fence over {before:?}");
        self.check(&expected, new && grown, got);
    }

    #[track_caller]
    pub(super) fn is_in_flight(&self, cell: &str, got: &Outcome, body: bool) {
        let fits = matches!(
            got,
            Outcome::InFlight { retry_after, same_body }
                if *same_body == body && !retry_after.is_zero() && *retry_after <= self.units(LONG / 2)
        );
        self.check(
            &format!("{cell}, expected InFlight within the lease, same body {body}"),
            fits,
            got,
        );
    }

    #[track_caller]
    pub(super) fn is_completed(&self, cell: &str, got: &Outcome, body: bool) {
        let record = Completion::new(STATUS);
        let expected = Outcome::Completed { record, same_body: body };
        self.check(&format!("{cell}, expected {expected:?}"), *got == expected, got);
    }

    /// That a call changed nothing: the next claim of somebody else finds the state as it was.
    pub(super) async fn is_unchanged(&self, cell: &str) {
        let cell = &format!("{cell} must change nothing: `claim` after it");
        let got = self.claim(&token()).await;
        match self.state {
            State::Absent => self.is_new(cell, &got, 1),
            State::LeaseValid => self.is_in_flight(cell, &got, true),
            State::LeaseOver | State::Released => self.is_new(cell, &got, 2),
            State::Completed => self.is_completed(cell, &got, true),
            State::ExpiredInFlight | State::ExpiredCompleted => self.is_new(cell, &got, 1),
        }
    }

    #[track_caller]
    pub(super) fn check(&self, cell: &str, holds: bool, got: impl fmt::Debug) {
        assert!(holds, "store contract, record {:?}: {cell}, got {got:?}", self.state);
    }

    #[track_caller]
    fn expect<A>(&self, call: &str, answer: Result<A, StoreError>) -> A {
        answer.unwrap_or_else(|error| {
            panic!("store contract, record {:?}: {call} failed: {error:?}", self.state)
        })
    }
}

pub(super) const fn fence(outcome: &Outcome) -> Option<Fence> {
    match outcome {
        Outcome::New { fence, .. } => Some(*fence),
        Outcome::InFlight { .. } | Outcome::Completed { .. } => None,
    }
}

pub(super) fn token() -> Token {
    Token::from_bytes(random())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
