//! Tower middleware that verifies incoming webhooks.

mod clock;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use clock::{Clock, SystemClock};
