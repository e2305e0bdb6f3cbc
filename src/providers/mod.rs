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

mod anthropic;
mod auth0_log_streams;
mod bitbucket;
mod calendly;
mod cashfree;
mod chargebee;
mod cloudflare_notifications;
mod cloudflare_stream;
mod customer_io;
mod discord;
mod dropbox;
mod elevenlabs;
mod figma;
mod flutterwave_v3;
mod front_app;
mod ghost;
mod github;
mod gitlab;
mod gitlab_signing;
mod grafana;
mod grafana_timestamped;
mod hubspot;
mod hubspot_v1;
mod hubspot_v2;
mod increase;
mod increase_legacy;
mod intercom;
mod ko_fi;
mod line;
mod linear;
mod lithic;
mod mailgun;
mod mandrill;
mod mattermost;
mod meta;
mod microsoft_graph;
mod mux;
mod okta_event_hooks;
mod openai;
mod paddle;
mod persona;
mod pipedrive;
mod prismic;
mod quicknode;
mod recharge;
mod render;
mod replicate;
mod rocket_chat;
mod sanity;
mod shippo;
mod shopify;
mod shopify_events;
mod sinch_conversation;
mod slack;
mod square;
mod standard_webhooks;
mod stripe;
mod supabase_auth_hooks;
mod svix;
mod telegram;
mod tiktok;
mod twilio;
mod twilio_shared_key;
mod twitch;
mod typeform;
mod webflow;
mod zoom;
mod zulip;

pub use anthropic::ANTHROPIC;
pub use auth0_log_streams::AUTH0_LOG_STREAMS;
pub use bitbucket::BITBUCKET;
pub use calendly::CALENDLY;
pub use cashfree::CASHFREE;
pub use chargebee::CHARGEBEE;
pub use cloudflare_notifications::CLOUDFLARE_NOTIFICATIONS;
pub use cloudflare_stream::CLOUDFLARE_STREAM;
pub use customer_io::CUSTOMER_IO;
pub use discord::DISCORD;
pub use dropbox::DROPBOX;
pub use elevenlabs::ELEVENLABS;
pub use figma::FIGMA;
pub use flutterwave_v3::FLUTTERWAVE_V3;
pub use front_app::FRONT_APP;
pub use ghost::GHOST;
pub use github::GITHUB;
pub use gitlab::GITLAB;
pub use gitlab_signing::GITLAB_SIGNING;
pub use grafana::GRAFANA;
pub use grafana_timestamped::GRAFANA_TIMESTAMPED;
pub use hubspot::HUBSPOT;
pub use hubspot_v1::HUBSPOT_V1;
pub use hubspot_v2::HUBSPOT_V2;
pub use increase::INCREASE;
pub use increase_legacy::INCREASE_LEGACY;
pub use intercom::INTERCOM;
pub use ko_fi::KO_FI;
pub use line::LINE;
pub use linear::LINEAR;
pub use lithic::LITHIC;
pub use mailgun::MAILGUN;
pub use mandrill::MANDRILL;
pub use mattermost::MATTERMOST;
pub use meta::META;
pub use microsoft_graph::MICROSOFT_GRAPH;
pub use mux::MUX;
pub use okta_event_hooks::OKTA_EVENT_HOOKS;
pub use openai::OPENAI;
pub use paddle::PADDLE;
pub use persona::PERSONA;
pub use pipedrive::PIPEDRIVE;
pub use prismic::PRISMIC;
pub use quicknode::QUICKNODE;
pub use recharge::RECHARGE;
pub use render::RENDER;
pub use replicate::REPLICATE;
pub use rocket_chat::ROCKET_CHAT;
pub use sanity::SANITY;
pub use shippo::SHIPPO;
pub use shopify::SHOPIFY;
pub use shopify_events::SHOPIFY_EVENTS;
pub use sinch_conversation::SINCH_CONVERSATION;
pub use slack::SLACK;
pub use square::SQUARE;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use supabase_auth_hooks::SUPABASE_AUTH_HOOKS;
pub use svix::SVIX;
pub use telegram::TELEGRAM;
pub use tiktok::TIKTOK;
pub use twilio::TWILIO;
pub use twilio_shared_key::TWILIO_SHARED_KEY;
pub use twitch::TWITCH;
pub use typeform::TYPEFORM;
pub use webflow::WEBFLOW;
pub use zoom::ZOOM;
pub use zulip::ZULIP;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ANTHROPIC,
    &AUTH0_LOG_STREAMS,
    &BITBUCKET,
    &CALENDLY,
    &CASHFREE,
    &CHARGEBEE,
    &CLOUDFLARE_NOTIFICATIONS,
    &CLOUDFLARE_STREAM,
    &CUSTOMER_IO,
    &DISCORD,
    &DROPBOX,
    &ELEVENLABS,
    &FIGMA,
    &FLUTTERWAVE_V3,
    &FRONT_APP,
    &GHOST,
    &GITHUB,
    &GITLAB,
    &GITLAB_SIGNING,
    &GRAFANA,
    &GRAFANA_TIMESTAMPED,
    &HUBSPOT,
    &HUBSPOT_V1,
    &HUBSPOT_V2,
    &INCREASE,
    &INCREASE_LEGACY,
    &INTERCOM,
    &KO_FI,
    &LINE,
    &LINEAR,
    &LITHIC,
    &MAILGUN,
    &MANDRILL,
    &MATTERMOST,
    &META,
    &MICROSOFT_GRAPH,
    &MUX,
    &OKTA_EVENT_HOOKS,
    &OPENAI,
    &PADDLE,
    &PERSONA,
    &PIPEDRIVE,
    &PRISMIC,
    &QUICKNODE,
    &RECHARGE,
    &RENDER,
    &REPLICATE,
    &ROCKET_CHAT,
    &SANITY,
    &SHIPPO,
    &SHOPIFY,
    &SHOPIFY_EVENTS,
    &SINCH_CONVERSATION,
    &SLACK,
    &SQUARE,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SUPABASE_AUTH_HOOKS,
    &SVIX,
    &TELEGRAM,
    &TIKTOK,
    &TWILIO,
    &TWILIO_SHARED_KEY,
    &TWITCH,
    &TYPEFORM,
    &WEBFLOW,
    &ZOOM,
    &ZULIP,
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
