//! Every interleaving of three workers on one event, against the invariants of the store
//! contract: six deliveries, two ends of a lease, two crashes, two lost answers.

use std::collections::{BTreeSet, HashSet, VecDeque};

use crate::store_model::reference::{Answer, Claim, Known, Rules, Token};

const WORKERS: usize = 3;
const DELIVERIES: u8 = 6;
const LEASE_ENDS: u8 = 2;
const CRASHES: u8 = 2;
const LOST_ANSWERS: u8 = 2;

const START: u64 = 1_000;
const LEASE: u64 = 10;
/// Longer than the model runs: expiry is `store_memory.rs`'s affair.
const TTL: u64 = 1_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Claim, run, complete.
    Plain,
    /// The handler's effect and the completion are one transaction.
    Transactional,
}

/// Where a worker stands with the delivery it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Worker {
    Idle,
    Claiming {
        token: Token,
    },
    Running {
        token: Token,
        lease_until: u64,
    },
    Completing {
        token: Token,
    },
    /// The transaction was committed or refused; the same claim again tells which.
    Confirming {
        token: Token,
    },
    Releasing {
        token: Token,
    },
}

impl Worker {
    const fn token(self) -> Option<Token> {
        match self {
            Self::Idle => None,
            Self::Claiming { token }
            | Self::Running { token, .. }
            | Self::Completing { token }
            | Self::Confirming { token }
            | Self::Releasing { token } => Some(token),
        }
    }

    /// Orders workers by all but their tokens.
    const fn rank(self) -> (u8, u64) {
        match self {
            Self::Idle => (0, 0),
            Self::Claiming { .. } => (1, 0),
            Self::Running { lease_until, .. } => (2, lease_until),
            Self::Completing { .. } => (3, 0),
            Self::Confirming { .. } => (4, 0),
            Self::Releasing { .. } => (5, 0),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    known: Known,
    workers: [Worker; WORKERS],
    now: u64,
    deliveries: u8,
    lease_ends: u8,
    crashes: u8,
    lost_answers: u8,
    /// One, takeovers and releases, less the runs that were. I5 allows another for each crash, but
    /// a crash gives nobody the key: only the end of the lease after it does.
    runs_allowed: i8,
    succeeded: bool,
    effects: u8,
}

/// What happened in one step, for the invariants that speak of steps.
#[derive(Debug, Default, Clone, Copy)]
struct Step {
    accepted: bool,
    /// The token that changed the record.
    changed_by: Option<Token>,
}

#[test]
fn the_contract_keeps_its_invariants() {
    let (states, broken) = explore(Mode::Plain, Rules::Contract);
    println!("plain: {states} states");
    assert_eq!(broken, BTreeSet::new());
    assert!(states > 10_000, "the model has become trivial: {states} states");
}

#[test]
fn the_contract_has_at_most_one_effect_when_transactional() {
    let (states, broken) = explore(Mode::Transactional, Rules::Contract);
    println!("transactional: {states} states");
    assert_eq!(broken, BTreeSet::new());
    assert!(states > 4_000, "the model has become trivial: {states} states");
}

#[test]
fn a_store_that_asks_no_owner_breaks_single_ownership_and_completion() {
    let (states, broken) = explore(Mode::Plain, Rules::Unconditional);
    println!("plain, unconditional: {states} states");
    assert!(broken.contains("I1: one live owner"), "{broken:?}");
    assert!(broken.contains("I1: changed by its owner only"), "{broken:?}");
    assert!(broken.contains("I2: completed stays completed"), "{broken:?}");
}

#[test]
fn a_store_that_asks_no_owner_lets_an_effect_happen_twice() {
    let (_, broken) = explore(Mode::Transactional, Rules::Unconditional);
    assert!(broken.contains("I6: one effect"), "{broken:?}");
}

/// Breadth first through all states; the number of them and the invariants that broke.
fn explore(mode: Mode, rules: Rules) -> (usize, BTreeSet<&'static str>) {
    let start = State::start();
    let mut seen = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([start]);
    let mut broken = BTreeSet::new();
    while let Some(state) = queue.pop_front() {
        for (step, next) in state.successors(mode, rules) {
            broken.extend(state.broken_by(&step, &next));
            let next = next.canonical();
            if seen.insert(next.clone()) {
                queue.push_back(next);
            }
        }
    }
    (seen.len(), broken)
}

impl State {
    fn start() -> Self {
        Self {
            known: Known::default(),
            workers: [Worker::Idle; WORKERS],
            now: START,
            deliveries: DELIVERIES,
            lease_ends: LEASE_ENDS,
            crashes: CRASHES,
            lost_answers: LOST_ANSWERS,
            runs_allowed: 1,
            succeeded: false,
            effects: 0,
        }
    }

    /// The same state in the one form that stands for all that behave alike. Workers are alike, so
    /// are tokens; of a time it matters only whether it is past. Fences and attempts only grow,
    /// which `broken_by` checks step by step.
    fn canonical(mut self) -> Self {
        let now = std::mem::replace(&mut self.now, START);
        let lease = |until: u64| if until > now { START + LEASE } else { until.min(START) };
        let mut names = [0; 1 + DELIVERIES as usize];
        let mut used = 0;
        let mut rename = |token: Token| {
            let name = &mut names[usize::from(token)];
            if *name == 0 {
                used += 1;
                *name = used;
            }
            *name
        };
        if let Some(record) = &mut self.known.record {
            record.owner = rename(record.owner);
            record.lease_until =
                if record.lease_until == 0 { 0 } else { lease(record.lease_until) };
            record.expires_at = START + TTL;
            (record.fence, record.attempt) = (START, 1);
        }
        self.known.fence = START;
        self.workers.sort_unstable_by_key(|worker| worker.rank());
        for worker in &mut self.workers {
            match worker {
                Worker::Idle => {}
                Worker::Running { token, lease_until } => {
                    *token = rename(*token);
                    *lease_until = lease(*lease_until);
                }
                Worker::Claiming { token }
                | Worker::Completing { token }
                | Worker::Confirming { token }
                | Worker::Releasing { token } => *token = rename(*token),
            }
        }
        self.workers.sort_unstable();
        self
    }

    fn unused_token(&self) -> Token {
        let used = |token: &Token| {
            self.known.record.as_ref().is_some_and(|record| record.owner == *token)
                || self.workers.iter().any(|worker| worker.token() == Some(*token))
        };
        (1..=DELIVERIES).find(|token| !used(token)).expect("three workers and one record use four")
    }

    fn successors(&self, mode: Mode, rules: Rules) -> Vec<(Step, Self)> {
        let mut successors = Vec::new();
        if self.lease_ends > 0 {
            let mut next = self.clone();
            next.lease_ends -= 1;
            next.now += LEASE;
            successors.push((Step::default(), next));
        }
        for at in 0..WORKERS {
            self.worker_steps(at, mode, rules, &mut successors);
            if self.crashes > 0 && self.workers[at] != Worker::Idle {
                let mut next = self.clone();
                next.crashes -= 1;
                next.workers[at] = Worker::Idle;
                successors.push((Step::default(), next));
            }
        }
        successors
    }

    fn worker_steps(&self, at: usize, mode: Mode, rules: Rules, to: &mut Vec<(Step, Self)>) {
        let mut done = |change: &dyn Fn(&mut Self) -> (Worker, Step)| {
            let mut next = self.clone();
            let (worker, step) = change(&mut next);
            next.workers[at] = worker;
            to.push((step, next.clone()));
            // The store did its work, the worker does not hear of it and asks again.
            let asks = matches!(
                self.workers[at],
                Worker::Claiming { .. } | Worker::Completing { .. } | Worker::Releasing { .. }
            );
            if asks && self.lost_answers > 0 {
                let mut unheard =
                    Self { lost_answers: self.lost_answers - 1, workers: self.workers, ..next };
                // A run that did not begin is not counted.
                if matches!(worker, Worker::Running { .. }) {
                    unheard.runs_allowed += 1;
                }
                to.push((Step { accepted: false, ..step }, unheard));
            }
        };
        match self.workers[at] {
            Worker::Idle if self.deliveries > 0 => done(&|next| {
                let token = next.unused_token();
                next.deliveries -= 1;
                (Worker::Claiming { token }, Step::default())
            }),
            Worker::Idle => {}
            Worker::Claiming { token } => done(&|next| next.claim(token)),
            Worker::Running { token, .. } => {
                done(&|_| (Worker::Releasing { token }, Step::default()));
                match mode {
                    Mode::Plain => done(&|next| {
                        next.succeeded = true;
                        (Worker::Completing { token }, Step::default())
                    }),
                    Mode::Transactional => done(&|next| next.commit(token, rules)),
                }
            }
            Worker::Completing { token } => done(&|next| {
                let step =
                    next.changed(token, |known, now| known.complete(rules, token, 200, TTL, now));
                (Worker::Idle, Step { accepted: true, ..step })
            }),
            Worker::Confirming { token } => {
                done(&|next| match next.known.claim(claim_by(token), next.now) {
                    Answer::Completed { .. } => {
                        (Worker::Idle, Step { accepted: true, ..Step::default() })
                    }
                    Answer::New { .. } => (Worker::Releasing { token }, Step::default()),
                    Answer::InFlight { .. } => (Worker::Idle, Step::default()),
                })
            }
            Worker::Releasing { token } => done(&|next| {
                let released = next.lease_was_released();
                let step = next.changed(token, |known, now| known.release(rules, token, now));
                next.runs_allowed += i8::from(step.changed_by.is_some() && !released);
                (Worker::Idle, step)
            }),
        }
    }

    fn claim(&mut self, token: Token) -> (Worker, Step) {
        let over = self
            .known
            .record
            .as_ref()
            .is_some_and(|record| record.completed.is_none() && record.lease_until <= self.now)
            && !self.lease_was_released();
        match self.known.claim(claim_by(token), self.now) {
            Answer::New { .. } => {
                self.runs_allowed += i8::from(over) - 1;
                let lease_until = self.known.record.as_ref().map_or(0, |record| record.lease_until);
                (Worker::Running { token, lease_until }, Step::default())
            }
            Answer::InFlight { .. } => (Worker::Idle, Step::default()),
            Answer::Completed { .. } => (Worker::Idle, Step { accepted: true, ..Step::default() }),
        }
    }

    fn lease_was_released(&self) -> bool {
        self.known.record.as_ref().is_some_and(|record| record.lease_until == 0)
    }

    /// The handler's effect and the completion, both or neither.
    fn commit(&mut self, token: Token, rules: Rules) -> (Worker, Step) {
        let step = self.changed(token, |known, now| known.complete(rules, token, 200, TTL, now));
        if step.changed_by.is_some() {
            self.effects += 1;
            self.succeeded = true;
        }
        (Worker::Confirming { token }, step)
    }

    fn changed(&mut self, by: Token, change: impl Fn(&mut Known, u64) -> bool) -> Step {
        let changed = change(&mut self.known, self.now);
        Step { accepted: false, changed_by: changed.then_some(by) }
    }

    fn broken_by(&self, step: &Step, next: &Self) -> Vec<&'static str> {
        let before = self.known.record.as_ref();
        let after = next.known.record.as_ref();
        let running = |worker: &&Worker| matches!(worker, Worker::Running { lease_until, .. } if *lease_until > next.now);
        let live_owners = next.workers.iter().filter(running).count();
        let foreign = step.changed_by.is_some_and(|by| before.is_some_and(|r| r.owner != by));
        let was_completed = before.is_some_and(|record| record.completed.is_some());
        let changed_hands = before.map(|r| r.owner) != after.map(|r| r.owner);
        let checks = [
            ("I1: one live owner", live_owners <= 1),
            ("I1: changed by its owner only", !foreign),
            ("I2: completed stays completed", !was_completed || before == after),
            ("I3: fences grow", next.known.fence >= self.known.fence),
            ("I3: a new owner has a higher fence", {
                after.is_none() || !changed_hands || next.known.fence > self.known.fence
            }),
            ("I4: accepted means handled", !step.accepted || next.succeeded),
            ("I5: no more runs than failures explain", next.runs_allowed >= 0),
            ("I6: one effect", next.effects <= 1),
        ];
        checks.into_iter().filter(|&(_, holds)| !holds).map(|(name, _)| name).collect()
    }
}

const fn claim_by(token: Token) -> Claim {
    Claim { token, body: 0, lease: LEASE, ttl: TTL }
}
