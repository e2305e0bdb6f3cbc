//! The run of a handler that an event is in, and who completes it.

#![allow(dead_code, reason = "which of it is used depends on the features")]

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use super::{Fence, Key, Token};

/// Which run of its handler an event is in.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) fence: Option<Fence>,
    /// `None` if nothing was claimed.
    pub(crate) claim: Option<HeldClaim>,
}

/// What a run holds of its event, and gives back by completing it.
#[derive(Debug)]
pub(crate) struct HeldClaim {
    pub(crate) key: Key,
    pub(crate) token: Token,
    /// How long the completed record is kept.
    pub(crate) retention: Duration,
    pub(crate) table: Table,
    /// Whether there is no row: any transaction completes the event.
    pub(crate) is_of_a_test: bool,
    completion: AtomicU8,
}

/// Where the row of a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Claims,
    Inbox,
}

/// How far the completion got inside the handler's own transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InTransaction {
    /// The handler has none: whoever called it completes the run.
    No,
    /// It is written; whether it was committed is for the store to say.
    Written,
    /// The database said that it was committed.
    Committed,
}

impl HeldClaim {
    pub(crate) const fn new(key: Key, token: Token, retention: Duration) -> Self {
        Self::of(Table::Claims, key, token, retention)
    }

    pub(crate) const fn of(table: Table, key: Key, token: Token, retention: Duration) -> Self {
        let completion = AtomicU8::new(InTransaction::No as u8);
        Self { key, token, retention, table, is_of_a_test: false, completion }
    }

    /// What the event of a fixture holds.
    pub(crate) const fn of_a_test(key: Key, retention: Duration) -> Self {
        let claim = Self::new(key, Token::from_bytes([0; 16]), retention);
        Self { is_of_a_test: true, ..claim }
    }

    pub(crate) fn mark(&self, completion: InTransaction) {
        self.completion.fetch_max(completion as u8, Ordering::SeqCst);
    }

    pub(crate) fn completion(&self) -> InTransaction {
        const WRITTEN: u8 = InTransaction::Written as u8;
        const COMMITTED: u8 = InTransaction::Committed as u8;
        match self.completion.load(Ordering::SeqCst) {
            COMMITTED => InTransaction::Committed,
            WRITTEN => InTransaction::Written,
            _ => InTransaction::No,
        }
    }
}
