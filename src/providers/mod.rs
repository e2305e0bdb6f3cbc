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
mod github;
mod heroku;
mod hookdeck;
mod jira;
mod mailgun;
mod meta;
mod mollie;
mod npm_hooks;
mod quickbooks;
mod shopify;
mod slack;
mod standard_webhooks;
mod stripe;
mod svix;
mod tally;
mod teams_outgoing;
mod todoist;
mod twilio;
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
pub use github::GITHUB;
pub use heroku::HEROKU;
pub use hookdeck::HOOKDECK;
pub use jira::JIRA;
pub use mailgun::MAILGUN;
pub use meta::META;
pub use mollie::MOLLIE;
pub use npm_hooks::NPM_HOOKS;
pub use quickbooks::QUICKBOOKS;
pub use shopify::SHOPIFY;
pub use slack::SLACK;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use tally::TALLY;
pub use teams_outgoing::TEAMS_OUTGOING;
pub use todoist::TODOIST;
pub use twilio::TWILIO;
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
    &GITHUB,
    &HEROKU,
    &HOOKDECK,
    &JIRA,
    &MAILGUN,
    &META,
    &MOLLIE,
    &NPM_HOOKS,
    &QUICKBOOKS,
    &SHOPIFY,
    &SLACK,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SVIX,
    &TALLY,
    &TEAMS_OUTGOING,
    &TODOIST,
    &TWILIO,
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
