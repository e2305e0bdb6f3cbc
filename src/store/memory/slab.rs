//! Completed records, 42 bytes each, in blocks of 64 that are allocated and freed one by one.

use std::num::NonZeroU32;

use super::layout::{BLOCK, LOCATIONS, Location};
use super::moment::Second;
use super::tag::Tag;

/// What is kept of a completed event, besides its status.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) tag: Tag,
    pub(super) owner: u64,
    pub(super) body: u64,
    pub(super) evictable_at: Second,
    /// Not zero, so that an empty place costs nothing.
    pub(super) expires_at: NonZeroU32,
}

/// The statuses lie apart: inside [`Record`] each would cost eight bytes instead of two.
struct Block {
    records: [Option<Record>; PLACES],
    statuses: [u16; PLACES],
}

const PLACES: usize = BLOCK as usize;

/// All blocks of a shard.
#[derive(Default)]
pub(super) struct Slab {
    blocks: Vec<Option<Box<Block>>>,
    free: Vec<u32>,
}

impl Slab {
    /// A new block's number, or `None` if the shard cannot address any more.
    pub(super) fn add_block(&mut self) -> Option<u32> {
        let block = Box::new(Block { records: [None; PLACES], statuses: [0; PLACES] });
        if let Some(number) = self.free.pop() {
            *self.blocks.get_mut(usize::try_from(number).ok()?)? = Some(block);
            return Some(number);
        }
        let number = u32::try_from(self.blocks.len()).ok().filter(|&n| n < LOCATIONS / BLOCK)?;
        self.blocks.push(Some(block));
        Some(number)
    }

    /// Frees a block and what is left in it.
    pub(super) fn free_block(&mut self, number: u32) {
        if let Some(block) = self.blocks.get_mut(number as usize) {
            *block = None;
            self.free.push(number);
        }
    }

    pub(super) fn get(&self, location: Location) -> Option<&Record> {
        self.block(location)?.records.get(offset(location))?.as_ref()
    }

    pub(super) fn status(&self, location: Location) -> Option<u16> {
        self.block(location)?.statuses.get(offset(location)).copied()
    }

    pub(super) fn put(&mut self, location: Location, record: Record, status: u16) {
        let Some(block) = self.block_mut(location) else { return };
        if let Some(place) = block.records.get_mut(offset(location)) {
            *place = Some(record);
        }
        if let Some(place) = block.statuses.get_mut(offset(location)) {
            *place = status;
        }
    }

    pub(super) fn take(&mut self, location: Location) -> Option<Record> {
        self.block_mut(location)?.records.get_mut(offset(location))?.take()
    }

    /// All tags with their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Tag, Location)> {
        self.iter_from(0).map(|(record, at)| (record.tag, at))
    }

    /// All records with their places, those of this block first and of the ones before it last.
    pub(super) fn iter_from(&self, block: u32) -> impl Iterator<Item = (&Record, Location)> {
        let numbered = || (0..).step_by(PLACES).zip(&self.blocks);
        let block = block as usize;
        let blocks = numbered().skip(block).chain(numbered().take(block));
        blocks.flat_map(|(first, block)| {
            let records = block.iter().flat_map(|block| &block.records);
            (first..).zip(records).filter_map(|(at, record)| Some((record.as_ref()?, at)))
        })
    }

    /// Whether no record is left in the block of this place.
    pub(super) fn is_block_empty(&self, location: Location) -> bool {
        self.block(location).is_none_or(|block| block.records.iter().all(Option::is_none))
    }

    fn block(&self, location: Location) -> Option<&Block> {
        self.blocks.get((location / BLOCK) as usize)?.as_deref()
    }

    fn block_mut(&mut self, location: Location) -> Option<&mut Block> {
        self.blocks.get_mut((location / BLOCK) as usize)?.as_deref_mut()
    }
}

const fn offset(location: Location) -> usize {
    (location % BLOCK) as usize
}

#[cfg(test)]
impl Slab {
    pub(super) fn blocks(&self) -> usize {
        self.blocks.iter().flatten().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_its_status_takes_42_bytes() {
        assert_eq!(size_of::<Block>(), 42 * PLACES);
    }

    #[test]
    fn a_freed_block_is_used_again() {
        let mut slab = Slab::default();
        assert_eq!((slab.add_block(), slab.add_block()), (Some(0), Some(1)));
        slab.free_block(0);
        assert_eq!((slab.add_block(), slab.add_block()), (Some(0), Some(2)));
    }

    #[test]
    fn a_slab_ends_where_locations_end() {
        let mut slab = Slab::default();
        let blocks = std::iter::from_fn(|| slab.add_block()).count();
        assert_eq!(blocks, (LOCATIONS / BLOCK) as usize);
    }
}
