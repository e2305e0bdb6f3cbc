//! The endpoints: one a provider, with the secrets that the environment has for it; or those of a
//! configuration file.

use std::env;
use std::error::Error;

use tower_webhooks::config::Config;
use tower_webhooks::testing::Signer;
use tower_webhooks::{ConfigErrorKind, Provider, Secret, Verifier, WebhookLayer, providers};

use crate::report;
use crate::store::Store;

pub(crate) struct Endpoint {
    pub(crate) path: String,
    pub(crate) verifier: Verifier,
    pub(crate) layer: WebhookLayer,
    /// What the demo secret signs with; `None` where the environment has a secret.
    pub(crate) demo: Option<Signer>,
}

/// The endpoints of all providers; `url` is what the program itself listens on.
pub(crate) fn all(url: &str, store: &Store) -> Result<Vec<Endpoint>, Box<dyn Error>> {
    refuse_unknown_settings()?;
    let url = setting("PUBLIC_URL")?.unwrap_or_else(|| url.to_owned());
    providers::ALL.iter().map(|provider| Endpoint::new(provider, &url, store)).collect()
}

/// The endpoints of a configuration file, TOML or, if its name says so, JSON.
pub(crate) fn of_file(path: &str, store: &Store) -> Result<Vec<Endpoint>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let is_json = path.ends_with(".json");
    let config = if is_json { Config::from_json(&text) } else { Config::from_toml(&text) };
    let endpoints = config.and_then(|config| config.endpoints());
    let endpoints = endpoints.map_err(|error| format!("{path}: {error}"))?;
    let endpoint = |configured: &tower_webhooks::config::Endpoint| {
        let verifier = configured.verifier().clone();
        let layer = WebhookLayer::builder(configured.name(), verifier.clone());
        let layer = store
            .behind(layer)
            .on_rejection(report::refused)
            .observer(report::Duplicates)
            .build()?;
        Ok(Endpoint { path: configured.path().to_owned(), verifier, layer, demo: None })
    };
    endpoints.iter().map(endpoint).collect()
}

impl Endpoint {
    pub(crate) fn provider(&self) -> &str {
        self.verifier.provider().name()
    }

    fn new(provider: &'static Provider, url: &str, store: &Store) -> Result<Self, Box<dyn Error>> {
        let name = secret_setting(provider);
        let secret = setting(&name)?.map(|text| Secret::new(text).label("current"));
        let old = setting(&format!("{name}_OLD"))?.map(|text| Secret::new(text).label("old"));
        let secrets: Vec<_> = secret.into_iter().chain(old).collect();

        let demo = if secrets.is_empty() { Some(Signer::demo(provider)?) } else { None };
        let secrets = match &demo {
            Some(signer) => vec![Secret::new(signer.verifying_secret()).label("DEMO")],
            None => secrets,
        };
        let token_name = format!("WEBHOOK_VERIFY_TOKEN_{}", upper(provider));
        let mut verifier = provider.verifier(secrets);
        if provider.needs_public_url() {
            verifier = verifier.public_url(url);
        }
        if provider.needs_verify_token() {
            let token = setting(&token_name)?;
            verifier = verifier.verify_token(token.unwrap_or(Signer::VERIFY_TOKEN.into()));
        }
        let verifier = verifier.build().map_err(|error| match error.kind() {
            ConfigErrorKind::PublicUrl => format!("PUBLIC_URL: {error}"),
            ConfigErrorKind::VerifyToken => format!("{token_name}: {error}"),
            _ => format!("{name}: {error}"),
        })?;
        let layer = WebhookLayer::builder(provider.name(), verifier.clone());
        let layer = store
            .behind(layer)
            .on_rejection(report::refused)
            .observer(report::Duplicates)
            .build()?;
        let demo = match demo {
            Some(signer) if provider.needs_public_url() => Some(signer.public_url(url)),
            demo => demo,
        };
        Ok(Self { path: format!("/webhooks/{}", provider.name()), verifier, layer, demo })
    }
}

/// The name of the variable with a provider's secret: `WEBHOOK_SECRET_STANDARD_WEBHOOKS`.
pub(crate) fn secret_setting(provider: &Provider) -> String {
    format!("WEBHOOK_SECRET_{}", upper(provider))
}

fn upper(provider: &Provider) -> String {
    provider.name().to_uppercase().replace('-', "_")
}

fn setting(name: &str) -> Result<Option<String>, Box<dyn Error>> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8").into()),
    }
}

/// A secret under a misspelt name would leave the demo secret in force.
fn refuse_unknown_settings() -> Result<(), Box<dyn Error>> {
    let known: Vec<_> = providers::ALL.iter().map(|provider| secret_setting(provider)).collect();
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let plain = name.strip_suffix("_OLD").unwrap_or(&name);
        if name.starts_with("WEBHOOK_SECRET_") && !known.iter().any(|known| known == plain) {
            return Err(format!("{name}: no provider has this name; known: {known:?}").into());
        }
    }
    Ok(())
}
