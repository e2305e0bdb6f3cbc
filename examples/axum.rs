//! Stripe events in an axum handler: `STRIPE_WEBHOOK_SECRET=whsec_… cargo run --example axum --features axum`.

use axum::{Router, http::StatusCode, routing::post};
use serde::Deserialize;
use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};

#[derive(Deserialize)]
struct StripeEvent {
    id: String,
    r#type: String,
}

async fn paid(event: Event<StripeEvent>) -> StatusCode {
    println!("{} {}", event.payload().id, event.payload().r#type);
    StatusCode::OK
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = std::env::var("STRIPE_WEBHOOK_SECRET").unwrap_or("whsec_demo".into());
    let billing = WebhookLayer::new("billing", STRIPE.verifier(secret).build()?);
    let app = Router::new().route("/webhooks/stripe", post(paid)).layer(billing);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on http://{}/webhooks/stripe", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
