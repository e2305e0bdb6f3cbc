//! Tower middleware that verifies incoming webhooks.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod config_error;
pub mod event;
pub mod handshake;
mod keys;
pub mod provider;
pub mod providers;
mod rejection;
mod scheme;
mod secret;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod verifier;

pub use clock::{Clock, SystemClock};
pub use config_error::{ConfigError, ConfigErrorKind};
pub use event::{Assurance, Event};
pub use keys::{KeySource, KeySourceError, Keys};
pub use provider::Provider;
pub use rejection::{Hint, Rejection, RejectionKind};
pub use secret::{Secret, Secrets};
pub use verifier::{Verification, Verified, Verifier, VerifierBuilder};
