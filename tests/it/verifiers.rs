//! One route for several senders, and for two versions of one sender.

use std::convert::Infallible;

use bytes::Bytes;
use http::request::Parts;
use http_body_util::Full;
use tower::Layer;
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::provider::{Algorithm::Hmac, Hash, Part::Body, Provider, header};
use tower_webhooks::providers::{GITHUB, MAILGUN, META, STRIPE, SVIX};
use tower_webhooks::testing::{ManualClock, Signer};
use tower_webhooks::{ConfigErrorKind, RejectionKind, Verifier, Verifiers, WebhookLayer};

static STRONG: Provider = Provider::new("acme-v2")
    .signature(Hmac(Hash::Sha256), header("acme-signature-256").hex())
    .signs(&[Body]);
static WEAK: Provider = Provider::new("acme-v1")
    .signature(Hmac(Hash::Sha1), header("acme-signature").hex())
    .signs(&[Body]);

fn verifier(provider: &Provider) -> Verifier {
    Signer::demo(provider).unwrap().verifier().build().unwrap()
}

fn head(provider: &Provider) -> Parts {
    Signer::demo(provider).unwrap().event("{}").request().into_parts().0
}

fn both(first: &Provider, second: &Provider) -> Parts {
    let mut merged = head(first);
    merged.headers.extend(head(second).headers);
    merged
}

fn kind(picked: Result<&Verifier, tower_webhooks::Rejection>) -> RejectionKind {
    picked.unwrap_err().kind()
}

#[test]
fn each_request_is_for_the_sender_whose_signature_it_has() {
    let route = Verifiers::one_of([&GITHUB, &STRIPE, &SVIX].map(verifier)).unwrap();
    for sender in [&GITHUB, &STRIPE, &SVIX] {
        assert_eq!(route.pick(&head(sender)).unwrap().provider().name(), sender.name());
    }
    assert_eq!(kind(route.pick(&head(&WEAK))), RejectionKind::MissingSignature);
}

#[test]
fn a_request_with_the_signatures_of_two_senders_is_refused() {
    let route = Verifiers::one_of([&GITHUB, &STRIPE].map(verifier)).unwrap();
    assert_eq!(kind(route.pick(&both(&GITHUB, &STRIPE))), RejectionKind::AmbiguousSender);
}

#[test]
fn a_setup_request_is_for_the_sender_that_has_one() {
    let route = Verifiers::one_of([&META, &STRIPE].map(verifier)).unwrap();
    let setup = http::Request::get("/?hub.mode=subscribe").body(()).unwrap().into_parts().0;
    assert_eq!(route.pick(&setup).unwrap().provider().name(), "meta");
}

#[test]
fn the_strongest_signature_decides_and_no_weaker_one_is_tried() {
    let route = Verifiers::strongest_first([&STRONG, &WEAK].map(verifier)).unwrap();
    let now = Signer::demo(&STRONG).unwrap().now();
    let picked = |head: &Parts| route.pick(head).unwrap().clone();

    assert_eq!(picked(&both(&STRONG, &WEAK)).provider().name(), "acme-v2");
    assert_eq!(picked(&head(&WEAK)).provider().name(), "acme-v1");

    let mut forged = both(&STRONG, &WEAK);
    forged.headers.insert("acme-signature-256", "00".repeat(32).parse().unwrap());
    let refused = picked(&forged).verify(&forged, "{}", now).unwrap_err();
    assert_eq!(refused.kind(), RejectionKind::BadSignature, "though the weak one is right");
}

#[test]
fn senders_that_cannot_be_told_apart_are_refused_when_the_list_is_made() {
    for list in [
        vec![verifier(&GITHUB), verifier(&META)],
        vec![verifier(&MAILGUN), verifier(&STRIPE)],
        vec![],
    ] {
        for made in [Verifiers::one_of(list.clone()), Verifiers::strongest_first(list)] {
            assert_eq!(made.unwrap_err().kind(), ConfigErrorKind::Verifiers);
        }
    }
}

#[tokio::test]
async fn a_layer_serves_several_senders_and_refuses_who_is_none_of_them() {
    let route = Verifiers::one_of([&GITHUB, &STRIPE].map(verifier)).unwrap();
    let clock = ManualClock::at(Signer::demo(&STRIPE).unwrap().now());
    let layer = WebhookLayer::builder("hooks", route).clock(clock).build().unwrap();
    let mut service = layer.layer(tower::service_fn(async |_: http::Request<VerifiedBody>| {
        Ok::<_, Infallible>(http::Response::new(String::new()))
    }));
    for (sender, status) in [(&GITHUB, 200), (&STRIPE, 200), (&SVIX, 401)] {
        let fixture = Signer::demo(sender).unwrap().event(r#"{"id":"evt_1"}"#);
        let response = fixture.send::<_, Full<Bytes>>(&mut service).await.unwrap();
        assert_eq!(response.status(), status, "{}", sender.name());
    }
}
