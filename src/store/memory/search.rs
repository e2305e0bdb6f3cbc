//! Records that stand in a line behind others and may go before them.

use super::layout::{BLOCK, Location};
use super::moment::{NEVER, Second};
use super::slab::{Record, Slab};

/// A search through all records of a shard, for the case that the lines offer nothing: lifetimes
/// that share a line, or a run that took long, put them out of order.
///
/// It goes on where it last found one, so that finding many takes one round; and it does not look
/// again before there can be anything to find.
#[derive(Debug, Default)]
pub(super) struct Search {
    from: u32,
    nothing_before: Second,
}

impl Search {
    /// A record for which `since` is over.
    pub(super) fn find(
        &mut self,
        now: Second,
        slab: &Slab,
        since: impl Fn(&Record) -> Second,
    ) -> Option<Location> {
        if now < self.nothing_before {
            return None;
        }
        let mut next = NEVER;
        for (record, at) in slab.iter_from(self.from) {
            let since = since(record);
            if since <= now {
                self.from = at / BLOCK;
                return Some(at);
            }
            next = next.min(since);
        }
        self.nothing_before = next;
        None
    }

    /// A record was added for which this will be over then.
    pub(super) fn added(&mut self, since: Second) {
        self.nothing_before = self.nothing_before.min(since);
    }
}
