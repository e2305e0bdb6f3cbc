//! A store that is down is asked once a second, not by every request.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::observe::Observation;
use crate::store::{Key, StoreError, StoreErrorKind};

/// So many failures in a row, and the store counts as down.
const FAILURES: u32 = 5;
/// How long it is then left alone, before one claim may try again.
const PAUSE: Duration = Duration::from_secs(1);

/// What a layer knows of the health of its store.
///
/// A store that does not answer makes each request wait for its time-out, and each of those asks it
/// once more. After a few failures in a row claims are refused at once; after a pause one of them
/// is let through to see. Any answer to it closes the circuit, also "full" or "I cannot read this
/// record": then the store is there.
///
/// Time-outs of one key in a row count as one: a record that is locked, by a handler that completes
/// it in a long transaction, makes its duplicates wait, and says nothing of other events.
///
/// Only claims count, and only claims are held back. There are no more completions and releases
/// than runs that began, and completions wait longer and longer by themselves.
#[derive(Debug)]
pub(crate) struct Circuit {
    start: Instant,
    failures: AtomicU32,
    /// Milliseconds from `start`.
    next_try: AtomicU64,
    /// The key of the last claim that timed out.
    last_late: AtomicU64,
}

/// What an answer changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Down,
    Back,
}

impl Turn {
    pub(crate) const fn observation(self) -> Observation<'static> {
        match self {
            Self::Down => Observation::StoreDown {},
            Self::Back => Observation::StoreBack {},
        }
    }
}

impl Circuit {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            failures: AtomicU32::new(0),
            next_try: AtomicU64::new(0),
            last_late: AtomicU64::new(0),
        }
    }

    /// Whether a claim may be asked for now.
    pub(crate) fn lets_pass(&self) -> bool {
        if self.failures.load(Ordering::Relaxed) < FAILURES {
            return true;
        }
        let now = self.now();
        let next_try = self.next_try.load(Ordering::Relaxed);
        // Whoever moves the time on is the one to try. If it never reports, another may after it.
        now >= next_try
            && self
                .next_try
                .compare_exchange(next_try, after_pause(now), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Takes note of the answer to a claim of `key`, and says if that turned anything.
    pub(crate) fn note<T>(&self, key: &Key, answer: &Result<T, StoreError>) -> Option<Turn> {
        match answer.as_ref().map_err(StoreError::kind) {
            Err(StoreErrorKind::Unavailable) => self.failed(),
            Err(StoreErrorKind::Timeout) if self.is_another(key) => self.failed(),
            Err(StoreErrorKind::Timeout) => {
                self.pause();
                None
            }
            _ => self.answered(),
        }
    }

    fn answered(&self) -> Option<Turn> {
        // Read first: a store that is well must not cost every request a write to shared memory.
        let was_down = self.failures.load(Ordering::Relaxed) > 0
            && self.failures.swap(0, Ordering::Relaxed) >= FAILURES;
        was_down.then_some(Turn::Back)
    }

    /// Whether the last claim that timed out was of another key.
    fn is_another(&self, key: &Key) -> bool {
        let key = tag(key);
        self.last_late.swap(key, Ordering::Relaxed) != key
    }

    /// No other try before the pause is over.
    fn pause(&self) {
        self.next_try.store(after_pause(self.now()), Ordering::Relaxed);
    }

    fn failed(&self) -> Option<Turn> {
        self.pause();
        let before = self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |failures| {
            Some(failures.saturating_add(1))
        });
        (before == Ok(FAILURES - 1)).then_some(Turn::Down)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Enough of a key to tell it from the one before.
fn tag(key: &Key) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *key.as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn after_pause(now: u64) -> u64 {
    now.saturating_add(u64::try_from(PAUSE.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: Result<(), StoreErrorKind> = Err(StoreErrorKind::Unavailable);

    fn note(circuit: &Circuit, answer: Result<(), StoreErrorKind>) {
        circuit.note(&Key::from_bytes([0; 32]), &answer.map_err(StoreError::from));
    }

    #[tokio::test(start_paused = true)]
    async fn one_key_that_times_out_again_and_again_is_not_an_outage() {
        let circuit = Circuit::new();
        let key = Key::from_bytes([7; 32]);
        for _ in 0..10 * FAILURES {
            circuit.note(&key, &Err::<(), _>(StoreErrorKind::Timeout.into()));
        }
        assert!(circuit.lets_pass());
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_fails_five_times_in_a_row_is_asked_once_a_second() {
        let circuit = Circuit::new();
        for _ in 0..FAILURES {
            assert!(circuit.lets_pass());
            note(&circuit, DOWN);
        }
        for _ in 0..3 {
            assert!(!circuit.lets_pass());
            tokio::time::advance(PAUSE).await;
            assert!(circuit.lets_pass());
            assert!(!circuit.lets_pass());
            note(&circuit, DOWN);
        }
        tokio::time::advance(PAUSE).await;
        assert!(circuit.lets_pass());
        note(&circuit, Ok(()));
        assert!(circuit.lets_pass() && circuit.lets_pass());
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_never_reports_does_not_keep_the_circuit_open() {
        let circuit = Circuit::new();
        (0..FAILURES).for_each(|_| note(&circuit, DOWN));
        tokio::time::advance(PAUSE).await;
        assert!(circuit.lets_pass());
        tokio::time::advance(PAUSE).await;
        assert!(circuit.lets_pass());
    }

    #[tokio::test(start_paused = true)]
    async fn failures_that_are_not_in_a_row_and_answers_that_say_no_are_no_outage() {
        let circuit = Circuit::new();
        for _ in 0..10 {
            (1..FAILURES).for_each(|_| note(&circuit, DOWN));
            note(&circuit, Err(StoreErrorKind::Full));
            assert!(circuit.lets_pass());
        }
        (0..10).for_each(|_| note(&circuit, Err(StoreErrorKind::Corrupt)));
        assert!(circuit.lets_pass());
    }
}
