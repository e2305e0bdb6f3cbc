//! The senders this crate knows.
//!
//! One file a sender, found by name with [`find`]. Each is a [`Provider`] made with the same
//! methods as your own; its documentation says what is signed, what is not, where the secret
//! stands in the sender's dashboard, and what names an event.

mod alchemy;
mod asana;
mod buildkite;
mod buildkite_token;
mod buy_me_a_coffee;
mod cal_com;
mod checkout_com;
mod circleci;
mod clerk;
mod clickup;
mod coinbase_commerce;
mod discord;
mod dwolla;
mod forgejo;
mod gitea;
mod github;
mod gocardless;
mod gogs;
mod launchdarkly;
mod lemon_squeezy;
mod mailgun;
mod meta;
mod modern_treasury;
mod notion;
mod onfido;
mod pagerduty;
mod postmark;
mod razorpay;
mod resend;
mod sentry;
mod shopify;
mod slack;
mod smartsheet;
mod squarespace;
mod standard_webhooks;
mod stripe;
mod svix;
mod trello;
mod twilio;
mod vercel;
mod workos;
mod zendesk;

pub use alchemy::ALCHEMY;
pub use asana::ASANA;
pub use buildkite::BUILDKITE;
pub use buildkite_token::BUILDKITE_TOKEN;
pub use buy_me_a_coffee::BUY_ME_A_COFFEE;
pub use cal_com::CAL_COM;
pub use checkout_com::CHECKOUT_COM;
pub use circleci::CIRCLECI;
pub use clerk::CLERK;
pub use clickup::CLICKUP;
pub use coinbase_commerce::COINBASE_COMMERCE;
pub use discord::DISCORD;
pub use dwolla::DWOLLA;
pub use forgejo::FORGEJO;
pub use gitea::GITEA;
pub use github::GITHUB;
pub use gocardless::GOCARDLESS;
pub use gogs::GOGS;
pub use launchdarkly::LAUNCHDARKLY;
pub use lemon_squeezy::LEMON_SQUEEZY;
pub use mailgun::MAILGUN;
pub use meta::META;
pub use modern_treasury::MODERN_TREASURY;
pub use notion::NOTION;
pub use onfido::ONFIDO;
pub use pagerduty::PAGERDUTY;
pub use postmark::POSTMARK;
pub use razorpay::RAZORPAY;
pub use resend::RESEND;
pub use sentry::SENTRY;
pub use shopify::SHOPIFY;
pub use slack::SLACK;
pub use smartsheet::SMARTSHEET;
pub use squarespace::SQUARESPACE;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use trello::TRELLO;
pub use twilio::TWILIO;
pub use vercel::VERCEL;
pub use workos::WORKOS;
pub use zendesk::ZENDESK;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ALCHEMY,
    &ASANA,
    &BUILDKITE,
    &BUILDKITE_TOKEN,
    &BUY_ME_A_COFFEE,
    &CAL_COM,
    &CHECKOUT_COM,
    &CIRCLECI,
    &CLERK,
    &CLICKUP,
    &COINBASE_COMMERCE,
    &DISCORD,
    &DWOLLA,
    &FORGEJO,
    &GITEA,
    &GITHUB,
    &GOCARDLESS,
    &GOGS,
    &LAUNCHDARKLY,
    &LEMON_SQUEEZY,
    &MAILGUN,
    &META,
    &MODERN_TREASURY,
    &NOTION,
    &ONFIDO,
    &PAGERDUTY,
    &POSTMARK,
    &RAZORPAY,
    &RESEND,
    &SENTRY,
    &SHOPIFY,
    &SLACK,
    &SMARTSHEET,
    &SQUARESPACE,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SVIX,
    &TRELLO,
    &TWILIO,
    &VERCEL,
    &WORKOS,
    &ZENDESK,
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
