//! Shared by the tests.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

pub mod layer;
pub mod proxy;
pub mod random;
pub mod vectors;
