//! What tests of webhook endpoints and of stores need (feature `testing`).
//!
//! - [`Signer`] signs requests as a sender does, for every [`Provider`](crate::Provider), your own
//!   included: start with a valid one, and break one thing.
//! - [`ManualClock`] stands where the test puts it; the layer and the memory store read it.
//! - [`FailingStore`] breaks a store in the ways a server breaks.
//! - [`store_contract`] runs the whole contract of
//!   [`IdempotencyStore`](crate::store::IdempotencyStore) against a store of your own.

mod conformance;
mod draft;
mod failing_store;
mod fixture;
mod manual_clock;
mod sign;
mod signer;

#[allow(unused_imports, reason = "for code that dresses fixtures")]
pub(crate) use draft::pair;

pub use conformance::{RealTime, StoreTime, store_contract};
pub use failing_store::FailingStore;
pub use fixture::Fixture;
pub use manual_clock::ManualClock;
pub use signer::Signer;
