//! The memory that several receivers share, and the server that it may need.

use std::path::{Path, PathBuf};

use crate::support::postgres::PostgresServer;
use crate::support::redis::RedisServer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
    Redis,
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
    Redis(RedisServer),
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
            Kind::Redis => {
                let server = RedisServer::start();
                Self { url: server.url(), server: Server::Redis(server) }
            }
        }
    }

    /// A new one on a server that is to be killed, and that writes before it answers.
    pub fn durable(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => panic!("a file has no server"),
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
            Server::None => panic!("there is no server of our own"),
            Server::Postgres(server) => server.kill(),
            Server::Redis(server) => server.kill(),
        }
    }

    pub fn restart(&mut self) {
        match &mut self.server {
            Server::None => panic!("there is no server of our own"),
            Server::Postgres(server) => server.restart(),
            Server::Redis(server) => server.restart(),
        }
    }
}
