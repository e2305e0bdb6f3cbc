//! The senders this crate knows.
//!
//! One file a sender, found by name with [`find`]. Each is a [`Provider`] made with the same
//! methods as your own; its documentation says what is signed, what is not, where the secret
//! stands in the sender's dashboard, and what names an event. The [crate docs](crate#providers) have
//! them in one table.
//!
//! ```
//! use std::time::Duration;
//! use tower_webhooks::providers::{self, META, STRIPE};
//!
//! let usual = STRIPE.verifier("whsec_test_secret").build()?;
//! let strict = STRIPE.verifier("whsec_test_secret").tolerance(Duration::from_secs(60)).build()?;
//! # assert_ne!(usual.tolerance(), strict.tolerance());
//!
//! // What a sender needs beside its secret is asked for at start-up, not found out by a request.
//! let error = META.verifier("an app secret").build().unwrap_err();
//! assert!(error.to_string().contains("verify_token"));
//!
//! // Where the replay store is the only protection against replays:
//! let untimed: Vec<_> = providers::ALL.iter().filter(|each| !each.signs_time()).collect();
//! assert!(untimed.iter().any(|each| each.name() == "github"));
//! # Ok::<_, tower_webhooks::ConfigError>(())
//! ```

mod discord;
mod github;
mod mailgun;
mod meta;
mod shopify;
mod slack;
mod standard_webhooks;
mod stripe;
mod svix;
mod twilio;

pub use discord::DISCORD;
pub use github::GITHUB;
pub use mailgun::MAILGUN;
pub use meta::META;
pub use shopify::SHOPIFY;
pub use slack::SLACK;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use twilio::TWILIO;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &DISCORD,
    &GITHUB,
    &MAILGUN,
    &META,
    &SHOPIFY,
    &SLACK,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SVIX,
    &TWILIO,
];

/// The provider with this name or alias, as a configuration file has it.
///
/// ```
/// use tower_webhooks::providers;
///
/// assert_eq!(providers::find("stripe").map(|provider| provider.name()), Some("stripe"));
/// assert!(providers::find("Stripe").is_none(), "names are lower-case");
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Provider> {
    ALL.iter().copied().find(|provider| provider.name == name || provider.aliases.contains(&name))
}
