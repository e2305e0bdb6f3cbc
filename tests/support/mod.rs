//! Shared by the tests.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

pub mod layer;
#[cfg(feature = "store-postgres")]
pub mod leash;
#[cfg(feature = "store-postgres")]
pub mod postgres;
pub mod proxy;
pub mod random;
pub mod vectors;
