//! The contract of a store as a test.

mod beyond;
mod join;
mod subject;
mod table;
mod time;

pub use time::{RealTime, StoreTime};

use std::future::Future;

use crate::store::IdempotencyStore;

/// Runs the contract of [`IdempotencyStore`] against a store: every cell of the table in the
/// [`store` module](crate::store), and besides it
///
/// - many claims of one key at the same time: exactly one is `New`, for a new key and for one
///   whose lease is over;
/// - a claim that was taken over can neither be completed, nor released, nor renewed;
/// - fences grow with every owner, across expiry and across `forget`;
/// - leases and records end when they should and not before, a completed record after the time
///   that `complete` gave;
/// - `forget` works in every state, `sweep` keeps to its bound and to expired records.
///
/// `make_store` is asked for a store several times. It may give the same one, also one with other
/// records in it: the kit's keys are random. `time` is how the store's time passes: a
/// [`ManualClock`](super::ManualClock) that the store reads, or a [`RealTime`] where a server
/// keeps it.
///
/// It needs no async runtime of its own.
///
/// # Panics
///
/// If the store breaks the contract, with the cell and what was expected; if the store returns an
/// error; if the operating system gives no random bytes.
///
/// # Example
///
/// The test a user would write, for a store on a clock of its own:
///
/// ```
/// use tower_webhooks::store::MemoryStore;
/// use tower_webhooks::testing::{ManualClock, store_contract};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = ManualClock::at_unix(1_767_225_600);
/// let make_store = async || MemoryStore::builder().clock(clock.clone()).build();
/// store_contract(make_store, &clock).await;
/// assert!(clock_was_moved(&clock));
/// # }
/// # use tower_webhooks::Clock;
/// # fn clock_was_moved(clock: &ManualClock) -> bool {
/// #     clock.now() != ManualClock::at_unix(1_767_225_600).now()
/// # }
/// ```
///
/// For one whose server keeps the time, see [`RealTime`].
pub async fn store_contract<S, F, Fut, T>(make_store: F, time: &T)
where
    S: IdempotencyStore,
    F: Fn() -> Fut,
    Fut: Future<Output = S>,
    T: StoreTime,
{
    table::run(&make_store().await, time).await;
    beyond::one_winner(&make_store().await, time).await;
    beyond::lost_lease(&make_store().await, time).await;
    beyond::fences_grow(&make_store().await, time).await;
    beyond::ends_in_time(&make_store().await, time).await;
    beyond::forgets(&make_store().await, time).await;
    beyond::sweeps(&make_store().await, time).await;
}
