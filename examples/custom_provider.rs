//! A sender that this crate does not know, described in a few lines:
//! `cargo run --example custom_provider`.
//!
//! The description serves both ends: the layer verifies with it, and a signer signs with it, here for
//! the `curl` line that `-- curl URL` prints.

mod demo;

use std::time::SystemTime;

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
use tower_webhooks::testing::Signer;
use tower_webhooks::{ConfigError, Event, WebhookLayer};

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
    // The topic may come from a header that is not signed: good for a log line, not for a decision.
    let topic = event.kind().map_or("no topic", |kind| kind.as_str());
    println!("{topic}: {}", event.payload().total);
    format!("thanks for {}\n", event.payload().total)
}

/// A signed order, as a line for a shell.
fn order(secret: String, url: &str) -> Result<String, ConfigError> {
    let acme = Signer::new(&ACME, secret)?.at(SystemTime::now());
    let order = acme.event(r#"{"id":"o1","total":7}"#).uri("/webhooks/acme").kind("order.created");
    Ok(demo::curl(url, &order.request()))
}

#[tokio::main]
async fn main() -> Result<(), demo::Failure> {
    let (secret, _) = demo::secret("WEBHOOK_SECRET_ACME", "a demo secret");
    if let [Some(word), Some(url)] = [std::env::args().nth(1), std::env::args().nth(2)]
        && word == "curl"
    {
        println!("{}", order(secret, &url)?);
        return Ok(());
    }
    demo::log();
    let acme = WebhookLayer::new("orders", ACME.verifier(secret).build()?);
    let app = Router::new().route("/webhooks/acme", post(ordered).layer(acme));

    let (listener, url) = demo::listen().await?;
    println!("send it an event: cargo run -q --example custom_provider -- curl {url} | sh");
    axum::serve(listener, app).await?;
    Ok(())
}
