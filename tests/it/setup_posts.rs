//! A setup request by POST without a signature is answered only in its one narrow shape.

#![cfg(all(feature = "testing", feature = "tokio"))]

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::support::vectors;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::Full;
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};
use tower_webhooks::handshake::{Handshake, Mark};
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::provider::{Algorithm::Hmac, Hash::Sha256, Part, Provider, json};
use tower_webhooks::providers::{GITHUB, WOOCOMMERCE};
use tower_webhooks::testing::Signer;
use tower_webhooks::{RejectionKind as Kind, Verified, Verifiers, WebhookLayer};

const FORM: &str = "application/x-www-form-urlencoded";
const DEADLINE: Duration = Duration::from_secs(3);

fn post(content_type: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let request = Request::post("/hook").header("content-type", content_type);
    request.body(body.into()).unwrap()
}

/// What verifier and layer both say: nothing for an answered handshake.
fn judge(request: &Request<Bytes>) -> Option<Kind> {
    let signer = Signer::demo(&WOOCOMMERCE).unwrap();
    let verifier = signer.verifier().build().unwrap();
    let (head, body) = request.clone().into_parts();
    let kind = match verifier.verify(&head, body, signer.now()) {
        Ok(Verified::Handshake(answer)) => {
            assert_eq!((answer.status(), answer.body().len()), (StatusCode::OK, 0));
            None
        }
        Ok(other) => panic!("{other:?}"),
        Err(rejection) => Some(rejection.kind()),
    };
    let answered = vectors::send(&vectors::layer(verifier, signer.now()), request.clone());
    assert!(answered.event.is_none(), "a setup request is no event");
    assert_eq!(answered.rejection().map(|rejection| rejection.kind()), kind, "layer and verifier");
    assert_eq!(answered.response.status() == StatusCode::OK, kind.is_none());
    kind
}

#[test]
fn the_form_with_the_one_number_is_answered() {
    assert_eq!(judge(&post(FORM, "webhook_id=12")), None);
    assert_eq!(judge(&post(&format!("{FORM}; charset=UTF-8"), "webhook_id=1")), None);
}

#[test]
fn any_other_shape_is_a_delivery_without_a_signature() {
    let bodies = [
        "",
        "webhook_id",
        "webhook_id=",
        "webhook_id=-1",
        "webhook_id=1.5",
        "webhook_id=12&webhook_id=12",
        "webhook_id=12&status=completed",
        "status=completed&webhook_id=12",
        "Webhook_id=12",
        "webhook_id=123456789012345678901",
        "{\"webhook_id\":12}",
    ];
    for body in bodies {
        assert_eq!(judge(&post(FORM, body)), Some(Kind::MissingSignature), "{body}");
    }
    let json = post("application/json", "webhook_id=12");
    assert_eq!(judge(&json), Some(Kind::MissingSignature));
    let long = post(FORM, format!("{}webhook_id=12", "&".repeat(8 * 1024)));
    assert_eq!(judge(&long), Some(Kind::MissingSignature));
    let get = Request::get("/hook").body(Bytes::new()).unwrap();
    assert_eq!(judge(&get), Some(Kind::MethodNotAllowed));
}

#[test]
fn whatever_stands_in_the_signature_header_it_is_judged_as_one() {
    for (signature, kind) in [
        ("", Kind::MalformedSignature),
        ("none", Kind::MalformedSignature),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", Kind::BadSignature),
    ] {
        let mut request = post(FORM, "webhook_id=12");
        request.headers_mut().insert("x-wc-webhook-signature", signature.parse().unwrap());
        assert_eq!(judge(&request), Some(kind), "{signature:?}");
    }
}

#[test]
fn a_signed_form_of_that_shape_is_an_event() {
    let signer = Signer::demo(&WOOCOMMERCE).unwrap();
    let fixture = signer.form([("webhook_id", "12")]);
    assert!(matches!(fixture.verify(), Ok(Verified::Event(_))));
}

#[test]
fn it_is_answered_on_a_route_of_several_senders_too() {
    let verifier = |provider| Signer::demo(provider).unwrap().verifier().build().unwrap();
    let both = Verifiers::one_of([verifier(&GITHUB), verifier(&WOOCOMMERCE)]).unwrap();
    let layer = WebhookLayer::new("all", both);
    let answered = vectors::send(&layer, post(FORM, "webhook_id=12"));
    assert_eq!(answered.response.status(), StatusCode::OK);
    let answered = vectors::send(&layer, post(FORM, "webhook_id=12&n=1"));
    assert_eq!(answered.rejection().map(|why| why.kind()), Some(Kind::MissingSignature));
}

#[test]
fn where_the_signature_stands_in_the_body_that_tells_a_delivery_from_a_setup_request() {
    static IN_BODY: Provider = Provider::new("in-body")
        .signature(Hmac(Sha256), json("/signature").hex())
        .signs(&[Part::Value(json("/data"))])
        .handshakes(&[Handshake::unsigned_post(&[Mark::Present(json("/challenge"))])
            .echoes(json("/challenge"))]);
    let signer = Signer::new(&IN_BODY, "a secret").unwrap();
    let sent = |body: &str| {
        let request = post("application/json", body.to_owned());
        let answered = vectors::send(
            &vectors::layer(signer.verifier().build().unwrap(), signer.now()),
            request,
        );
        assert!(answered.event.is_none());
        match answered.rejection() {
            Some(rejection) => Err(rejection.kind()),
            None => Ok(answered.response.into_body()),
        }
    };
    assert_eq!(sent(r#"{"challenge":"c"}"#), Ok(Bytes::from("c")));
    assert_eq!(sent(r#"{"challenge":"c","signature":"00"}"#), Err(Kind::MalformedSignature));
    assert_eq!(sent(r#"{"data":"c"}"#), Err(Kind::MissingSignature));
    let event = signer.event(r#"{"challenge":"c","data":"d"}"#);
    assert!(matches!(event.verify(), Ok(Verified::Event(_))));
}

/// A body of which nothing ever comes.
struct Never;

impl Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_refused_at_the_deadline() {
    let verifier = Signer::demo(&WOOCOMMERCE).unwrap().verifier().build().unwrap();
    let layer = WebhookLayer::builder("shop", verifier).body_timeout(DEADLINE).build().unwrap();
    let handler = service_fn(|_: Request<VerifiedBody>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let start = Instant::now();
    let request = Request::post("/hook").header("content-type", FORM).body(Never).unwrap();
    let response = layer.layer(handler).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(start.elapsed().as_secs(), DEADLINE.as_secs());

    let request = Request::post("/hook").header("content-length", "9000").body(Never).unwrap();
    let start = Instant::now();
    let response = layer.layer(handler).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(start.elapsed(), Duration::ZERO, "a long one is not waited for");
}
