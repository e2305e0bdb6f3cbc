//! The senders this crate knows.
//!
//! One file a sender, found by name with [`find`]. Each is a [`Provider`] made with the same
//! methods as your own; its documentation says what is signed, what is not, where the secret
//! stands in the sender's dashboard, and what names an event.

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
mod increase_legacy;
mod mailgun;
mod meta;
mod microsoft_graph;
mod mux;
mod persona;
mod quicknode;
mod recharge;
mod sanity;
mod shippo;
mod shopify;
mod sinch_conversation;
mod slack;
mod standard_webhooks;
mod stripe;
mod svix;
mod tiktok;
mod twilio;
mod webflow;

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
pub use increase_legacy::INCREASE_LEGACY;
pub use mailgun::MAILGUN;
pub use meta::META;
pub use microsoft_graph::MICROSOFT_GRAPH;
pub use mux::MUX;
pub use persona::PERSONA;
pub use quicknode::QUICKNODE;
pub use recharge::RECHARGE;
pub use sanity::SANITY;
pub use shippo::SHIPPO;
pub use shopify::SHOPIFY;
pub use sinch_conversation::SINCH_CONVERSATION;
pub use slack::SLACK;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use tiktok::TIKTOK;
pub use twilio::TWILIO;
pub use webflow::WEBFLOW;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
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
    &INCREASE_LEGACY,
    &MAILGUN,
    &META,
    &MICROSOFT_GRAPH,
    &MUX,
    &PERSONA,
    &QUICKNODE,
    &RECHARGE,
    &SANITY,
    &SHIPPO,
    &SHOPIFY,
    &SINCH_CONVERSATION,
    &SLACK,
    &STANDARD_WEBHOOKS,
    &STRIPE,
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
