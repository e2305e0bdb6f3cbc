//! Where the record of a tag lies: an open-addressed table of four bytes a record.

use super::tag::Tag;

/// Where a record lies in its shard's [`Slab`](super::slab::Slab).
pub(super) type Location = u32;

/// Locations are below this, so that the rest of a slot can hold bits of the tag.
pub(super) const LOCATIONS: Location = (1 << LOCATION_BITS) - CHUNK_OF_MARKS;

const LOCATION_BITS: u32 = 20;
const LOCATION_MASK: u32 = (1 << LOCATION_BITS) - 1;
const CHUNK_OF_MARKS: u32 = 64;

const VACANT: u32 = u32::MAX;
const REMOVED: u32 = u32::MAX - 1;

/// A slot is a location and 12 bits of the tag, which spare 4,095 of 4,096 looks at a record that
/// is not the one.
///
/// There is no growing in steps: the table of one shard is small enough (`shards` in
/// [`MemoryStore`](super::MemoryStore)) to be made anew within a claim.
#[derive(Default)]
pub(super) struct Index {
    slots: Vec<u32>,
    live: usize,
    removed: usize,
}

impl Index {
    /// A table of these records, with room for an eighth more.
    pub(super) fn of(live: usize, records: impl Iterator<Item = (Tag, Location)>) -> Self {
        let slots = vec![VACANT; live.saturating_add(live / 4).saturating_add(16)];
        let mut index = Self { slots, live: 0, removed: 0 };
        for (tag, location) in records {
            index.insert(tag, location);
        }
        index
    }

    pub(super) const fn len(&self) -> usize {
        self.live
    }

    /// Whether it must be made anew before the next [`insert`](Self::insert): nine tenths are used,
    /// beyond which the runs of a linear probe grow long.
    pub(super) const fn is_crowded(&self) -> bool {
        let used = self.live.saturating_add(self.removed).saturating_add(1);
        used.saturating_mul(10) > self.slots.len().saturating_mul(9)
    }

    /// The first location of this tag for which `is_it` holds.
    pub(super) fn find(&self, tag: Tag, is_it: impl Fn(Location) -> bool) -> Option<Location> {
        let check = check_of(tag);
        self.probe(tag)
            .map(|(_, slot)| slot)
            .take_while(|&slot| slot != VACANT)
            .filter(|&slot| slot & !LOCATION_MASK == check && slot != REMOVED)
            .map(|slot| slot & LOCATION_MASK)
            .find(|&location| is_it(location))
    }

    /// Adds a tag that is not in it. The table must not be crowded.
    pub(super) fn insert(&mut self, tag: Tag, location: Location) {
        let free = self.probe(tag).find(|&(_, slot)| slot == VACANT || slot == REMOVED);
        let Some((at, before)) = free else { return };
        self.put(at, check_of(tag) | (location & LOCATION_MASK));
        self.live = self.live.saturating_add(1);
        if before == REMOVED {
            self.removed = self.removed.saturating_sub(1);
        }
    }

    /// Takes out a tag that lies at `location`.
    pub(super) fn remove(&mut self, tag: Tag, location: Location) {
        let wanted = check_of(tag) | (location & LOCATION_MASK);
        let found = self
            .probe(tag)
            .take_while(|&(_, slot)| slot != VACANT)
            .find(|&(_, slot)| slot == wanted);
        let Some((at, _)) = found else { return };
        self.live = self.live.saturating_sub(1);
        let next = at.wrapping_add(1);
        if self.slots.get(next).or_else(|| self.slots.first()) == Some(&VACANT) {
            self.put(at, VACANT);
        } else {
            self.put(at, REMOVED);
            self.removed = self.removed.saturating_add(1);
        }
    }

    /// Every slot once, from the tag's own place on.
    fn probe(&self, tag: Tag) -> impl Iterator<Item = (usize, u32)> {
        let start = start_of(tag, self.slots.len());
        let slots = self.slots.iter().copied().enumerate();
        slots.clone().skip(start).chain(slots.take(start))
    }

    fn put(&mut self, at: usize, value: u32) {
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = value;
        }
    }
}

/// Scales the low half of the tag to the table: a multiplication instead of a division, and the
/// table need not be a power of two.
#[allow(clippy::cast_possible_truncation, reason = "the product's upper half is below `len`")]
fn start_of(tag: Tag, len: usize) -> usize {
    (u128::from(tag.low).wrapping_mul(len as u128) >> 64) as usize
}

/// 12 bits of the tag that choose neither the shard nor the place.
#[allow(clippy::cast_possible_truncation, reason = "the low 32 bits are wanted")]
const fn check_of(tag: Tag) -> u32 {
    (tag.high as u32) & !LOCATION_MASK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(number: u64) -> Tag {
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Tag { high: mixed.rotate_left(21), low: mixed }
    }

    #[test]
    fn what_was_inserted_is_found_and_what_was_removed_is_not() {
        let mut index = Index::of(1_000, (0..1_000).map(|n| (tag(u64::from(n)), n)));
        assert_eq!(index.len(), 1_000);
        for n in (0..1_000).step_by(2) {
            index.remove(tag(u64::from(n)), n);
        }
        assert_eq!(index.len(), 500);
        for n in 0..1_000 {
            let found = index.find(tag(u64::from(n)), |location| location == n);
            assert_eq!(found, (n % 2 == 1).then_some(n));
        }
    }

    #[test]
    fn removed_slots_count_as_used_until_they_are_reused() {
        let mut index = Index::of(64, (0..64).map(|n| (tag(u64::from(n)), n)));
        let room = (0..).take_while(|n| {
            let free = !index.is_crowded();
            if free {
                index.insert(tag(1_000 + n), 100);
                index.remove(tag(1_000 + n), 100);
            }
            free && *n < 10_000
        });
        assert!(room.count() > 10, "a slot that ends a run is vacant again");
    }

    #[test]
    fn an_empty_table_is_crowded_and_finds_nothing() {
        let index = Index::default();
        assert!(index.is_crowded());
        assert_eq!(index.find(tag(1), |_| true), None);
    }

    #[test]
    fn the_highest_location_is_no_mark() {
        let worst = Tag { high: u64::MAX, low: 0 };
        let index = Index::of(1, std::iter::once((worst, LOCATIONS - 1)));
        assert_eq!(index.find(worst, |_| true), Some(LOCATIONS - 1));
    }
}
