//! A sender that this crate does not know, described in a few lines:
//! `cargo run --example custom_provider`.
//!
//! The description serves both ends: the layer verifies with it, tests sign with it.

use std::error::Error;

use axum::{Router, routing::post};
use serde::Deserialize;
use tower_webhooks::handshake::{Handshake, Mark};
use tower_webhooks::provider::{
    Algorithm::Hmac,
    Hash::Sha512,
    Mistake,
    Part::{Body, Method, Path, Text, Timestamp},
    Provider, Tolerance, header, json,
};
use tower_webhooks::{Event, WebhookLayer};

/// Signs `POST /webhooks/acme`, the time and the body, a line each, with HMAC-SHA512 in base64.
pub static ACME: Provider = Provider::new("acme")
    .signature(Hmac(Sha512), header("acme-signature").prefix("v1=").base64())
    .never_secrets(&[Mistake::new("ak_", "this is an API key: paste the webhook's secret")])
    .timestamp(header("acme-time").millis(), Tolerance::secs(120))
    .signs(&[Method, Text(" "), Path, Text("\n"), Timestamp, Text("\n"), Body])
    .event_id(&[json("/id")])
    .event_type(&[header("acme-topic"), json("/topic")])
    .handshakes(&[
        Handshake::signed(&[Mark::Equals(json("/topic"), "hello")]).echoes(json("/challenge"))
    ]);

#[derive(Deserialize)]
struct Order {
    total: u64,
}

async fn ordered(event: Event<Order>) -> String {
    // The topic stands in a header that is not signed: good for a log line, not for a decision.
    let topic = event.kind().map_or("no topic", |kind| kind.as_str());
    println!("{topic}: {}", event.payload().total);
    format!("thanks for {}\n", event.payload().total)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // For trying it out; a real service has no default here.
    let secret = std::env::var("ACME_WEBHOOK_SECRET").unwrap_or("a demo secret".into());
    let port = std::env::var("PORT").unwrap_or("8080".into());

    let acme = WebhookLayer::new("orders", ACME.verifier(secret).build()?);
    let app = Router::new().route("/webhooks/acme", post(ordered).layer(acme));

    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
