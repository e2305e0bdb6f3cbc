//! Stripe events in an axum handler: `STRIPE_WEBHOOK_SECRET=whsec_… cargo run --example axum`.
//!
//! Send it one: `cargo run --example send -- stripe event.json http://127.0.0.1:8080/webhooks/stripe`.

use std::error::Error;

use axum::{Router, http::StatusCode, routing::post};
use serde::Deserialize;
use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};

#[derive(Deserialize)]
struct StripeEvent {
    id: String,
    r#type: String,
}

/// Runs for verified events only, and not again for one that it handled. What is not a 2xx makes
/// Stripe send it again.
async fn paid(event: Event<StripeEvent>) -> StatusCode {
    println!("{} {}", event.payload().id, event.payload().r#type);
    StatusCode::OK
}

fn app(secret: &str) -> Result<Router, tower_webhooks::ConfigError> {
    let billing = WebhookLayer::new("billing", STRIPE.verifier(secret).build()?);
    Ok(Router::new().route("/webhooks/stripe", post(paid).layer(billing)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // For trying it out; a real service has no default here.
    let secret = std::env::var("STRIPE_WEBHOOK_SECRET").unwrap_or("whsec_demo".into());
    let port = std::env::var("PORT").unwrap_or("8080".into());

    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(&secret)?).await?;
    Ok(())
}
