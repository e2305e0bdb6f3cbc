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

mod bitbucket;
mod calendly;
mod discord;
mod dropbox;
mod github;
mod gitlab;
mod gitlab_signing;
mod hubspot;
mod hubspot_v1;
mod hubspot_v2;
mod intercom;
mod line;
mod linear;
mod mailgun;
mod mandrill;
mod meta;
mod paddle;
mod shopify;
mod shopify_events;
mod slack;
mod square;
mod standard_webhooks;
mod stripe;
mod svix;
mod twilio;
mod twilio_shared_key;
mod twitch;
mod typeform;
mod zoom;

pub use bitbucket::BITBUCKET;
pub use calendly::CALENDLY;
pub use discord::DISCORD;
pub use dropbox::DROPBOX;
pub use github::GITHUB;
pub use gitlab::GITLAB;
pub use gitlab_signing::GITLAB_SIGNING;
pub use hubspot::HUBSPOT;
pub use hubspot_v1::HUBSPOT_V1;
pub use hubspot_v2::HUBSPOT_V2;
pub use intercom::INTERCOM;
pub use line::LINE;
pub use linear::LINEAR;
pub use mailgun::MAILGUN;
pub use mandrill::MANDRILL;
pub use meta::META;
pub use paddle::PADDLE;
pub use shopify::SHOPIFY;
pub use shopify_events::SHOPIFY_EVENTS;
pub use slack::SLACK;
pub use square::SQUARE;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use twilio::TWILIO;
pub use twilio_shared_key::TWILIO_SHARED_KEY;
pub use twitch::TWITCH;
pub use typeform::TYPEFORM;
pub use zoom::ZOOM;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &BITBUCKET,
    &CALENDLY,
    &DISCORD,
    &DROPBOX,
    &GITHUB,
    &GITLAB,
    &GITLAB_SIGNING,
    &HUBSPOT,
    &HUBSPOT_V1,
    &HUBSPOT_V2,
    &INTERCOM,
    &LINE,
    &LINEAR,
    &MAILGUN,
    &MANDRILL,
    &META,
    &PADDLE,
    &SHOPIFY,
    &SHOPIFY_EVENTS,
    &SLACK,
    &SQUARE,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SVIX,
    &TWILIO,
    &TWILIO_SHARED_KEY,
    &TWITCH,
    &TYPEFORM,
    &ZOOM,
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
