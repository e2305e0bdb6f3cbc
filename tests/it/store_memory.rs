//! `MemoryStore` against the store contract, its bounds, its clock and many threads.
//!
//! Random operations are in `store_memory_random.rs`.
#![cfg(feature = "testing")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use tower_webhooks::store::{
    Claim, Completion, Fence, Fingerprint, Held, IdempotencyStore, Key, MemoryStore, Outcome,
    StoreError, StoreErrorKind, Token,
};
use tower_webhooks::testing::{ManualClock, RealTime, store_contract};

const START: u64 = 1_767_225_600;
const LEASE: Duration = Duration::from_secs(60);
const TTL: Duration = Duration::from_secs(86_400);
const EVICTABLE: Duration = Duration::from_secs(600);
const DONE: Completion = Completion::new(204);

/// A small store on a clock of its own, called without a runtime: it never waits.
struct Setup {
    clock: ManualClock,
    store: MemoryStore,
}

impl Setup {
    fn new(max_entries: usize) -> Self {
        let clock = ManualClock::at_unix(START);
        let store = MemoryStore::builder().max_entries(max_entries).clock(clock.clone()).build();
        Self { clock, store }
    }

    #[track_caller]
    fn claim(&self, key: u64) -> Outcome {
        self.try_claim(key, TTL, None).expect("there is room")
    }

    fn try_claim(
        &self,
        key: u64,
        ttl: Duration,
        evictable_after: Option<Duration>,
    ) -> Result<Outcome, StoreError> {
        let (key, token, body) = names(key);
        let mut claim = Claim::new(&key, &token, &body, LEASE, ttl);
        claim.evictable_after = evictable_after;
        ready(self.store.claim(&claim))
    }

    /// A claim with a token that nobody has.
    fn probe(&self, key: u64) -> Result<Outcome, StoreError> {
        let (key, _, body) = names(key);
        let token = Token::from_bytes([0xFF; 16]);
        ready(self.store.claim(&Claim::new(&key, &token, &body, LEASE, TTL)))
    }

    #[track_caller]
    fn complete(&self, key: u64, ttl: Duration) {
        let (key, token, _) = names(key);
        let held = ready(self.store.complete(&key, &token, &DONE, ttl)).unwrap();
        assert_eq!(held, Held::Held);
    }

    /// A completed record that a full store may drop after ten minutes.
    #[track_caller]
    fn add_evictable(&self, key: u64) {
        self.try_claim(key, TTL, Some(EVICTABLE)).expect("there is room");
        self.complete(key, TTL);
    }

    #[track_caller]
    fn add_kept(&self, key: u64, ttl: Duration) {
        self.claim(key);
        self.complete(key, ttl);
    }

    #[track_caller]
    fn is_completed(&self, key: u64) {
        let got = self.probe(key).unwrap();
        assert!(matches!(got, Outcome::Completed { .. }), "{got:?}");
    }

    #[track_caller]
    fn is_full_for(&self, key: u64) {
        let error = self.try_claim(key, TTL, None).expect_err("there is nothing to drop");
        assert_eq!(error.kind(), StoreErrorKind::Full);
    }
}

fn names(number: u64) -> (Key, Token, Fingerprint) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    let mut token = [0; 16];
    token[..8].copy_from_slice(&number.to_le_bytes());
    (Key::from_bytes(bytes), Token::from_bytes(token), Fingerprint::from_bytes(bytes))
}

#[track_caller]
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the memory store waits for nothing"),
    }
}

fn fence(outcome: &Outcome) -> Option<Fence> {
    match outcome {
        Outcome::New { fence, .. } => Some(*fence),
        _ => None,
    }
}

#[test]
fn the_memory_store_keeps_the_contract() {
    let clock = ManualClock::at_unix(START);
    let make_store = async || MemoryStore::builder().clock(clock.clone()).build();
    ready(store_contract(make_store, &clock));
}

#[test]
fn one_small_store_keeps_the_contract_throughout() {
    let setup = Setup::new(200);
    ready(store_contract(async || setup.store.clone(), &setup.clock));
}

#[test]
fn the_contract_holds_on_time_that_really_passes() {
    let clock = ManualClock::at_unix(START);
    let sleep = async |by| clock.advance(by);
    let time = RealTime::new(Duration::from_secs(1), sleep);
    let make_store = async || MemoryStore::builder().clock(clock.clone()).build();
    ready(store_contract(make_store, &time));
}

#[test]
fn a_full_store_drops_expired_records_first() {
    let setup = Setup::new(3);
    setup.add_evictable(1);
    setup.add_kept(2, Duration::from_secs(700));
    setup.add_evictable(3);
    setup.clock.advance(Duration::from_secs(700));
    setup.claim(4);
    setup.is_completed(1);
    setup.is_completed(3);
    assert_eq!(setup.store.len(), 3);
}

#[test]
fn a_full_store_then_drops_the_oldest_that_it_may_drop() {
    let setup = Setup::new(3);
    for key in 1..=3 {
        setup.add_evictable(key);
        setup.clock.advance(Duration::from_secs(1));
    }
    setup.clock.advance(EVICTABLE);
    setup.claim(4);
    setup.is_completed(2);
    setup.is_completed(3);
    setup.claim(5);
    setup.is_completed(3);
    assert_eq!(setup.store.len(), 3);
}

#[test]
fn a_full_store_finds_what_it_may_drop_behind_what_it_may_not() {
    let setup = Setup::new(3);
    setup.try_claim(1, TTL, Some(EVICTABLE)).unwrap();
    setup.clock.advance(Duration::from_secs(30));
    setup.add_evictable(2);
    setup.complete(1, TTL);
    setup.add_kept(3, TTL);
    setup.clock.advance(EVICTABLE - Duration::from_secs(20));
    setup.claim(4);
    setup.is_completed(2);
    setup.is_completed(3);
    setup.is_full_for(5);
}

#[test]
fn a_record_is_not_dropped_before_its_signature_is_stale() {
    let setup = Setup::new(2);
    setup.add_evictable(1);
    setup.add_evictable(2);
    setup.clock.advance(EVICTABLE - Duration::from_secs(1));
    setup.is_full_for(3);
    setup.is_completed(1);
    setup.is_completed(2);
}

#[test]
fn a_record_whose_signature_has_no_time_is_not_dropped_before_its_ttl() {
    let setup = Setup::new(2);
    setup.add_kept(1, TTL);
    setup.add_kept(2, TTL);
    setup.clock.advance(TTL - Duration::from_secs(1));
    setup.is_full_for(3);
    setup.clock.advance(Duration::from_secs(1));
    setup.claim(3);
}

#[test]
fn a_claim_in_flight_or_failed_is_never_dropped() {
    let setup = Setup::new(2);
    setup.try_claim(1, TTL, Some(EVICTABLE)).unwrap();
    setup.try_claim(2, TTL, Some(EVICTABLE)).unwrap();
    let (key, token, _) = names(2);
    assert_eq!(ready(setup.store.release(&key, &token)).unwrap(), Held::Held);
    setup.clock.advance(EVICTABLE * 2);
    setup.is_full_for(3);
    let again = setup.claim(2);
    assert!(matches!(again, Outcome::New { attempt: 2, .. }), "{again:?}");
}

#[test]
fn a_full_store_still_answers_for_what_it_knows() {
    let setup = Setup::new(2);
    setup.add_kept(1, TTL);
    setup.claim(2);
    setup.is_completed(1);
    assert!(matches!(setup.probe(2).unwrap(), Outcome::InFlight { .. }));
    setup.complete(2, TTL);
    setup.is_completed(2);
    setup.is_full_for(3);
}

#[test]
fn a_large_full_store_finds_room_in_any_shard() {
    let setup = Setup::new(100_000);
    for key in 0..100_000 {
        setup.claim(key);
    }
    assert_eq!(setup.store.len(), 100_000);
    setup.is_full_for(100_000);
    setup.complete(77, Duration::from_secs(5));
    setup.clock.advance(Duration::from_secs(5));
    setup.claim(100_000);
    setup.is_full_for(100_001);
}

#[test]
fn the_bound_holds_while_records_come_and_go() {
    let setup = Setup::new(1_000);
    for key in 0..20_000 {
        setup.add_evictable(key);
        assert!(setup.store.len() <= 1_000, "{} records", setup.store.len());
        setup.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(setup.store.len(), 1_000);
    setup.is_completed(19_999);
}

#[test]
fn a_bound_of_zero_is_one() {
    let setup = Setup::new(0);
    setup.claim(1);
    setup.is_full_for(2);
}

#[test]
fn expired_records_are_dropped_in_passing() {
    let setup = Setup::new(1_000);
    for key in 0..900 {
        setup.add_kept(key, Duration::from_secs(10));
    }
    setup.clock.advance(Duration::from_secs(10));
    for key in 1_000..1_300 {
        setup.claim(key);
    }
    assert_eq!(setup.store.len(), 300);
}

#[test]
fn an_expired_record_that_was_not_dropped_yet_is_no_record() {
    let setup = Setup::new(1_000);
    for key in 0..50 {
        setup.add_kept(key, Duration::from_secs(70));
        setup.try_claim(100 + key, Duration::from_secs(70), None).unwrap();
    }
    setup.clock.advance(Duration::from_secs(70));
    for key in [49, 149] {
        let (name, token, _) = names(key);
        let done = ready(setup.store.complete(&name, &token, &DONE, TTL)).unwrap();
        assert_eq!(done, Held::Lost);
        assert!(!ready(setup.store.forget(&name)).unwrap());
    }
    for key in [48, 148] {
        let got = setup.probe(key).unwrap();
        assert!(matches!(got, Outcome::New { attempt: 1, .. }), "{got:?}");
    }
    assert!(setup.store.len() > 50, "most of them are there still");
    assert!(ready(setup.store.sweep(u32::MAX)).unwrap() > 50);
    assert_eq!(setup.store.len(), 2);
}

#[test]
fn a_sweep_keeps_to_its_bound_and_takes_no_live_record() {
    let setup = Setup::new(100_000);
    for key in 0..100 {
        setup.add_kept(key, Duration::from_secs(10));
        setup.add_kept(1_000 + key, TTL);
        setup.try_claim(2_000 + key, LEASE, None).unwrap();
    }
    let before = setup.store.len();
    assert_eq!(before, 300);
    assert_eq!(ready(setup.store.sweep(10)).unwrap(), 0);
    setup.clock.advance(LEASE);
    assert_eq!(ready(setup.store.sweep(7)).unwrap(), 7);
    assert_eq!(ready(setup.store.sweep(u32::MAX)).unwrap(), 193);
    assert_eq!(setup.store.len(), 100);
    for key in 1_000..1_100 {
        setup.is_completed(key);
    }
}

#[test]
fn records_of_many_lifetimes_all_go_in_the_end() {
    let setup = Setup::new(10_000);
    for key in 0..2_000 {
        setup.add_kept(key, Duration::from_secs(1 + key * 7_919 % 500));
    }
    setup.clock.advance(Duration::from_secs(500));
    assert_eq!(ready(setup.store.sweep(u32::MAX)).unwrap(), 2_000);
    assert!(setup.store.is_empty());
}

#[test]
fn a_record_is_remembered_up_to_a_second_longer_never_shorter() {
    let setup = Setup::new(10);
    setup.clock.advance(Duration::from_millis(300));
    setup.add_kept(1, Duration::from_millis(1_500));
    setup.clock.advance(Duration::from_millis(1_699));
    setup.is_completed(1);
    setup.clock.advance(Duration::from_millis(1));
    assert!(matches!(setup.probe(1).unwrap(), Outcome::New { attempt: 1, .. }));
}

#[test]
fn a_lease_that_outlasts_the_ttl_keeps_its_record() {
    let setup = Setup::new(10);
    setup.try_claim(1, Duration::from_secs(1), None).unwrap();
    setup.clock.advance(LEASE - Duration::from_secs(1));
    assert!(matches!(setup.probe(1).unwrap(), Outcome::InFlight { .. }));
    setup.clock.advance(Duration::from_secs(1));
    assert!(matches!(setup.probe(1).unwrap(), Outcome::New { attempt: 1, .. }));
}

#[test]
fn the_longest_durations_overflow_nothing() {
    let setup = Setup::new(2);
    let (key, token, body) = names(1);
    let claim = Claim::new(&key, &token, &body, Duration::MAX, Duration::MAX)
        .evictable_after(Duration::MAX);
    assert!(matches!(ready(setup.store.claim(&claim)).unwrap(), Outcome::New { .. }));
    assert!(matches!(setup.probe(1).unwrap(), Outcome::InFlight { .. }));
    assert_eq!(ready(setup.store.renew(&key, &token, Duration::MAX)).unwrap(), Held::Held);
    setup.complete(1, Duration::MAX);
    setup.clock.advance(Duration::from_secs(200 * 366 * 86_400));
    setup.is_completed(1);
    setup.claim(2);
    setup.is_full_for(3);
}

#[test]
fn a_clock_set_back_breaks_nothing_and_fences_still_grow() {
    let setup = Setup::new(100);
    let first = setup.claim(1);
    setup.add_evictable(2);
    for back in [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - Duration::from_secs(9)] {
        setup.clock.set(back);
        assert!(matches!(setup.probe(1).unwrap(), Outcome::InFlight { .. }));
        setup.is_completed(2);
        setup.add_evictable(back.elapsed().unwrap().as_secs());
        assert_eq!(ready(setup.store.sweep(10)).unwrap(), 0);
    }
    let (key, token, _) = names(1);
    assert_eq!(ready(setup.store.release(&key, &token)).unwrap(), Held::Held);
    let second = setup.claim(1);
    assert!(fence(&second) > fence(&first), "{first:?}, then {second:?}");
}

#[test]
fn fences_grow_across_forget_while_the_clock_stands() {
    let setup = Setup::new(100);
    let (key, _, _) = names(1);
    let mut last = None;
    for _ in 0..10 {
        let got = setup.claim(1);
        assert!(fence(&got) > last, "{got:?} after {last:?}");
        last = fence(&got);
        assert!(ready(setup.store.forget(&key)).unwrap());
    }
    assert!(setup.store.is_empty());
}

#[test]
fn a_thousand_identical_claims_from_many_threads_have_one_winner() {
    let setup = Setup::new(10_000);
    let store = &setup.store;
    let new: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..10_u8)
            .map(|thread| scope.spawn(move || (0..100).filter(|&n| wins(store, thread, n)).count()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(new, 1);
    assert_eq!(store.len(), 1);
}

fn wins(store: &MemoryStore, thread: u8, number: u8) -> bool {
    let (key, _, body) = names(1);
    let mut token = [thread; 16];
    token[0] = number;
    let token = Token::from_bytes(token);
    let outcome = ready(store.claim(&Claim::new(&key, &token, &body, LEASE, TTL))).unwrap();
    matches!(outcome, Outcome::New { .. })
}

#[test]
fn threads_together_keep_the_bound() {
    let setup = Setup::new(5_000);
    let setup = &setup;
    let full: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let keys = thread * 10_000..thread * 10_000 + 1_000;
                scope
                    .spawn(move || keys.filter(|&k| setup.try_claim(k, TTL, None).is_err()).count())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(setup.store.len(), 5_000);
    assert_eq!(full, 3_000);
}

#[test]
fn clones_share_their_records() {
    let setup = Setup::new(10);
    let clone = setup.store.clone();
    setup.claim(1);
    assert_eq!(clone.len(), 1);
}

#[test]
fn a_record_written_while_the_clock_was_a_year_ahead_does_not_fill_the_store_for_good() {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let setup = Setup::new(100);
    setup.clock.advance(YEAR);
    setup.add_kept(0, TTL);
    setup.clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    for round in 0..5 {
        for key in 1..100 {
            setup.add_kept(round * 100 + key, TTL);
        }
        setup.clock.advance(TTL + Duration::from_secs(1));
    }
    ready(setup.store.sweep(1_000)).unwrap();
    assert!(setup.store.is_empty());
}

#[test]
fn what_has_expired_behind_a_record_that_stays_makes_room_and_is_swept() {
    let setup = Setup::new(200);
    // More lifetimes than there are lines, so that some share one.
    for key in 0..20 {
        setup.add_kept(key, Duration::from_secs(1_000_000 + key));
    }
    for round in 1..4 {
        let mut short = 0;
        while setup.try_claim(round * 1_000 + short, TTL, None).is_ok() {
            setup.complete(round * 1_000 + short, Duration::from_secs(100));
            short += 1;
        }
        assert_eq!(short, 180, "round {round}");
        setup.clock.advance(Duration::from_secs(101));
    }
    assert_eq!(ready(setup.store.sweep(1_000)).unwrap(), 180);
    assert_eq!(setup.store.len(), 20);
}

#[test]
fn what_may_be_dropped_behind_a_block_that_may_not_makes_room() {
    let setup = Setup::new(200);
    // A long run, completed last: what was claimed first is droppable first.
    for key in 100..200 {
        setup.try_claim(key, TTL, Some(EVICTABLE)).unwrap();
    }
    setup.clock.advance(EVICTABLE / 2);
    for key in 0..100 {
        setup.add_evictable(key);
    }
    for key in 100..200 {
        setup.complete(key, TTL);
    }
    setup.clock.advance(EVICTABLE / 2);
    for key in 200..300 {
        setup.add_kept(key, TTL);
    }
    setup.is_full_for(300);
    (0..100).for_each(|key| setup.is_completed(key));
}

#[test]
fn a_clock_set_back_during_a_run_neither_ends_its_lease_nor_keeps_it_beyond() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let setup = Setup::new(100);
    setup.clock.advance(HOUR);
    setup.claim(1);
    let (key, token, body) = names(2);
    let long = Claim::new(&key, &token, &body, 10 * LEASE, TTL);
    assert!(matches!(ready(setup.store.claim(&long)).unwrap(), Outcome::New { attempt: 1, .. }));
    setup.clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    let in_flight = |retry_after| Outcome::InFlight { retry_after, same_body: true };
    assert_eq!(setup.probe(1).unwrap(), in_flight(LEASE));
    assert_eq!(setup.probe(2).unwrap(), in_flight(10 * LEASE));
    setup.clock.advance(LEASE);
    assert!(matches!(setup.probe(1).unwrap(), Outcome::New { attempt: 2, .. }));
    assert_eq!(setup.probe(2).unwrap(), in_flight(9 * LEASE));
    setup.clock.advance(9 * LEASE);
    assert!(matches!(setup.probe(2).unwrap(), Outcome::New { attempt: 2, .. }));
}
