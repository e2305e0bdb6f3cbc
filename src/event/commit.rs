//! The end of a run inside the handler's own transaction.

use super::Event;
use crate::store::{CompleteError, HandlerTransaction, transaction};

impl<T> Event<T> {
    /// Commits the handler's transaction and the event's completion together: **exactly once**, for
    /// what was written in it, however often the sender tries, a process dies, or a lease ends in
    /// the middle.
    ///
    /// The transaction must be one on the database of the layer's store, or of its
    /// [inbox](crate::inbox). If another run has taken over, nothing is committed. Return an error
    /// on an error: the sender's next attempt then finds the event completed, or runs it again.
    ///
    /// A savepoint (a transaction begun in another) is only part of one: the layer then asks the
    /// store whether the whole was committed, as after [`complete_in`](Self::complete_in).
    ///
    /// What is not written in the transaction (a mail, a call to another system) is not part of it
    /// and may happen again: pass [`fence`](Self::fence) or [`replay_key`](Self::replay_key) on.
    ///
    /// # Errors
    ///
    /// [`CompleteError`]: nothing was committed, save that after `Database` it may not be known. The
    /// layer asks the store before it acknowledges.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the transaction is rolled back, or, once the commit is on its way,
    /// committed.
    ///
    /// # Example
    ///
    /// ```
    /// # use tower_webhooks::{Event, store::CompleteError};
    /// # #[derive(Debug)] struct Failed;
    /// # impl From<sqlx::Error> for Failed { fn from(_: sqlx::Error) -> Self { Self } }
    /// # impl From<CompleteError> for Failed { fn from(_: CompleteError) -> Self { Self } }
    /// async fn paid(pool: &sqlx::SqlitePool, event: Event) -> Result<(), Failed> {
    ///     let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    ///     sqlx::query("UPDATE accounts SET balance = balance + 7").execute(&mut *transaction).await?;
    ///     event.commit(transaction).await?;
    ///     Ok(())
    /// }
    /// # let _ = paid;
    /// ```
    pub async fn commit<C>(&self, transaction: C) -> Result<(), CompleteError>
    where
        C: HandlerTransaction,
    {
        transaction::commit(self.claim(), transaction).await
    }

    /// Writes the event's completion into a transaction that somebody else commits, such as a
    /// framework at the end of the request. Make it the last statement, and see
    /// [`commit`](Self::commit) for what it gives.
    ///
    /// After a 2xx the layer asks the store whether it was committed. If not, the claim is released
    /// and the sender gets 503 ([`NotCommitted`](crate::RejectionKind::NotCommitted)). If another
    /// run has taken over, the transaction cannot be committed any more.
    ///
    /// # Errors
    ///
    /// [`CompleteError`]: roll the transaction back.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the completion may be written: roll the transaction back.
    pub async fn complete_in<C>(&self, transaction: &mut C) -> Result<(), CompleteError>
    where
        C: HandlerTransaction,
    {
        transaction::complete_in(self.claim(), transaction).await
    }
}
