//! A table of effects beside the store's own, in which nothing but the transaction keeps an event
//! from being paid twice.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{PgPool, Row, SqlitePool};
use tower_webhooks::Event;
use tower_webhooks::store::CompleteError;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS paid (event TEXT NOT NULL)";
const PAID: &str = "SELECT event, count(*) FROM paid GROUP BY event";

/// How a payment came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    Committed,
    /// The handler changed its mind.
    Aborted,
    /// Another run had taken over.
    Overtaken,
    /// The database failed.
    Failed,
}

impl Paid {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Committed => "200",
            Self::Aborted => "aborted",
            Self::Overtaken => "overtaken",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone)]
pub enum Bank {
    InFile(SqlitePool),
    OnServer(PgPool),
}

impl Bank {
    pub async fn open(url: &str) -> Self {
        if url.starts_with("postgres:") {
            let pool = PgPoolOptions::new().max_connections(8).connect(url).await;
            return Self::OnServer(pool.expect("PostgreSQL answers"));
        }
        let options = SqliteConnectOptions::new()
            .filename(url.trim_start_matches("sqlite:"))
            .create_if_missing(true)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await;
        Self::InFile(pool.expect("the file opens"))
    }

    pub async fn create(&self) {
        match self {
            Self::InFile(pool) => sqlx::raw_sql(TABLE).execute(pool).await.map(drop),
            Self::OnServer(pool) => sqlx::raw_sql(TABLE).execute(pool).await.map(drop),
        }
        .expect("the table is made");
    }

    pub async fn pay(&self, name: &str, fails: bool, event: Event) -> Paid {
        match self.try_pay(name, fails, event).await {
            Ok(Ok(())) => Paid::Committed,
            Ok(Err(CompleteError::Overtaken)) => Paid::Overtaken,
            Ok(Err(_)) | Err(Some(_)) => Paid::Failed,
            Err(None) => Paid::Aborted,
        }
    }

    /// `Err(None)` is to abort.
    async fn try_pay(
        &self,
        name: &str,
        fails: bool,
        event: Event,
    ) -> Result<Result<(), CompleteError>, Option<sqlx::Error>> {
        // Somebody may be killed in the middle.
        let middle = || tokio::time::sleep(Duration::from_millis(2));
        match self {
            Self::InFile(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                let insert = sqlx::query("INSERT INTO paid VALUES (?1)").bind(name);
                insert.execute(&mut *transaction).await?;
                middle().await;
                if fails {
                    return Err(None);
                }
                Ok(event.commit(transaction).await)
            }
            Self::OnServer(pool) => {
                let mut transaction = pool.begin().await?;
                let insert = sqlx::query("INSERT INTO paid VALUES ($1)").bind(name);
                insert.execute(&mut *transaction).await?;
                middle().await;
                if fails {
                    return Err(None);
                }
                Ok(event.commit(transaction).await)
            }
        }
    }

    /// How often each event was paid.
    pub async fn paid(&self) -> HashMap<String, i64> {
        match self {
            Self::InFile(pool) => {
                let rows = sqlx::query(PAID).fetch_all(pool).await.expect("the table is read");
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
            Self::OnServer(pool) => {
                let rows = sqlx::query(PAID).fetch_all(pool).await.expect("the table is read");
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
        }
    }
}
