//! What an operator asks of an inbox.

use std::fmt;
use std::sync::Arc;

use super::backend::{Counts, DeadEvent, InboxStore};
use super::signals::Signals;
use crate::store::{Key, StoreError};

/// The inbox of one endpoint, for its operator: what is dead, and how to run it again.
///
/// [`Workers::inbox`](super::Workers::inbox) gives the one of a running service;
/// [`Inbox::new`] one for a tool of its own. See the [module docs](super) for the same by SQL.
///
/// # Clone
///
/// Cheap; clones are the same inbox.
///
/// # Cancel safety
///
/// Each of its methods is one statement: if its future is dropped, that was done or was not.
#[derive(Clone)]
pub struct Inbox {
    pub(super) store: InboxStore,
    pub(super) endpoint: Arc<str>,
    pub(super) signals: Arc<Signals>,
}

impl Inbox {
    /// The inbox of the endpoint with this name, which is the name of its layer.
    #[must_use]
    pub fn new(store: impl Into<InboxStore>, endpoint: impl Into<Arc<str>>) -> Self {
        Self { store: store.into(), endpoint: endpoint.into(), signals: Arc::default() }
    }

    /// How many events there are of each state.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.store.backend().counts(&self.endpoint).await
    }

    /// Up to `limit` dead events, the oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn dead(&self, limit: u32) -> Result<Vec<DeadEvent>, StoreError> {
        self.store.backend().dead(&self.endpoint, limit).await
    }

    /// Runs an event again as soon as a worker is free, with all its attempts: a dead one, a done
    /// one, or one that waits for its next attempt. `false` if it is being run, or is not there.
    ///
    /// [`Event::attempt`](crate::Event::attempt) goes on counting: the handler sees that it is not
    /// the first run.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the answer is not known. If the call is repeated then, and its event was
    /// done in between, that runs once more.
    pub async fn replay(&self, key: &Key) -> Result<bool, StoreError> {
        let replayed = self.store.backend().replay(key).await?;
        if replayed {
            self.signals.wake();
        }
        Ok(replayed)
    }

    /// Removes an event whatever its state, and says whether it was there. If it was not done, it
    /// is lost; if its sender delivers it again, it is new.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the answer is not known; repeating the call is safe.
    pub async fn forget(&self, key: &Key) -> Result<bool, StoreError> {
        self.store.backend().forget(key).await
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("endpoint", &self.endpoint)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
