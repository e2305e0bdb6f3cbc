//! In SQLite, where nothing but the commit can be made to fail.

use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::{Database, Sqlite, SqliteConnection, Transaction};
// The one way to roll back a transaction that another owns; `sqlx` does not re-export it.
use sqlx_core::transaction::TransactionManager;

use super::{Complete, HandlerTransaction, HeldClaim, STATUS, Table, millis};

/// The record never ends before the time that its claim has set: the store's clock, by which
/// that was, may be another than the system's.
const COMPLETE: &str = "
    UPDATE webhook_claims SET
        status = iif(state = 1, status, ?3),
        expires_at = iif(state = 1, expires_at, max(expires_at, ?4)),
        state = 1
    WHERE key = ?1 AND owner = ?2";

/// The same for a run out of the inbox, with as many parameters. Only a running or a done event
/// has an owner.
const COMPLETE_INBOX: &str = "
    UPDATE webhook_inbox SET
        state = 'done',
        last_error = NULL,
        done_at = coalesce(done_at, ?3),
        expires_at = coalesce(expires_at, ?4)
    WHERE key = ?1 AND owner = ?2";

/// A broken reference, which makes the commit fail and goes with the transaction.
const BLOCK: &str = "
    CREATE TEMP TABLE IF NOT EXISTS webhook_overtaken (
        id INTEGER PRIMARY KEY,
        of INTEGER REFERENCES webhook_overtaken DEFERRABLE INITIALLY DEFERRED);
    INSERT OR IGNORE INTO webhook_overtaken VALUES (1, 2)";

/// `PRAGMA synchronous`: commits wait for the disk from here on.
const FULL: i64 = 2;

impl HandlerTransaction for Transaction<'_, Sqlite> {}

impl Complete for Transaction<'_, Sqlite> {
    async fn complete(&mut self, claim: &HeldClaim) -> Result<bool, sqlx::Error> {
        must_be_open(self).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let completed = sqlx::query(claim.pick(COMPLETE, COMPLETE_INBOX))
            .bind(claim.key.as_bytes().as_slice())
            .bind(claim.token.as_bytes().as_slice())
            .bind(match claim.table {
                Table::Claims => i64::from(STATUS),
                Table::Inbox => millis(now),
            })
            .bind(millis(now.saturating_add(claim.retention)))
            .execute(&mut **self)
            .await?;
        if completed.rows_affected() > 0 {
            return Ok(true);
        }
        prevent_commit(self).await?;
        Ok(false)
    }

    async fn commit(mut self) -> Result<bool, sqlx::Error> {
        let waits_for_disk = pragma("PRAGMA synchronous", &mut self).await? >= FULL;
        let is_final = waits_for_disk && depth(&self) <= 1;
        Transaction::commit(self).await.map(|()| is_final)
    }
}

type Manager = <Sqlite as Database>::TransactionManager;

async fn pragma(name: &'static str, connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(name).fetch_one(connection).await
}

/// 1, and one more for each savepoint.
fn depth(connection: &SqliteConnection) -> usize {
    Manager::get_transaction_depth(connection)
}

/// Some errors (a full disk, `ON CONFLICT ROLLBACK`) make SQLite roll back the whole
/// transaction, which the driver does not notice. What comes next is then committed by itself:
/// a completion without the handler's effect. Only where there is no transaction can one begin.
async fn must_be_open(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    if sqlx::raw_sql("BEGIN").execute(&mut *connection).await.is_err() {
        return Ok(());
    }
    match depth(connection) {
        1 => Manager::rollback(connection).await?,
        _ => sqlx::raw_sql("ROLLBACK").execute(connection).await.map(drop)?,
    }
    Err(sqlx::Error::Protocol("SQLite had rolled the transaction back before".into()))
}

/// Makes a transaction fail that is committed all the same, as PostgreSQL does after an error.
async fn prevent_commit(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let enforced = pragma("PRAGMA foreign_keys", connection).await? == 1;
    // What is broken in a savepoint would be undone with it.
    if enforced && depth(connection) == 1 {
        return sqlx::raw_sql(BLOCK).execute(connection).await.map(drop);
    }
    while depth(connection) > 0 {
        Manager::rollback(connection).await?;
    }
    Ok(())
}
