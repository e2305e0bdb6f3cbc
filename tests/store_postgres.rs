//! `PostgresStore` against a real server.
#![cfg(all(feature = "store-postgres", feature = "testing"))]

mod support;

use support::postgres::PostgresServer;

#[test]
fn killed_server_comes_back_where_it_was() {
    let mut server = PostgresServer::start();
    let url = server.url();
    server.kill();
    server.restart();
    assert_eq!(server.url(), url);
}
