//! A secret that a setup request hands over counts only if it was waited for, once, and confirmed.

#![cfg(all(feature = "testing", feature = "tokio"))]

use std::sync::{Arc, Mutex};

use crate::support::vectors;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tower_webhooks::handshake::{Registrations, SecretFile};
use tower_webhooks::providers::{ASANA, GITHUB, NOTION};
use tower_webhooks::testing::{ManualClock, Signer};
use tower_webhooks::{ConfigErrorKind, RejectionKind as Kind, Secret, WebhookLayer};

const GENUINE: &str = "3d1c90b7c6230ddfaf40e3e98f364286";
const PLANTED: &str = "00000000000000000000000000000bad";

type Kept = Arc<Mutex<Vec<String>>>;

fn registrations(known: &[&str]) -> (Registrations, Kept) {
    let kept = Kept::default();
    let sink = {
        let kept = Arc::clone(&kept);
        move |secret: &str| {
            kept.lock().unwrap().push(secret.to_owned());
            Ok(())
        }
    };
    let known = known.iter().map(|secret| Secret::new(*secret));
    (Registrations::new(&ASANA, known, sink).unwrap(), kept)
}

fn layer(registrations: &Registrations) -> WebhookLayer {
    let verifier = registrations.verifier().build().unwrap();
    let now = Signer::demo(&ASANA).unwrap().now();
    WebhookLayer::builder("tasks", verifier).clock(ManualClock::at(now)).build().unwrap()
}

fn setup(secret: &str) -> Request<Bytes> {
    Request::post("/").header("x-hook-secret", secret).body(Bytes::from("{}")).unwrap()
}

fn event(secret: &str, n: u32) -> Request<Bytes> {
    let signer = Signer::new(&ASANA, secret).unwrap();
    signer.event(format!(r#"{{"events":[{{"n":{n}}}]}}"#)).request()
}

fn sent(layer: &WebhookLayer, request: Request<Bytes>) -> Result<Response<Bytes>, Kind> {
    let answered = vectors::send(layer, request);
    match answered.rejection() {
        Some(rejection) => {
            assert!(answered.response.headers().get("x-hook-secret").is_none());
            Err(rejection.kind())
        }
        None => Ok(answered.response),
    }
}

fn status(layer: &WebhookLayer, request: Request<Bytes>) -> Result<StatusCode, Kind> {
    sent(layer, request).map(|response| response.status())
}

#[test]
fn a_running_verifier_knows_a_secret_when_its_registration_is_kept() {
    let (registrations, kept) = registrations(&["an older secret of Asana"]);
    let layer = layer(&registrations);
    let registration = registrations.begin();
    let answer = sent(&layer, setup(GENUINE)).unwrap();
    assert_eq!(answer.headers()["x-hook-secret"], GENUINE);
    assert!(registration.has_learned());
    assert_eq!(status(&layer, event(GENUINE, 1)), Err(Kind::BadSignature), "not confirmed yet");
    assert!(kept.lock().unwrap().is_empty());
    registration.keep().unwrap();
    assert_eq!(*kept.lock().unwrap(), [GENUINE]);
    assert_eq!(status(&layer, event(GENUINE, 1)), Ok(StatusCode::OK));
    let older = event("an older secret of Asana", 2);
    assert_eq!(status(&layer, older), Ok(StatusCode::OK), "no secret was replaced");
}

#[test]
fn a_stranger_plants_no_secret() {
    let (registrations, kept) = registrations(&[GENUINE]);
    let layer = layer(&registrations);
    // Before, after, and in the middle.
    assert_eq!(status(&layer, setup(PLANTED)), Err(Kind::UnsupportedScheme));
    let registration = registrations.begin();
    assert_eq!(status(&layer, setup(PLANTED)), Ok(StatusCode::OK));
    // Asana's own is then refused, so that the webhook is not made and nothing is kept.
    assert_eq!(status(&layer, setup(GENUINE)), Err(Kind::UnsupportedScheme));
    drop(registration);
    assert_eq!(status(&layer, setup(PLANTED)), Err(Kind::UnsupportedScheme));
    assert_eq!(status(&layer, event(PLANTED, 1)), Err(Kind::BadSignature));
    assert!(kept.lock().unwrap().is_empty());
    assert_eq!(status(&layer, event(GENUINE, 2)), Ok(StatusCode::OK));
}

#[test]
fn a_signed_delivery_hands_over_nothing() {
    let (registrations, _) = registrations(&[GENUINE]);
    let layer = layer(&registrations);
    let registration = registrations.begin();
    let mut both = event(GENUINE, 1);
    both.headers_mut().insert("x-hook-secret", PLANTED.parse().unwrap());
    assert_eq!(status(&layer, both), Err(Kind::UnsupportedScheme));
    for wrong in ["short", "a secret with blanks", &"a".repeat(257)] {
        assert_eq!(status(&layer, setup(wrong)), Err(Kind::HandshakeRefused), "{wrong}");
    }
    assert!(!registration.has_learned());
    assert!(registration.keep().is_err(), "there is nothing to keep");
}

#[test]
fn a_later_registration_ends_an_earlier_one_and_a_sink_that_fails_changes_nothing() {
    let failing = |_: &str| Err("the vault is sealed".into());
    let registrations = Registrations::new(&ASANA, [], failing).unwrap();
    let layer = layer(&registrations);
    let earlier = registrations.begin();
    let later = registrations.begin();
    assert_eq!(status(&layer, setup(GENUINE)), Ok(StatusCode::OK));
    assert!(!earlier.has_learned() && earlier.keep().is_err());
    assert!(later.has_learned());
    assert!(later.keep().unwrap_err().to_string().contains("sealed"));
    assert_eq!(status(&layer, event(GENUINE, 1)), Err(Kind::UnknownKey));
}

#[test]
fn a_file_keeps_the_secrets_and_nothing_prints_them() {
    let directory = tempfile::tempdir().unwrap();
    let file = SecretFile::new(directory.path().join("asana.secrets"));
    assert!(file.read().unwrap().is_empty());
    for secret in [GENUINE, "3d1c90b7c6230ddfaf40e3e98f364287"] {
        let known = file.read().unwrap();
        let registrations = Registrations::new(&ASANA, known, file.clone()).unwrap();
        let registration = registrations.begin();
        assert_eq!(status(&layer(&registrations), setup(secret)), Ok(StatusCode::OK));
        assert!(!format!("{registration:?} {registrations:?}").contains(secret));
        registration.keep().unwrap();
    }
    assert_eq!(file.read().unwrap().len(), 2);
    let again = Registrations::new(&ASANA, file.read().unwrap(), file).unwrap();
    assert_eq!(status(&layer(&again), event(GENUINE, 1)), Ok(StatusCode::OK));
}

#[test]
fn notions_token_is_learned_from_its_one_shape_alone() {
    let sink = |_: &str| Ok(());
    let registrations = Registrations::new(&NOTION, [], sink).unwrap();
    let verifier = registrations.verifier().build().unwrap();
    let layer = WebhookLayer::new("notes", verifier);
    let token = format!("secret_{}", "A".repeat(43));
    let post = |body: String| Request::post("/").body(Bytes::from(body)).unwrap();
    let whole = format!(r#"{{"verification_token":"{token}"}}"#);
    assert_eq!(status(&layer, post(whole.clone())), Err(Kind::MissingSignature));
    let registration = registrations.begin();
    for other in [
        format!(r#"{{"verification_token":"{token}","type":"page.created"}}"#),
        format!(r#"{{"data":{{"verification_token":"{token}"}}}}"#),
        format!(r#"["{token}"]"#),
    ] {
        assert_eq!(status(&layer, post(other.clone())), Err(Kind::MissingSignature), "{other}");
    }
    let twice = format!(r#"{{"verification_token":"{token}","verification_token":"{token}"}}"#);
    for other in [r#"{"verification_token":1}"#, r#"{"verification_token":{}}"#, &*twice] {
        let refused = status(&layer, post(other.to_owned()));
        assert_eq!(refused, Err(Kind::HandshakeRefused), "{other}");
    }
    assert!(!registration.has_learned());
    let answer = sent(&layer, post(whole)).unwrap();
    assert!(answer.body().is_empty() && registration.has_learned());
}

#[test]
fn a_sender_that_hands_over_no_secret_has_no_registrations() {
    let error = Registrations::new(&GITHUB, [], |_: &str| Ok(())).unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::ExpectedSetup);
}
