//! Acknowledge, then process: Stripe events are stored in a file, acknowledged at once, and processed
//! by four workers with retries of their own: `cargo run --example inbox`.
//!
//! Stop it with Ctrl-C while it works, and start it again: it finishes what it acknowledged.

mod demo;

use std::error::Error;
use std::time::Duration;

use axum::Router;
use serde::Deserialize;
use tower_webhooks::inbox::{InboxService, Workers};
use tower_webhooks::store::SqliteStore;
use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};

type BoxError = Box<dyn Error + Send + Sync>;

#[derive(Deserialize)]
struct StripeEvent {
    id: String,
}

/// Slower than any sender waits. It fails the first time, to show that it is retried.
async fn handle(event: Event<StripeEvent>) -> Result<(), BoxError> {
    let (id, attempt) = (&event.payload().id, event.attempt());
    println!("{id}: attempt {attempt} begins");
    tokio::time::sleep(Duration::from_secs(2)).await;
    if attempt == 1 {
        return Err("the first attempt always fails".into());
    }
    println!("{id}: done");
    Ok(())
}

async fn inbox(secret: String) -> Result<(InboxService, Workers), BoxError> {
    let file = std::env::var("INBOX").unwrap_or("inbox.db".into());
    let billing = WebhookLayer::new("billing", STRIPE.verifier(secret).build()?);
    let inbox = billing.events::<StripeEvent>().inbox(SqliteStore::open(file).await?).workers(4);
    Ok(inbox.build(tower::service_fn(handle))?)
}

#[tokio::main]
async fn main() -> Result<(), demo::Failure> {
    demo::log();
    let (secret, written) = demo::secret("WEBHOOK_SECRET_STRIPE", "whsec_demo_secret");
    let (receiver, workers) = inbox(secret).await?;
    let workers = workers.start();
    let app = Router::new().route_service("/webhooks/stripe", receiver);

    let (listener, url) = demo::listen().await?;
    let event = r#"{"id":"evt_1","type":"invoice.paid"}"#;
    demo::say_how_to_send(event, &format!("stripe - {url}/webhooks/stripe --secret {written}"));
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;

    println!("{:?}", workers.shutdown(Duration::from_secs(10)).await);
    Ok(())
}

async fn stopped() {
    // Without signals there is no graceful shutdown.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
