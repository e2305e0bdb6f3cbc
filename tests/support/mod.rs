//! Shared by the tests.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

pub mod layer;
#[cfg(any(feature = "store-postgres", feature = "store-redis"))]
pub mod leash;
#[cfg(feature = "store-postgres")]
pub mod pgbouncer;
#[cfg(feature = "store-postgres")]
pub mod postgres;
pub mod proxy;
pub mod random;
#[cfg(feature = "store-redis")]
pub mod redis;
pub mod vectors;
