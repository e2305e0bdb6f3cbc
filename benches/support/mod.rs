//! What the benches share: signed requests, sides that are measured in turns, rows of the table.

#![allow(dead_code, reason = "each bench uses its part")]

use std::time::{Duration, Instant};

use bytes::Bytes;
use hmac::{Hmac, KeyInit};
use http::Request;
use sha2::Sha256;
use tower_webhooks::Provider;
use tower_webhooks::providers::{GITHUB, SLACK, STANDARD_WEBHOOKS, STRIPE};
use tower_webhooks::testing::Signer;

pub(crate) const KIB: usize = 1024;
pub(crate) const MIB: usize = 1024 * KIB;

/// What a figure is held against.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Reported beside a figure that has a bound.
    None,
}

/// Prints a row of the table: aim, what, bound, measured, reached.
pub(crate) fn row(aim: u32, what: &str, bound: Bound, measured: f64) {
    let (bound, reached) = match bound {
        Bound::AtMost(most) => (format!("<= {most}"), Some(measured <= most)),
        Bound::AtLeast(least) => (format!(">= {least}"), Some(measured >= least)),
        Bound::None => (String::new(), None),
    };
    let reached = reached.map_or("", |reached| if reached { "yes" } else { "NO" });
    println!("| {aim} | {what} | {bound} | {} | {reached} |", digits(measured));
}

/// Prints a row for what could not be measured here.
pub(crate) fn skipped(aim: u32, what: &str, why: &str) {
    println!("| {aim} | {what} | | {why} | skipped |");
}

fn digits(figure: f64) -> String {
    if figure.fract() == 0.0 || figure.abs() >= 100.0 {
        format!("{figure:.0}")
    } else {
        format!("{figure:.3}")
    }
}

pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        0..KIB => format!("{bytes} B"),
        KIB..MIB => format!("{} KiB", bytes / KIB),
        _ => format!("{} MiB", bytes / MIB),
    }
}

/// What [`in_turns`] found: the median time of one call of each side, and the median over the
/// rounds of its ratio to the first side.
pub(crate) struct Turns<const N: usize> {
    pub(crate) nanos: [f64; N],
    pub(crate) over_first: [f64; N],
}

/// Measures the sides in short batches, one after the other, forwards and backwards, for `spend`.
/// A neighbour that slows the machine down slows all sides of a round, and the medians leave out
/// the rounds in which it slowed down one.
pub(crate) fn in_turns<const N: usize>(
    spend: Duration,
    mut sides: [&mut dyn FnMut(); N],
) -> Turns<N> {
    const BATCH: Duration = Duration::from_micros(150);
    sides.iter_mut().for_each(|side| (0..3).for_each(|_| side()));
    let once = batch(&mut *sides[0], 10).max(1e-9);
    let calls = ((BATCH.as_secs_f64() * 1e9 / once) as u32).clamp(1, 10_000);

    let mut rounds: Vec<[f64; N]> = Vec::new();
    let start = Instant::now();
    while start.elapsed() < spend || rounds.len() < 20 {
        let mut round = [0.0; N];
        let mut order: [usize; N] = std::array::from_fn(|index| index);
        if rounds.len() % 2 == 1 {
            order.reverse();
        }
        for index in order {
            round[index] = batch(&mut *sides[index], calls);
        }
        rounds.push(round);
    }
    Turns {
        nanos: std::array::from_fn(|side| median(rounds.iter().map(|round| round[side]))),
        over_first: std::array::from_fn(|side| {
            median(rounds.iter().map(|round| round[side] / round[0]))
        }),
    }
}

/// Nanoseconds a call.
fn batch(side: &mut dyn FnMut(), calls: u32) -> f64 {
    let start = Instant::now();
    (0..calls).for_each(|_| side());
    start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A sender with its raw key, so that the bare HMAC can be computed beside the verification.
pub(crate) struct Sender {
    pub(crate) name: &'static str,
    pub(crate) provider: &'static Provider,
    pub(crate) secret: &'static str,
    pub(crate) key: &'static [u8],
}

const RAW: &[u8] = b"0123456789abcdef01234567";

/// GitHub first: it signs the body and nothing else.
pub(crate) const SENDERS: [Sender; 4] = [
    Sender {
        name: "GitHub",
        provider: &GITHUB,
        secret: "whsec_of_github",
        key: b"whsec_of_github",
    },
    Sender {
        name: "Slack",
        provider: &SLACK,
        secret: "8f742231b10e8888",
        key: b"8f742231b10e8888",
    },
    Sender {
        name: "Stripe",
        provider: &STRIPE,
        secret: "whsec_of_stripe",
        key: b"whsec_of_stripe",
    },
    Sender {
        name: "Standard Webhooks",
        provider: &STANDARD_WEBHOOKS,
        secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
        key: RAW,
    },
];

impl Sender {
    pub(crate) fn signer(&self) -> Signer {
        Signer::new(self.provider, self.secret).expect("the secret is in order")
    }

    /// A signed request with a JSON body of this size, whose id is this number.
    pub(crate) fn request(&self, size: usize, number: u64) -> Request<Bytes> {
        self.signer().event(body(size, number)).id(id(number)).request()
    }

    /// The HMAC after the key, which a careful receiver keeps.
    pub(crate) fn keyed(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(self.key).expect("HMAC takes keys of any length")
    }

    /// The signed content in one piece.
    pub(crate) fn content(&self, request: &Request<Bytes>) -> Vec<u8> {
        let now = self.signer().now();
        let since = now.duration_since(std::time::UNIX_EPOCH).expect("it is later than 1970");
        let time = since.as_secs();
        let before = match self.name {
            "GitHub" => String::new(),
            "Slack" => format!("v0:{time}:"),
            "Stripe" => format!("{time}."),
            _ => {
                let id = request.headers()["webhook-id"].to_str().expect("it is text");
                format!("{id}.{time}.")
            }
        };
        [before.as_bytes(), request.body()].concat()
    }
}

pub(crate) fn id(number: u64) -> String {
    format!("evt_{number:016}")
}

/// A JSON body of exactly this size.
pub(crate) fn body(size: usize, number: u64) -> Bytes {
    let id = id(number);
    let head = format!(r#"{{"id":"{id}","event_id":"{id}","type":"invoice.paid","text":""#);
    let mut body = head.into_bytes();
    let filler = b"The quick brown fox jumps over the lazy dog. ".iter().cycle();
    body.extend(filler.take(size - body.len() - 2));
    body.extend_from_slice(br#""}"#);
    assert_eq!(body.len(), size);
    Bytes::from(body)
}
