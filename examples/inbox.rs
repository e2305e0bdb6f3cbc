//! Acknowledge, then process: Stripe events are kept in a file, answered at once, and worked off by
//! four workers with tries of their own.
//!
//! ```text
//! cargo run --example inbox
//! echo '{"id":"evt_1","type":"invoice.paid"}' |
//!     cargo run --example send -- stripe - http://127.0.0.1:8080/webhooks/stripe
//! ```
//!
//! End it with Ctrl-C while it works, and start it again: what was acknowledged is done then.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use serde::Deserialize;
use tower_webhooks::inbox::{InboxService, Workers};
use tower_webhooks::store::SqliteStore;
use tower_webhooks::testing::Signer;
use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};

type BoxError = Box<dyn Error + Send + Sync>;

#[derive(Deserialize)]
struct StripeEvent {
    id: String,
}

/// Slower than any sender waits. It fails the first time, to show that it is tried again.
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

async fn inbox() -> Result<(InboxService, Workers), BoxError> {
    let verifier = match std::env::var("STRIPE_WEBHOOK_SECRET") {
        Ok(secret) => STRIPE.verifier(secret),
        Err(_) => Signer::demo(&STRIPE)?.verifier(), // for trying it out only
    };
    let file = std::env::var("INBOX").unwrap_or("inbox.db".into());
    let billing = WebhookLayer::new("billing", verifier.build()?);
    let inbox = billing.events::<StripeEvent>().inbox(SqliteStore::open(file).await?).workers(4);
    Ok(inbox.build(tower::service_fn(handle))?)
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let (receiver, workers) = inbox().await?;
    let workers = workers.start();
    let app = Router::new().route_service("/webhooks/stripe", receiver);

    let port = std::env::var("PORT").unwrap_or("8080".into());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let address = listener.local_addr()?;
    println!("listening on http://{address}");
    println!("send it one: echo '{{\"id\":\"evt_1\",\"type\":\"invoice.paid\"}}' |");
    println!("  cargo run --example send -- stripe - http://{address}/webhooks/stripe");
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;

    println!("{:?}", workers.shutdown(Duration::from_secs(10)).await);
    Ok(())
}

async fn stopped() {
    // Without signals there is no graceful end.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
