//! Stripe events in an axum handler: `WEBHOOK_SECRET_STRIPE=whsec_… cargo run --example axum`.
//!
//! It prints a line that sends it an event.

mod demo;

use axum::{Router, http::StatusCode, routing::post};
use serde::Deserialize;
use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};

#[derive(Deserialize)]
struct StripeEvent {
    id: String,
    r#type: String,
}

/// Runs for verified events only, and not again for one that it handled. Any answer but a 2xx
/// makes Stripe send it again.
async fn paid(event: Event<StripeEvent>) -> StatusCode {
    println!("{} {}", event.payload().id, event.payload().r#type);
    StatusCode::OK
}

fn app(secret: &str) -> Result<Router, tower_webhooks::ConfigError> {
    let billing = WebhookLayer::new("billing", STRIPE.verifier(secret).build()?);
    Ok(Router::new().route("/webhooks/stripe", post(paid).layer(billing)))
}

#[tokio::main]
async fn main() -> Result<(), demo::Failure> {
    demo::log();
    let (secret, written) = demo::secret("WEBHOOK_SECRET_STRIPE", "whsec_demo_secret");
    let (listener, url) = demo::listen().await?;
    let event = r#"{"id":"evt_1","type":"invoice.paid"}"#;
    demo::say_how_to_send(event, &format!("stripe - {url}/webhooks/stripe --secret {written}"));
    axum::serve(listener, app(&secret)?).await?;
    Ok(())
}
