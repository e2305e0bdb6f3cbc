//! What tests of webhook endpoints and of stores need (feature `testing`).
//!
//! - [`Signer`] signs requests as a sender does, for every [`Provider`](crate::Provider), your own
//!   included: start with a valid one, and break one thing.
//! - [`ManualClock`] stands where the test puts it; the layer and the memory store read it.
//! - [`FailingStore`] breaks a store in the ways a server breaks.
//! - [`store_contract`] runs the whole contract of
//!   [`IdempotencyStore`](crate::store::IdempotencyStore) against a store of your own.
//!
//! An endpoint on a bad day, without a real clock and without waiting:
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//! use serde_json::{Value, json};
//! use tower_layer::Layer;
//! use tower_webhooks::store::StoreErrorKind;
//! use tower_webhooks::testing::{FailingStore, ManualClock, Signer};
//! use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};
//! # type Body = http_body_util::Full<bytes::Bytes>;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let stripe = Signer::demo(&STRIPE)?;
//! let (clock, store) = (ManualClock::at(stripe.now()), FailingStore::default());
//! let billing = WebhookLayer::builder("billing", stripe.verifier().build()?)
//!     .clock(clock.clone())
//!     .store(store.clone())
//!     .build()?;
//! let handler = tower::service_fn(|_: Event<Value>| async { Ok::<_, Infallible>(()) });
//! let mut service = billing.events().layer(handler);
//! let event = stripe.json(json!({"id": "evt_1"}));
//!
//! store.fail_claims(StoreErrorKind::Unavailable);
//! assert_eq!(event.clone().send::<_, Body>(&mut service).await?.status(), 503);
//!
//! store.heal();
//! assert_eq!(event.clone().send::<_, Body>(&mut service).await?.status(), 200);
//!
//! clock.advance(Duration::from_secs(301));
//! assert_eq!(event.send::<_, Body>(&mut service).await?.status(), 401);
//! # Ok(())
//! # }
//! ```

mod conformance;
mod draft;
mod failing_store;
mod fixture;
mod manual_clock;
mod sign;
mod signer;

pub use conformance::{RealTime, StoreTime, store_contract};
pub use failing_store::FailingStore;
pub use fixture::Fixture;
pub use manual_clock::ManualClock;
pub use signer::Signer;
