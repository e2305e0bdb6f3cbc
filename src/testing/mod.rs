//! What tests of webhook endpoints and of stores need (feature `testing`).
//!
//! - [`ManualClock`] stands where the test puts it; the layer and the memory store read it.
//! - [`FailingStore`] breaks a store in the ways a server breaks.
//! - [`store_contract`] runs the whole contract of
//!   [`IdempotencyStore`](crate::store::IdempotencyStore) against a store of your own.

mod conformance;
mod failing_store;
mod manual_clock;

pub use conformance::{RealTime, StoreTime, store_contract};
pub use failing_store::FailingStore;
pub use manual_clock::ManualClock;
