//! Tower middleware that verifies incoming webhooks.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod config_error;
pub mod doctor;
pub mod event;
#[cfg(feature = "axum")]
mod extract;
pub mod handshake;
mod keys;
#[cfg(feature = "tokio")]
pub mod layer;
pub mod provider;
pub mod providers;
mod rejection;
mod scheme;
mod secret;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;
mod verifier;
mod verifiers;

pub use clock::{Clock, SystemClock};
pub use config_error::{ConfigError, ConfigErrorKind};
pub use event::{Assurance, Event};
#[cfg(feature = "axum")]
pub use extract::EventRejection;
pub use keys::{KeySource, KeySourceError, Keys};
#[cfg(feature = "tokio")]
pub use layer::{EventLayer, EventService, WebhookLayer, WebhookLayerBuilder, WebhookService};
pub use provider::Provider;
pub use rejection::{Hint, Rejection, RejectionKind};
pub use scheme::forwarded::{Forwarding, PeerAddr};
pub use secret::{Secret, Secrets};
pub use verifier::{Verification, Verified, Verifier, VerifierBuilder};
pub use verifiers::Verifiers;
