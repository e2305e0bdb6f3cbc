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

mod ably;
mod adyen_platform;
mod aftership;
mod airtable;
mod bitbucket;
mod calendly;
mod discord;
mod discourse;
mod docusign;
mod dropbox;
mod easypost;
mod flutterwave_v4;
mod front_rules;
mod github;
mod gitlab;
mod gitlab_signing;
mod help_scout;
mod heroku;
mod hookdeck;
mod hubspot;
mod hubspot_v1;
mod hubspot_v2;
mod intercom;
mod jira;
mod line;
mod linear;
mod mailgun;
mod mandrill;
mod meta;
mod mollie;
mod monnify;
mod npm_hooks;
mod paddle;
mod patreon;
mod paystack;
mod quickbooks;
mod segment;
mod shopify;
mod shopify_events;
mod slack;
mod square;
mod standard_webhooks;
mod storyblok;
mod stripe;
mod svix;
mod tally;
mod teams_outgoing;
mod terraform_cloud;
mod todoist;
mod twilio;
mod twilio_shared_key;
mod twitch;
mod typeform;
mod unit;
mod websub;
mod woocommerce;
mod x_twitter;
mod xero;
mod zoom;

pub use ably::ABLY;
pub use adyen_platform::ADYEN_PLATFORM;
pub use aftership::AFTERSHIP;
pub use airtable::AIRTABLE;
pub use bitbucket::BITBUCKET;
pub use calendly::CALENDLY;
pub use discord::DISCORD;
pub use discourse::DISCOURSE;
pub use docusign::DOCUSIGN;
pub use dropbox::DROPBOX;
pub use easypost::EASYPOST;
pub use flutterwave_v4::FLUTTERWAVE_V4;
pub use front_rules::FRONT_RULES;
pub use github::GITHUB;
pub use gitlab::GITLAB;
pub use gitlab_signing::GITLAB_SIGNING;
pub use help_scout::HELP_SCOUT;
pub use heroku::HEROKU;
pub use hookdeck::HOOKDECK;
pub use hubspot::HUBSPOT;
pub use hubspot_v1::HUBSPOT_V1;
pub use hubspot_v2::HUBSPOT_V2;
pub use intercom::INTERCOM;
pub use jira::JIRA;
pub use line::LINE;
pub use linear::LINEAR;
pub use mailgun::MAILGUN;
pub use mandrill::MANDRILL;
pub use meta::META;
pub use mollie::MOLLIE;
pub use monnify::MONNIFY;
pub use npm_hooks::NPM_HOOKS;
pub use paddle::PADDLE;
pub use patreon::PATREON;
pub use paystack::PAYSTACK;
pub use quickbooks::QUICKBOOKS;
pub use segment::SEGMENT;
pub use shopify::SHOPIFY;
pub use shopify_events::SHOPIFY_EVENTS;
pub use slack::SLACK;
pub use square::SQUARE;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use storyblok::STORYBLOK;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use tally::TALLY;
pub use teams_outgoing::TEAMS_OUTGOING;
pub use terraform_cloud::TERRAFORM_CLOUD;
pub use todoist::TODOIST;
pub use twilio::TWILIO;
pub use twilio_shared_key::TWILIO_SHARED_KEY;
pub use twitch::TWITCH;
pub use typeform::TYPEFORM;
pub use unit::UNIT;
pub use websub::WEBSUB;
pub use woocommerce::WOOCOMMERCE;
pub use x_twitter::X_TWITTER;
pub use xero::XERO;
pub use zoom::ZOOM;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ABLY,
    &ADYEN_PLATFORM,
    &AFTERSHIP,
    &AIRTABLE,
    &BITBUCKET,
    &CALENDLY,
    &DISCORD,
    &DISCOURSE,
    &DOCUSIGN,
    &DROPBOX,
    &EASYPOST,
    &FLUTTERWAVE_V4,
    &FRONT_RULES,
    &GITHUB,
    &GITLAB,
    &GITLAB_SIGNING,
    &HELP_SCOUT,
    &HEROKU,
    &HOOKDECK,
    &HUBSPOT,
    &HUBSPOT_V1,
    &HUBSPOT_V2,
    &INTERCOM,
    &JIRA,
    &LINE,
    &LINEAR,
    &MAILGUN,
    &MANDRILL,
    &META,
    &MOLLIE,
    &MONNIFY,
    &NPM_HOOKS,
    &PADDLE,
    &PATREON,
    &PAYSTACK,
    &QUICKBOOKS,
    &SEGMENT,
    &SHOPIFY,
    &SHOPIFY_EVENTS,
    &SLACK,
    &SQUARE,
    &STANDARD_WEBHOOKS,
    &STORYBLOK,
    &STRIPE,
    &SVIX,
    &TALLY,
    &TEAMS_OUTGOING,
    &TERRAFORM_CLOUD,
    &TODOIST,
    &TWILIO,
    &TWILIO_SHARED_KEY,
    &TWITCH,
    &TYPEFORM,
    &UNIT,
    &WEBSUB,
    &WOOCOMMERCE,
    &X_TWITTER,
    &XERO,
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
