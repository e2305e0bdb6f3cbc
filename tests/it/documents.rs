//! JSON inside a form: read as the JSON delivery is, by what the signed bytes say and nothing else.

#![cfg(feature = "testing")]

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::{Value, json};
use tower_webhooks::event::Form;
use tower_webhooks::providers::{FORGEJO, GITEA, GITHUB, GOGS, KO_FI, MANDRILL, SLACK};
use tower_webhooks::testing::Signer;
use tower_webhooks::{Assurance, Event, Provider, RejectionKind as Kind, Verified};

const FORM: &str = "application/x-www-form-urlencoded";

/// Each sender that puts its JSON into a form, and the field.
const SENDERS: [(&Provider, &str); 7] = [
    (&GITHUB, "payload"),
    (&GITEA, "payload"),
    (&FORGEJO, "payload"),
    (&GOGS, "payload"),
    (&SLACK, "payload"),
    (&KO_FI, "data"),
    (&MANDRILL, "mandrill_events"),
];

fn verify(signer: &Signer, request: Request<Bytes>) -> Result<Event, Kind> {
    let (head, body) = request.into_parts();
    match signer.verifier().build().unwrap().verify(&head, body, signer.now()) {
        Ok(Verified::Event(event)) => Ok(event),
        Ok(other) => panic!("{other:?}"),
        Err(rejection) => Err(rejection.kind()),
    }
}

#[test]
fn a_form_delivery_reads_as_the_json_delivery_does() {
    #[derive(Deserialize)]
    struct Push {
        after: String,
    }
    for (provider, field) in SENDERS {
        let signer = Signer::demo(provider).unwrap();
        let event = signer.form([(field, r#"{"after":"a b+c&d=é"}"#)]).to_event();
        let name = provider.name();
        assert_eq!(event.json_at::<String>("/after").unwrap(), "a b+c&d=é", "{name}");
        assert_eq!(event.document().is_empty(), event.body().is_empty(), "{name}");
        let form: Vec<(String, String)> = event.form().unwrap();
        assert_eq!(form[0].0, field, "{name}: the form itself can still be read");
        let Form(_) = event.clone().parse::<Form<Vec<(String, String)>>>().unwrap().into_payload();
        assert_eq!(event.parse::<Push>().unwrap().payload().after, "a b+c&d=é", "{name}");
    }
}

#[test]
fn a_second_field_of_that_name_is_refused() {
    for (provider, field) in SENDERS {
        let signer = Signer::demo(provider).unwrap();
        let both = match provider.name() {
            // The signer writes its token into that field.
            "ko-fi" => signer
                .form([(field, "{}")])
                .request()
                .map(|body| [&*body, b"&x=1&data=%5B%5D"].concat().into()),
            _ => signer.form([(field, "{}"), ("x", "1"), (field, "[]")]).request(),
        };
        let refused = verify(&signer, both).unwrap_err();
        assert_eq!(refused, Kind::AmbiguousSignedValue, "{}", provider.name());
    }
}

/// `Content-Type` is not signed: whatever a stranger writes there, the signed bytes say the same.
#[test]
fn the_content_type_does_not_decide_what_the_body_is() {
    for (provider, field) in
        SENDERS.into_iter().filter(|(provider, _)| provider.name() != "mandrill")
    {
        let signer = Signer::demo(provider).unwrap();
        let in_form = signer.form([(field, r#"{"type":"inner"}"#)]).request();
        for content_type in [FORM, "application/json", "text/plain", "multipart/form-data"] {
            let mut request = in_form.clone();
            request.headers_mut().insert(CONTENT_TYPE, content_type.parse().unwrap());
            let event = verify(&signer, request).unwrap();
            assert_eq!(event.json_at::<String>("/type").unwrap(), "inner", "{content_type}");
        }
        if provider.name() == "ko-fi" {
            continue; // it sends forms only
        }
        let quoted =
            format!(r#"{{"type":"outer","x":"&{field}=%7B%22type%22%3A%22inner%22%7D&"}}"#);
        let mut request = signer.event(quoted.clone()).request();
        request.headers_mut().insert(CONTENT_TYPE, FORM.parse().unwrap());
        let event = verify(&signer, request).unwrap();
        assert_eq!(event.document(), event.body(), "{}", provider.name());
        assert_eq!(event.json_at::<String>("/type").unwrap(), "outer");
    }
}

#[test]
fn a_form_that_begins_otherwise_is_itself_the_document() {
    let signer = Signer::demo(&GITHUB).unwrap();
    let event = signer.form([("x", "1"), ("payload", "{}")]).to_event();
    assert_eq!(event.document(), event.body());
    assert!(event.json::<Value>().is_err());
}

#[test]
fn what_slack_sends_in_a_form_has_a_type() {
    let signer = Signer::demo(&SLACK).unwrap();
    let kind = |event: Event| {
        let kind = event.kind().map(|kind| (kind.to_string(), kind.is_signed()));
        kind.expect("it has a type")
    };
    for name in ["block_actions", "view_submission", "view_closed", "shortcut", "message_action"] {
        let payload = json!({"type": name, "trigger_id": "1.2", "event_id": "ev"}).to_string();
        let event = signer.form([("payload", &*payload)]).to_event();
        assert_eq!(event.id().unwrap(), "ev");
        assert_eq!(kind(event), (name.to_owned(), true));
    }
    let command = [("token", "x"), ("command", "/deploy"), ("text", "prod")];
    assert_eq!(kind(signer.form(command).to_event()), ("/deploy".to_owned(), true));
}

#[test]
fn a_slack_event_that_quotes_a_command_is_none() {
    let signer = Signer::demo(&SLACK).unwrap();
    let quoted = json!({"text": "&command=%2Fdeploy&"}).to_string();
    let mut request = signer.event(quoted).request();
    request.headers_mut().insert(CONTENT_TYPE, FORM.parse().unwrap());
    assert_eq!(verify(&signer, request).unwrap().kind(), None);
    let twice = signer.form([("command", "/deploy"), ("command", "/status")]).to_event();
    assert_eq!(twice.kind(), None, "what stands there twice is not guessed at");
}

/// Gitea signs the decoded field: whoever captured a delivery can turn one form into the other, and
/// has the same event.
#[test]
fn a_document_in_another_form_is_the_same_event() {
    for provider in [&GITEA, &FORGEJO, &GOGS] {
        let signer = Signer::demo(provider).unwrap();
        let body = r#"{"ref":"refs/heads/main"}"#;
        let delivery = format!("x-{}-delivery", provider.name());
        let as_json = signer.event(body).header(&delivery, "d-1").to_event();
        let as_form = signer.form([("payload", body)]).header(&delivery, "d-1").to_event();
        assert_eq!(as_form.replay_key(), as_json.replay_key(), "{}", provider.name());
        assert_eq!(as_form.document(), as_json.document());
        assert_eq!(as_form.assurance(), Assurance::WholeBody, "it holds nothing else");
    }
}
