//! The senders this crate knows.
//!
//! One file a sender, found by name with [`find`]. Each is a [`Provider`] made with the same
//! methods as your own; its documentation says what is signed, what is not, where the secret
//! stands in the sender's dashboard, and what names an event.
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
//!
#![doc = include_str!("../../PROVIDERS.md")]

mod ably;
mod adyen;
mod adyen_platform;
mod aftership;
mod airtable;
mod alchemy;
mod anthropic;
mod asana;
mod auth0_log_streams;
mod bitbucket;
mod box_com;
mod braintree;
mod buildkite;
mod buildkite_token;
mod buy_me_a_coffee;
mod cal_com;
mod calendly;
mod cashfree;
mod chargebee;
mod checkout_com;
mod circleci;
mod clerk;
mod clickup;
mod cloudflare_notifications;
mod cloudflare_stream;
mod cloudinary;
mod cloudinary_sha256;
mod coinbase_commerce;
mod contentful;
mod convoy;
mod customer_io;
mod discord;
mod discourse;
mod docusign;
mod dropbox;
mod dropbox_sign;
mod dwolla;
mod easypost;
mod elevenlabs;
mod figma;
mod flutterwave_v3;
mod flutterwave_v4;
mod forgejo;
mod front_app;
mod front_rules;
mod ghost;
mod gitea;
mod github;
mod gitlab;
mod gitlab_signing;
mod gocardless;
mod gogs;
mod grafana;
mod grafana_timestamped;
mod help_scout;
mod heroku;
mod hookdeck;
mod hubspot;
mod hubspot_v1;
mod hubspot_v2;
mod increase;
mod increase_legacy;
mod intercom;
mod jira;
mod ko_fi;
mod launchdarkly;
mod lemon_squeezy;
mod line;
mod linear;
mod lithic;
mod mailgun;
mod mandrill;
mod mattermost;
mod messagebird_legacy;
mod meta;
mod microsoft_graph;
mod modern_treasury;
mod mollie;
mod monnify;
mod mux;
mod notion;
mod npm_hooks;
mod okta_event_hooks;
mod onfido;
mod openai;
mod paddle;
mod pagerduty;
mod patreon;
mod paystack;
mod persona;
mod pipedrive;
mod postmark;
mod prismic;
mod pusher;
mod quickbooks;
mod quicknode;
mod razorpay;
mod recharge;
mod recharge_legacy;
mod render;
mod replicate;
mod resend;
mod rocket_chat;
mod sanity;
mod segment;
mod sentry;
mod shippo;
mod shopify;
mod shopify_events;
mod sinch_conversation;
mod slack;
mod smartsheet;
mod square;
mod squarespace;
mod standard_webhooks;
mod storyblok;
mod stripe;
mod supabase_auth_hooks;
mod svix;
mod tally;
mod teams_outgoing;
mod telegram;
mod terraform_cloud;
mod tiktok;
mod todoist;
mod trello;
mod twilio;
mod twilio_parameters;
mod twilio_shared_key;
mod twitch;
mod typeform;
mod unit;
mod vercel;
mod vonage_signature;
mod webflow;
mod websub;
mod woocommerce;
mod workos;
mod x_twitter;
mod xero;
mod zendesk;
mod zoom;
mod zulip;

pub use ably::ABLY;
pub use adyen::ADYEN;
pub use adyen_platform::ADYEN_PLATFORM;
pub use aftership::AFTERSHIP;
pub use airtable::AIRTABLE;
pub use alchemy::ALCHEMY;
pub use anthropic::ANTHROPIC;
pub use asana::ASANA;
pub use auth0_log_streams::AUTH0_LOG_STREAMS;
pub use bitbucket::BITBUCKET;
pub use box_com::BOX;
pub use braintree::BRAINTREE;
pub use buildkite::BUILDKITE;
pub use buildkite_token::BUILDKITE_TOKEN;
pub use buy_me_a_coffee::BUY_ME_A_COFFEE;
pub use cal_com::CAL_COM;
pub use calendly::CALENDLY;
pub use cashfree::CASHFREE;
pub use chargebee::CHARGEBEE;
pub use checkout_com::CHECKOUT_COM;
pub use circleci::CIRCLECI;
pub use clerk::CLERK;
pub use clickup::CLICKUP;
pub use cloudflare_notifications::CLOUDFLARE_NOTIFICATIONS;
pub use cloudflare_stream::CLOUDFLARE_STREAM;
pub use cloudinary::CLOUDINARY;
pub use cloudinary_sha256::CLOUDINARY_SHA256;
pub use coinbase_commerce::COINBASE_COMMERCE;
pub use contentful::CONTENTFUL;
pub use convoy::{
    CONVOY, CONVOY_ADVANCED, CONVOY_ADVANCED_BASE64, CONVOY_ADVANCED_SHA512,
    CONVOY_ADVANCED_SHA512_BASE64, CONVOY_BASE64, CONVOY_SHA512, CONVOY_SHA512_BASE64,
};
pub use customer_io::CUSTOMER_IO;
pub use discord::DISCORD;
pub use discourse::DISCOURSE;
pub use docusign::DOCUSIGN;
pub use dropbox::DROPBOX;
pub use dropbox_sign::DROPBOX_SIGN;
pub use dwolla::DWOLLA;
pub use easypost::EASYPOST;
pub use elevenlabs::ELEVENLABS;
pub use figma::FIGMA;
pub use flutterwave_v3::FLUTTERWAVE_V3;
pub use flutterwave_v4::FLUTTERWAVE_V4;
pub use forgejo::FORGEJO;
pub use front_app::FRONT_APP;
pub use front_rules::FRONT_RULES;
pub use ghost::GHOST;
pub use gitea::GITEA;
pub use github::GITHUB;
pub use gitlab::GITLAB;
pub use gitlab_signing::GITLAB_SIGNING;
pub use gocardless::GOCARDLESS;
pub use gogs::GOGS;
pub use grafana::GRAFANA;
pub use grafana_timestamped::GRAFANA_TIMESTAMPED;
pub use help_scout::HELP_SCOUT;
pub use heroku::HEROKU;
pub use hookdeck::HOOKDECK;
pub use hubspot::HUBSPOT;
pub use hubspot_v1::HUBSPOT_V1;
pub use hubspot_v2::HUBSPOT_V2;
pub use increase::INCREASE;
pub use increase_legacy::INCREASE_LEGACY;
pub use intercom::INTERCOM;
pub use jira::JIRA;
pub use ko_fi::KO_FI;
pub use launchdarkly::LAUNCHDARKLY;
pub use lemon_squeezy::LEMON_SQUEEZY;
pub use line::LINE;
pub use linear::LINEAR;
pub use lithic::LITHIC;
pub use mailgun::MAILGUN;
pub use mandrill::MANDRILL;
pub use mattermost::MATTERMOST;
pub use messagebird_legacy::MESSAGEBIRD_LEGACY;
pub use meta::META;
pub use microsoft_graph::MICROSOFT_GRAPH;
pub use modern_treasury::MODERN_TREASURY;
pub use mollie::MOLLIE;
pub use monnify::MONNIFY;
pub use mux::MUX;
pub use notion::NOTION;
pub use npm_hooks::NPM_HOOKS;
pub use okta_event_hooks::OKTA_EVENT_HOOKS;
pub use onfido::ONFIDO;
pub use openai::OPENAI;
pub use paddle::PADDLE;
pub use pagerduty::PAGERDUTY;
pub use patreon::PATREON;
pub use paystack::PAYSTACK;
pub use persona::PERSONA;
pub use pipedrive::PIPEDRIVE;
pub use postmark::POSTMARK;
pub use prismic::PRISMIC;
pub use pusher::PUSHER;
pub use quickbooks::QUICKBOOKS;
pub use quicknode::QUICKNODE;
pub use razorpay::RAZORPAY;
pub use recharge::RECHARGE;
pub use recharge_legacy::RECHARGE_LEGACY;
pub use render::RENDER;
pub use replicate::REPLICATE;
pub use resend::RESEND;
pub use rocket_chat::ROCKET_CHAT;
pub use sanity::SANITY;
pub use segment::SEGMENT;
pub use sentry::SENTRY;
pub use shippo::SHIPPO;
pub use shopify::SHOPIFY;
pub use shopify_events::SHOPIFY_EVENTS;
pub use sinch_conversation::SINCH_CONVERSATION;
pub use slack::SLACK;
pub use smartsheet::SMARTSHEET;
pub use square::SQUARE;
pub use squarespace::SQUARESPACE;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use storyblok::STORYBLOK;
pub use stripe::STRIPE;
pub use supabase_auth_hooks::SUPABASE_AUTH_HOOKS;
pub use svix::SVIX;
pub use tally::TALLY;
pub use teams_outgoing::TEAMS_OUTGOING;
pub use telegram::TELEGRAM;
pub use terraform_cloud::TERRAFORM_CLOUD;
pub use tiktok::TIKTOK;
pub use todoist::TODOIST;
pub use trello::TRELLO;
pub use twilio::TWILIO;
pub use twilio_shared_key::TWILIO_SHARED_KEY;
pub use twitch::TWITCH;
pub use typeform::TYPEFORM;
pub use unit::UNIT;
pub use vercel::VERCEL;
pub use vonage_signature::{
    VONAGE_SIGNATURE, VONAGE_SIGNATURE_MD5, VONAGE_SIGNATURE_SHA1, VONAGE_SIGNATURE_SHA256,
    VONAGE_SIGNATURE_SHA512,
};
pub use webflow::WEBFLOW;
pub use websub::WEBSUB;
pub use woocommerce::WOOCOMMERCE;
pub use workos::WORKOS;
pub use x_twitter::X_TWITTER;
pub use xero::XERO;
pub use zendesk::ZENDESK;
pub use zoom::ZOOM;
pub use zulip::ZULIP;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ABLY,
    &ADYEN,
    &ADYEN_PLATFORM,
    &AFTERSHIP,
    &AIRTABLE,
    &ALCHEMY,
    &ANTHROPIC,
    &ASANA,
    &AUTH0_LOG_STREAMS,
    &BITBUCKET,
    &BOX,
    &BRAINTREE,
    &BUILDKITE,
    &BUILDKITE_TOKEN,
    &BUY_ME_A_COFFEE,
    &CALENDLY,
    &CAL_COM,
    &CASHFREE,
    &CHARGEBEE,
    &CHECKOUT_COM,
    &CIRCLECI,
    &CLERK,
    &CLICKUP,
    &CLOUDFLARE_NOTIFICATIONS,
    &CLOUDFLARE_STREAM,
    &CLOUDINARY,
    &CLOUDINARY_SHA256,
    &COINBASE_COMMERCE,
    &CONTENTFUL,
    &CONVOY,
    &CONVOY_ADVANCED,
    &CONVOY_ADVANCED_BASE64,
    &CONVOY_ADVANCED_SHA512,
    &CONVOY_ADVANCED_SHA512_BASE64,
    &CONVOY_BASE64,
    &CONVOY_SHA512,
    &CONVOY_SHA512_BASE64,
    &CUSTOMER_IO,
    &DISCORD,
    &DISCOURSE,
    &DOCUSIGN,
    &DROPBOX,
    &DROPBOX_SIGN,
    &DWOLLA,
    &EASYPOST,
    &ELEVENLABS,
    &FIGMA,
    &FLUTTERWAVE_V3,
    &FLUTTERWAVE_V4,
    &FORGEJO,
    &FRONT_APP,
    &FRONT_RULES,
    &GHOST,
    &GITEA,
    &GITHUB,
    &GITLAB,
    &GITLAB_SIGNING,
    &GOCARDLESS,
    &GOGS,
    &GRAFANA,
    &GRAFANA_TIMESTAMPED,
    &HELP_SCOUT,
    &HEROKU,
    &HOOKDECK,
    &HUBSPOT,
    &HUBSPOT_V1,
    &HUBSPOT_V2,
    &INCREASE,
    &INCREASE_LEGACY,
    &INTERCOM,
    &JIRA,
    &KO_FI,
    &LAUNCHDARKLY,
    &LEMON_SQUEEZY,
    &LINE,
    &LINEAR,
    &LITHIC,
    &MAILGUN,
    &MANDRILL,
    &MATTERMOST,
    &MESSAGEBIRD_LEGACY,
    &META,
    &MICROSOFT_GRAPH,
    &MODERN_TREASURY,
    &MOLLIE,
    &MONNIFY,
    &MUX,
    &NOTION,
    &NPM_HOOKS,
    &OKTA_EVENT_HOOKS,
    &ONFIDO,
    &OPENAI,
    &PADDLE,
    &PAGERDUTY,
    &PATREON,
    &PAYSTACK,
    &PERSONA,
    &PIPEDRIVE,
    &POSTMARK,
    &PRISMIC,
    &PUSHER,
    &QUICKBOOKS,
    &QUICKNODE,
    &RAZORPAY,
    &RECHARGE,
    &RECHARGE_LEGACY,
    &RENDER,
    &REPLICATE,
    &RESEND,
    &ROCKET_CHAT,
    &SANITY,
    &SEGMENT,
    &SENTRY,
    &SHIPPO,
    &SHOPIFY,
    &SHOPIFY_EVENTS,
    &SINCH_CONVERSATION,
    &SLACK,
    &SMARTSHEET,
    &SQUARE,
    &SQUARESPACE,
    &STANDARD_WEBHOOKS,
    &STORYBLOK,
    &STRIPE,
    &SUPABASE_AUTH_HOOKS,
    &SVIX,
    &TALLY,
    &TEAMS_OUTGOING,
    &TELEGRAM,
    &TERRAFORM_CLOUD,
    &TIKTOK,
    &TODOIST,
    &TRELLO,
    &TWILIO,
    &TWILIO_SHARED_KEY,
    &TWITCH,
    &TYPEFORM,
    &UNIT,
    &VERCEL,
    &VONAGE_SIGNATURE,
    &VONAGE_SIGNATURE_MD5,
    &VONAGE_SIGNATURE_SHA1,
    &VONAGE_SIGNATURE_SHA256,
    &VONAGE_SIGNATURE_SHA512,
    &WEBFLOW,
    &WEBSUB,
    &WOOCOMMERCE,
    &WORKOS,
    &XERO,
    &X_TWITTER,
    &ZENDESK,
    &ZOOM,
    &ZULIP,
];

/// The provider with this name, as a configuration file has it, or by another that people use:
/// `whatsapp` is [`META`], `gh` is [`GITHUB`]. Case does not matter, nor whether words are joined
/// by a hyphen, an underscore, a dot or a blank.
///
/// ```
/// use tower_webhooks::providers;
///
/// let name = |text| providers::find(text).map(|provider| provider.name());
/// assert_eq!(name("stripe"), Some("stripe"));
/// assert_eq!((name("GitHub"), name("HelloSign")), (Some("github"), Some("dropbox-sign")));
/// assert_eq!((name("Standard Webhooks"), name("cal.com")), (Some("standard-webhooks"), Some("cal-com")));
/// assert_eq!(name("strip"), None);
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Provider> {
    let is_it = |provider: &&'static Provider| {
        is_same(provider.name, name) || provider.aliases.iter().any(|alias| is_same(alias, name))
    };
    ALL.iter().copied().find(is_it)
}

/// Whether a text is this name, however it is written.
fn is_same(name: &str, text: &str) -> bool {
    let as_names_are = |byte: u8| match byte {
        b'_' | b'.' | b' ' => b'-',
        byte => byte.to_ascii_lowercase(),
    };
    name.len() == text.len() && name.bytes().eq(text.bytes().map(as_names_are))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_providers_have_a_name_in_common() {
        let mut seen = std::collections::HashSet::new();
        for provider in ALL {
            for name in std::iter::once(&provider.name).chain(provider.aliases) {
                assert!(seen.insert(*name), "{name}");
                assert_eq!(find(name).map(Provider::name), Some(provider.name()), "{name}");
                assert_eq!(find(&name.to_uppercase()).map(Provider::name), Some(provider.name()));
            }
        }
    }
}
