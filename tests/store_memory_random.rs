//! `MemoryStore` answers 20,000 random operations as the table of the contract says.
#![cfg(feature = "testing")]

mod reference;

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};
use reference::{Answer, Known, Rules};
use tower_webhooks::store::{
    Claim, Completion, Fence, Fingerprint, Held, IdempotencyStore, Key, MemoryStore, Outcome, Token,
};
use tower_webhooks::testing::ManualClock;

const START: u64 = 1_767_225_600;
const EVICTABLE: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, Copy)]
enum Operation {
    Claim { key: u8, claim: reference::Claim, evictable: bool },
    Complete { key: u8, token: u8, status: u16, ttl: u64 },
    Release { key: u8, token: u8 },
    Renew { key: u8, token: u8, lease: u64 },
    Forget { key: u8 },
    Sweep { max: u32 },
    Pass { secs: u64 },
}

fn operation() -> impl Strategy<Value = Operation> {
    let (key, token, span) = (0..6_u8, 0..4_u8, 1..20_u64);
    let claim = (token.clone(), 0..2_u8, span.clone(), 1..60_u64)
        .prop_map(|(token, body, lease, ttl)| reference::Claim { token, body, lease, ttl });
    prop_oneof![
        8 => (key.clone(), claim, any::<bool>())
            .prop_map(|(key, claim, evictable)| Operation::Claim { key, claim, evictable }),
        6 => (key.clone(), token.clone(), 200..300_u16, 0..60_u64)
            .prop_map(|(key, token, status, ttl)| Operation::Complete { key, token, status, ttl }),
        3 => (key.clone(), token.clone()).prop_map(|(key, token)| Operation::Release { key, token }),
        2 => (key.clone(), token, span.clone())
            .prop_map(|(key, token, lease)| Operation::Renew { key, token, lease }),
        1 => key.prop_map(|key| Operation::Forget { key }),
        1 => (0..5_u32).prop_map(|max| Operation::Sweep { max }),
        3 => span.prop_map(|secs| Operation::Pass { secs }),
    ]
}

#[test]
fn twenty_thousand_random_operations_answer_as_the_table_says() {
    let config = Config { cases: 100, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let sequences = proptest::collection::vec(operation(), 200);
    TestRunner::new_with_rng(config, rng)
        .run(&sequences, |operations| {
            let mut compared = Compared::default();
            operations.into_iter().try_for_each(|operation| compared.run(operation))
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// The store beside the rules it should follow.
struct Compared {
    store: MemoryStore,
    clock: ManualClock,
    now: u64,
    known: HashMap<u8, Known>,
    /// The last fence the store gave for each key, beside the one that the rules gave.
    fences: HashMap<u8, (Fence, u64)>,
}

impl Default for Compared {
    fn default() -> Self {
        let clock = ManualClock::at_unix(START);
        let store = MemoryStore::builder().max_entries(100).clock(clock.clone()).build();
        Self { store, clock, now: START, known: HashMap::new(), fences: HashMap::new() }
    }
}

impl Compared {
    fn run(&mut self, operation: Operation) -> Result<(), TestCaseError> {
        let (store, now) = (&self.store, self.now);
        match operation {
            Operation::Claim { key, claim, evictable } => {
                let (key_bytes, token, body) = named(key, claim.token, claim.body);
                let (lease, ttl) = (secs(claim.lease), secs(claim.ttl));
                let mut asked = Claim::new(&key_bytes, &token, &body, lease, ttl);
                asked.evictable_after = evictable.then_some(EVICTABLE);
                let got = ready(store.claim(&asked)).unwrap();
                let expected = self.known.entry(key).or_default().claim(claim, now);
                self.compare(key, &got, expected)?;
            }
            Operation::Complete { key, token, status, ttl } => {
                let (key_bytes, by, _) = named(key, token, 0);
                let done = Completion::new(status);
                let got = ready(store.complete(&key_bytes, &by, &done, secs(ttl))).unwrap();
                let known = self.known.entry(key).or_default();
                let held = known.complete(Rules::Contract, token, status, ttl, now);
                prop_assert_eq!(got == Held::Held, held);
            }
            Operation::Release { key, token } => {
                let (key_bytes, by, _) = named(key, token, 0);
                let got = ready(store.release(&key_bytes, &by)).unwrap();
                let held = self.known.entry(key).or_default().release(Rules::Contract, token, now);
                prop_assert_eq!(got == Held::Held, held);
            }
            Operation::Renew { key, token, lease } => {
                let (key_bytes, by, _) = named(key, token, 0);
                let got = ready(store.renew(&key_bytes, &by, secs(lease))).unwrap();
                let held = self.known.entry(key).or_default().renew(token, lease, now);
                prop_assert_eq!(got == Held::Held, held);
            }
            Operation::Forget { key } => {
                let (key_bytes, _, _) = named(key, 0, 0);
                let got = ready(store.forget(&key_bytes)).unwrap();
                prop_assert_eq!(got, self.known.entry(key).or_default().forget(now));
            }
            Operation::Sweep { max } => {
                prop_assert!(ready(store.sweep(max)).unwrap() <= max);
            }
            Operation::Pass { secs: by } => {
                self.clock.advance(secs(by));
                self.now += by;
            }
        }
        let live = self.known.values().filter(|known| known.live(self.now).is_some()).count();
        prop_assert!(self.store.len() >= live);
        prop_assert!(self.store.len() <= self.known.len());
        Ok(())
    }

    fn compare(&mut self, key: u8, got: &Outcome, expected: Answer) -> Result<(), TestCaseError> {
        match (got, expected) {
            (Outcome::New { fence, attempt }, Answer::New { fence: by_rule, attempt: n }) => {
                prop_assert_eq!(*attempt, n);
                if let Some((last, last_by_rule)) = self.fences.insert(key, (*fence, by_rule)) {
                    prop_assert_eq!(fence.cmp(&last), by_rule.cmp(&last_by_rule));
                }
            }
            (
                Outcome::InFlight { retry_after, same_body },
                Answer::InFlight { retry_after: rest, same_body: same },
            ) => prop_assert_eq!((*retry_after, *same_body), (secs(rest), same)),
            (
                Outcome::Completed { record, same_body },
                Answer::Completed { status, same_body: same },
            ) => prop_assert_eq!((record.status, *same_body), (status, same)),
            _ => prop_assert!(false, "got {:?}, expected {:?}", got, expected),
        }
        Ok(())
    }
}

fn named(key: u8, token: u8, body: u8) -> (Key, Token, Fingerprint) {
    let body = Fingerprint::from_bytes([body; 32]);
    (Key::from_bytes([key; 32]), Token::from_bytes([token; 16]), body)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[track_caller]
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the memory store waits for nothing"),
    }
}
