//! How a shard's records are numbered: what its index and its slab must agree on.

/// How many records lie in a block.
pub(super) const BLOCK: u32 = 64;

/// Where a record lies in its shard's [`Slab`](super::slab::Slab).
pub(super) type Location = u32;

/// Locations are below this, so that the rest of a slot can hold bits of the tag. The highest block
/// is left out: its slots could look like the marks.
pub(super) const LOCATIONS: Location = (1 << LOCATION_BITS) - BLOCK;

pub(super) const LOCATION_BITS: u32 = 20;
