//! A value at a place has one reading, whatever an unsigned header says of the body.

use std::time::UNIX_EPOCH;

use tower_webhooks::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Place};
use tower_webhooks::provider::{Provider, form, form_json, header, json};
use tower_webhooks::testing::Signer;
use tower_webhooks::{ConfigErrorKind, Event, Verified};

/// What anybody who can write a sentence into a signed body would write.
const PLANTED: &str = r#"{"note":"x&id=evil&type=chosen&y","id":"real","type":"told"}"#;

const fn signing(ids: &'static [Place]) -> Provider {
    Provider::new("acme")
        .signature(Hmac(Sha256), header("acme-signature").hex())
        .signs(&[Body])
        .event_id(ids)
}

#[test]
fn a_list_that_mixes_forms_and_json_is_refused() {
    const FORM_FIRST: &[Place] = &[form("id"), json("/id")];
    const JSON_FIRST: &[Place] = &[json("/id"), form("id")];
    const JSON_IN_A_FORM: &[Place] = &[json("/id"), form_json("data", "/id")];
    for ids in [FORM_FIRST, JSON_FIRST, JSON_IN_A_FORM] {
        let as_id = signing(&[]).event_id(ids);
        let as_type = signing(&[]).event_type(ids);
        for provider in [as_id, as_type] {
            let refused = provider.verifier("a secret of some length").build().unwrap_err();
            assert_eq!(refused.kind(), ConfigErrorKind::Description);
            assert!(refused.to_string().contains("document_in"), "{refused}");
        }
    }
}

fn event(provider: &Provider, body: &'static str, content_type: &str) -> Event {
    let signer = Signer::new(provider, "a secret of some length").unwrap();
    let request = signer.event(body).content_type(content_type).request();
    let (head, body) = request.into_parts();
    let verifier = signer.verifier().build().unwrap();
    match verifier.verify(&head, body, UNIX_EPOCH).unwrap() {
        Verified::Event(event) => event.at_endpoint("acme"),
        other => panic!("it is an event: {other:?}"),
    }
}

const TYPES: [&str; 3] = ["application/json", "application/x-www-form-urlencoded", "text/plain"];

#[test]
fn a_sentence_in_signed_json_never_names_the_event() {
    const JSON_FIRST: Provider = signing(&[json("/id"), form("id")])
        .document_in("payload")
        .event_type(&[form("type"), json("/type")]);
    const FORM_FIRST: Provider = JSON_FIRST.event_id(&[form("id"), json("/id")]);
    for provider in [JSON_FIRST, FORM_FIRST] {
        let keys = TYPES.map(|content_type| {
            let event = event(&provider, PLANTED, content_type);
            assert!(event.id().is_some_and(|id| id == "real" && id.is_signed()));
            assert!(event.kind().is_some_and(|kind| kind == "told"));
            event.replay_key()
        });
        assert_eq!((keys[0], keys[1]), (keys[1], keys[2]), "the content type names no event");
    }
}

#[test]
fn a_form_is_read_alike_whatever_its_content_type_says() {
    static FORMS: Provider = signing(&[form("id")]);
    for content_type in TYPES {
        let event = event(&FORMS, "id=form-1&note=%7B%22id%22%3A%22evil%22%7D", content_type);
        assert!(event.id().is_some_and(|id| id == "form-1"), "{content_type}");
    }
}
