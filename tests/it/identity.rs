//! Which deliveries are the same event: the replay key, through the layer.
#![cfg(all(feature = "tokio", feature = "testing"))]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::layer::{
    Handler, NOW, SECRET, Signed, around, builder, clock, deliver, github, hex, hmac_sha256, layer,
    mailgun, shopify, slack_at, stays_pending, stripe, stripe_at, stripe_by, twilio,
};
use bytes::Bytes;
use http::request::Parts;
use http_body_util::Full;
use tower_webhooks::RejectionKind::{
    BadSignature, BodyMismatch, InFlight, MissingTopic, ReusedSignature, TooManyDeliveries,
    UnknownKey,
};
use tower_webhooks::provider::{Algorithm::Hmac, Hash::Sha256, Identity, Part::Value, header};
use tower_webhooks::providers::{
    ASANA, DROPBOX, GHOST, GITHUB, MAILGUN, MICROSOFT_GRAPH, SHOPIFY, SLACK, STRIPE, TWILIO,
};
use tower_webhooks::store::{IdempotencyStore, MemoryStore};
use tower_webhooks::testing::{ManualClock, Signer};
use tower_webhooks::{
    Assurance, KeySource, KeySourceError, Keys, Provider, Secret, Verifier, Verifiers, WebhookLayer,
};

const MINUTE: Duration = Duration::from_secs(60);

fn layer_of(verifier: Verifier, store: &MemoryStore) -> WebhookLayer {
    WebhookLayer::builder("tests", verifier).clock(clock()).store(store.clone()).build().unwrap()
}

fn with_header(mut request: Signed, name: &'static str, value: &'static str) -> Signed {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

fn strict(provider: &'static Provider) -> WebhookLayer {
    let verifier = provider.verifier(SECRET).strict_identity().build().unwrap();
    layer_of(verifier, &MemoryStore::builder().clock(clock()).build())
}

fn without(mut request: Signed, name: &str) -> Signed {
    request.headers_mut().remove(name).expect("it has the header");
    request
}

// R2: made of signed bytes, and of an unsigned delivery id only beside them -------------------

#[tokio::test(start_paused = true)]
async fn r2_under_strict_identity_an_unsigned_id_that_is_changed_or_left_out_does_not_run_again() {
    let (layer, handler) = (strict(&GITHUB), Handler::ok());
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);

    let changed = with_header(github("{}"), "x-github-delivery", "another");
    deliver(&layer, &handler, changed).await.acknowledges();
    deliver(&layer, &handler, without(github("{}"), "x-github-delivery")).await.acknowledges();
    let other_type = with_header(github("{}"), "x-github-event", "release");
    deliver(&layer, &handler, other_type).await.acknowledges();
    assert_eq!(handler.runs(), 1);
    assert_eq!(handler.events()[0].identity(), Identity::Digest);
}

#[tokio::test(start_paused = true)]
async fn the_same_body_under_another_delivery_id_is_another_event() {
    let (layer, handler) = (layer(&GITHUB), Handler::ok());
    let again = || with_header(github("{}"), "x-github-delivery", "another");
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    deliver(&layer, &handler, again()).await.is_the_handlers(200);
    deliver(&layer, &handler, again()).await.acknowledges();
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    // The type of the event is no part of it.
    let other_type = with_header(github("{}"), "x-github-event", "release");
    deliver(&layer, &handler, other_type).await.acknowledges();
    let event = &handler.events()[1];
    assert_eq!(event.identity(), Identity::DigestWithDelivery);
    assert_eq!(event.delivery_id(), Some("another"));
}

#[tokio::test(start_paused = true)]
async fn deliveries_without_an_id_are_one_event_of_their_own() {
    let (layer, handler) = (layer(&GITHUB), Handler::ok());
    let anonymous = || without(github("{}"), "x-github-delivery");
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    deliver(&layer, &handler, anonymous()).await.is_the_handlers(200);
    deliver(&layer, &handler, anonymous()).await.acknowledges();
    // Neither an empty id nor two of them are an id.
    let empty = with_header(github("{}"), "x-github-delivery", "");
    deliver(&layer, &handler, empty).await.acknowledges();
    let mut twice = github("{}");
    twice.headers_mut().append("x-github-delivery", "another".parse().unwrap());
    deliver(&layer, &handler, twice).await.acknowledges();
    assert_eq!(handler.events()[1].delivery_id(), None);
}

#[tokio::test(start_paused = true)]
async fn one_body_under_a_flood_of_delivery_ids_is_bounded_told_and_runs_again_later() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&told);
    let layer = builder(&GITHUB)
        .on_rejection(move |refused| note.lock().unwrap().push(refused.rejection.kind()))
        .build()
        .unwrap();
    let handler = Handler::ok();
    let flood = |id: u32| {
        let mut request = github("{}");
        request.headers_mut().insert("x-github-delivery", id.into());
        request
    };
    for id in 0..100 {
        deliver(&layer, &handler, flood(id)).await.is_the_handlers(200);
    }
    tokio::time::advance(Duration::from_secs(20)).await;
    deliver(&layer, &handler, flood(100)).await.refuses(TooManyDeliveries, 503, Some(40));
    deliver(&layer, &handler, github("another body")).await.is_the_handlers(200);
    assert_eq!(*told.lock().unwrap(), [TooManyDeliveries]);
    tokio::time::advance(Duration::from_secs(40)).await;
    deliver(&layer, &handler, flood(100)).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn records_of_delivery_ids_make_room_in_a_memory_store_that_is_full() {
    let store = MemoryStore::builder().max_entries(64).clock(clock()).build();
    let layer = builder(&GITHUB).store(store).build().unwrap();
    let handler = Handler::ok();
    for body in 0..1_000 {
        deliver(&layer, &handler, github(body.to_string())).await.is_the_handlers(200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delivery_id_over_a_weakly_covered_body_opens_no_second_body() {
    static WEAK: Provider = Provider::new("weak")
        .signature(Hmac(Sha256), header("x-signature").hex())
        .signs(&[Value(header("x-token"))])
        .delivery_id(&[header("x-delivery")]);
    let verifier = WEAK.verifier(SECRET).build().unwrap();
    let layer = layer_of(verifier, &MemoryStore::builder().clock(clock()).build());
    let handler = Handler::ok();
    let sent = |delivery: &str, body: &'static str| {
        http::Request::post("/")
            .header("x-signature", hex(&hmac_sha256(SECRET, &[b"t"])))
            .header("x-token", "t")
            .header("x-delivery", delivery)
            .body(Full::new(Bytes::from(body)))
            .unwrap()
    };
    deliver(&layer, &handler, sent("1", "genuine")).await.is_the_handlers(200);
    deliver(&layer, &handler, sent("2", "forged")).await.refuses(ReusedSignature, 401, None);
    deliver(&layer, &handler, sent("2", "genuine")).await.acknowledges();
    assert_eq!(handler.events()[0].identity(), Identity::Digest);
}

#[tokio::test(start_paused = true)]
async fn r2_one_unsigned_id_on_two_bodies_is_two_events() {
    let (layer, handler) = (layer(&GITHUB), Handler::ok());
    deliver(&layer, &handler, github("1")).await.is_the_handlers(200);
    deliver(&layer, &handler, github("2")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_is_signed_anew_is_the_same_event() {
    // With an id, and (a slash command) without.
    let (slack, handler) = (layer(&SLACK), Handler::ok());
    for body in [r#"{"event_id":"Ev1"}"#, "command=%2Fweather&text=94070"] {
        deliver(&slack, &handler, slack_at(NOW, body)).await.is_the_handlers(200);
        deliver(&slack, &handler, slack_at(NOW + 60, body)).await.acknowledges();
    }
    assert_eq!(handler.runs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_signed_id_wins_over_a_body_that_was_rendered_anew() {
    let (layer, handler) = (layer(&STRIPE), Handler::ok());
    deliver(&layer, &handler, stripe("evt_1")).await.is_the_handlers(200);
    let rendered_anew = stripe_at(NOW + 5, r#"{ "type": "charge.succeeded", "id": "evt_1" }"#);
    deliver(&layer, &handler, rendered_anew).await.acknowledges();
    assert_eq!(handler.runs(), 1);
}

// Signatures that do not cover the body -----------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_weak_signature_with_another_body_is_refused_once_it_completed() {
    let (layer, handler) = (layer(&MAILGUN), Handler::ok());
    deliver(&layer, &handler, mailgun("token", "event-1")).await.is_the_handlers(200);
    deliver(&layer, &handler, mailgun("token", "event-2")).await.refuses(
        ReusedSignature,
        401,
        None,
    );
    deliver(&layer, &handler, mailgun("token", "event-1")).await.acknowledges();
    deliver(&layer, &handler, mailgun("token-2", "event-2")).await.is_the_handlers(200);
    assert_eq!(handler.events()[0].assurance(), Assurance::PartOfBody);
}

#[tokio::test(start_paused = true)]
async fn a_weak_signature_with_another_body_is_refused_while_the_first_is_in_flight() {
    let (layer, (handler, gate)) = (layer(&MAILGUN), Handler::at_a_gate());
    let mut first = Box::pin(deliver(&layer, &handler, mailgun("token", "event-1")));
    stays_pending(&mut first).await;
    deliver(&layer, &handler, mailgun("token", "event-2")).await.refuses(
        ReusedSignature,
        401,
        None,
    );
    gate.let_pass(1);
    first.await.is_the_handlers(200);
    assert_eq!(handler.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_sender_may_repeat_a_weak_delivery_whose_run_failed() {
    let (layer, handler) = (layer(&MAILGUN), Handler::answers([500, 200]));
    deliver(&layer, &handler, mailgun("token", "event-1")).await.is_the_handlers(500);
    deliver(&layer, &handler, mailgun("token", "event-1")).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1, 2]);
}

// Endpoint, provider, principal -------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn two_endpoints_over_one_store_both_run_and_one_name_shares_its_memory() {
    let (store, handler) = (MemoryStore::builder().clock(clock()).build(), Handler::ok());
    let endpoint = |name: &str| {
        let verifier = GITHUB.verifier(SECRET).build().unwrap();
        WebhookLayer::builder(name, verifier).store(store.clone()).build().unwrap()
    };
    deliver(&endpoint("deploy"), &handler, github("{}")).await.is_the_handlers(200);
    deliver(&endpoint("audit"), &handler, github("{}")).await.is_the_handlers(200);
    deliver(&endpoint("deploy"), &handler, github("{}")).await.acknowledges();
    let keys: Vec<_> = handler.events().iter().map(|event| event.replay_key()).collect();
    assert_ne!(keys[0], keys[1]);
}

/// Tenants by the last segment of the path.
#[derive(Debug)]
struct Tenants;

impl KeySource for Tenants {
    async fn keys(&self, head: &Parts) -> Result<Option<Keys>, KeySourceError> {
        let tenant = head.uri.path().rsplit('/').next().unwrap_or_default();
        if !["acme", "evil"].contains(&tenant) {
            return Ok(None);
        }
        let keys = STRIPE.keys(format!("secret-of-{tenant}")).map_err(KeySourceError::new)?;
        Ok(Some(keys.principal(tenant)))
    }
}

fn stripe_for(path: &str, secret: &str) -> Signed {
    let mut request = stripe_by(secret, NOW, r#"{"id":"evt_1"}"#);
    *request.uri_mut() = path.parse().unwrap();
    request
}

#[tokio::test(start_paused = true)]
async fn two_tenants_do_not_collide_on_an_id() {
    let verifier = STRIPE.verifier_with(Tenants).build().unwrap();
    let layer = layer_of(verifier, &MemoryStore::builder().clock(clock()).build());
    let handler = Handler::ok();
    let evil = stripe_for("/hooks/evil", "secret-of-evil");
    deliver(&layer, &handler, evil).await.is_the_handlers(200);
    let acme = || stripe_for("/hooks/acme", "secret-of-acme");
    deliver(&layer, &handler, acme()).await.is_the_handlers(200);
    deliver(&layer, &handler, acme()).await.acknowledges();
    let principals: Vec<_> =
        handler.events().iter().map(|event| event.principal().to_owned()).collect();
    assert_eq!(principals, ["evil", "acme"]);

    let forged = stripe_for("/hooks/acme", "secret-of-evil");
    deliver(&layer, &handler, forged).await.refuses(BadSignature, 401, None);
    let nobody = stripe_for("/hooks/nobody", "secret-of-acme");
    deliver(&layer, &handler, nobody).await.refuses(UnknownKey, 401, None);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_of_secrets_keeps_what_was_handled() {
    let store = MemoryStore::builder().clock(clock()).build();
    let handler = Handler::ok();
    let old = layer_of(STRIPE.verifier("old").build().unwrap(), &store);
    let signed_by = |secret| stripe_by(secret, NOW, r#"{"id":"evt_1"}"#);
    deliver(&old, &handler, signed_by("old")).await.is_the_handlers(200);

    let labelled = [Secret::new("new").label("may"), Secret::new("old").label("april")];
    let both = layer_of(STRIPE.verifier(labelled).build().unwrap(), &store);
    deliver(&both, &handler, signed_by("old")).await.acknowledges();
    deliver(&both, &handler, signed_by("new")).await.acknowledges();
    let new = layer_of(STRIPE.verifier("new").build().unwrap(), &store);
    deliver(&new, &handler, signed_by("new")).await.acknowledges();
    assert_eq!(handler.runs(), 1);
}

// Shopify: one body under several topics ----------------------------------------------------

#[tokio::test(start_paused = true)]
async fn under_strict_identity_shopify_runs_a_body_once_for_each_topic_of_the_endpoint() {
    let verifier = SHOPIFY.verifier(SECRET).topics(["orders/create", "orders/paid"]);
    let layer = layer_of(verifier.strict_identity().build().unwrap(), &MemoryStore::new());
    let handler = Handler::ok();
    let order = r#"{"id":820982911946154508}"#;
    for topic in ["orders/create", "orders/paid"] {
        deliver(&layer, &handler, shopify(topic, "id-1", order)).await.is_the_handlers(200);
        deliver(&layer, &handler, shopify(topic, "id-2", order)).await.acknowledges();
    }
    deliver(&layer, &handler, shopify("orders/delete", "id-1", order)).await.acknowledges();
    let kinds: Vec<_> =
        handler.events().iter().map(|event| event.kind().unwrap().to_string()).collect();
    assert_eq!(kinds, ["orders/create", "orders/paid"]);
}

#[tokio::test(start_paused = true)]
async fn the_delivery_id_tells_topics_apart_and_the_topic_is_no_part_of_the_key() {
    let verifier = SHOPIFY.verifier(SECRET).topics(["orders/create", "orders/paid"]);
    let layer = layer_of(verifier.build().unwrap(), &MemoryStore::new());
    let handler = Handler::ok();
    deliver(&layer, &handler, shopify("orders/create", "1", "{}")).await.is_the_handlers(200);
    deliver(&layer, &handler, shopify("orders/paid", "2", "{}")).await.is_the_handlers(200);
    deliver(&layer, &handler, shopify("orders/create", "2", "{}")).await.acknowledges();
    deliver(&layer, &handler, shopify("orders/delete", "3", "{}")).await.acknowledges();
    assert_eq!(handler.runs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_without_the_topic_that_decides_is_refused() {
    for verifier in [SHOPIFY.verifier(SECRET), SHOPIFY.verifier(SECRET).strict_identity()] {
        let layer =
            layer_of(verifier.topics(["orders/create"]).build().unwrap(), &MemoryStore::new());
        let handler = Handler::ok();
        let without = without(shopify("orders/create", "id-1", "{}"), "x-shopify-topic");
        deliver(&layer, &handler, without).await.refuses(MissingTopic, 400, None);
        assert_eq!(handler.runs(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_topic_outside_the_endpoints_does_not_reach_the_store() {
    let store = MemoryStore::new();
    let verifier = SHOPIFY.verifier(SECRET).topics(["orders/create"]).build().unwrap();
    let layer = layer_of(verifier, &store);
    let handler = Handler::ok();
    deliver(&layer, &handler, shopify("orders/paid", "1", "{}")).await.acknowledges();
    assert_eq!((handler.runs(), store.is_empty()), (0, true));
}

// Twilio: identical forms are legitimate, a while apart -------------------------------------

#[tokio::test(start_paused = true)]
async fn twilio_forgets_after_five_seconds_so_that_a_repeated_form_runs() {
    let clock = clock();
    let verifier = TWILIO.verifier(SECRET).public_url("https://example.com").build().unwrap();
    let layer = WebhookLayer::builder("calls", verifier).clock(clock.clone()).build().unwrap();
    let handler = Handler::ok();
    let call = || twilio("https://example.com/calls?from=menu", "Digits", "1");

    deliver(&layer, &handler, call()).await.is_the_handlers(200);
    clock.advance(Duration::from_secs(5) - Duration::from_millis(1));
    deliver(&layer, &handler, call()).await.acknowledges_with("<Response/>");
    clock.advance(Duration::from_millis(1));
    deliver(&layer, &handler, call()).await.is_the_handlers(200);
    assert_eq!(handler.attempts(), [1, 1], "a record that expired leaves no attempt");
}

#[tokio::test(start_paused = true)]
async fn twilio_tells_two_urls_and_two_forms_apart() {
    let verifier = TWILIO.verifier(SECRET).public_url("https://example.com").build().unwrap();
    let layer = layer_of(verifier, &MemoryStore::new());
    let handler = Handler::ok();
    for (url, value) in [("/a", "1"), ("/a", "2"), ("/b", "1")] {
        let call = || twilio(&format!("https://example.com{url}"), "FromCity", value);
        deliver(&layer, &handler, call()).await.is_the_handlers(200);
        deliver(&layer, &handler, call()).await.acknowledges_with("<Response/>");
    }
    // A form is signed as names and values joined without a mark between: another reading of the
    // same text is another body under a used signature.
    let other_reading = around(
        &twilio("https://example.com/a", "FromCity", "1"),
        Full::new(Bytes::from("From=City1")),
    );
    deliver(&layer, &handler, other_reading).await.refuses(ReusedSignature, 401, None);
    assert_eq!(handler.runs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_get_of_twilio_is_an_event_and_one_with_a_body_is_refused() {
    let verifier = TWILIO.verifier(SECRET).public_url("https://example.com").build().unwrap();
    let layer = layer_of(verifier, &MemoryStore::new());
    let handler = Handler::ok();
    let url = "https://example.com/calls?Digits=1";
    let get = |body: &'static str| {
        let mut request = around(&twilio(url, "", ""), Full::new(Bytes::from(body)));
        *request.method_mut() = http::Method::GET;
        request
    };
    deliver(&layer, &handler, get("unsigned")).await.refuses(BodyMismatch, 401, None);
    deliver(&layer, &handler, get("")).await.is_the_handlers(200);
    deliver(&layer, &handler, get("")).await.acknowledges_with("<Response/>");
}

// Deliveries that only say "look again" -------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn what_only_says_look_again_is_remembered_for_a_minute_whatever_the_layer_says() {
    let week = MINUTE * 60 * 24 * 7;
    let signer = Signer::demo(&DROPBOX).unwrap();
    let together = Verifiers::one_of([
        signer.verifier().build().unwrap(),
        GITHUB.verifier(SECRET).build().unwrap(),
    ]);
    let alone = || Verifiers::from(signer.verifier().build().unwrap());
    for (verifiers, retention) in
        [(alone(), None), (alone(), Some(week)), (together.unwrap(), None)]
    {
        let clock = ManualClock::at(signer.now());
        let layer = WebhookLayer::builder("files", verifiers).clock(clock.clone());
        let layer = match retention {
            Some(retention) => layer.retention(retention),
            None => layer,
        };
        let (layer, handler) = (layer.build().unwrap(), Handler::ok());
        let changed =
            || signer.event(r#"{"list_folder":{"accounts":["a"]}}"#).request().map(Full::new);
        deliver(&layer, &handler, changed()).await.is_the_handlers(200);
        clock.advance(MINUTE - Duration::from_millis(1));
        deliver(&layer, &handler, changed()).await.acknowledges();
        clock.advance(Duration::from_millis(1));
        deliver(&layer, &handler, changed()).await.is_the_handlers(200);
        assert_eq!(handler.events()[0].identity(), Identity::ShortDigest);
    }
}

#[tokio::test(start_paused = true)]
async fn what_only_says_look_again_is_known_for_as_long_as_it_is_in_flight() {
    let signer = Signer::demo(&DROPBOX).unwrap();
    let clock = ManualClock::at(signer.now());
    let layer = WebhookLayer::builder("files", signer.verifier().build().unwrap())
        .clock(clock.clone())
        .handler_timeout(MINUTE * 10)
        .build()
        .unwrap();
    let (handler, gate) = Handler::at_a_gate();
    let changed = || signer.event("{}").request().map(Full::new);
    let mut first = Box::pin(deliver(&layer, &handler, changed()));
    stays_pending(&mut first).await;
    clock.advance(MINUTE * 2);
    let second = deliver(&layer, &handler, changed()).await;
    assert_eq!(second.kind(), Some(InFlight));
    gate.let_pass(1);
    first.await.is_the_handlers(200);
    assert_eq!(handler.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_of_asana_says_look_again_and_a_batch_does_not() {
    let signer = Signer::demo(&ASANA).unwrap();
    let identity = |body: &'static str| signer.event(body).to_event().identity();
    assert_eq!(identity(r#"{"events": []}"#), Identity::ShortDigest);
    assert_eq!(identity(r#"{"events": [{"action":"changed"}]}"#), Identity::Digest);
    assert_eq!(identity(r#"{"events": {}}"#), Identity::Digest);
    assert_eq!(identity("{}"), Identity::Digest);
    assert_eq!(identity("not json"), Identity::Digest);
}

#[tokio::test(start_paused = true)]
async fn a_time_that_is_made_once_for_an_event_names_it() {
    let signer = Signer::demo(&GHOST).unwrap();
    let changed = |at: Duration| signer.clone().at(signer.now() + at).event("{}").to_event();
    let first = changed(Duration::ZERO);
    assert_eq!(first.replay_key(), changed(Duration::ZERO).replay_key());
    assert_ne!(first.replay_key(), changed(Duration::from_secs(1)).replay_key());
    assert_eq!(first.identity(), Identity::Digest);
}

#[test]
fn a_notification_of_graph_with_or_without_ids_says_look_again() {
    let signer = Signer::demo(&MICROSOFT_GRAPH).unwrap();
    let body = r#"{"value":[{"id":"n-1","changeType":"updated"}]}"#;
    assert_eq!(signer.event(body).to_event().identity(), Identity::ShortDigest);
}

// Expiry and the operator -------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn r5_an_event_is_remembered_for_seven_days_from_its_completion() {
    let clock = clock();
    let layer = builder(&GITHUB).clock(clock.clone()).build().unwrap();
    let handler = Handler::ok();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    clock.advance(MINUTE * 60 * 24 * 7 - Duration::from_millis(1));
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    clock.advance(Duration::from_millis(1));
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
}

#[tokio::test(start_paused = true)]
async fn what_the_operator_forgets_runs_again() {
    let store = MemoryStore::builder().clock(clock()).build();
    let layer = builder(&GITHUB).store(store.clone()).build().unwrap();
    let handler = Handler::ok();
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    deliver(&layer, &handler, github("{}")).await.acknowledges();
    let key = handler.events()[0].replay_key();
    assert!(store.forget(&key).await.unwrap());
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);
    assert_eq!((handler.runs(), handler.events()[1].replay_key()), (2, key));
}

#[tokio::test(start_paused = true)]
async fn the_key_that_a_handler_sees_is_that_of_the_verifier_alone() {
    let verifier = GITHUB.verifier(SECRET).build().unwrap();
    let handler = Handler::ok();
    let layer = layer_of(verifier.clone(), &MemoryStore::new());
    deliver(&layer, &handler, github("{}")).await.is_the_handlers(200);

    let (head, _) = github("{}").into_parts();
    let verified = verifier.verify(&head, "{}", std::time::UNIX_EPOCH).unwrap();
    let tower_webhooks::Verified::Event(event) = verified else { panic!("it is an event") };
    let handled = &handler.events()[0];
    assert_eq!(event.clone().at_endpoint("tests").replay_key(), handled.replay_key());
    assert_ne!(event.replay_key(), handled.replay_key(), "the endpoint is part of it");
    assert_eq!(event.fingerprint(), handled.fingerprint());
}
