//! The vector files: their format, and a verifier configured as a case asks.

use std::convert::Infallible;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http_body_util::{BodyExt, Full};
use serde::Deserialize;
use serde_json::{Map, Value};
use tower::{Layer, ServiceExt, service_fn};
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::testing::ManualClock;
use tower_webhooks::{Event, Provider, Rejection, RejectionKind, Secret, Verifier, WebhookLayer};

#[derive(Deserialize)]
pub struct File<C> {
    pub provider: String,
    pub cases: Vec<C>,
}

#[derive(Deserialize)]
pub struct Case {
    pub name: String,
    pub source: String,
    pub secrets: Vec<String>,
    pub params: Map<String, Value>,
    pub now: u64,
    pub request: Request,
    pub expect: Expect,
    pub reason: Option<String>,
    pub event_id: Option<String>,
    pub event_type: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    Accept,
    Reject,
}

#[derive(Deserialize)]
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub body_base64: String,
    /// A large body, compressed.
    pub body_gzip_base64: Option<String>,
}

/// The directory that the environment variable names, or the one in the project.
pub fn directory(variable: &str, own: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(directory) => directory.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(own),
    }
}

/// Every `*.json` of a directory, by name.
pub fn read<F: for<'de> Deserialize<'de>>(directory: &Path) -> Vec<F> {
    let entries = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    let parse = |path: &PathBuf| {
        let text = std::fs::read(path).unwrap();
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(parse).collect()
}

impl Case {
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.now)
    }

    pub fn verifier(&self, provider: &'static Provider) -> Result<Verifier, String> {
        verifier(provider, &self.secrets, &self.params)
    }
}

/// A verifier with a case's secrets and params. An unknown param is an error.
pub fn verifier(
    provider: &'static Provider,
    secrets: &[String],
    params: &Map<String, Value>,
) -> Result<Verifier, String> {
    let provider = variant(provider, params);
    let secrets = named(secrets, params);
    // Whether Grafana signs a time is set by whoever receives.
    let provider = match params.contains_key("timestamp_header") {
        true => tower_webhooks::providers::find("grafana-timestamped").unwrap(),
        false => provider,
    };
    let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new(secret.as_str())).collect();
    let mut builder = provider.verifier(secrets);
    let mut has_token = false;
    if provider.needs_public_url() {
        builder = builder.public_url("https://example.com");
    }
    for (name, value) in params {
        let text = || value.as_str().ok_or_else(|| format!("param {name} is not a text"));
        builder = match name.as_str() {
            "url" | "exact_url" => builder.exact_url(text()?),
            "public_url" => builder.public_url(text()?),
            "topics" => builder.topics(
                Vec::<String>::deserialize(value)
                    .map_err(|error| format!("param {name}: {error}"))?,
            ),
            "tolerance_s" => builder.tolerance(Duration::from_secs(
                value.as_u64().ok_or_else(|| format!("param {name} is not a number"))?,
            )),
            "timestamp_header" => builder.rename_header("x-grafana-alerting-timestamp", text()?),
            "header" => builder.rename_header("authorization", text()?),
            "header_prefix" => builder.header_prefix(text()?),
            "verify_token" => {
                has_token = true;
                builder.verify_token(text()?)
            }
            "expect_setup" => {
                let topics = value.as_array().ok_or_else(|| format!("param {name} is no list"))?;
                builder.expect_setup(topics.iter().filter_map(Value::as_str))
            }
            // What names a variant or a key is taken in there.
            "algorithm" | "hash" | "encoding" | "mode" | "keys" | "public_key" => builder,
            // Both kinds of Discord endpoint are told apart by the request.
            "kind" => builder,
            unknown => return Err(format!("unknown param {unknown}")),
        };
    }
    // A case about deliveries does not name the token of the setup request.
    if provider.needs_verify_token() && !has_token {
        builder = builder.verify_token("a throw-away token");
    }
    builder.build().map_err(|error| error.to_string())
}

/// Where a sender signs in several ways, the provider for the way that a case is about.
fn variant(provider: &'static Provider, params: &Map<String, Value>) -> &'static Provider {
    let text = |name: &str| params.get(name).and_then(Value::as_str);
    let mut name = provider.name().to_owned();
    match text("algorithm") {
        // What the providers are called without anything behind.
        Some("md5hash") => {}
        Some("sha1") if name == "cloudinary" => {}
        Some(algorithm) => name = format!("{name}-{algorithm}"),
        None => {}
    }
    for (param, usual) in [("mode", "simple"), ("hash", "SHA256"), ("encoding", "hex")] {
        if let Some(other) = text(param).filter(|text| *text != usual) {
            name = format!("{name}-{}", other.to_lowercase());
        }
    }
    tower_webhooks::providers::find(&name).unwrap_or_else(|| panic!("no provider {name}"))
}

/// Secrets with the names of their keys in front, where the case has some.
fn named(secrets: &[String], params: &Map<String, Value>) -> Vec<String> {
    let key = |index: usize| match (params.get("keys"), params.get("public_key")) {
        (Some(keys), _) => keys[index].as_str(),
        (None, Some(key)) => key.as_str(),
        (None, None) => None,
    };
    let name = |(index, secret): (usize, &String)| match key(index) {
        Some(key) => format!("{key}:{secret}"),
        None => secret.clone(),
    };
    secrets.iter().enumerate().map(name).collect()
}

/// A layer whose clock stands at a case's `now`.
pub fn layer(verifier: Verifier, now: SystemTime) -> WebhookLayer {
    WebhookLayer::builder("vectors", verifier).clock(ManualClock::at(now)).build().unwrap()
}

/// What a layer did with a request.
pub struct Answered {
    pub response: http::Response<Bytes>,
    pub event: Option<Event>,
}

impl Answered {
    pub fn rejection(&self) -> Option<Rejection> {
        self.response.extensions().get().copied()
    }
}

/// Sends a request through a layer around a service that notes the event and answers 200.
pub fn send(layer: &WebhookLayer, request: http::Request<Bytes>) -> Answered {
    let seen = Arc::new(Mutex::new(None));
    let note = Arc::clone(&seen);
    let handler = service_fn(move |request: http::Request<VerifiedBody>| {
        *note.lock().unwrap() = request.extensions().get::<Event>().cloned();
        async { Ok::<_, Infallible>(http::Response::new(Full::<Bytes>::default())) }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let response = runtime.block_on(async {
        let service = layer.layer(handler);
        let (head, body) = service.oneshot(request.map(Full::new)).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        http::Response::from_parts(head, body)
    });
    let event = seen.lock().unwrap().take();
    Answered { response, event }
}

impl Request {
    pub fn body(&self) -> Bytes {
        let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        let Some(compressed) = &self.body_gzip_base64 else {
            return decode(&self.body_base64).into();
        };
        let mut body = Vec::new();
        GzDecoder::new(&*decode(compressed)).read_to_end(&mut body).unwrap();
        body.into()
    }

    /// As an HTTP server hands it over: no white space around header values.
    pub fn to_http(&self) -> http::Request<Bytes> {
        let mut request = http::Request::builder().method(self.method.as_str()).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value.trim());
        }
        request.body(self.body()).unwrap()
    }
}

/// Whether a kind is what a vector's reason asks for. `malformed_signature` and `bad_signature`
/// may stand for each other, and `other` for any.
pub fn stands_for(kind: RejectionKind, reason: &str) -> bool {
    let signature = |reason: &str| matches!(reason, "malformed_signature" | "bad_signature");
    kind.as_str() == reason || reason == "other" || (signature(kind.as_str()) && signature(reason))
}
