//! Where the record of a tag lies: an open-addressed table of four bytes a record.

use super::layout::{LOCATION_BITS, LOCATIONS, Location};
use super::tag::Tag;

const LOCATION_MASK: u32 = (1 << LOCATION_BITS) - 1;

const VACANT: u32 = u32::MAX;
const REMOVED: u32 = u32::MAX - 1;

/// Slots that are searched at once: a cache line of them.
const GROUP: usize = 16;

type Group = [u32; GROUP];

/// The table is allocated in pages as large as a block of records: what a smaller table leaves
/// behind is then used for blocks, and the other way round.
const PAGE: usize = 42;

type Page = [Group; PAGE];

/// A slot is a location and 12 bits of the tag, which spare 4,095 of 4,096 looks at a record that
/// is not the one. A tag is in the group it chooses, or in the next ones if that was full: a search
/// ends at a group with a vacant slot.
///
/// There is no growing in steps: the table of one shard is small enough (`shards` in
/// [`MemoryStore`](super::MemoryStore)) to be made anew within a claim.
#[derive(Default)]
pub(super) struct Index {
    pages: Box<[Box<Page>]>,
    live: usize,
    removed: usize,
}

impl Index {
    /// A table of these records, with room for more.
    pub(super) fn of(live: usize, records: impl Iterator<Item = (Tag, Location)>) -> Self {
        let slots = live.saturating_add(live / 6).saturating_add(1);
        let pages = slots.div_ceil(GROUP.saturating_mul(PAGE));
        let pages = (0..pages).map(|_| Box::new([[VACANT; GROUP]; PAGE])).collect();
        let mut index = Self { pages, live: 0, removed: 0 };
        for (tag, location) in records {
            index.insert(tag, location);
        }
        index
    }

    pub(super) const fn len(&self) -> usize {
        self.live
    }

    /// Whether it must be made anew before the next [`insert`](Self::insert): fifteen of sixteen
    /// slots are used, beyond which searches grow long.
    pub(super) const fn is_crowded(&self) -> bool {
        let used = self.live.saturating_add(self.removed).saturating_add(1);
        used > self.groups().saturating_mul(GROUP.saturating_sub(1))
    }

    /// Whether it is eight times as large as it need be.
    pub(super) const fn is_sparse(&self) -> bool {
        self.pages.len() > 1 && self.live < self.groups().saturating_mul(GROUP / 8)
    }

    /// The first location of this tag for which `is_it` holds.
    pub(super) fn find(&self, tag: Tag, is_it: impl Fn(Location) -> bool) -> Option<Location> {
        let check = check_of(tag);
        for (_, group) in self.probe(tag) {
            let mut places = places(group, |slot| slot & !LOCATION_MASK == check);
            while let Some(place) = first(places) {
                let location = group.get(place).map(|slot| slot & LOCATION_MASK);
                if let Some(found) = location.filter(|&at| at < LOCATIONS && is_it(at)) {
                    return Some(found);
                }
                places &= places.wrapping_sub(1);
            }
            if has(group, VACANT) {
                return None;
            }
        }
        None
    }

    /// Adds a tag that is not in it. The table must not be crowded.
    pub(super) fn insert(&mut self, tag: Tag, location: Location) {
        let free = self
            .probe(tag)
            .find_map(|(at, group)| Some((at, group.iter().position(|&slot| slot >= REMOVED)?)));
        let Some(slot) = free.and_then(|(at, place)| self.slot(at, place)) else { return };
        let before = std::mem::replace(slot, check_of(tag) | (location & LOCATION_MASK));
        self.live = self.live.saturating_add(1);
        if before == REMOVED {
            self.removed = self.removed.saturating_sub(1);
        }
    }

    /// Takes out a tag that lies at `location`.
    pub(super) fn remove(&mut self, tag: Tag, location: Location) {
        let wanted = check_of(tag) | (location & LOCATION_MASK);
        let found = self.probe(tag).find_map(|(at, group)| {
            let place = first(places(group, |slot| slot == wanted));
            // A search that came this far past a vacant slot would not find it either.
            (place.is_some() || has(group, VACANT)).then_some((at, place, has(group, VACANT)))
        });
        let Some((at, Some(place), ends_here)) = found else { return };
        let Some(slot) = self.slot(at, place) else { return };
        *slot = if ends_here { VACANT } else { REMOVED };
        self.live = self.live.saturating_sub(1);
        self.removed = self.removed.saturating_add(usize::from(!ends_here));
    }

    /// Every group once, from the tag's own on.
    fn probe(&self, tag: Tag) -> impl Iterator<Item = (usize, &Group)> {
        let groups = self.groups();
        let start = start_of(tag, groups);
        (0..groups).map_while(move |step| {
            let at = start.wrapping_add(step);
            let at = if at < groups { at } else { at.wrapping_sub(groups) };
            Some((at, self.pages.get(at / PAGE)?.get(at % PAGE)?))
        })
    }

    const fn groups(&self) -> usize {
        self.pages.len().saturating_mul(PAGE)
    }

    fn slot(&mut self, group: usize, place: usize) -> Option<&mut u32> {
        self.pages.get_mut(group / PAGE)?.get_mut(group % PAGE)?.get_mut(place)
    }
}

/// A bit for each place of the group whose slot is wanted. All slots are looked at, which compilers
/// do at once, where a search would stop at the first.
fn places(group: &Group, wanted: impl Fn(u32) -> bool) -> u32 {
    let bits = group.iter().zip(0_u32..);
    bits.fold(0, |places, (&slot, place)| places | if wanted(slot) { 1 << place } else { 0 })
}

/// The first place of these.
fn first(places: u32) -> Option<usize> {
    (places != 0).then_some(places.trailing_zeros() as usize)
}

fn has(group: &Group, wanted: u32) -> bool {
    places(group, |slot| slot == wanted) != 0
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
impl Index {
    pub(super) fn slots(&self) -> usize {
        self.groups() * GROUP
    }
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
    fn nothing_is_lost_while_a_full_table_changes() {
        let mut index = Index::of(570, (0..570).map(|n| (tag(u64::from(n)), n)));
        assert_eq!(index.groups(), PAGE);
        let mut held: Vec<u32> = (0..570).collect();
        for n in 570..6_000_u32 {
            if held.len() > 600 || index.is_crowded() {
                let gone = held.swap_remove(n as usize * 31 % held.len());
                index.remove(tag(u64::from(gone)), gone);
            }
            if index.is_crowded() {
                index = Index::of(held.len(), held.iter().map(|&n| (tag(u64::from(n)), n)));
            }
            index.insert(tag(u64::from(n)), n);
            held.push(n);
            let lost =
                held.iter().find(|&&n| index.find(tag(u64::from(n)), |at| at == n).is_none());
            assert_eq!(lost, None, "after the insertion of {n}");
            assert_eq!(index.len(), held.len());
            let slots = index.pages.iter().flat_map(|page| page.iter().flatten());
            let vacant = slots.filter(|&&slot| slot == VACANT).count();
            assert!(vacant >= index.slots() / GROUP, "searches end early: {vacant} vacant");
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
    fn a_page_is_as_large_as_a_block() {
        assert_eq!(size_of::<Page>(), super::super::layout::BLOCK as usize * 42);
    }

    #[test]
    fn the_highest_location_is_no_mark() {
        let worst = Tag { high: u64::MAX, low: 0 };
        let index = Index::of(1, std::iter::once((worst, LOCATIONS - 1)));
        assert_eq!(index.find(worst, |_| true), Some(LOCATIONS - 1));
    }
}
