//! Events that were handled.

use super::index::Index;
use super::layout::Location;
use super::line::{Lifetime, Lines};
use super::moment::{Moment, Second};
use super::search::Search;
use super::slab::{Record, Slab};
use super::tag::Tag;
use crate::store::Completion;

/// The completed records of a shard: an index into blocks of small records, which stand in line by
/// age.
#[derive(Default)]
pub(super) struct Completed {
    index: Index,
    slab: Slab,
    lines: Lines,
    expired_behind: Search,
    droppable_behind: Search,
}

impl Completed {
    /// The record of a tag, unless it has expired.
    pub(super) fn get(&self, tag: Tag, now: Moment) -> Option<(&Record, Completion)> {
        let at = self.find(tag)?;
        let record = self.slab.get(at).filter(|record| record.expires_at.get() > now.second())?;
        Some((record, Completion::new(self.slab.status(at)?)))
    }

    /// Adds the record of a tag that has none. Says whether there was room in this shard.
    pub(super) fn put(&mut self, record: Record, done: &Completion, lifetime: Lifetime) -> bool {
        let Some(at) = self.lines.place(lifetime, &mut self.slab) else { return false };
        if self.index.is_crowded() {
            self.reindex();
        }
        self.expired_behind.added(expired_since(&record));
        self.droppable_behind.added(droppable_since(&record));
        self.slab.put(at, record, done.status);
        self.index.insert(record.tag, at);
        true
    }

    /// Removes the record of a tag and says whether there was one, expired or not.
    pub(super) fn remove(&mut self, tag: Tag) -> bool {
        let found = self.find(tag);
        if let Some(at) = found {
            self.drop_at(at);
        }
        found.is_some()
    }

    /// Drops up to `max` expired records from the heads of the lines, and says how many.
    pub(super) fn expire(&mut self, now: Second, max: usize) -> usize {
        let mut dropped = 0_usize;
        while dropped < max
            && let Some(at) = self.lines.expired(now, &self.slab)
        {
            self.drop_at(at);
            dropped = dropped.saturating_add(1);
        }
        dropped
    }

    /// Drops one record that a full store may drop, and says whether there was any.
    pub(super) fn evict(&mut self, now: Second) -> bool {
        let found = self.lines.droppable(now, &self.slab);
        if let Some(at) = found {
            self.drop_at(at);
        }
        found.is_some()
    }

    /// Drops up to `max` expired records that stand behind others, and says how many.
    pub(super) fn expire_behind(&mut self, now: Second, max: usize) -> usize {
        let mut dropped = 0_usize;
        while dropped < max
            && let Some(at) = self.expired_behind.find(now, &self.slab, expired_since)
        {
            self.drop_at(at);
            dropped = dropped.saturating_add(1);
        }
        dropped
    }

    /// The same as [`evict`](Self::evict) among those that stand behind others.
    pub(super) fn evict_behind(&mut self, now: Second) -> bool {
        let found = self.droppable_behind.find(now, &self.slab, droppable_since);
        if let Some(at) = found {
            self.drop_at(at);
        }
        found.is_some()
    }

    fn find(&self, tag: Tag) -> Option<Location> {
        self.index.find(tag, |at| self.slab.get(at).is_some_and(|record| record.tag == tag))
    }

    fn drop_at(&mut self, at: Location) {
        if let Some(record) = self.slab.take(at) {
            self.index.remove(record.tag, at);
            self.lines.trim(at, &mut self.slab);
            if self.index.is_sparse() {
                self.reindex();
            }
        }
    }

    fn reindex(&mut self) {
        self.index = Index::of(self.index.len(), self.slab.iter());
    }
}

const fn expired_since(record: &Record) -> Second {
    record.expires_at.get()
}

fn droppable_since(record: &Record) -> Second {
    record.expires_at.get().min(record.evictable_at)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;

    #[test]
    fn memory_is_given_back_when_records_expire() {
        let mut completed = Completed::default();
        let lifetime = Lifetime::new(Duration::from_secs(1), None);
        for n in 0..10_000_u32 {
            let tag = Tag { high: u64::from(n) << 20, low: u64::from(n) << 50 };
            let expires_at = NonZeroU32::MIN.saturating_add(n);
            let record = Record { tag, owner: 0, body: 0, evictable_at: 0, expires_at };
            assert!(completed.put(record, &Completion::new(200), lifetime));
        }
        let before = (completed.index.slots(), completed.slab.blocks());
        assert!(before.0 > 10_000 && before.1 == 157, "{before:?}");
        assert_eq!(completed.expire(9_990, usize::MAX), 9_990);
        let after = (completed.index.slots(), completed.slab.blocks());
        assert!(after.0 < 2_000 && after.1 == 1, "{after:?}");
    }
}
