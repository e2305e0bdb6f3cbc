//! Completion inside the handler's own transaction: its writes and the completion happen together
//! or not at all.
//!
//! A transaction of a run that was overtaken cannot be committed: both databases refuse, each in
//! its own way, and the writes of the run that took over are the only ones.

#[cfg(feature = "store-postgres")]
mod postgres;
#[cfg(feature = "store-sqlite")]
mod sqlite;

use std::fmt;
use std::future::Future;

use super::run::{HeldClaim, Table};

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

    /// `true` if what is committed is on the disk, and nothing can undo it. What is committed in a
    /// savepoint is not: the transaction around it may still be rolled back.
    fn commit(self) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;
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
    use crate::store::run::InTransaction::Written;
    let claim = claim.ok_or(CompleteError::NotClaimed)?;
    // Marked before it is asked: a handler that gives up waiting must not pass for one without a
    // transaction.
    claim.mark(Written);
    if claim.is_of_a_test {
        return Ok(());
    }
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
    use crate::store::run::InTransaction::Committed;
    complete_in(claim, &mut transaction).await?;
    let is_final = transaction.commit().await.map_err(CompleteError::database)?;
    // Otherwise the layer asks the store.
    if let Some(claim) = claim.filter(|_| is_final) {
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
