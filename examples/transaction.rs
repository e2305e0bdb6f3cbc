//! Payments that are booked exactly once: `cargo run --example transaction`.
//!
//! The handler's writes and the record that its event was handled are one transaction, in one
//! file. Kill this program whenever you like, and send the same event again: it is booked once.

mod demo;

use axum::{Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tower_webhooks::event::PayloadError;
use tower_webhooks::store::{CompleteError, SqliteStore};
use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};

#[derive(Deserialize)]
struct Invoice {
    customer: String,
    total: i64,
}

async fn paid(State(pool): State<SqlitePool>, event: Event) -> Result<StatusCode, Failed> {
    let invoice: Invoice = event.json_at("/data/object")?;
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let book = "INSERT INTO balances VALUES (?1, ?2)
                ON CONFLICT (customer) DO UPDATE SET cents = cents + excluded.cents
                RETURNING cents";
    let book = sqlx::query_scalar(book).bind(&invoice.customer).bind(invoice.total);
    let cents: i64 = book.fetch_one(&mut *transaction).await?;
    // Both or neither. What is done outside, such as a mail, is not part of it.
    event.commit(transaction).await?;
    println!("{} has {cents} cents", invoice.customer);
    Ok(StatusCode::OK)
}

/// Whatever failed, nothing was booked, and 500 makes Stripe send the event again.
struct Failed;

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

macro_rules! is_a_failure {
    ($($error:ty),*) => {$(
        impl From<$error> for Failed {
            fn from(error: $error) -> Self {
                eprintln!("not booked: {error}");
                Self
            }
        }
    )*};
}
is_a_failure!(sqlx::Error, CompleteError, PayloadError);

#[tokio::main]
async fn main() -> Result<(), demo::Failure> {
    demo::log();
    let (secret, written) = demo::secret("WEBHOOK_SECRET_STRIPE", "whsec_demo_secret");
    let file = std::env::var("DATABASE").unwrap_or("payments.db".into());

    // The store's tables and the application's are in one file.
    let store = SqliteStore::open(&file).await?;
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&file)).await?;
    let table = "CREATE TABLE IF NOT EXISTS balances (customer TEXT PRIMARY KEY, cents INTEGER)";
    sqlx::raw_sql(table).execute(&pool).await?;

    let billing = WebhookLayer::builder("billing", STRIPE.verifier(secret).build()?);
    let billing = billing.store(store).build()?;
    let app = Router::new().route("/webhooks/stripe", post(paid).layer(billing)).with_state(pool);

    let (listener, url) = demo::listen().await?;
    let paid = r#"{"id":"evt_1","data":{"object":{"customer":"cus_1","total":700}}}"#;
    demo::say_how_to_send(paid, &format!("stripe - {url}/webhooks/stripe --secret {written}"));
    axum::serve(listener, app).await?;
    Ok(())
}
