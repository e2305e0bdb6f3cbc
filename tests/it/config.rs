//! What the layer's builder refuses, and what it takes.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::time::Duration;

use crate::support::layer::{Handler, builder, deliver, github, layer};
use tower_webhooks::layer::WebhookLayerBuilder;
use tower_webhooks::providers::{GITHUB, STRIPE, TWILIO};
use tower_webhooks::testing::Signer;
use tower_webhooks::{ConfigErrorKind, WebhookLayer};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// It is refused for this, with a text that names what to change.
#[track_caller]
fn is_refused(builder: WebhookLayerBuilder, kind: ConfigErrorKind, advice: &str) {
    let error = builder.build().expect_err("it is wrong");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(advice), "{error}");
}

#[track_caller]
fn is_taken(builder: WebhookLayerBuilder) {
    builder.build().expect("it is in order");
}

#[test]
fn r4_a_lease_outlasts_handler_and_store() {
    // 30 s for the handler, twice 1 s for the store, and 5 s.
    is_taken(builder(&GITHUB).lease(secs(37)));
    is_refused(
        builder(&GITHUB).lease(Duration::from_millis(36_999)),
        ConfigErrorKind::Lease,
        "37s",
    );

    let slow_handler = || builder(&GITHUB).handler_timeout(secs(100)).store_timeout(secs(2));
    is_taken(slow_handler().lease(secs(109)));
    is_refused(slow_handler().lease(secs(108)), ConfigErrorKind::Lease, "`handler_timeout`");
}

#[test]
fn r4_the_default_lease_grows_with_the_time_outs() {
    is_taken(builder(&GITHUB).handler_timeout(secs(3_600)));
    // Longer than the lease that comes of it, but only just: a second more than 3607 s.
    let hour = || builder(&GITHUB).handler_timeout(secs(3_600));
    is_taken(hour().retention(secs(3_608)));
    is_refused(hour().retention(secs(3_607)), ConfigErrorKind::Retention, "lease");
}

#[test]
fn r4_a_lease_ends_before_the_record_does() {
    is_taken(builder(&GITHUB).lease(secs(600)).retention(secs(601)));
    is_refused(
        builder(&GITHUB).lease(secs(600)).retention(secs(600)),
        ConfigErrorKind::Retention,
        "longer than the lease",
    );
}

#[test]
fn r5_a_retention_outlasts_what_is_fresh() {
    // Twice 300 s of tolerance, and a minute.
    is_taken(builder(&STRIPE).retention(secs(660)));
    is_refused(builder(&STRIPE).retention(secs(659)), ConfigErrorKind::Retention, "660s");
}

#[test]
fn r5_a_wider_tolerance_asks_for_a_longer_retention() {
    let verifier = || STRIPE.verifier("whsec_1").tolerance(secs(3_600)).build().unwrap();
    is_taken(WebhookLayer::builder("tests", verifier()).retention(secs(7_260)));
    is_refused(
        WebhookLayer::builder("tests", verifier()).retention(secs(7_259)),
        ConfigErrorKind::Retention,
        "twice the tolerance",
    );
}

type Setting = fn(WebhookLayerBuilder) -> WebhookLayerBuilder;

#[test]
fn a_limit_of_zero_is_refused_by_name() {
    let limits: [(Setting, &str); 7] = [
        (|builder| builder.max_body(0), "`max_body`"),
        (|builder| builder.max_buffered_bytes(0), "`max_buffered_bytes`"),
        (|builder| builder.max_runs(0), "`max_runs`"),
        (|builder| builder.body_timeout(Duration::ZERO), "`body_timeout`"),
        (|builder| builder.key_timeout(Duration::ZERO), "`key_timeout`"),
        (|builder| builder.handler_timeout(Duration::ZERO), "`handler_timeout`"),
        (|builder| builder.store_timeout(Duration::ZERO), "`store_timeout`"),
    ];
    for (limit, name) in limits {
        is_refused(limit(builder(&GITHUB)), ConfigErrorKind::Limit, name);
    }
}

#[test]
fn the_bytes_of_all_bodies_are_room_for_one() {
    is_taken(builder(&STRIPE).max_body(1_000).max_buffered_bytes(1_000));
    is_refused(
        builder(&STRIPE).max_body(1_000).max_buffered_bytes(999),
        ConfigErrorKind::Limit,
        "`max_buffered_bytes` (999)",
    );
    // GitHub sends up to 25 MiB, and the layer takes that without being told.
    is_refused(
        builder(&GITHUB).max_buffered_bytes(25 * 1024 * 1024 - 1),
        ConfigErrorKind::Limit,
        "`max_body` (26214400)",
    );
}

#[tokio::test]
async fn the_defaults_are_in_order_for_each_of_the_providers() {
    let all = tower_webhooks::providers::ALL.iter();
    for provider in all.filter(|each| cfg!(feature = "ed25519") || each.name() != "discord") {
        let verifier = Signer::demo(provider).unwrap().verifier().build();
        let verifier = verifier.unwrap_or_else(|error| panic!("{}: {error}", provider.name()));
        let built = WebhookLayer::builder("tests", verifier.clone()).build();
        built.unwrap_or_else(|error| panic!("{}: {error}", provider.name()));
        let _cannot_fail = WebhookLayer::new("tests", verifier);
    }
}

#[tokio::test]
async fn neither_layer_nor_service_show_a_secret() {
    let verifier = TWILIO.verifier("hunter2").public_url("https://example.com").build().unwrap();
    let builder = WebhookLayer::builder("calls", verifier);
    let mut shown = format!("{builder:?}");
    let layer = builder.build().unwrap();
    shown += &format!("{layer:?} {:?}", tower::Layer::layer(&layer, Handler::ok()));
    shown += &format!("{:?} {:?}", layer.events::<()>(), layer.drain_handle());
    assert!(shown.contains("calls") && !shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn clones_of_a_layer_share_its_memory() {
    let (layer, handler) = (layer(&GITHUB), Handler::ok());
    let push = github("{}");
    deliver(&layer, &handler, push.clone()).await.is_the_handlers(200);
    deliver(&layer.clone(), &handler, push).await.acknowledges();
    assert_eq!(handler.runs(), 1);
}
