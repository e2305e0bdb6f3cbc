//! Endpoints from a configuration file (feature `config`).
//!
//! A file lists endpoints: a path, a provider by name or described in place, and where its secrets
//! come from. It is read once, at the start, and checked as code is: unknown keys, contradictions
//! and missing secrets are errors that name the key.
//!
//! ```
//! use tower_webhooks::config::Config;
//!
//! let config = Config::from_toml(
//!     r#"
//!     [[endpoint]]
//!     path = "/hooks/billing"
//!     provider = "stripe"
//!     secrets = ["env:STRIPE_SECRET"]
//!
//!     [[endpoint]]
//!     path = "/hooks/acme"
//!     secrets = [{ secret = "env:ACME_SECRET", label = "may" }]
//!
//!     [endpoint.provider]
//!     name = "acme"
//!     signature = { algorithm = "hmac-sha256", place = "header:acme-signature", prefix = "v1=" }
//!     timestamp = { place = "header:acme-time", unit = "seconds", tolerance = 300 }
//!     signs = ["timestamp", "text:.", "body"]
//!     event_id = ["json:/id"]
//!     "#,
//! )?;
//! let secrets = |name: &str| Some(format!("the value of {name}"));
//!
//! let endpoints = config.endpoints_with(secrets)?;
//! assert_eq!(endpoints[0].path(), "/hooks/billing");
//! assert_eq!(endpoints[1].verifier().provider().name(), "acme");
//! # Ok::<_, tower_webhooks::ConfigError>(())
//! ```
//!
//! # Keys of an endpoint
//!
//! | key | value |
//! | --- | --- |
//! | `path` | the path of the route, as axum writes it: `/hooks/{tenant}` |
//! | `name` | the endpoint's name, part of the replay key; by default the path |
//! | `provider` | a name that [`providers::find`](crate::providers::find) knows, or a table |
//! | `secrets` | a list of `env:NAME`, `file:/path` or `literal:text`, or tables of `secret` and `label` |
//! | `public_url`, `exact_url` | for senders that sign their URL |
//! | `verify_token` | as a secret, for senders with a setup request |
//! | `tolerance` | seconds, or `"5m"` with a unit of `s`, `m`, `h` or `d` |
//! | `header_prefix`, `topics`, `strict_identity` | as on [`VerifierBuilder`](crate::VerifierBuilder) |
//!
//! # Keys of a provider
//!
//! | key | value |
//! | --- | --- |
//! | `name` | lower case; part of the replay key |
//! | `signature` | a table of `algorithm` (`hmac-sha256`, `digest-sha1`, `token`, `ed25519`, …), `place`, and perhaps `prefix`, `list` (a table of `separators`, `assign`, `entry`), `encoding` (`hex`, `base64`, `base64url`, `text`) and `secret` (`text`, `hex`, `base64`, `nfkd`, `named`) |
//! | `timestamp` | a table of `place`, `unit` (`seconds`, `millis`, `rfc3339`) and `tolerance` as above; without it any age will do |
//! | `signs` | a list of `text:…`, `timestamp`, `body`, `method`, `url`, `path`, `query`, `secret`, or a place; by default the body |
//! | `event_id`, `event_type` | a list of places |
//!
//! A place is `header:name`, `query:name`, `form:name`, `json:/pointer` or `entry:name`.

mod describe;
mod duration;
mod file;
mod path;
mod suggest;

use zeroize::Zeroizing;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::secret::Secret;
use crate::verifier::Verifier;
use file::{EndpointTable, File, SecretEntry};

/// A configuration file that was read.
#[derive(Debug, Clone)]
pub struct Config {
    file: File,
}

/// One endpoint of a configuration file.
#[derive(Debug, Clone)]
pub struct Endpoint {
    path: String,
    name: String,
    verifier: Verifier,
}

impl Config {
    /// Reads TOML.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with the key and the line: syntax, an unknown key, a value of another type.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        // Only the message: the whole error quotes the line, which may hold a secret.
        let syntax = |error: &toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            invalid(format!("line {line}: {}", error.message()))
        };
        let toml = toml::Deserializer::parse(text).map_err(|error| syntax(&error))?;
        serde_path_to_error::deserialize(toml)
            .map(|file| Self { file })
            .map_err(|error| misfit(&error.path().to_string(), error.inner().message()))
    }

    /// Reads JSON of the same shape.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml).
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let mut json = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut json)
            .map(|file| Self { file })
            .map_err(|error| misfit(&error.path().to_string(), &error.inner().to_string()))
    }

    /// The endpoints, with secrets from the process's environment.
    ///
    /// Text of providers that are described in the file is kept for the life of the process: call
    /// this once, at the start.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with the key: a provider that nobody knows, a secret that is not there, and
    /// whatever [`VerifierBuilder::build`](crate::VerifierBuilder::build) refuses.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>, ConfigError> {
        self.endpoints_with(|name| std::env::var(name).ok())
    }

    /// The endpoints, with the values of `env:` from a function.
    ///
    /// # Errors
    ///
    /// As [`endpoints`](Self::endpoints).
    pub fn endpoints_with(
        &self,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<Endpoint>, ConfigError> {
        let mut endpoints: Vec<Endpoint> = Vec::with_capacity(self.file.endpoint.len());
        for (index, table) in self.file.endpoint.iter().enumerate() {
            let endpoint =
                build(table, &env).map_err(|error| error.within(&format!("endpoint[{index}]")))?;
            let within = |key: &str, advice| {
                Err(invalid(advice).within(key).within(&format!("endpoint[{index}]")))
            };
            let shape = path::check(&endpoint.path);
            if endpoints.iter().any(|other| path::check(&other.path) == shape) {
                return within("path", format!("the route `{}` is there twice", endpoint.path));
            }
            if endpoints.iter().any(|other| other.name == endpoint.name) {
                return within(
                    "name",
                    format!(
                        "`{}` is there twice, and would share its memory of handled events",
                        endpoint.name
                    ),
                );
            }
            endpoints.push(endpoint);
        }
        Ok(endpoints)
    }
}

impl Endpoint {
    /// The path of its route.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its name, to be given to [`WebhookLayer`](crate::WebhookLayer).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its verifier.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }
}

fn build(
    table: &EndpointTable,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<Endpoint, ConfigError> {
    path::check(&table.path).map_err(|advice| invalid(advice).within("path"))?;
    let provider = describe::provider(&table.provider).map_err(|error| error.within("provider"))?;
    let mut secrets = Vec::with_capacity(table.secrets.len());
    for (index, entry) in table.secrets.iter().enumerate() {
        // Each by itself, so that an error says which.
        let secret = read(entry, env).and_then(|secret| {
            provider.check(&secret)?;
            Ok(secret)
        });
        secrets.push(secret.map_err(|error| error.within(&format!("secrets[{index}]")))?);
    }
    let mut builder = provider.verifier(secrets);
    if let Some(base) = &table.public_url {
        builder = builder.public_url(base.as_str());
    }
    if let Some(url) = &table.exact_url {
        builder = builder.exact_url(url.as_str());
    }
    if let Some(token) = &table.verify_token {
        let token = read(token, env).map_err(|error| error.within("verify_token"))?;
        builder = builder.verify_token(token);
    }
    if let Some(duration::Span(tolerance)) = table.tolerance {
        builder = builder.tolerance(tolerance);
    }
    if let Some(prefix) = &table.header_prefix {
        builder = builder.header_prefix(prefix);
    }
    if table.strict_identity == Some(true) {
        builder = builder.strict_identity();
    }
    if let Some(topics) = &table.topics {
        builder = builder.topics(topics.iter().map(String::as_str));
    }
    let name = table.name.clone().unwrap_or_else(|| table.path.clone());
    let verifier = builder.build().map_err(|error| match key_of(error.kind()) {
        Some(key) => error.within(key),
        None => error,
    })?;
    Ok(Endpoint { path: table.path.clone(), name, verifier })
}

/// The key that an error of a verifier is about, where it is about one.
const fn key_of(kind: ConfigErrorKind) -> Option<&'static str> {
    match kind {
        ConfigErrorKind::SecretCount => Some("secrets"),
        ConfigErrorKind::PublicUrl => Some("public_url"),
        ConfigErrorKind::VerifyToken => Some("verify_token"),
        ConfigErrorKind::Tolerance => Some("tolerance"),
        ConfigErrorKind::Topics => Some("topics"),
        ConfigErrorKind::HeaderName => Some("header_prefix"),
        ConfigErrorKind::Description => Some("provider"),
        _ => None,
    }
}

/// A secret from where its entry says.
fn read(entry: &SecretEntry, env: &impl Fn(&str) -> Option<String>) -> Result<Secret, ConfigError> {
    let (source, label) = entry.parts();
    let text = match source.split_once(':') {
        Some(("env", name)) => {
            // Not named: what stands there may be the secret itself.
            env(name).ok_or_else(|| invalid("the variable behind `env:` is not set".into()))?
        }
        Some(("file", path)) => {
            let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
                invalid(format!("the file behind `file:` cannot be read: {error}"))
            })?;
            // Files end with a line break; a secret never does.
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        Some(("literal", text)) => text.to_owned(),
        _ => {
            return Err(invalid(
                "say where the secret comes from: `env:NAME`, `file:/path` or `literal:text`"
                    .into(),
            ));
        }
    };
    let secret = Secret::new(text);
    Ok(match label {
        Some(label) => secret.label(label),
        None => secret,
    })
}

/// A value that does not fit its key. What `serde` says of it quotes it, so that of a secret only
/// the key is said.
fn misfit(path: &str, message: &str) -> ConfigError {
    if path.contains("secrets") || path.contains("verify_token") {
        return invalid(file::SECRET_FORMS.into()).within(path);
    }
    invalid(suggest::with_suggestion(message)).within(path)
}

fn invalid(advice: String) -> ConfigError {
    ConfigError::new(ConfigErrorKind::File, advice)
}
