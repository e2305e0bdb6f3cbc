//! The senders this crate knows.
//!
//! One file a sender, found by name with [`find`]. Each is a [`Provider`] made with the same
//! methods as your own; its documentation says what is signed, what is not, where the secret
//! stands in the sender's dashboard, and what names an event.

mod anthropic;
mod auth0_log_streams;
mod cashfree;
mod chargebee;
mod cloudflare_notifications;
mod cloudflare_stream;
mod customer_io;
mod discord;
mod elevenlabs;
mod figma;
mod flutterwave_v3;
mod front_app;
mod ghost;
mod github;
mod grafana;
mod grafana_timestamped;
mod increase;
mod increase_legacy;
mod ko_fi;
mod lithic;
mod mailgun;
mod mattermost;
mod meta;
mod microsoft_graph;
mod mux;
mod okta_event_hooks;
mod openai;
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
mod sinch_conversation;
mod slack;
mod standard_webhooks;
mod stripe;
mod supabase_auth_hooks;
mod svix;
mod telegram;
mod tiktok;
mod twilio;
mod webflow;
mod zulip;

pub use anthropic::ANTHROPIC;
pub use auth0_log_streams::AUTH0_LOG_STREAMS;
pub use cashfree::CASHFREE;
pub use chargebee::CHARGEBEE;
pub use cloudflare_notifications::CLOUDFLARE_NOTIFICATIONS;
pub use cloudflare_stream::CLOUDFLARE_STREAM;
pub use customer_io::CUSTOMER_IO;
pub use discord::DISCORD;
pub use elevenlabs::ELEVENLABS;
pub use figma::FIGMA;
pub use flutterwave_v3::FLUTTERWAVE_V3;
pub use front_app::FRONT_APP;
pub use ghost::GHOST;
pub use github::GITHUB;
pub use grafana::GRAFANA;
pub use grafana_timestamped::GRAFANA_TIMESTAMPED;
pub use increase::INCREASE;
pub use increase_legacy::INCREASE_LEGACY;
pub use ko_fi::KO_FI;
pub use lithic::LITHIC;
pub use mailgun::MAILGUN;
pub use mattermost::MATTERMOST;
pub use meta::META;
pub use microsoft_graph::MICROSOFT_GRAPH;
pub use mux::MUX;
pub use okta_event_hooks::OKTA_EVENT_HOOKS;
pub use openai::OPENAI;
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
pub use sinch_conversation::SINCH_CONVERSATION;
pub use slack::SLACK;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use supabase_auth_hooks::SUPABASE_AUTH_HOOKS;
pub use svix::SVIX;
pub use telegram::TELEGRAM;
pub use tiktok::TIKTOK;
pub use twilio::TWILIO;
pub use webflow::WEBFLOW;
pub use zulip::ZULIP;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ANTHROPIC,
    &AUTH0_LOG_STREAMS,
    &CASHFREE,
    &CHARGEBEE,
    &CLOUDFLARE_NOTIFICATIONS,
    &CLOUDFLARE_STREAM,
    &CUSTOMER_IO,
    &DISCORD,
    &ELEVENLABS,
    &FIGMA,
    &FLUTTERWAVE_V3,
    &FRONT_APP,
    &GHOST,
    &GITHUB,
    &GRAFANA,
    &GRAFANA_TIMESTAMPED,
    &INCREASE,
    &INCREASE_LEGACY,
    &KO_FI,
    &LITHIC,
    &MAILGUN,
    &MATTERMOST,
    &META,
    &MICROSOFT_GRAPH,
    &MUX,
    &OKTA_EVENT_HOOKS,
    &OPENAI,
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
    &SINCH_CONVERSATION,
    &SLACK,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SUPABASE_AUTH_HOOKS,
    &SVIX,
    &TELEGRAM,
    &TIKTOK,
    &TWILIO,
    &WEBFLOW,
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
