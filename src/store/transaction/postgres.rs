//! In PostgreSQL: an error in one statement is the end of its transaction.

use sqlx::{Database, PgConnection, Postgres, Transaction};
// The one way to learn how deep a transaction is; `sqlx` does not re-export it.
use sqlx_core::transaction::TransactionManager;

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
                Some(code) if code == DIVISION_BY_ZERO => {
                    if depth(self) > 1 {
                        disconnect(self).await;
                    }
                    Ok(false)
                }
                _ => Err(error),
            },
        }
    }

    async fn commit(self) -> Result<bool, sqlx::Error> {
        let is_final = depth(&self) <= 1;
        Transaction::commit(self).await.map(|()| is_final)
    }
}

/// 1, and one more for each savepoint.
fn depth(connection: &PgConnection) -> usize {
    <Postgres as Database>::TransactionManager::get_transaction_depth(connection)
}

/// A savepoint that failed can be undone, and the transaction around it committed with what the
/// overtaken run wrote there. Without its connection it cannot.
async fn disconnect(connection: &mut PgConnection) {
    let savepoint = "ROLLBACK TO SAVEPOINT _sqlx_savepoint_1";
    let _ = sqlx::raw_sql(savepoint).execute(&mut *connection).await;
    let end = "SELECT pg_terminate_backend(pg_backend_pid())";
    let _ = sqlx::raw_sql(end).execute(connection).await;
}
