//! The memory store at a million and at ten million completed events: claims a second on one
//! thread, bytes a record, the longest claim while the store grows and while its records expire.
//!
//! `cargo bench --bench memory_store`; with `-- quick` a tenth of the records.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tower_webhooks::Clock;
use tower_webhooks::store::{
    Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, MemoryStore, Outcome, Token,
};

const LEASE: Duration = Duration::from_secs(60);
const TTL: Duration = Duration::from_secs(3_600);
const DONE: Completion = Completion::new(204);
/// Claims timed at full size: new ones, as many as would not make the store much larger.
const TIMED: u64 = 200_000;

struct Figures {
    claims: f64,
    claims_and_completes: f64,
    duplicates: f64,
    bytes: f64,
    longest_growing: Duration,
    longest_expiring: Duration,
    dropped: u64,
}

/// The sizes and their aims: millions of claims a second, and milliseconds.
const SIZES: [(u64, f64, u64); 2] = [(1_000_000, 1.2, 10), (10_000_000, 1.0, 30)];

/// Each size in a process of its own, so that what one left behind is not counted for the other.
fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let size = arguments.iter().find_map(|argument| argument.parse::<usize>().ok());
    let quick = arguments.iter().any(|argument| argument == "quick");
    match size.and_then(|size| SIZES.get(size)) {
        Some(&(records, claims, longest)) => {
            let records = if quick { records / 10 } else { records };
            report(records, &measure(records), (claims, longest));
        }
        None if arguments.iter().any(|argument| argument == "--bench") => {
            (0..SIZES.len()).for_each(|size| measure_apart(size, quick));
        }
        None => println!("measures nothing outside `cargo bench`"),
    }
}

fn measure_apart(size: usize, quick: bool) {
    let program = std::env::current_exe().expect("a running program has a file");
    let status = std::process::Command::new(program)
        .arg(size.to_string())
        .args(quick.then_some("quick"))
        .status()
        .expect("the bench starts itself");
    assert!(status.success(), "{status}");
}

/// Rows of the table that `scripts/bench` prints: aim, what, bound, measured, reached.
fn report(records: u64, figures: &Figures, (claims, longest): (f64, u64)) {
    let row = |what: &str, bound: &str, measured: f64, reached: bool| {
        let reached = if reached { "yes" } else { "NO" };
        println!("| 11 | {what}, {records} records | {bound} | {measured:.3} | {reached} |");
    };
    let rates = [
        ("new claims, M/s", figures.claims),
        ("new claims completed, M/s", figures.claims_and_completes),
        ("duplicates, M/s", figures.duplicates),
    ];
    for (what, rate) in rates {
        let millions = rate / 1e6;
        row(what, &format!(">= {claims}"), millions, millions >= claims);
    }
    row("bytes a completed record", "<= 48", figures.bytes, figures.bytes <= 48.0);
    let waits = [
        ("longest claim while growing, ms".to_owned(), figures.longest_growing),
        (
            format!("longest claim while expiring, ms ({} dropped)", figures.dropped),
            figures.longest_expiring,
        ),
    ];
    for (what, wait) in waits {
        let bound = Duration::from_millis(longest);
        row(&what, &format!("<= {longest}"), wait.as_secs_f64() * 1e3, wait <= bound);
    }
}

fn measure(records: u64) -> Figures {
    let clock = MovedClock::default();
    // Room for all, with the shards that a store of the default size has.
    let most = usize::try_from(records).unwrap_or(usize::MAX).saturating_mul(2).max(10_000_000);
    let resident_before = resident();
    let store = MemoryStore::builder().max_entries(most).clock(clock.clone()).build();

    let mut longest_growing = Duration::ZERO;
    for number in 0..records {
        longest_growing = longest_growing.max(timed(|| claim(&store, number)));
        complete(&store, number);
    }
    #[allow(clippy::cast_precision_loss, reason = "a report in three digits")]
    let bytes = resident().saturating_sub(resident_before) as f64 / records as f64;
    assert_eq!(store.len() as u64, records);

    let duplicates = rate(TIMED, |number| {
        let number = scatter(number) % records;
        assert!(matches!(claim(&store, number), Outcome::Completed { .. }));
    });
    let claims = claims_alone(&store, records);
    // A fifth more: each shard makes its index anew once or twice meanwhile.
    let claims_and_completes = rate(records / 5, |number| {
        claim(&store, records + TIMED + number);
        complete(&store, records + TIMED + number);
    });

    clock.advance(2 * TTL);
    let before = store.len() as u64;
    let mut longest_expiring = Duration::ZERO;
    for number in 0..records / 2 {
        let number = 2 * records + number;
        longest_expiring = longest_expiring.max(timed(|| claim(&store, number)));
        complete(&store, number);
    }
    let dropped = before + records / 2 - store.len() as u64;
    Figures {
        claims,
        claims_and_completes,
        duplicates,
        bytes,
        longest_growing,
        longest_expiring,
        dropped,
    }
}

fn claim(store: &MemoryStore, number: u64) -> Outcome {
    let (key, token, body) = names(number);
    ready(store.claim(&Claim::new(&key, &token, &body, LEASE, TTL))).expect("there is room")
}

fn complete(store: &MemoryStore, number: u64) {
    let (key, token, _) = names(number);
    let held = ready(store.complete(&key, &token, &DONE, TTL)).expect("the memory store answers");
    assert_eq!(held, Held::Held);
}

/// A thousand claims at a time, which are completed while nobody looks.
#[allow(clippy::cast_precision_loss, reason = "a report in three digits")]
fn claims_alone(store: &MemoryStore, from: u64) -> f64 {
    const AT_A_TIME: usize = 1_000;
    let mut spent = Duration::ZERO;
    for first in (from..from + TIMED).step_by(AT_A_TIME) {
        let numbers = first..first + AT_A_TIME as u64;
        spent += timed(|| {
            for number in numbers.clone() {
                black_box(claim(store, number));
            }
        });
        numbers.for_each(|number| complete(store, number));
    }
    TIMED as f64 / spent.as_secs_f64()
}

fn names(number: u64) -> (Key, Token, Fingerprint) {
    let mut key = [0; 32];
    for (part, word) in key.chunks_exact_mut(8).zip(0..) {
        part.copy_from_slice(&scatter(number ^ word << 56).to_le_bytes());
    }
    let mut token = [0; 16];
    token[..8].copy_from_slice(&number.to_le_bytes());
    (Key::from_bytes(key), Token::from_bytes(token), Fingerprint::from_bytes(key))
}

/// splitmix64, by Sebastiano Vigna.
const fn scatter(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("the memory store waits for nothing"),
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

#[allow(clippy::cast_precision_loss, reason = "a report in three digits")]
fn rate(times: u64, work: impl FnMut(u64)) -> f64 {
    let start = Instant::now();
    (0..times).for_each(work);
    times as f64 / start.elapsed().as_secs_f64()
}

/// Bytes of this process's own in memory. An allocator that counts would be exact, but takes `unsafe`,
/// which the crate forbids.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Anonymous:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|n| n.parse().ok());
    kib.unwrap_or(0_u64) * 1024
}

/// The system's clock, which can be moved forward.
#[derive(Debug, Clone, Default)]
struct MovedClock {
    ahead: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl MovedClock {
    fn advance(&self, by: Duration) {
        self.ahead.fetch_add(by.as_secs(), std::sync::atomic::Ordering::Relaxed);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> SystemTime {
        let ahead = self.ahead.load(std::sync::atomic::Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UNIX_EPOCH + now + Duration::from_secs(ahead)
    }
}
