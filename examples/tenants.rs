//! One endpoint, many tenants, each with secrets of its own: `cargo run --example tenants`.

mod demo;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::{Router, http::request::Parts, routing::post};
use tower_webhooks::providers::STANDARD_WEBHOOKS;
use tower_webhooks::{ConfigError, Event, KeySource, KeySourceError, Keys, Secret, WebhookLayer};

/// The keys of each tenant, by the last segment of the path; prepared once, when they change.
///
/// In front of a database this would be the cache, and fetch what it does not have.
#[derive(Debug, Default, Clone)]
struct Tenants(Arc<RwLock<HashMap<String, Keys>>>);

impl Tenants {
    fn set(&self, tenant: &str, secrets: Vec<Secret>) -> Result<(), ConfigError> {
        // The principal is part of the replay key: no tenant can use up another's events. It is
        // the tenant's name and not made of a secret, so a rotation changes nothing.
        let keys = STANDARD_WEBHOOKS.keys(secrets)?.principal(tenant);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(tenant.into(), keys);
        Ok(())
    }
}

impl KeySource for Tenants {
    async fn keys(&self, head: &Parts) -> Result<Option<Keys>, KeySourceError> {
        let tenant = head.uri.path().rsplit('/').next().unwrap_or_default();
        // `None` is 401. A poisoned lock says nothing about the tenant: an error, which is 503.
        let known = self.0.read().map_err(|error| KeySourceError::new(error.to_string()))?;
        Ok(known.get(tenant).cloned())
    }
}

async fn received(event: Event) -> String {
    let line = format!("{}: key {}\n", event.principal(), event.key_label());
    print!("{line}");
    line
}

#[tokio::main]
async fn main() -> Result<(), demo::Failure> {
    demo::log();
    let initech = "whsec_aW5pdGVjaCwgdGhlIG9ubHkgc2VjcmV0IQ==";
    let tenants = Tenants::default();
    tenants.set("initech", vec![Secret::new(initech)])?;
    // In the middle of a rotation: both are accepted, and the event says which one it was.
    let new = Secret::new("whsec_Z2xvYmV4LCB0aGUgbmV3IHNlY3JldCEhIQ==").label("may");
    let old = Secret::new("whsec_Z2xvYmV4LCB0aGUgb2xkIHNlY3JldCEhIQ==").label("april");
    tenants.set("globex", vec![new, old])?;

    let verifier = STANDARD_WEBHOOKS.verifier_with(tenants).build()?;
    let layer = WebhookLayer::new("tenants", verifier);
    let app = Router::new().route("/webhooks/{tenant}", post(received).layer(layer));

    let (listener, url) = demo::listen().await?;
    let to = format!("standard-webhooks - {url}/webhooks/initech --id msg_1 --secret {initech}");
    demo::say_how_to_send("{}", &to);
    axum::serve(listener, app).await?;
    Ok(())
}
