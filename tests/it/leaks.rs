//! Nothing that prints shows a secret, a password in a URL, or the content of a payload.
#![cfg(all(feature = "tokio", feature = "testing", feature = "config"))]

use std::error::Error;
use std::fmt::Debug;

use bytes::Bytes;
use serde::Deserialize;
use tower_layer::Layer;
use tower_webhooks::config::Config;
use tower_webhooks::event::{Form, PayloadError};
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::testing::Signer;
use tower_webhooks::{
    ConfigError, Event, Provider, Secret, Secrets, Verified, Verifier, Verifiers, WebhookLayer,
    providers,
};

const CANARY: &str = "canary-yellow-7f3a";

#[track_caller]
fn hides(what: &str, value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(CANARY), "{what} shows it: {shown}");
    }
}

#[track_caller]
fn hides_in_errors(what: &str, error: &dyn Error) {
    hides(what, &error);
    let mut cause = Some(error);
    while let Some(error) = cause {
        assert!(!error.to_string().contains(CANARY), "{what} shows it: {error}");
        cause = error.source();
    }
}

/// A verifier, whose secrets, token and URL are each the canary.
fn builder(provider: &Provider, secret: String) -> tower_webhooks::VerifierBuilder {
    let builder = provider.verifier(Secret::new(secret).label("may"));
    let builder =
        if provider.needs_verify_token() { builder.verify_token(CANARY) } else { builder };
    builder.public_url(format!("https://me:{CANARY}@hooks.example.com/base"))
}

#[test]
fn no_secret_is_shown_by_what_holds_it() {
    hides("Secret", &Secret::new(CANARY));
    hides("Secrets", &Secrets::from([CANARY, CANARY]));
    let mut built = 0;
    for provider in providers::ALL {
        // As this provider's secrets are written: text, or a name and text.
        let secret = [CANARY.to_owned(), format!("name:{CANARY}"), format!("whsec_{CANARY}")]
            .into_iter()
            .find(|secret| provider.keys(secret.as_str()).is_ok());
        let Some(secret) = secret else { continue };
        let builder = builder(provider, secret.clone());
        hides("VerifierBuilder", &builder);
        let verifier = builder.build().unwrap();
        hides("Verifier", &verifier);
        hides("Keys", &verifier.keys());
        hides("Verifiers", &Verifiers::from(verifier.clone()));
        hides("WebhookLayerBuilder", &WebhookLayer::builder("tests", verifier.clone()));
        let layer = WebhookLayer::new("tests", verifier);
        hides("WebhookService", &layer.layer(()));
        hides("EventLayer", &layer.clone().events::<serde_json::Value>());
        hides("WebhookLayer", &layer);

        let signer = Signer::new(provider, secret).unwrap();
        hides("Signer", &signer);
        hides("Fixture", &signer.event("{}"));
        built += 1;
    }
    assert!(built > 100, "{built} providers were tried");
}

#[test]
fn no_secret_is_shown_by_the_error_that_refuses_it() {
    let pasted = [
        format!("\"{CANARY}\""),
        format!(" {CANARY}"),
        format!("{CANARY}\u{200b}"),
        format!("${{{CANARY}}}"),
        format!("v1,{CANARY}"),
        format!("sk_live_{CANARY}"),
        format!("ghp_{CANARY}"),
        format!("whpk_{CANARY}"),
        format!("whsec_{CANARY}"),
        format!("{CANARY}:"),
        CANARY.to_owned(),
    ];
    let mut refused = 0;
    for provider in providers::ALL {
        for text in &pasted {
            let Err(error) = provider.keys(text.as_str()) else { continue };
            hides_in_errors(provider.name(), &error);
            let Err(error) = Signer::new(provider, text.as_str()) else { continue };
            hides_in_errors(provider.name(), &error);
            refused += 1;
        }
        let error = provider.verifier("a secret").verify_token(format!("${{{CANARY}}}")).build();
        hides_in_errors(provider.name(), &error.unwrap_err());
    }
    assert!(refused > 500, "{refused} texts were refused");
}

#[test]
fn no_password_of_a_url_is_shown() {
    for url in [
        format!("https://me:{CANARY}@example.com"),
        format!("https://me:{CANARY}@example.com/a b"),
        format!("me:{CANARY}@example.com"),
        format!("ftp://me:{CANARY}@example.com"),
        format!("https://me:{CANARY} @example.com"),
        format!("https://example.com/?key={CANARY}"),
    ] {
        for builder in [
            providers::TWILIO.verifier("a secret").public_url(&url),
            providers::TWILIO.verifier("a secret").exact_url(&url),
        ] {
            hides("VerifierBuilder", &builder);
            if let Err(error) = builder.build() {
                hides_in_errors(&url, &error);
            }
        }
    }
}

#[test]
fn the_doctor_shows_the_url_without_its_password() {
    let told = format!("http://me:{CANARY}@example.com");
    let is = format!("https://me:{CANARY}@example.com/hook?token={CANARY}");
    let signer = Signer::new(&providers::TWILIO, "an auth token").unwrap().exact_url(&is);
    let fixture = signer.event("").uri(format!("/hook?token={CANARY}")).header("host", "a.example");
    let (head, body) = fixture.request().into_parts();
    let verifier = providers::TWILIO.verifier("an auth token").public_url(told).build().unwrap();
    let diagnosis = verifier.diagnose(&head, body, signer.now());
    assert_eq!(diagnosis.findings().len(), 1, "{:?}", diagnosis.findings());
    hides("Diagnosis", &diagnosis);
    let shown = diagnosis.findings()[0].to_string();
    assert!(shown.contains("calls https://***@example.com/hook?***"), "{shown}");
    assert!(shown.contains("and http://***@example.com/hook?*** was tried"), "{shown}");
}

const FILE: &str = r#"
    [[endpoint]]
    path = "/a"
    provider = "meta"
    secrets = ["literal:CANARY", { secret = "literal:CANARY2", label = "may" }]
    public_url = "https://me:CANARY@hooks.example.com"
    verify_token = "literal:CANARY"
"#;

fn from_toml(text: &str) -> Result<(), ConfigError> {
    let config = Config::from_toml(&text.replace("CANARY", CANARY))?;
    hides("Config", &config);
    for endpoint in config.endpoints_with(|_| None)? {
        hides("Endpoint", &endpoint);
    }
    Ok(())
}

#[test]
fn no_configuration_file_shows_its_secrets() {
    from_toml(FILE).unwrap();
    for (from, to) in [
        ("literal:CANARY\"", "env:CANARY\""),
        ("literal:CANARY\"", "file:CANARY\""),
        ("literal:CANARY\"", "file:/proc/CANARY\""),
        ("literal:CANARY\"", "CANARY\""),
        ("literal:CANARY\"", "CANARY:literal\""),
        ("literal:CANARY\"", "literal:\\\"CANARY\\\"\""),
        ("label = \"may\"", "label = [\"CANARY\"]"),
        ("label = \"may\"", "lable = \"CANARY\""),
        ("verify_token = \"literal:CANARY\"", "verify_token = [\"CANARY\"]"),
        ("verify_token = \"literal:CANARY\"", "verify_token = \"literal:CANARY"),
        ("secrets = [\"literal:CANARY\", ", "secrets = [[\"CANARY\"], "),
        ("https://me:CANARY@", "https://me:CANARY @"),
    ] {
        let changed = FILE.replacen(from, to, 1);
        assert_ne!(changed, FILE, "{from}");
        hides_in_errors(to, &from_toml(&changed).expect_err(to));
    }
    for json in [
        r#"{"endpoint": [{"path": "/a", "provider": "stripe", "secrets": "CANARY"}]}"#,
        r#"{"endpoint": [{"path": "/a", "provider": "stripe", "secrets": [7, "CANARY"]}]}"#,
        r#"{"endpoint": [{"path": "/a", "provider": "stripe", "secrets": ["CANARY]}]}"#,
    ] {
        let error = Config::from_json(&json.replace("CANARY", CANARY)).unwrap_err();
        hides_in_errors(json, &error);
    }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only parsed")]
struct Card {
    number: u64,
    kind: Kind,
    owner: Option<std::net::IpAddr>,
}

#[derive(Debug, Deserialize)]
enum Kind {
    Debit,
}

fn event(body: &str) -> Event {
    Signer::demo(&providers::GITHUB).unwrap().event(body.to_owned()).to_event()
}

fn is_about_the_type(error: &PayloadError, path: &str, expected: &str) {
    hides_in_errors(path, error);
    let cause = error.source().expect("it has a cause").to_string();
    assert_eq!((error.path(), cause.contains(expected)), (path, true), "{cause}");
}

#[test]
fn no_error_of_a_payload_quotes_the_payload() {
    for (body, path, expected) in [
        (r#"{"number": "CANARY", "kind": "Debit"}"#, "number", "expected u64"),
        (r#"{"number": ", expected CANARY", "kind": "Debit"}"#, "number", "expected u64"),
        (r#"{"number": 1, "kind": "CANARY"}"#, "kind", "does not take"),
        (r#"{"number": 1, "kind": "Debit", "owner": "CANARY"}"#, "owner", "does not take"),
        (r#"{"number": 1}"#, ".", "missing field `kind`"),
        (r#"{"number": 1, "kind": "Debit"} CANARY"#, ".", "trailing characters"),
    ] {
        let error = event(&body.replace("CANARY", CANARY)).json::<Card>().unwrap_err();
        is_about_the_type(&error, path, expected);
    }
    let nested = format!(r#"{{"data": {{"number": "{CANARY}", "kind": "Debit"}}}}"#);
    let error = event(&nested).json_at::<Card>("/data").unwrap_err();
    is_about_the_type(&error, "/data/number", "expected u64");

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only parsed")]
    struct Sms {
        price: u32,
    }
    let error = event(&format!("price={CANARY}")).form::<Sms>().unwrap_err();
    hides_in_errors("a form", &error);
    let error = event(&format!("price={CANARY}")).parse::<Form<Sms>>().unwrap_err();
    hides_in_errors("a form", &error);
}

#[test]
fn neither_an_event_nor_its_body_shows_the_payload() {
    let event = event(&format!(r#"{{"card": "{CANARY}"}}"#));
    hides("Event", &event);
    hides("Event<T>", &event.clone().parse::<serde_json::Value>().unwrap());
    hides("Verified", &Verified::Event(event));
}

#[tokio::test]
async fn a_request_with_a_verified_body_does_not_show_it() {
    let signer = Signer::demo(&providers::GITHUB).unwrap();
    let verifier: Verifier = signer.verifier().build().unwrap();
    let service = tower::service_fn(|request: http::Request<VerifiedBody>| async move {
        hides("VerifiedBody", &request);
        Ok::<_, std::convert::Infallible>(http::Response::new(request.into_body()))
    });
    let mut service = WebhookLayer::new("tests", verifier).layer(service);
    let fixture = signer.event(format!(r#"{{"card": "{CANARY}"}}"#));
    let response = fixture.send::<_, http_body_util::Full<Bytes>>(&mut service).await.unwrap();
    assert_eq!(response.status(), 200);
    hides("ResponseBody", &response);
}

#[cfg(all(feature = "store-redis", feature = "store-postgres"))]
#[tokio::test]
async fn no_store_shows_the_password_of_its_url() {
    use tower_webhooks::store::{PostgresStore, RedisStore};

    for url in [
        format!("redis://:{CANARY}@127.0.0.1:1/"),
        format!("redis://me:{CANARY}@127.0.0.1:port/"),
        format!("redis:// {CANARY}"),
    ] {
        hides_in_errors("RedisStore", &RedisStore::connect(&url).await.unwrap_err());
        let cluster = RedisStore::connect_cluster([&url]).await;
        hides_in_errors("RedisStore", &cluster.unwrap_err());
    }
    for url in [format!("postgres://me:{CANARY}@127.0.0.1:port/db"), format!("{CANARY} is no url")]
    {
        hides_in_errors("PostgresStore", &PostgresStore::connect(&url).await.unwrap_err());
    }
}

#[test]
fn a_finding_shows_nothing_of_the_secret_that_is_the_right_one() {
    let signer = Signer::new(&providers::GITHUB, CANARY).unwrap();
    let (head, body) = signer.event("{}").request().into_parts();
    let verifier = providers::GITHUB.verifier("another secret").build().unwrap();
    let diagnosis = verifier.diagnose_with(CANARY, &head, body, signer.now());
    assert_eq!(diagnosis.findings().len(), 1);
    hides("Diagnosis", &diagnosis);
    assert!(!diagnosis.findings()[0].to_string().contains(CANARY));
}
