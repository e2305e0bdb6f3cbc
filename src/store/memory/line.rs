//! The order in which completed records grow old.

use std::collections::VecDeque;
use std::time::Duration;

use super::layout::{BLOCK, Location};
use super::moment::{Moment, Second};
use super::slab::{Record, Slab};

/// More kinds of lifetime than this share a line.
const LINES: usize = 16;

/// How long records of one line live. A layer asks for the same time to live again and again, so
/// records of one lifetime expire in the order in which they were completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lifetime {
    pub(super) ttl: Second,
    pub(super) evictable_after: Option<Second>,
}

impl Lifetime {
    pub(super) fn new(ttl: Duration, evictable_after: Option<Second>) -> Self {
        Self { ttl: Moment::PAST.plus(ttl).second_after(), evictable_after }
    }
}

/// Records of one lifetime, oldest first, in blocks.
struct Line {
    lifetime: Lifetime,
    blocks: VecDeque<u32>,
    /// Places before this one in the first block are done with.
    head: u32,
    /// Places from this one on in the last block are not used yet.
    tail: u32,
}

/// All lines of a shard: one for each lifetime in use.
#[derive(Default)]
pub(super) struct Lines(Vec<Line>);

impl Lines {
    /// A place at the end of the line of this lifetime; `None` if the slab is used up.
    pub(super) fn place(&mut self, lifetime: Lifetime, slab: &mut Slab) -> Option<Location> {
        let line = self.line(lifetime)?;
        if line.tail >= BLOCK || line.blocks.is_empty() {
            line.blocks.push_back(slab.add_block()?);
            line.tail = 0;
        }
        let at = line.blocks.back()?.checked_mul(BLOCK)?.checked_add(line.tail)?;
        line.tail = line.tail.saturating_add(1);
        Some(at)
    }

    /// A record that has expired, if there is one.
    pub(super) fn expired(&self, now: Second, slab: &Slab) -> Option<Location> {
        self.0.iter().find_map(|line| {
            let first = line.first()?;
            (slab.get(first)?.expires_at.get() <= now).then_some(first)
        })
    }

    /// Of the oldest records of each line, an expired one or else the one that may be dropped for
    /// the longest time.
    pub(super) fn droppable(&self, now: Second, slab: &Slab) -> Option<Location> {
        let oldest = self.0.iter().flat_map(Line::oldest);
        oldest
            .filter_map(|at| Some((at, slab.get(at)?)))
            .map(|(at, record)| (at, droppable_since(record, now)))
            .filter(|&(_, since)| since <= now)
            .min_by_key(|&(_, since)| since)
            .map(|(at, _)| at)
    }

    fn line(&mut self, lifetime: Lifetime) -> Option<&mut Line> {
        let same = self.0.iter().position(|line| line.lifetime == lifetime);
        let at = match same {
            Some(at) => at,
            None if self.0.len() < LINES => {
                self.0.push(Line { lifetime, blocks: VecDeque::new(), head: 0, tail: 0 });
                self.0.len().checked_sub(1)?
            }
            None => self.nearest(lifetime)?,
        };
        self.0.get_mut(at)
    }

    fn nearest(&self, lifetime: Lifetime) -> Option<usize> {
        let distance = |line: &Line| {
            let other = line.lifetime;
            let kind = lifetime.evictable_after.is_some() != other.evictable_after.is_some();
            (kind, lifetime.ttl.abs_diff(other.ttl))
        };
        let lines = self.0.iter().enumerate();
        lines.min_by_key(|(_, line)| distance(line)).map(|(at, _)| at)
    }

    /// After the record at this place was taken out: moves its line on to the next record, if it
    /// was the first, and frees what lies before that. A block that is left empty behind others is
    /// freed as well: what stands first may stay for long.
    pub(super) fn trim(&mut self, taken: Location, slab: &mut Slab) {
        let Some(at) = self.0.iter().position(|line| line.first() == Some(taken)) else {
            return self.free_behind(taken, slab);
        };
        if let Some(line) = self.0.get_mut(at)
            && line.trim(slab)
        {
            self.0.swap_remove(at);
        }
    }

    fn free_behind(&mut self, taken: Location, slab: &mut Slab) {
        let block = taken / BLOCK;
        if slab.is_block_empty(taken) && self.0.iter_mut().any(|line| line.leave_out(block)) {
            slab.free_block(block);
        }
    }
}

impl Line {
    fn first(&self) -> Option<Location> {
        self.blocks.front()?.checked_mul(BLOCK)?.checked_add(self.head)
    }

    /// Where to look for what may be dropped: the first record, and where the line is not in the
    /// order of the times that count (they are measured from the claims), the rest of its block.
    fn oldest(&self) -> impl Iterator<Item = Location> {
        let places = match self.lifetime.evictable_after {
            None => self.head.saturating_add(1),
            Some(_) => self.end_of_first_block(),
        };
        let block = self.blocks.front().and_then(|block| block.checked_mul(BLOCK));
        let head = self.head;
        block
            .into_iter()
            .flat_map(move |first| first.saturating_add(head)..first.saturating_add(places))
    }

    /// Takes a block out of the line and says whether it was in it: not the first, which has its
    /// head, nor the last, which is being filled.
    fn leave_out(&mut self, block: u32) -> bool {
        let between = 1..self.blocks.len().saturating_sub(1);
        let at = self.blocks.iter().position(|&other| other == block);
        at.filter(|at| between.contains(at)).and_then(|at| self.blocks.remove(at)).is_some()
    }

    fn end_of_first_block(&self) -> u32 {
        if self.blocks.len() == 1 { self.tail } else { BLOCK }
    }

    /// Moves on to the first record and says whether there is none.
    fn trim(&mut self, slab: &mut Slab) -> bool {
        while let Some(&block) = self.blocks.front() {
            if self.head < self.end_of_first_block() {
                if self.first().is_some_and(|at| slab.get(at).is_some()) {
                    return false;
                }
                self.head = self.head.saturating_add(1);
            } else {
                self.blocks.pop_front();
                slab.free_block(block);
                self.head = 0;
            }
        }
        true
    }
}

/// What has expired goes before anything that may be dropped although it has not.
fn droppable_since(record: &Record, now: Second) -> Second {
    if record.expires_at.get() <= now { 0 } else { record.evictable_at }
}
