//! Random operations on any store, each answer compared with the rules of `tests/reference`.
//!
//! ```ignore
//! #[path = "../support/store_model.rs"]
//! mod store_model;
//!
//! store_model::answers_as_the_table_says(&store, &time, 2_000).await;
//! ```
//!
//! A store whose server keeps the time goes along with a [`StoreTime`] whose `pass` makes every
//! record older: it moves the ends of leases and records back. Real time passes besides, so the
//! unit should be minutes; a rest of a lease may be half a unit off.
//!
//! Every sequence has keys and tokens of its own, so that one store serves them all, also one that
//! held records before. The operations follow from the seed that a failure names.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

#[path = "random.rs"]
#[allow(clippy::duplicate_mod, reason = "a test may have it by way of `support` too")]
pub mod random;
#[path = "../reference/mod.rs"]
pub mod reference;

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use random::Random;
use reference::{Answer, Known, Rules};
use tower_webhooks::store::{
    Claim, Completion, Fence, Fingerprint, Held, IdempotencyStore, Key, Outcome, StoreError, Token,
};
use tower_webhooks::testing::StoreTime;

/// Operations of one sequence.
const SEQUENCE: usize = 200;

/// Few of each, so that they meet.
const KEYS: u64 = 6;
const TOKENS: u64 = 4;
const BODIES: u64 = 2;

/// Where the rules' clock starts, in units.
const START: u64 = 1_000;

/// One call, with times in units of the store's time.
#[derive(Debug, Clone, Copy)]
pub enum Operation {
    Claim { key: u8, token: u8, body: u8, lease: u64, ttl: u64, evictable: bool },
    Complete { key: u8, token: u8, status: u16, ttl: u64 },
    Release { key: u8, token: u8 },
    Renew { key: u8, token: u8, lease: u64 },
    Forget { key: u8 },
    Sweep { max: u32 },
    Pass { by: u64 },
}

impl Operation {
    pub fn random(random: &mut Random) -> Self {
        let (key, token) = (below(random, KEYS), below(random, TOKENS));
        let body = below(random, BODIES);
        let span = 1 + random.below(19);
        match random.below(24) {
            0..8 => {
                // Half of them no longer than a lease, which a renewal then has to carry on.
                let longest = if random.below(2) == 0 { 4 } else { 59 };
                let (ttl, evictable) = (1 + random.below(longest), random.below(2) == 0);
                Self::Claim { key, token, body, lease: span, ttl, evictable }
            }
            8..11 => {
                let status = 200 + u16::from(below(random, 100));
                Self::Complete { key, token, status, ttl: random.below(60) }
            }
            11..14 => Self::Release { key, token },
            14..18 => Self::Renew { key, token, lease: span },
            18 => Self::Forget { key },
            19 => Self::Sweep { max: below(random, 5).into() },
            // Mostly within a lease.
            20..23 => Self::Pass { by: 1 + random.below(3) },
            _ => Self::Pass { by: span },
        }
    }

    /// Mostly of whom it works for, if there is somebody: most tokens hold nothing.
    fn aimed(mut self, random: &mut Random, owner: impl Fn(u8) -> Option<u8>) -> Self {
        let (Self::Complete { key, token, .. }
        | Self::Release { key, token }
        | Self::Renew { key, token, .. }) = &mut self
        else {
            return self;
        };
        if let (0..3, Some(owner)) = (random.below(4), owner(*key)) {
            *token = owner;
        }
        self
    }
}

/// Runs this many operations on a store, in sequences.
///
/// # Panics
///
/// If an answer is not that of the rules, or an error.
pub async fn answers_as_the_table_says<S, T>(store: &S, time: &T, operations: usize)
where
    S: IdempotencyStore,
    T: StoreTime,
{
    let tolerance = time.unit() / 2;
    for seed in 0..operations.div_ceil(SEQUENCE) as u64 {
        Sequence::new(store, time, tolerance, seed).run(|_| {}).await;
    }
}

/// A store beside the rules it should follow.
pub struct Sequence<'a, S, T> {
    store: &'a S,
    time: &'a T,
    /// How far the rest of a lease may be off.
    tolerance: Duration,
    seed: u64,
    /// Where the keys and tokens of this sequence are.
    salt: u64,
    now: u64,
    known: HashMap<u8, Known>,
    /// The last fence the store gave for each key, beside the one that the rules gave.
    fences: HashMap<u8, (Fence, u64)>,
    done: Vec<Operation>,
}

impl<'a, S: IdempotencyStore, T: StoreTime> Sequence<'a, S, T> {
    pub fn new(store: &'a S, time: &'a T, tolerance: Duration, seed: u64) -> Self {
        let salt = RandomState::new().build_hasher().finish();
        let (known, fences) = (HashMap::new(), HashMap::new());
        Self { store, time, tolerance, seed, salt, now: START, known, fences, done: Vec::new() }
    }

    /// All operations of the seed; `check` looks at the whole after each.
    pub async fn run(mut self, check: impl Fn(&Self)) {
        let mut random = Random::seeded(self.seed);
        for _ in 0..SEQUENCE {
            let owner = |key: u8| Some(self.known.get(&key)?.live(self.now)?.owner);
            let operation = Operation::random(&mut random).aimed(&mut random, owner);
            self.step(operation).await;
            check(&self);
        }
    }

    /// How many records there must be.
    pub fn live(&self) -> usize {
        self.known.values().filter(|known| known.live(self.now).is_some()).count()
    }

    /// How many keys were named, more than which there cannot be records.
    pub fn named(&self) -> usize {
        self.known.len()
    }

    pub async fn step(&mut self, operation: Operation) {
        self.done.push(operation);
        let (store, now) = (self.store, self.now);
        match operation {
            Operation::Claim { key, token, body, lease, ttl, evictable } => {
                let (named, by, print) = self.names(key, token, body);
                let (lease_time, ttl_time) = (self.units(lease), self.units(ttl));
                let mut claim = Claim::new(&named, &by, &print, lease_time, ttl_time);
                claim.evictable_after = evictable.then(|| self.units(10));
                let got = self.answered(store.claim(&claim).await);
                let claim = reference::Claim { token, body, lease, ttl };
                let expected = self.known.entry(key).or_default().claim(claim, now);
                self.compare(key, &got, expected);
            }
            Operation::Complete { key, token, status, ttl } => {
                let (named, by, _) = self.names(key, token, 0);
                let done = Completion::new(status);
                let got = store.complete(&named, &by, &done, self.units(ttl)).await;
                let known = self.known.entry(key).or_default();
                let held = known.complete(Rules::Contract, token, status, ttl, now);
                self.is(self.answered(got) == Held::Held, held);
            }
            Operation::Release { key, token } => {
                let (named, by, _) = self.names(key, token, 0);
                let got = store.release(&named, &by).await;
                let held = self.known.entry(key).or_default().release(Rules::Contract, token, now);
                self.is(self.answered(got) == Held::Held, held);
            }
            Operation::Renew { key, token, lease } => {
                let (named, by, _) = self.names(key, token, 0);
                let got = store.renew(&named, &by, self.units(lease)).await;
                let held = self.known.entry(key).or_default().renew(token, lease, now);
                self.is(self.answered(got) == Held::Held, held);
            }
            Operation::Forget { key } => {
                let (named, _, _) = self.names(key, 0, 0);
                let got = store.forget(&named).await;
                let known = self.known.entry(key).or_default().forget(now);
                self.is(self.answered(got), known);
            }
            Operation::Sweep { max } => {
                let swept = self.answered(store.sweep(max).await);
                self.is(swept <= max, true);
            }
            Operation::Pass { by } => {
                self.time.pass(self.units(by)).await;
                self.now += by;
            }
        }
    }

    fn compare(&mut self, key: u8, got: &Outcome, expected: Answer) {
        match (got, expected) {
            (Outcome::New { fence, attempt }, Answer::New { fence: by_rule, attempt: n }) => {
                self.is(*attempt, n);
                // Which number a fence has is the store's affair; it grows where the rules' does.
                if let Some((last, last_by_rule)) = self.fences.insert(key, (*fence, by_rule)) {
                    self.is(fence.cmp(&last), by_rule.cmp(&last_by_rule));
                }
            }
            (
                Outcome::InFlight { retry_after, same_body },
                Answer::InFlight { retry_after: rest, same_body: same },
            ) => {
                self.is(*same_body, same);
                let off = retry_after.abs_diff(self.units(rest));
                self.check(off <= self.tolerance, (retry_after, self.units(rest)));
            }
            (
                Outcome::Completed { record, same_body },
                Answer::Completed { status, same_body: same },
            ) => self.is((record.status, *same_body), (status, same)),
            _ => self.check(false, (got, expected)),
        }
    }

    fn names(&self, key: u8, token: u8, body: u8) -> (Key, Token, Fingerprint) {
        let (mut key_bytes, mut token_bytes) = ([key; 32], [token; 16]);
        key_bytes[..8].copy_from_slice(&self.salt.to_le_bytes());
        token_bytes[..8].copy_from_slice(&self.salt.to_le_bytes());
        let body = Fingerprint::from_bytes([body; 32]);
        (Key::from_bytes(key_bytes), Token::from_bytes(token_bytes), body)
    }

    fn units(&self, units: u64) -> Duration {
        self.time.unit() * u32::try_from(units).expect("spans are short")
    }

    fn answered<A>(&self, answer: Result<A, StoreError>) -> A {
        answer.unwrap_or_else(|error| panic!("{error:?}\n{}", self.told()))
    }

    fn is<A: PartialEq + Debug>(&self, got: A, expected: A) {
        self.check(got == expected, (&got, &expected));
    }

    fn check(&self, holds: bool, got_and_expected: impl Debug) {
        assert!(holds, "got and expected: {got_and_expected:?}\n{}", self.told());
    }

    fn told(&self) -> String {
        format!("in the sequence of seed {}, after these: {:#?}", self.seed, self.done)
    }
}

fn below(random: &mut Random, limit: u64) -> u8 {
    u8::try_from(random.below(limit)).expect("limits are small")
}
