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

mod alchemy;
mod asana;
mod bitbucket;
mod buildkite;
mod buildkite_token;
mod buy_me_a_coffee;
mod cal_com;
mod calendly;
mod checkout_com;
mod circleci;
mod clerk;
mod clickup;
mod coinbase_commerce;
mod discord;
mod dropbox;
mod dwolla;
mod forgejo;
mod gitea;
mod github;
mod gitlab;
mod gitlab_signing;
mod gocardless;
mod gogs;
mod hubspot;
mod hubspot_v1;
mod hubspot_v2;
mod intercom;
mod launchdarkly;
mod lemon_squeezy;
mod line;
mod linear;
mod mailgun;
mod mandrill;
mod meta;
mod modern_treasury;
mod notion;
mod onfido;
mod paddle;
mod pagerduty;
mod postmark;
mod razorpay;
mod resend;
mod sentry;
mod shopify;
mod shopify_events;
mod slack;
mod smartsheet;
mod square;
mod squarespace;
mod standard_webhooks;
mod stripe;
mod svix;
mod trello;
mod twilio;
mod twilio_shared_key;
mod twitch;
mod typeform;
mod vercel;
mod workos;
mod zendesk;
mod zoom;

pub use alchemy::ALCHEMY;
pub use asana::ASANA;
pub use bitbucket::BITBUCKET;
pub use buildkite::BUILDKITE;
pub use buildkite_token::BUILDKITE_TOKEN;
pub use buy_me_a_coffee::BUY_ME_A_COFFEE;
pub use cal_com::CAL_COM;
pub use calendly::CALENDLY;
pub use checkout_com::CHECKOUT_COM;
pub use circleci::CIRCLECI;
pub use clerk::CLERK;
pub use clickup::CLICKUP;
pub use coinbase_commerce::COINBASE_COMMERCE;
pub use discord::DISCORD;
pub use dropbox::DROPBOX;
pub use dwolla::DWOLLA;
pub use forgejo::FORGEJO;
pub use gitea::GITEA;
pub use github::GITHUB;
pub use gitlab::GITLAB;
pub use gitlab_signing::GITLAB_SIGNING;
pub use gocardless::GOCARDLESS;
pub use gogs::GOGS;
pub use hubspot::HUBSPOT;
pub use hubspot_v1::HUBSPOT_V1;
pub use hubspot_v2::HUBSPOT_V2;
pub use intercom::INTERCOM;
pub use launchdarkly::LAUNCHDARKLY;
pub use lemon_squeezy::LEMON_SQUEEZY;
pub use line::LINE;
pub use linear::LINEAR;
pub use mailgun::MAILGUN;
pub use mandrill::MANDRILL;
pub use meta::META;
pub use modern_treasury::MODERN_TREASURY;
pub use notion::NOTION;
pub use onfido::ONFIDO;
pub use paddle::PADDLE;
pub use pagerduty::PAGERDUTY;
pub use postmark::POSTMARK;
pub use razorpay::RAZORPAY;
pub use resend::RESEND;
pub use sentry::SENTRY;
pub use shopify::SHOPIFY;
pub use shopify_events::SHOPIFY_EVENTS;
pub use slack::SLACK;
pub use smartsheet::SMARTSHEET;
pub use square::SQUARE;
pub use squarespace::SQUARESPACE;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use trello::TRELLO;
pub use twilio::TWILIO;
pub use twilio_shared_key::TWILIO_SHARED_KEY;
pub use twitch::TWITCH;
pub use typeform::TYPEFORM;
pub use vercel::VERCEL;
pub use workos::WORKOS;
pub use zendesk::ZENDESK;
pub use zoom::ZOOM;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ALCHEMY,
    &ASANA,
    &BITBUCKET,
    &BUILDKITE,
    &BUILDKITE_TOKEN,
    &BUY_ME_A_COFFEE,
    &CALENDLY,
    &CAL_COM,
    &CHECKOUT_COM,
    &CIRCLECI,
    &CLERK,
    &CLICKUP,
    &COINBASE_COMMERCE,
    &DISCORD,
    &DROPBOX,
    &DWOLLA,
    &FORGEJO,
    &GITEA,
    &GITHUB,
    &GITLAB,
    &GITLAB_SIGNING,
    &GOCARDLESS,
    &GOGS,
    &HUBSPOT,
    &HUBSPOT_V1,
    &HUBSPOT_V2,
    &INTERCOM,
    &LAUNCHDARKLY,
    &LEMON_SQUEEZY,
    &LINE,
    &LINEAR,
    &MAILGUN,
    &MANDRILL,
    &META,
    &MODERN_TREASURY,
    &NOTION,
    &ONFIDO,
    &PADDLE,
    &PAGERDUTY,
    &POSTMARK,
    &RAZORPAY,
    &RESEND,
    &SENTRY,
    &SHOPIFY,
    &SHOPIFY_EVENTS,
    &SLACK,
    &SMARTSHEET,
    &SQUARE,
    &SQUARESPACE,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SVIX,
    &TRELLO,
    &TWILIO,
    &TWILIO_SHARED_KEY,
    &TWITCH,
    &TYPEFORM,
    &VERCEL,
    &WORKOS,
    &ZENDESK,
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
