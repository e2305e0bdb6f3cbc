//! Completion inside the handler's own transaction: its writes and the completion happen together
//! or not at all.
//!
//! A transaction of a run that was overtaken cannot be committed: both databases refuse, each in
//! its own way, and the writes of the run that took over are the only ones.

use std::fmt;
use std::future::Future;

use crate::event::{HeldClaim, Table};

/// A transaction of `sqlx` in which an event can be completed, begun by the handler on the database
/// of its layer's [`SqliteStore`](super::SqliteStore) or [`PostgresStore`](super::PostgresStore).
///
/// It is implemented for `sqlx::Transaction` of those databases and for nothing else: what is
/// written on a connection without a transaction cannot be taken back.
#[allow(private_bounds, reason = "sealed: a transaction must be able to refuse its commit")]
pub trait HandlerTransaction: Complete {}

pub(crate) trait Complete: Send + Sized {
    /// Writes the completion. `false` if the claim is not held any more: then the transaction
    /// cannot be committed.
    fn complete(
        &mut self,
        claim: &HeldClaim,
    ) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;

    fn commit(self) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

/// Why an event could not be completed in a transaction. Its writes are not, and will not be,
/// committed: return an error from the handler, so that the sender tries again.
#[derive(Debug)]
#[non_exhaustive]
pub enum CompleteError {
    /// The event was not claimed, so there is nothing to complete: it comes from a
    /// [`Verifier`](crate::Verifier) alone, or from a layer that fails open or has no store.
    NotClaimed,
    /// The database of this transaction does not know the claim: the run outlived its lease and
    /// another one took over, the claim was forgotten, or the transaction belongs to another
    /// database than the layer's store.
    Overtaken,
    /// The database failed. Whether it committed may not be known; the layer asks the store.
    Database(Box<dyn std::error::Error + Send + Sync>),
}

impl CompleteError {
    fn database(error: sqlx::Error) -> Self {
        Self::Database(Box::new(error))
    }
}

impl fmt::Display for CompleteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotClaimed => "the event was not claimed, so no transaction can complete it",
            Self::Overtaken => "the event is not claimed by this run in the transaction's database",
            Self::Database(_) => "the database could not complete the event",
        })
    }
}

impl std::error::Error for CompleteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(&**error),
            _ => None,
        }
    }
}

/// Completes a claim, and marks it for the layer, which then confirms the commit.
pub(crate) async fn complete_in<T: HandlerTransaction>(
    claim: Option<&HeldClaim>,
    transaction: &mut T,
) -> Result<(), CompleteError> {
    use crate::event::InTransaction::Written;
    let claim = claim.ok_or(CompleteError::NotClaimed)?;
    // Marked before it is asked: a handler that gives up waiting must not pass for one without a
    // transaction.
    claim.mark(Written);
    match transaction.complete(claim).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(CompleteError::Overtaken),
        Err(error) => Err(CompleteError::database(error)),
    }
}

/// Completes a claim as the transaction's last write, and commits.
pub(crate) async fn commit<T: HandlerTransaction>(
    claim: Option<&HeldClaim>,
    mut transaction: T,
) -> Result<(), CompleteError> {
    use crate::event::InTransaction::Committed;
    complete_in(claim, &mut transaction).await?;
    transaction.commit().await.map_err(CompleteError::database)?;
    if let Some(claim) = claim {
        claim.mark(Committed);
    }
    Ok(())
}

/// Milliseconds for a column. What would not fit is longer than any event is remembered.
fn millis(duration: std::time::Duration) -> i64 {
    const CENTURY: i64 = 100 * 366 * 24 * 60 * 60 * 1_000;
    i64::try_from(duration.as_millis()).map_or(CENTURY, |millis| millis.min(CENTURY))
}

impl HeldClaim {
    /// The statement for the table that the run's row is in.
    const fn pick(&self, of_claims: &'static str, of_inbox: &'static str) -> &'static str {
        match self.table {
            Table::Claims => of_claims,
            Table::Inbox => of_inbox,
        }
    }
}

/// What a transaction records: the handler has not answered yet, and is bound to answer with it.
const STATUS: i16 = 200;

#[cfg(feature = "store-postgres")]
mod postgres {
    use sqlx::{Postgres, Transaction};

    use super::{Complete, HandlerTransaction, HeldClaim, STATUS, Table, millis};

    /// Where no row is held, the count is zero, and the division fails: that aborts the
    /// transaction, so that even a handler that goes on cannot commit it. One round trip, and no
    /// moment in between.
    ///
    /// The commit then waits for the disk even where `synchronous_commit` is off: the sender hears
    /// a 2xx for it and does not come again.
    const COMPLETE: &str = "
        WITH done AS (
            UPDATE webhook_claims SET
                state = 1,
                status = CASE state WHEN 1 THEN status ELSE $3 END,
                expires_at = CASE state WHEN 1 THEN expires_at
                    ELSE statement_timestamp() + $4 * interval '1 millisecond' END
            WHERE key = $1 AND owner = $2
            RETURNING 1)
        SELECT 1 / count(*), CASE current_setting('synchronous_commit') WHEN 'off'
            THEN set_config('synchronous_commit', 'on', true) END
        FROM done";
    /// The same for a run out of the inbox. Only a running or a done event has an owner.
    const COMPLETE_INBOX: &str = "
        WITH done AS (
            UPDATE webhook_inbox SET
                state = 'done',
                last_error = NULL,
                done_at = coalesce(done_at, statement_timestamp()),
                expires_at = coalesce(expires_at,
                    statement_timestamp() + $3 * interval '1 millisecond')
            WHERE key = $1 AND owner = $2
            RETURNING 1)
        SELECT 1 / count(*), CASE current_setting('synchronous_commit') WHEN 'off'
            THEN set_config('synchronous_commit', 'on', true) END
        FROM done";
    const DIVISION_BY_ZERO: &str = "22012";

    impl HandlerTransaction for Transaction<'_, Postgres> {}

    impl Complete for Transaction<'_, Postgres> {
        async fn complete(&mut self, claim: &HeldClaim) -> Result<bool, sqlx::Error> {
            let query = sqlx::query(claim.pick(COMPLETE, COMPLETE_INBOX))
                .bind(claim.key.as_bytes().as_slice())
                .bind(claim.token.as_bytes().as_slice());
            let query = match claim.table {
                Table::Claims => query.bind(STATUS),
                Table::Inbox => query,
            };
            let completed = query.bind(millis(claim.retention)).execute(&mut **self).await;
            match completed {
                Ok(_) => Ok(true),
                Err(error) => match error.as_database_error().and_then(|error| error.code()) {
                    Some(code) if code == DIVISION_BY_ZERO => Ok(false),
                    _ => Err(error),
                },
            }
        }

        async fn commit(self) -> Result<(), sqlx::Error> {
            Transaction::commit(self).await
        }
    }
}

#[cfg(feature = "store-sqlite")]
mod sqlite {
    use std::time::{SystemTime, UNIX_EPOCH};

    use sqlx::{Database, Sqlite, SqliteConnection, Transaction};
    // The one way to roll back a transaction that another owns; `sqlx` does not re-export it.
    use sqlx_core::transaction::TransactionManager;

    use super::{Complete, HandlerTransaction, HeldClaim, STATUS, Table, millis};

    const COMPLETE: &str = "
        UPDATE webhook_claims SET
            status = iif(state = 1, status, ?3),
            expires_at = iif(state = 1, expires_at, ?4),
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

    impl HandlerTransaction for Transaction<'_, Sqlite> {}

    impl Complete for Transaction<'_, Sqlite> {
        async fn complete(&mut self, claim: &HeldClaim) -> Result<bool, sqlx::Error> {
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
            // Nothing in SQLite aborts a transaction and keeps it open, as PostgreSQL does. It is
            // rolled back here and now, so that even a handler that goes on has nothing to commit.
            roll_back(self).await?;
            Ok(false)
        }

        async fn commit(self) -> Result<(), sqlx::Error> {
            Transaction::commit(self).await
        }
    }

    /// Rolls back whatever was begun on a connection, savepoints and all.
    async fn roll_back(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        type Manager = <Sqlite as Database>::TransactionManager;
        while Manager::get_transaction_depth(connection) > 0 {
            Manager::rollback(connection).await?;
        }
        Ok(())
    }
}
