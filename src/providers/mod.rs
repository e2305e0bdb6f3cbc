//! The senders this crate knows.
//!
//! One file a sender, found by name with [`find`]. Each is a [`Provider`] made with the same
//! methods as your own; its documentation says what is signed, what is not, where the secret
//! stands in the sender's dashboard, and what names an event.

mod ably;
mod adyen_platform;
mod aftership;
mod airtable;
mod discord;
mod discourse;
mod docusign;
mod easypost;
mod flutterwave_v4;
mod front_rules;
mod github;
mod help_scout;
mod heroku;
mod hookdeck;
mod jira;
mod mailgun;
mod meta;
mod mollie;
mod monnify;
mod npm_hooks;
mod patreon;
mod paystack;
mod quickbooks;
mod segment;
mod shopify;
mod slack;
mod standard_webhooks;
mod storyblok;
mod stripe;
mod svix;
mod tally;
mod teams_outgoing;
mod terraform_cloud;
mod todoist;
mod twilio;
mod unit;
mod websub;
mod woocommerce;
mod x_twitter;
mod xero;

pub use ably::ABLY;
pub use adyen_platform::ADYEN_PLATFORM;
pub use aftership::AFTERSHIP;
pub use airtable::AIRTABLE;
pub use discord::DISCORD;
pub use discourse::DISCOURSE;
pub use docusign::DOCUSIGN;
pub use easypost::EASYPOST;
pub use flutterwave_v4::FLUTTERWAVE_V4;
pub use front_rules::FRONT_RULES;
pub use github::GITHUB;
pub use help_scout::HELP_SCOUT;
pub use heroku::HEROKU;
pub use hookdeck::HOOKDECK;
pub use jira::JIRA;
pub use mailgun::MAILGUN;
pub use meta::META;
pub use mollie::MOLLIE;
pub use monnify::MONNIFY;
pub use npm_hooks::NPM_HOOKS;
pub use patreon::PATREON;
pub use paystack::PAYSTACK;
pub use quickbooks::QUICKBOOKS;
pub use segment::SEGMENT;
pub use shopify::SHOPIFY;
pub use slack::SLACK;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use storyblok::STORYBLOK;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use tally::TALLY;
pub use teams_outgoing::TEAMS_OUTGOING;
pub use terraform_cloud::TERRAFORM_CLOUD;
pub use todoist::TODOIST;
pub use twilio::TWILIO;
pub use unit::UNIT;
pub use websub::WEBSUB;
pub use woocommerce::WOOCOMMERCE;
pub use x_twitter::X_TWITTER;
pub use xero::XERO;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ABLY,
    &ADYEN_PLATFORM,
    &AFTERSHIP,
    &AIRTABLE,
    &DISCORD,
    &DISCOURSE,
    &DOCUSIGN,
    &EASYPOST,
    &FLUTTERWAVE_V4,
    &FRONT_RULES,
    &GITHUB,
    &HELP_SCOUT,
    &HEROKU,
    &HOOKDECK,
    &JIRA,
    &MAILGUN,
    &META,
    &MOLLIE,
    &MONNIFY,
    &NPM_HOOKS,
    &PATREON,
    &PAYSTACK,
    &QUICKBOOKS,
    &SEGMENT,
    &SHOPIFY,
    &SLACK,
    &STANDARD_WEBHOOKS,
    &STORYBLOK,
    &STRIPE,
    &SVIX,
    &TALLY,
    &TEAMS_OUTGOING,
    &TERRAFORM_CLOUD,
    &TODOIST,
    &TWILIO,
    &UNIT,
    &WEBSUB,
    &WOOCOMMERCE,
    &X_TWITTER,
    &XERO,
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
