//! `RedisStore` against real servers.
#![cfg(feature = "store-redis")]

mod support;

use support::redis::{RedisCluster, RedisServer};

#[test]
fn servers_start() {
    let mut server = RedisServer::start_durable();
    server.ask::<()>(&["SET", "a", "1"]);
    server.kill();
    server.restart();
    assert_eq!(server.ask::<String>(&["GET", "a"]), "1");
    let primary = RedisServer::start();
    let _replica = RedisServer::start_replica(&primary);
    let cluster = RedisCluster::start();
    assert_eq!(cluster.urls().len(), 3);
}
