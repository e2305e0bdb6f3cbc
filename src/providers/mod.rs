//! The senders this crate knows.
//!
//! One file a sender, found by name with [`find`]. Each is a [`Provider`] made with the same
//! methods as your own; its documentation says what is signed, what is not, where the secret
//! stands in the sender's dashboard, and what names an event.

mod anthropic;
mod cashfree;
mod cloudflare_stream;
mod customer_io;
mod discord;
mod elevenlabs;
mod front_app;
mod ghost;
mod github;
mod grafana;
mod grafana_timestamped;
mod increase;
mod increase_legacy;
mod lithic;
mod mailgun;
mod meta;
mod microsoft_graph;
mod mux;
mod openai;
mod persona;
mod quicknode;
mod recharge;
mod render;
mod replicate;
mod sanity;
mod shippo;
mod shopify;
mod sinch_conversation;
mod slack;
mod standard_webhooks;
mod stripe;
mod supabase_auth_hooks;
mod svix;
mod tiktok;
mod twilio;
mod webflow;

pub use anthropic::ANTHROPIC;
pub use cashfree::CASHFREE;
pub use cloudflare_stream::CLOUDFLARE_STREAM;
pub use customer_io::CUSTOMER_IO;
pub use discord::DISCORD;
pub use elevenlabs::ELEVENLABS;
pub use front_app::FRONT_APP;
pub use ghost::GHOST;
pub use github::GITHUB;
pub use grafana::GRAFANA;
pub use grafana_timestamped::GRAFANA_TIMESTAMPED;
pub use increase::INCREASE;
pub use increase_legacy::INCREASE_LEGACY;
pub use lithic::LITHIC;
pub use mailgun::MAILGUN;
pub use meta::META;
pub use microsoft_graph::MICROSOFT_GRAPH;
pub use mux::MUX;
pub use openai::OPENAI;
pub use persona::PERSONA;
pub use quicknode::QUICKNODE;
pub use recharge::RECHARGE;
pub use render::RENDER;
pub use replicate::REPLICATE;
pub use sanity::SANITY;
pub use shippo::SHIPPO;
pub use shopify::SHOPIFY;
pub use sinch_conversation::SINCH_CONVERSATION;
pub use slack::SLACK;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use supabase_auth_hooks::SUPABASE_AUTH_HOOKS;
pub use svix::SVIX;
pub use tiktok::TIKTOK;
pub use twilio::TWILIO;
pub use webflow::WEBFLOW;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ANTHROPIC,
    &CASHFREE,
    &CLOUDFLARE_STREAM,
    &CUSTOMER_IO,
    &DISCORD,
    &ELEVENLABS,
    &FRONT_APP,
    &GHOST,
    &GITHUB,
    &GRAFANA,
    &GRAFANA_TIMESTAMPED,
    &INCREASE,
    &INCREASE_LEGACY,
    &LITHIC,
    &MAILGUN,
    &META,
    &MICROSOFT_GRAPH,
    &MUX,
    &OPENAI,
    &PERSONA,
    &QUICKNODE,
    &RECHARGE,
    &RENDER,
    &REPLICATE,
    &SANITY,
    &SHIPPO,
    &SHOPIFY,
    &SINCH_CONVERSATION,
    &SLACK,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SUPABASE_AUTH_HOOKS,
    &SVIX,
    &TIKTOK,
    &TWILIO,
    &WEBFLOW,
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
