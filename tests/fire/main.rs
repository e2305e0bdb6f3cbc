//! Proof under fire: real servers, real sockets, real processes that are killed.
//!
//! The short form runs with all other tests. The long form, ten times as many of everything, by
//! `scripts/fire`. Each test prints its seed; `FIRE_SEED=<seed>` takes the same again, though what
//! the machine does in between is never the same.
#![cfg(all(
    feature = "store-sqlite",
    feature = "store-postgres",
    feature = "store-redis",
    feature = "testing"
))]
#![allow(unreachable_pub, reason = "the modules of a test are seen by nobody else")]

#[path = "../support/mod.rs"]
mod support;

mod bank;
mod duplicates;
mod faults;
mod fleet;
mod full;
mod history;
mod inbox;
mod kills;
mod outages;
mod receiver;
mod sender;
mod servers;
mod transactions;
mod watched;

/// The same test on several stores at once: most of it is to wait for leases.
async fn at_once<T>(tests: impl IntoIterator<Item = T>)
where
    T: Future<Output = ()> + Send + 'static,
{
    let mut running: tokio::task::JoinSet<_> = tests.into_iter().collect();
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// How many of something: the first in the short form, the second in the long one.
fn short_or_long(short: usize, long: usize) -> usize {
    if std::env::var("FIRE").is_ok_and(|form| form == "long") { long } else { short }
}

/// A new seed, printed for when the test fails.
fn seed(of: &str) -> u64 {
    let given = std::env::var("FIRE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| {
        let mut random = [0; 4];
        getrandom::fill(&mut random).expect("the system has random bytes");
        u32::from_le_bytes(random).into()
    });
    println!("{of}: FIRE_SEED={seed}");
    seed
}
