//! Where owner tokens come from.

#![allow(
    dead_code,
    reason = "only `WebhookLayer` and the inbox claim, which needs feature `tokio`"
)]

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

use super::Token;

/// Makes tokens that are unique, without a system call for each: a random start and a counter.
///
/// The start is drawn with the first token, not when a service is configured: a server that is
/// configured first and forks its workers afterwards has a start of its own in each of them. Should
/// a process fork later, the clock that is mixed in tells the copies apart.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    start: OnceLock<Start>,
    made: AtomicU64,
}

#[derive(Debug)]
struct Start {
    random: [u64; 2],
    at: Instant,
}

impl Tokens {
    pub(crate) fn next(&self) -> Token {
        let Start { random: [high, low], at } = self.start.get_or_init(Start::draw);
        let elapsed = u64::try_from(at.elapsed().as_nanos()).unwrap_or(u64::MAX);
        // The counter alone makes the tokens of one process unique; it may wrap.
        let number = low.wrapping_add(self.made.fetch_add(1, Ordering::Relaxed));
        let token = (u128::from(high ^ elapsed) << 64) | u128::from(number);
        Token::from_bytes(token.to_be_bytes())
    }
}

impl Start {
    fn draw() -> Self {
        let random = random().unwrap_or_else(improvised);
        Self { random, at: Instant::now() }
    }
}

fn random() -> Option<[u64; 2]> {
    Some([getrandom::u64().ok()?, getrandom::u64().ok()?])
}

/// A start for a system without a source of randomness. A token need not be secret, so what tells
/// processes and moments apart will do.
fn improvised() -> [u64; 2] {
    let here = (std::process::id(), SystemTime::now(), std::thread::current().id());
    [RandomState::new().hash_one(here), RandomState::new().hash_one(here)]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tokens_of_one_process_are_all_different() {
        let tokens = Tokens::default();
        let made: HashSet<Token> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..10_000).map(|_| tokens.next()).collect::<Vec<_>>()))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(made.len(), 40_000);
    }

    #[test]
    fn two_sources_share_no_token() {
        let (first, second) = (Tokens::default(), Tokens::default());
        let made: HashSet<Token> = (0..1_000).flat_map(|_| [first.next(), second.next()]).collect();
        assert_eq!(made.len(), 2_000);
    }

    #[test]
    fn a_process_that_forks_after_its_first_token_makes_others_in_each_copy() {
        let (parent, at) = (Tokens::default(), Instant::now());
        parent.next();
        let random = parent.start.get().unwrap().random;
        let made = parent.made.load(Ordering::Relaxed);
        let child = Tokens { start: Start { random, at }.into(), made: made.into() };
        assert_ne!(parent.next(), child.next());
    }

    #[test]
    fn without_a_source_of_randomness_two_starts_still_differ() {
        assert_ne!(improvised(), improvised());
    }
}
