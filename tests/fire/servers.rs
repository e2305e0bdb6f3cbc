//! The memory that several receivers share, and the server that it may need.

use std::path::{Path, PathBuf};

use crate::support::pgbouncer::PgBouncer;
use crate::support::postgres::PostgresServer;
use crate::support::proxy::Proxy;
use crate::support::redis::RedisServer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
    /// PostgreSQL through a proxy that pools transactions.
    Pooled,
    Redis,
    /// A Redis with a replica, which takes its place when it is killed.
    Replicated,
}

/// A server, or a file, of one test's own.
#[derive(Debug)]
pub struct Memory {
    pub url: String,
    server: Server,
}

#[derive(Debug)]
enum Server {
    None,
    Postgres(PostgresServer),
    Pooled { _proxy: PgBouncer },
    Redis(RedisServer),
    Replicated { primary: RedisServer, replica: RedisServer, address: Proxy },
}

impl Memory {
    /// A new one that nobody kills. A file is in the directory.
    pub async fn new(kind: Kind, directory: &Path) -> Self {
        match kind {
            Kind::Sqlite => {
                let path: PathBuf = directory.join("claims.db");
                Self { url: format!("sqlite:{}", path.display()), server: Server::None }
            }
            Kind::Postgres => {
                let url = PostgresServer::shared().database().await;
                Self { url, server: Server::None }
            }
            Kind::Pooled => {
                let url = PostgresServer::shared().database().await;
                let proxy = PgBouncer::start(PostgresServer::shared());
                let url = format!("pooled:{}", proxy.through(&url));
                Self { url, server: Server::Pooled { _proxy: proxy } }
            }
            Kind::Redis => {
                let server = RedisServer::start();
                Self { url: server.url(), server: Server::Redis(server) }
            }
            Kind::Replicated => {
                let primary = RedisServer::start();
                let replica = RedisServer::start_replica(&primary);
                let address = Proxy::start(primary.address()).await;
                let url = format!("replicated:redis://{}", address.address());
                Self { url, server: Server::Replicated { primary, replica, address } }
            }
        }
    }

    /// A new one on a server that is to be killed, and that writes before it answers.
    pub fn durable(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite | Kind::Pooled | Kind::Replicated => panic!("no server to restart"),
            Kind::Postgres => {
                let server = PostgresServer::start();
                Self { url: server.url(), server: Server::Postgres(server) }
            }
            Kind::Redis => {
                let server = RedisServer::start_durable();
                Self { url: server.url(), server: Server::Redis(server) }
            }
        }
    }

    /// SIGKILL to the server.
    pub fn kill(&mut self) {
        match &mut self.server {
            Server::None | Server::Pooled { .. } => panic!("there is no server of our own"),
            Server::Postgres(server) => server.kill(),
            Server::Redis(server) => server.kill(),
            Server::Replicated { primary, .. } => primary.kill(),
        }
    }

    pub fn restart(&mut self) {
        match &mut self.server {
            Server::None | Server::Pooled { .. } => panic!("there is no server of our own"),
            Server::Postgres(server) => server.restart(),
            Server::Redis(server) => server.restart(),
            Server::Replicated { primary, replica, address } => {
                let () = replica.ask(&["REPLICAOF", "NO", "ONE"]);
                let new = RedisServer::start_replica(replica);
                *primary = std::mem::replace(replica, new);
                address.redirect(primary.address());
                address.cut();
            }
        }
    }
}
