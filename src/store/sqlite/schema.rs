//! Making sure that the tables are there, and are those that this crate knows.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Executor, Row};

use super::statements;
use crate::store::StoreErrorKind;

pub(super) const SCHEMA: &str = include_str!("schema.sql");

const VERSION: i64 = 1;

/// Creates the tables where they are missing. Nothing is written where they are not, so a store
/// opens also while somebody else writes.
pub(super) async fn ensure(connection: &mut SqliteConnection) -> Result<(), Failure> {
    if version(connection).await?.is_none() {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        transaction.execute(sqlx::raw_sql(SCHEMA)).await?;
        transaction.commit().await?;
    }
    match version(connection).await? {
        Some(version) if version > VERSION => return Err(Failure::Newer(version)),
        _ => {}
    }
    // Every column is there, or the tables are not those of the schema.
    for statement in [statements::CLAIM, statements::SWEEP] {
        connection.prepare(sqlx::SqlStr::from_static(statement)).await.map_err(Failure::Foreign)?;
    }
    Ok(())
}

/// Why the tables cannot be used.
pub(super) enum Failure {
    /// A later release of this crate has changed them.
    Newer(i64),
    /// They are somebody else's.
    Foreign(sqlx::Error),
    Sql(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

/// The version of the tables; `None` where there are none.
async fn version(connection: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'webhook_schema'";
    if connection.fetch_optional(table).await?.is_none() {
        return Ok(None);
    }
    let ours = "SELECT version FROM webhook_schema WHERE name = 'webhook_claims'";
    connection.fetch_optional(ours).await?.map(|row| row.try_get(0)).transpose()
}

impl Failure {
    pub(super) fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Newer(_) | Self::Foreign(_) => StoreErrorKind::Unavailable,
            Self::Sql(error) => super::error::kind(error),
        }
    }
}
