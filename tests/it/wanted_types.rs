//! Types and topics that an endpoint names: what no event can have is refused when it is named.
#![cfg(all(feature = "tokio", feature = "testing", feature = "tracing"))]

use crate::support::layer::Logs;
use tower_webhooks::event::Raw;
use tower_webhooks::providers::{BRAINTREE, GITHUB, SHOPIFY, TELEGRAM, WOOCOMMERCE};
use tower_webhooks::testing::Signer;
use tower_webhooks::{ConfigErrorKind, Provider, WebhookLayer};

fn only(provider: &Provider, types: &[&str]) -> Result<(), ConfigErrorKind> {
    let signer = Signer::demo(provider).unwrap();
    let layer = WebhookLayer::new("tests", signer.verifier().build().unwrap());
    let types = types.iter().copied();
    layer.events::<Raw>().only(types).map(|_| ()).map_err(|error| error.kind())
}

#[test]
fn types_that_no_event_can_have_are_refused_when_they_are_named() {
    let refused = Err(ConfigErrorKind::Types);
    assert_eq!(only(&TELEGRAM, &["message"]), refused, "its events have no type");
    assert_eq!(only(&GITHUB, &["push"]), Ok(()));
    assert_eq!(only(&GITHUB, &[]), refused);
    for blank in ["", " ", "push ", "\tpush"] {
        assert_eq!(only(&GITHUB, &["push", blank]), refused, "{blank:?}");
    }
    for form in ["SHOP_REDACT", "SHOP/REDACT", "shop_redact", "Orders/Unheard"] {
        assert_eq!(only(&SHOPIFY, &[form]), refused, "{form}");
    }
    assert_eq!(only(&SHOPIFY, &["shop/redact", "unheard/of"]), Ok(()));
    assert_eq!(only(&WOOCOMMERCE, &["order/created"]), refused);
    assert_eq!(only(&BRAINTREE, &["check"]), Ok(()), "code finds its types");
}

#[test]
fn the_text_about_a_wrong_name_says_how_the_sender_writes_it() {
    for topic in ["SHOP_REDACT", "SHOP/REDACT"] {
        let error = SHOPIFY.verifier("a client secret").topics([topic]).build().unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::Topics);
        assert!(error.to_string().contains("`shop/redact`"), "{error}");
    }
    let blank = SHOPIFY.verifier("a client secret").topics([""]).build().unwrap_err();
    assert_eq!(blank.kind(), ConfigErrorKind::Topics);
}

#[test]
fn a_name_of_the_right_form_that_is_not_known_is_told_by_a_warning() {
    let logs = Logs::capture();
    SHOPIFY.verifier("a client secret").topics(["unheard/of"]).build().unwrap();
    assert!(logs.lines("WARN")[0].contains("unheard/of"), "{}", logs.text());
}
