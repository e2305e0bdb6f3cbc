//! What names an event is decided for every sender, and what is not confirmed is counted.

use std::time::Duration;

use tower_webhooks::provider::Identity;
use tower_webhooks::providers::{self, ALL};
use tower_webhooks::testing::Signer;

fn named_by(identity: Identity) -> Vec<&'static str> {
    let named = ALL.iter().filter(|provider| provider.identity() == identity);
    named.map(|provider| provider.name()).collect()
}

#[test]
fn senders_of_identical_bytes_for_different_events_are_told_apart_by_their_delivery_ids() {
    let known = [
        "bitbucket",
        "discourse",
        "forgejo",
        "gitea",
        "github",
        "gitlab",
        "gogs",
        "hookdeck",
        "razorpay",
        "sanity",
        "sentry",
        "shopify",
        "shopify-events",
        "todoist",
        "woocommerce",
        "zendesk",
    ];
    assert_eq!(named_by(Identity::DigestWithDelivery), known);
}

#[test]
fn senders_whose_deliveries_only_say_look_again_are_forgotten_after_a_minute() {
    let known = [
        "airtable",
        "dropbox",
        "grafana",
        "grafana-timestamped",
        "microsoft-graph",
        "twilio",
        "twilio-shared-key",
    ];
    assert_eq!(named_by(Identity::ShortDigest), known);
    for name in known.into_iter().filter(|name| !name.starts_with("twilio")) {
        let retention = providers::find(name).unwrap().usual_retention();
        assert_eq!(retention, Duration::from_secs(60), "{name}");
    }
}

#[test]
fn the_usual_identity_is_that_of_an_event_with_all_that_the_sender_sends() {
    for provider in ALL {
        let event = Signer::demo(provider).unwrap().event("{}").id("1").to_event();
        assert_eq!(event.identity(), provider.identity(), "{}", provider.name());
    }
}

/// It may only fall: a sender whose way is found out gets an `identity_source`.
#[test]
fn what_is_not_confirmed_is_counted() {
    let unconfirmed = ALL.iter().filter(|provider| provider.confirmed_identity().is_none());
    assert_eq!((unconfirmed.count(), ALL.len()), (118, 153));
}

#[test]
fn no_sender_has_a_tolerance_that_real_deliveries_overrun() {
    for provider in ALL {
        let signer = Signer::demo(provider).unwrap();
        let tolerance = signer.verifier().build().unwrap().tolerance();
        let least = Duration::from_secs(300);
        assert!(tolerance.is_none_or(|tolerance| tolerance >= least), "{}", provider.name());
    }
}
