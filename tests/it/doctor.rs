//! Each diagnosis on a request with exactly that fault.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Method, Request};
use tower_webhooks::doctor::{BodyChange, Finding};
use tower_webhooks::provider::{
    Algorithm::Hmac,
    Hash,
    Part::{Body, Url},
    Provider, SecretFormat, header,
};
use tower_webhooks::testing::Signer;
use tower_webhooks::{RejectionKind, Secret, Verifier, providers};

static ACME: Provider = Provider::new("acme")
    .signature(Hmac(Hash::Sha256), header("acme-signature").hex())
    .signs(&[Body]);

static ACME_WITH_URL: Provider = Provider::new("acme")
    .signature(Hmac(Hash::Sha256), header("acme-signature").hex())
    .signs(&[Url, Body]);

const SECRET: &str = "c2VjcmV0IGluIGJhc2U2NA==";
const BODY: &str = r#"{"id": "evt_1", "text": "a: b, \"c\""}"#;

#[track_caller]
fn findings(verifier: &Verifier, request: Request<Bytes>) -> Vec<Finding> {
    let now = Signer::demo(&ACME).unwrap().now();
    let (head, body) = request.into_parts();
    let diagnosis = verifier.diagnose(&head, body, now);
    assert!(diagnosis.rejection().is_some(), "the request was accepted");
    diagnosis.findings().to_vec()
}

/// What is found if the sender is described by another provider than the receiver.
#[track_caller]
fn findings_if_sent_as(sent_as: &Provider, secret: &str) -> Vec<Finding> {
    let request = Signer::new(sent_as, secret).unwrap().event(BODY).request();
    findings(&ACME.verifier(SECRET).build().unwrap(), request)
}

#[test]
fn a_request_that_is_accepted_has_no_diagnosis() {
    let signer = Signer::new(&ACME, SECRET).unwrap();
    let (head, body) = signer.event(BODY).request().into_parts();
    let diagnosis = ACME.verifier(SECRET).build().unwrap().diagnose(&head, body, signer.now());
    assert_eq!((diagnosis.rejection(), diagnosis.findings()), (None, &[][..]));
}

#[test]
fn a_secret_that_the_sender_decodes_is_found() {
    let base64 = ACME.secret(SecretFormat::Base64);
    assert_eq!(findings_if_sent_as(&base64, SECRET), [Finding::SecretIsBase64]);
}

#[test]
fn a_secret_that_the_sender_does_not_decode_is_found() {
    let decoding = ACME.secret(SecretFormat::Base64).verifier(SECRET).build().unwrap();
    let request = Signer::new(&ACME, SECRET).unwrap().event(BODY).request();
    assert_eq!(findings(&decoding, request), [Finding::SecretIsText]);
}

#[test]
fn a_secret_in_hexadecimal_is_found() {
    let verifier = ACME.verifier("00ff00ff00ff00ff").build().unwrap();
    let hex = ACME.secret(SecretFormat::Hex);
    let request = Signer::new(&hex, "00ff00ff00ff00ff").unwrap().event(BODY).request();
    assert_eq!(findings(&verifier, request), [Finding::SecretIsHex]);
}

#[test]
fn a_prefix_that_the_sender_leaves_out_is_found() {
    let verifier = ACME.verifier("acme_not-base64!").build().unwrap();
    let request = Signer::new(&ACME, "not-base64!").unwrap().event(BODY).request();
    assert_eq!(findings(&verifier, request), [Finding::SecretPrefix]);
}

#[test]
fn white_space_inside_a_secret_is_found() {
    let verifier = ACME.verifier("not-\nbase64!").build().unwrap();
    let request = Signer::new(&ACME, "not-base64!").unwrap().event(BODY).request();
    assert_eq!(findings(&verifier, request), [Finding::SecretWhiteSpace]);
}

#[test]
fn the_previous_secret_or_that_of_the_sandbox_is_found() {
    let verifier = ACME.verifier("of-production").build().unwrap();
    let signer = Signer::new(&ACME, "of-the-sandbox").unwrap();
    let (head, body) = signer.event(BODY).request().into_parts();
    let others = [
        Secret::new("of-last-year").label("previous"),
        Secret::new("of-the-sandbox").label("sandbox"),
    ];
    let diagnosis = verifier.diagnose_with(others, &head, body, signer.now());
    assert_eq!(diagnosis.findings(), [Finding::OtherSecret("sandbox".into())]);
}

#[test]
fn the_test_button_of_zendesk_is_found() {
    // The secret stands on Zendesk's page; the signature is that of a public report.
    let verifier = providers::ZENDESK.verifier("real-secret").build().unwrap();
    let request = Request::post("/z")
        .header("x-zendesk-webhook-signature", "RZxQ1yO8Mq2uSccc14BtVqx9EaLWzpqdvZAo+zaoT8o=")
        .header("x-zendesk-webhook-signature-timestamp", "2026-01-01T00:00:00Z")
        .body(Bytes::from("{}"))
        .unwrap();
    assert_eq!(findings(&verifier, request), [Finding::PublishedSecret]);
}

#[test]
fn another_hash_is_found() {
    let sha512 = Provider::new("acme")
        .signature(Hmac(Hash::Sha512), header("acme-signature").hex())
        .signs(&[Body]);
    assert_eq!(findings_if_sent_as(&sha512, SECRET), [Finding::OtherHash(Hash::Sha512)]);
}

#[test]
fn another_encoding_is_found() {
    let base64 = Provider::new("acme")
        .signature(Hmac(Hash::Sha256), header("acme-signature").base64())
        .signs(&[Body]);
    assert_eq!(findings_if_sent_as(&base64, SECRET), [Finding::OtherEncoding]);
}

#[test]
fn another_scheme_host_port_or_slash_is_found() {
    for (told, is) in [
        ("http://example.com", "https://example.com/hook"),
        ("https://example.com", "https://example.com/hook/"),
        ("https://example.com", "https://example.com:8080/hook"),
        ("https://internal.example", "https://example.com/hook"),
    ] {
        let verifier = ACME_WITH_URL.verifier(SECRET).public_url(told).build().unwrap();
        let signer = Signer::new(&ACME_WITH_URL, SECRET).unwrap().exact_url(is);
        let fixture = signer.event(BODY).uri("/hook").header("host", "example.com");
        let [Finding::OtherUrl { tried, signed }] = &findings(&verifier, fixture.request())[..]
        else {
            panic!("{told} is not told from {is}");
        };
        assert_eq!((tried.starts_with(told), &**signed), (true, is));
    }
}

#[test]
fn a_body_that_was_changed_on_its_way_is_found() {
    let verifier = ACME.verifier(SECRET).build().unwrap();
    let signer = Signer::new(&ACME, SECRET).unwrap();
    for (sent, arrived, change) in [
        ("{}\n", "{}", BodyChange::NewlineRemoved),
        ("{}", "{}\n", BodyChange::NewlineAdded),
        (
            r#"{"a":"b: c","d":1}"#,
            "{\n  \"a\": \"b: c\",\n  \"d\": 1\n}",
            BodyChange::JsonReformatted,
        ),
        (r#"{"a": "b:c", "d": 1}"#, r#"{"a":"b:c","d":1}"#, BodyChange::JsonReformatted),
        (
            r#"{"a":"mang\u00e9 \ud83d\ude80 a\/b"}"#,
            r#"{"a":"mangé 🚀 a/b"}"#,
            BodyChange::EscapesDecoded,
        ),
        (
            r#"{"a":"mangé 🚀 a/b"}"#,
            r#"{"a":"mang\u00e9 \ud83d\ude80 a/b"}"#,
            BodyChange::EscapesAdded,
        ),
        (r#"{"a": "\u00e9", "b": 1}"#, r#"{"a":"é","b":1}"#, BodyChange::JsonReformatted),
        ("{}", "e30=", BodyChange::Base64),
        ("id=1&text=a+b", "aWQ9MSZ0ZXh0PWErYg==\n", BodyChange::Base64),
    ] {
        let request = signer.event(sent).request().map(|_| Bytes::from(arrived));
        assert_eq!(findings(&verifier, request), [Finding::BodyChanged(change)], "{sent:?}");
    }
}

#[test]
fn a_body_that_is_not_as_its_head_says_is_found() {
    let verifier = ACME.verifier(SECRET).build().unwrap();
    let signer = Signer::new(&ACME, SECRET).unwrap();
    let text = r#"{"id":1}"#;
    for (header, value, arrived, change) in [
        ("content-length", "8", "", BodyChange::Emptied),
        ("content-type", "application/json", "", BodyChange::Emptied),
        ("content-encoding", "gzip", text, BodyChange::Decompressed),
        ("content-length", "9", text, BodyChange::LengthChanged { said: 9, came: 8 }),
    ] {
        // What was signed is gone for good.
        let mut request = signer.event("gone").request();
        *request.headers_mut() = request
            .headers()
            .iter()
            .filter(|(name, _)| *name == "acme-signature")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        request.headers_mut().insert(header, value.parse().unwrap());
        let request = request.map(|_| Bytes::from(arrived));
        assert_eq!(findings(&verifier, request), [Finding::BodyChanged(change)], "{header}");
    }
}

#[test]
fn a_method_that_the_sender_does_not_use_is_found() {
    let request = Signer::new(&ACME, SECRET).unwrap().event(BODY).method(Method::PUT).request();
    let verifier = ACME.verifier(SECRET).build().unwrap();
    let found = Finding::OtherMethod { sent: Method::PUT, used: "POST".into() };
    assert_eq!(findings(&verifier, request), [found]);
}

#[test]
fn the_older_header_of_github_is_found_if_it_came_alone() {
    // Signed by hand: HMAC-SHA1 of `{}` under `s3cret`, from a public report.
    let request = Request::post("/h")
        .header("x-hub-signature", "sha1=e7e0225292f975eab7d48999ea520020ef91b18d")
        .body(Bytes::from("{}"))
        .unwrap();
    let verifier = providers::GITHUB.verifier("s3cret").build().unwrap();
    let found = findings(&verifier, request);
    let older = Finding::OtherHeader { header: "x-hub-signature", hash: Hash::Sha1 };
    assert_eq!(found, [older]);
}

#[test]
fn a_missing_signature_says_what_came_and_names_nobody_for_a_header_of_many() {
    let verifier = providers::JIRA.verifier("client-secret").build().unwrap();
    let request = || Request::post("/j").body(Bytes::from("{}")).unwrap();
    assert_eq!(findings(&verifier, request()), [Finding::SignatureHeaders(Vec::new())]);

    let mut with_token = request();
    with_token.headers_mut().insert("authorization", "Bearer eyJ".parse().unwrap());
    let came = Finding::SignatureHeaders(vec!["authorization".into()]);
    assert_eq!(findings(&verifier, with_token), [came]);

    let mut crowded = request();
    for number in 0..100 {
        let name = format!("x-{}-signature-{number}", "a".repeat(500));
        crowded.headers_mut().insert(HeaderName::try_from(name).unwrap(), "1".parse().unwrap());
    }
    let [Finding::SignatureHeaders(names)] = &findings(&verifier, crowded)[..] else { panic!() };
    assert!(names.len() == 8 && names.iter().all(|name| name.len() == 64));
}

#[test]
fn a_quote_that_was_left_on_one_side_is_found() {
    let verifier = ACME.verifier("\"not-base64!").build().unwrap();
    let request = Signer::new(&ACME, "not-base64!").unwrap().event(BODY).request();
    assert_eq!(findings(&verifier, request), [Finding::SecretQuotes]);
}

#[test]
fn the_url_that_was_checked_is_told_even_if_no_other_is_found() {
    let verifier =
        ACME_WITH_URL.verifier(SECRET).public_url("https://example.com").build().unwrap();
    let signer =
        Signer::new(&ACME_WITH_URL, SECRET).unwrap().exact_url("https://elsewhere.example");
    let (head, body) = signer.event(BODY).uri("/hook?key=1").request().into_parts();
    let diagnosis = verifier.diagnose(&head, body, signer.now());
    assert_eq!(
        (diagnosis.findings(), diagnosis.url()),
        (&[][..], Some("https://example.com/hook?***"))
    );
    assert!(diagnosis.is_complete());
}

#[test]
fn a_body_of_megabytes_is_not_tried_in_every_way() {
    let verifier =
        ACME_WITH_URL.verifier(SECRET).public_url("https://example.com").build().unwrap();
    let signer = Signer::new(&ACME_WITH_URL, "another secret").unwrap();
    let (head, body) = signer.event(vec![b'x'; 8 * 1024 * 1024]).request().into_parts();
    let diagnosis = verifier.diagnose(&head, body, signer.now());
    assert!(diagnosis.rejection().is_some() && !diagnosis.is_complete());
}

#[test]
fn a_clock_that_is_off_is_found() {
    let signer = Signer::demo(&providers::SLACK).unwrap();
    let (head, body) = signer.event(BODY).request().into_parts();
    let verifier = signer.verifier().build().unwrap();
    let late = signer.now() + Duration::from_secs(4000);
    assert_eq!(verifier.diagnose(&head, body, late).findings(), [Finding::ClockOff(4000)]);
}

#[test]
fn the_signature_of_another_provider_is_found() {
    let request = Signer::demo(&providers::STRIPE).unwrap().event(BODY).request();
    let verifier = ACME.verifier(SECRET).build().unwrap();
    let (head, body) = request.into_parts();
    let diagnosis = verifier.diagnose(&head, body, Signer::demo(&ACME).unwrap().now());
    let kind = diagnosis.rejection().map(|rejection| rejection.kind());
    assert_eq!(kind, Some(RejectionKind::MissingSignature));
    let came = Finding::SignatureHeaders(vec!["stripe-signature".into()]);
    assert_eq!(diagnosis.findings(), [came, Finding::OtherProvider("stripe")]);
}

#[test]
fn nothing_is_found_where_the_secret_is_simply_wrong() {
    assert_eq!(findings_if_sent_as(&ACME, "another secret"), []);
}
