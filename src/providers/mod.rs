//! The senders this crate knows.
//!
//! One file a sender, found by name with [`find`]. Each is a [`Provider`] made with the same
//! methods as your own; its documentation says what is signed, what is not, where the secret
//! stands in the sender's dashboard, and what names an event.

mod adyen;
mod box_com;
mod braintree;
mod cloudinary;
mod cloudinary_sha256;
mod contentful;
mod convoy;
mod discord;
mod dropbox_sign;
mod github;
mod mailgun;
mod messagebird_legacy;
mod meta;
mod pusher;
mod recharge_legacy;
mod shopify;
mod slack;
mod standard_webhooks;
mod stripe;
mod svix;
mod twilio;
mod vonage_signature;

pub use adyen::ADYEN;
pub use box_com::BOX;
pub use braintree::BRAINTREE;
pub use cloudinary::CLOUDINARY;
pub use cloudinary_sha256::CLOUDINARY_SHA256;
pub use contentful::CONTENTFUL;
pub use convoy::CONVOY;
pub use convoy::CONVOY_ADVANCED;
pub use convoy::CONVOY_ADVANCED_BASE64;
pub use convoy::CONVOY_ADVANCED_SHA512;
pub use convoy::CONVOY_ADVANCED_SHA512_BASE64;
pub use convoy::CONVOY_BASE64;
pub use convoy::CONVOY_SHA512;
pub use convoy::CONVOY_SHA512_BASE64;
pub use discord::DISCORD;
pub use dropbox_sign::DROPBOX_SIGN;
pub use github::GITHUB;
pub use mailgun::MAILGUN;
pub use messagebird_legacy::MESSAGEBIRD_LEGACY;
pub use meta::META;
pub use pusher::PUSHER;
pub use recharge_legacy::RECHARGE_LEGACY;
pub use shopify::SHOPIFY;
pub use slack::SLACK;
pub use standard_webhooks::STANDARD_WEBHOOKS;
pub use stripe::STRIPE;
pub use svix::SVIX;
pub use twilio::TWILIO;
pub use vonage_signature::VONAGE_SIGNATURE;
pub use vonage_signature::VONAGE_SIGNATURE_MD5;
pub use vonage_signature::VONAGE_SIGNATURE_SHA1;
pub use vonage_signature::VONAGE_SIGNATURE_SHA256;
pub use vonage_signature::VONAGE_SIGNATURE_SHA512;

use crate::provider::Provider;

/// Every provider, by name.
pub static ALL: &[&Provider] = &[
    &ADYEN,
    &BOX,
    &BRAINTREE,
    &CLOUDINARY,
    &CLOUDINARY_SHA256,
    &CONTENTFUL,
    &CONVOY,
    &CONVOY_ADVANCED,
    &CONVOY_ADVANCED_BASE64,
    &CONVOY_ADVANCED_SHA512,
    &CONVOY_ADVANCED_SHA512_BASE64,
    &CONVOY_BASE64,
    &CONVOY_SHA512,
    &CONVOY_SHA512_BASE64,
    &DISCORD,
    &DROPBOX_SIGN,
    &GITHUB,
    &MAILGUN,
    &MESSAGEBIRD_LEGACY,
    &META,
    &PUSHER,
    &RECHARGE_LEGACY,
    &SHOPIFY,
    &SLACK,
    &STANDARD_WEBHOOKS,
    &STRIPE,
    &SVIX,
    &TWILIO,
    &VONAGE_SIGNATURE,
    &VONAGE_SIGNATURE_MD5,
    &VONAGE_SIGNATURE_SHA1,
    &VONAGE_SIGNATURE_SHA256,
    &VONAGE_SIGNATURE_SHA512,
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
