//! The store contract's test kit finds what a faulty store does, and names the cell.
#![cfg(feature = "testing")]

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use tower_webhooks::store::{
    Claim, Completion, Endpoints, Fence, Held, IdempotencyStore, Key, MemoryStore, Outcome,
    StoreError, StoreErrorKind, Token,
};
use tower_webhooks::testing::{FailingStore, ManualClock, store_contract};

const START: u64 = 1_767_225_600;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    AnybodyCompletes,
    ReleaseDeletes,
    ReadsThenWrites,
    RenewDoesNothing,
    FencesStand,
    SameTokenIsAStranger,
    SweepsWithoutBound,
    ForgetsNothing,
    CompletedForEver,
    IgnoresTheBody,
    Unreachable,
}

#[derive(Debug)]
struct Faulty {
    store: MemoryStore,
    fault: Fault,
    seen: Mutex<HashSet<(Key, Option<Fence>)>>,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }
}

impl IdempotencyStore for Faulty {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Outcome, StoreError> {
        if self.has(Fault::Unreachable) {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        if self.has(Fault::ReadsThenWrites)
            && !self.seen.lock().unwrap().contains(&(*claim.key, None))
        {
            tokio::task::yield_now().await;
            self.seen.lock().unwrap().insert((*claim.key, None));
            self.store.forget(claim.key).await?;
        }
        let outcome = self.store.claim(claim).await?;
        Ok(match outcome {
            Outcome::New { attempt, .. } if self.has(Fault::FencesStand) => {
                Outcome::New { fence: Fence::new(START), attempt }
            }
            Outcome::New { fence, .. } if self.has(Fault::SameTokenIsAStranger) => {
                if self.seen.lock().unwrap().insert((*claim.key, Some(fence))) {
                    return Ok(outcome);
                }
                Outcome::InFlight { retry_after: claim.lease, same_body: true }
            }
            Outcome::InFlight { retry_after, .. } if self.has(Fault::IgnoresTheBody) => {
                Outcome::InFlight { retry_after, same_body: true }
            }
            other => other,
        })
    }

    async fn complete(
        &self,
        key: &Key,
        by: &Token,
        done: &Completion,
        ttl: Duration,
    ) -> Result<Held, StoreError> {
        let ttl = if self.has(Fault::CompletedForEver) { Duration::MAX } else { ttl };
        let held = self.store.complete(key, by, done, ttl).await?;
        Ok(if self.has(Fault::AnybodyCompletes) { Held::Held } else { held })
    }

    async fn release(&self, key: &Key, by: &Token) -> Result<Held, StoreError> {
        let held = self.store.release(key, by).await?;
        if held == Held::Held && self.has(Fault::ReleaseDeletes) {
            self.store.forget(key).await?;
        }
        Ok(held)
    }

    async fn renew(&self, key: &Key, by: &Token, lease: Duration) -> Result<Held, StoreError> {
        let lease = if self.has(Fault::RenewDoesNothing) { Duration::ZERO } else { lease };
        self.store.renew(key, by, lease).await
    }

    async fn sweep(&self, max: u32) -> Result<u32, StoreError> {
        self.store.sweep(if self.has(Fault::SweepsWithoutBound) { u32::MAX } else { max }).await
    }

    async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        if self.has(Fault::ForgetsNothing) { Ok(true) } else { self.store.forget(key).await }
    }

    fn endpoints(&self) -> &Endpoints {
        self.store.endpoints()
    }
}

/// What the kit says of a store with this fault.
async fn verdict(fault: Fault) -> String {
    let clock = ManualClock::at_unix(START);
    let contract = async move {
        let make_store = async || Faulty {
            store: MemoryStore::builder().clock(clock.clone()).build(),
            fault,
            seen: Mutex::default(),
        };
        store_contract(make_store, &clock).await;
    };
    let local = tokio::task::LocalSet::new();
    let panic = local.run_until(async { tokio::task::spawn_local(contract).await }).await;
    let panic = panic.expect_err("the kit finds the fault").into_panic();
    panic.downcast_ref::<String>().expect("the kit says what is wrong").clone()
}

#[tokio::test]
async fn each_fault_is_found_and_its_cell_named() {
    let cells = [
        (Fault::AnybodyCompletes, "record Absent: `complete` by another token, expected Lost"),
        (
            Fault::ReleaseDeletes,
            "record Released: `claim` with a new token, expected New of attempt 2",
        ),
        (Fault::ReadsThenWrites, "record Absent: 32 claims at the same time"),
        (
            Fault::RenewDoesNothing,
            "record LeaseOver: `claim` after `renew` by the owner, expected InFl",
        ),
        (
            Fault::FencesStand,
            "record ExpiredInFlight: `claim` with a new token, expected New of attem",
        ),
        (
            Fault::SameTokenIsAStranger,
            "record LeaseValid: `claim` with the same token, expected the same New",
        ),
        (Fault::SweepsWithoutBound, "record Absent: `sweep(0)`, expected at most 0, got"),
        (Fault::ForgetsNothing, "record Absent: `claim` after `forget`, fence over"),
        (
            Fault::CompletedForEver,
            "record ExpiredCompleted: `claim` with a new token, expected New",
        ),
        (Fault::IgnoresTheBody, "record LeaseValid: `claim` with a new token and another body"),
        (Fault::Unreachable, "`claim` failed: StoreError { kind: Unavailable"),
    ];
    for (fault, cell) in cells {
        let verdict = verdict(fault).await;
        assert!(verdict.contains(cell), "{fault:?}: {verdict}");
    }
}

#[tokio::test]
async fn the_kit_can_run_on_a_task_of_a_runtime_with_many_threads() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let clock = ManualClock::at_unix(START);
    let make_store = {
        let clock = clock.clone();
        move || std::future::ready(MemoryStore::builder().clock(clock.clone()).build())
    };
    is_send(store_contract(make_store, &clock)).await;
}

#[tokio::test]
async fn a_failing_store_that_is_not_told_to_fail_keeps_the_contract() {
    let clock = ManualClock::at_unix(START);
    let make_store =
        async || FailingStore::new(MemoryStore::builder().clock(clock.clone()).build());
    store_contract(make_store, &clock).await;
}

#[tokio::test]
async fn hanging_claims_go_through_once_the_store_is_healed() {
    let store = FailingStore::default();
    store.hang_claims();
    let hanging = tokio::spawn({
        let store = store.clone();
        async move {
            let (key, token) = (Key::from_bytes([1; 32]), Token::from_bytes([2; 16]));
            let body = tower_webhooks::store::Fingerprint::from_bytes([3; 32]);
            let minute = Duration::from_secs(60);
            store.claim(&Claim::new(&key, &token, &body, minute, 2 * minute)).await
        }
    });
    while store.claims() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!hanging.is_finished());
    store.heal();
    assert!(matches!(hanging.await.unwrap(), Ok(Outcome::New { .. })));
}
