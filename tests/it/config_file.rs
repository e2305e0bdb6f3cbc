//! Configuration files: what they can say, and how they are refused.
#![cfg(feature = "config")]

use tower_webhooks::config::{Config, Endpoint};
use tower_webhooks::testing::Signer;
use tower_webhooks::{ConfigError, ConfigErrorKind, Verified};

fn endpoints(config: Result<Config, ConfigError>) -> Result<Vec<Endpoint>, ConfigError> {
    config?.endpoints_with(|name| (name == "SET").then(|| "whsec_of-a-variable".to_owned()))
}

fn from_toml(text: &str) -> Result<Vec<Endpoint>, ConfigError> {
    endpoints(Config::from_toml(text))
}

const DESCRIBED: &str = r#"
    [[endpoint]]
    path = "/hooks/acme"
    name = "acme"
    secrets = ["literal:old", { secret = "literal:new", label = "may" }]

    [endpoint.provider]
    name = "acme"
    signature = { algorithm = "hmac-sha512", place = "header:Acme-Signature", encoding = "base64", list = { separators = ";", assign = "=", entry = "v1" } }
    timestamp = { place = "entry:t", unit = "millis", tolerance = 300 }
    signs = ["text:v1:", "timestamp", "text:.", "header:acme-tenant", "text:.", "body"]
    event_id = ["json:/id"]
    event_type = ["json:/event/type", "json:/type"]
"#;

#[test]
fn a_described_provider_verifies_what_its_signer_signs() {
    let endpoints = from_toml(DESCRIBED).unwrap();
    let [acme] = &endpoints[..] else { panic!("{endpoints:?}") };
    assert_eq!((acme.path(), acme.name()), ("/hooks/acme", "acme"));

    let signer = Signer::new(acme.verifier().provider(), "new").unwrap();
    let fixture = signer.event(r#"{"id":"evt_1","type":"paid"}"#).header("acme-tenant", "t-1");
    let (head, body) = fixture.request().into_parts();
    let verified = acme.verifier().verify(&head, body, signer.now()).unwrap();
    let Verified::Event(event) = verified else { panic!("{verified:?}") };
    assert_eq!(event.key_label(), "may");
    assert!(event.id().is_some_and(|id| id == "evt_1" && id.is_signed()));
    assert!(event.kind().is_some_and(|kind| kind == "paid"));
}

#[test]
fn json_says_the_same_as_toml() {
    let json = r#"{"endpoint": [{"path": "/a", "provider": "stripe", "secrets": ["env:SET"]}]}"#;
    let endpoints = endpoints(Config::from_json(json)).unwrap();
    assert_eq!(endpoints[0].verifier().provider().name(), "stripe");
    assert_eq!(endpoints[0].name(), "/a", "by default the path");
}

#[test]
fn a_secret_may_stand_in_a_file_that_ends_with_a_line_break() {
    let path = std::env::temp_dir().join(format!("tower-webhooks-{}", std::process::id()));
    std::fs::write(&path, "whsec_in-a-file\n").unwrap();
    let toml = format!(
        "[[endpoint]]\npath = \"/a\"\nprovider = \"stripe\"\nsecrets = [\"file:{}\"]",
        path.display()
    );
    let endpoints = from_toml(&toml);
    std::fs::remove_file(&path).unwrap();
    assert!(endpoints.is_ok(), "{endpoints:?}");
}

#[test]
fn an_error_names_the_key() {
    let stripe = "[[endpoint]]\npath = \"/a\"\nprovider = \"stripe\"\nsecrets = [\"env:SET\"]\n";
    let two = |second: &str| format!("{stripe}{second}");
    let changed = |from: &str, to: &str| DESCRIBED.replace(from, to);
    for (toml, key) in [
        (changed("path =", "pathe ="), "endpoint[0].pathe"),
        (changed("unit =", "units ="), "endpoint[0].provider.timestamp.units"),
        (
            changed("\"millis\"", "\"fortnights\""),
            "`endpoint[0].provider.timestamp.unit`: `fortnights` is none of",
        ),
        (
            changed("hmac-sha512", "hmac-sha3"),
            "`endpoint[0].provider.signature.algorithm`: `hmac-sha3` is none of",
        ),
        (changed("\"json:/id\"", "\"json\""), "`endpoint[0].provider.event_id[0]`: "),
        (changed("\"json:/id\"", "\"json:id\""), "`endpoint[0].provider`: `id` is no JSON pointer"),
        (
            changed("name = \"acme\"\n    signature", "name = \"stripe\"\n    signature"),
            "`endpoint[0].provider.name`: `stripe` is known already",
        ),
        (changed("literal:old", "old"), "`endpoint[0].secrets[0]`: say where"),
        (
            changed("literal:old", "env:UNSET"),
            "`endpoint[0].secrets[0]`: the variable behind `env:` is not set",
        ),
        (
            changed("literal:old", "literal: old"),
            "`endpoint[0].secrets[0]`: the secret has white space",
        ),
        (changed("/hooks/acme", "hooks"), "`endpoint[0].path`: `hooks` does not begin with"),
        (changed("/hooks/acme", "/hooks/:id"), "`endpoint[0].path`: a parameter is written `{id}`"),
        (changed("hmac-sha512", "hmac-sha521"), "did you mean `hmac-sha512`?"),
        (changed("path =", "pathe ="), "did you mean `path`?"),
        (changed("= 300", "= \"5 fortnights\""), "`5 fortnights` is no time: write seconds, or"),
        (changed("= 300", "= -5"), "a time is not negative"),
        (
            changed("= 300", "= \"300\""),
            "`endpoint[0].provider.timestamp.tolerance`: `300` is no time",
        ),
        (
            stripe.replace("\"stripe\"", "\"strip\""),
            "`endpoint[0].provider`: no provider is called `strip`; did you mean `stripe`?",
        ),
        (
            stripe.replace("\"stripe\"", "\"twilio\""),
            "`endpoint[0].public_url`: `twilio` signs the URL",
        ),
        (
            changed("literal:new", "literal:ghp_0123"),
            "`endpoint[0].secrets[1]`: this is an access token",
        ),
        (two("tolerance = 0"), "`endpoint[0].tolerance`: the tolerance is less than a second"),
        (two("header_prefix = \"acme\""), "`endpoint[0].header_prefix`: the headers of `stripe`"),
        (stripe.replace("\"stripe\"", "7"), "endpoint[0].provider"),
        (two(stripe), "`endpoint[1].path`"),
        (two(&stripe.replace("\"/a\"", "\"/b\"\nname = \"/a\"")), "`endpoint[1].name`"),
        (
            two(&stripe.replace("\"/a\"", "\"/{b}\"")).replacen("\"/a\"", "\"/{a}\"", 1),
            "`endpoint[1].path`: the route `/{b}` is there twice",
        ),
    ] {
        let error = from_toml(&toml).expect_err(key).to_string();
        assert!(error.contains(key), "wanted {key:?} in {error:?}");
    }
}

#[test]
fn a_tolerance_may_have_a_unit() {
    let stripe =
        "[[endpoint]]\npath = \"/a/{id}\"\nprovider = \"stripe\"\nsecrets = [\"env:SET\"]\n";
    for (tolerance, seconds) in [("600", 600), ("\"600s\"", 600), ("\"5m\"", 300), ("\"1h\"", 3600)]
    {
        let endpoints = from_toml(&format!("{stripe}tolerance = {tolerance}")).unwrap();
        let own = endpoints[0].verifier().tolerance().unwrap();
        assert_eq!(own.as_secs(), seconds, "{tolerance}");
    }
    let described = from_toml(&DESCRIBED.replace("= 300", "= \"5m\"")).unwrap();
    assert_eq!(described[0].verifier().tolerance().unwrap().as_secs(), 300);
}

#[test]
fn a_provider_is_known_by_the_names_that_people_use() {
    let meta = "[[endpoint]]\npath = \"/a\"\nprovider = \"WhatsApp\"\nsecrets = [\"env:SET\"]\nverify_token = \"env:SET\"\n";
    assert_eq!(from_toml(meta).unwrap()[0].verifier().provider().name(), "meta");
}

#[test]
fn what_is_no_toml_or_json_is_refused_with_its_place() {
    let toml = from_toml("[[endpoint]\n").unwrap_err();
    assert_eq!(toml.kind(), ConfigErrorKind::File);
    assert!(toml.to_string().contains("line 1"), "{toml}");
    let json = endpoints(Config::from_json("{")).unwrap_err();
    assert!(json.to_string().contains("line 1"), "{json}");
}

#[test]
fn a_literal_secret_does_not_print() {
    let config = Config::from_toml(DESCRIBED).unwrap();
    let shown = format!("{config:?} {:?}", endpoints(Ok(config.clone())).unwrap());
    assert!(!shown.contains("old") && !shown.contains("new"), "{shown}");
    let head = "[[endpoint]]\npath = \"/a\"\nprovider = \"stripe\"\n";
    for wrong in [
        "secrets = \"literal:hunter2\"",
        "secrets = [\"literal:hunter2\"",
        "secrets = [{ secret = \"literal:hunter2\", label = 7 }]",
        "secrets = [\"hunter2\"]",
        "secrets = [\"env:hunter2\"]",
        "secrets = [\"file:hunter2\"]",
        "secrets = [\"env:SET\"]\npublic_url = \"https://me:hunter2 @example.com\"",
        "secrets = [\"env:SET\"]\nverify_token = [\"hunter2\"]",
    ] {
        let error = from_toml(&format!("{head}{wrong}")).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
