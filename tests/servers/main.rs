//! The stores against servers that the tests start: Redis alone, a cluster, PostgreSQL.
#![cfg(all(
    feature = "store-redis",
    feature = "store-sqlite",
    feature = "store-postgres",
    feature = "testing"
))]

#[path = "../support/store_model.rs"]
mod store_model;
#[path = "../support/mod.rs"]
mod support;

mod store_redis;
mod store_redis_failures;
mod transaction;
