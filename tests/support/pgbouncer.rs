//! A PgBouncer of the tests' own in front of a PostgreSQL server.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::leash::{Leash, free_port, give};
use super::postgres::PostgresServer;

/// Gives each transaction one of two connections to each database. Ends when dropped, and with the
/// test process.
#[derive(Debug)]
pub struct PgBouncer {
    port: u16,
    running: Leash,
}

impl PgBouncer {
    pub fn start(server: &PostgresServer) -> Self {
        let directory = tempfile::Builder::new().prefix("tower-webhooks-pgbouncer-").tempdir();
        let directory = directory.expect("a temporary directory").keep();
        let (port, server) = (free_port(), server.port());
        let file = directory.join("pgbouncer.ini");
        let settings = format!(
            "[databases]\n\
             * = host=127.0.0.1 port={server} user=postgres\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {port}\n\
             unix_socket_dir =\n\
             auth_type = any\n\
             pool_mode = transaction\n\
             default_pool_size = 2\n\
             max_client_conn = 200\n\
             ignore_startup_parameters = extra_float_digits\n"
        );
        std::fs::write(&file, settings).expect("a file of settings");
        give(&directory);
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]
            .into_iter()
            .find(|path| std::path::Path::new(path).is_file())
            .expect("there is no pgbouncer here; install it: scripts/test does");
        let file = file.to_str().expect("paths of the tests are text");
        let running = Leash::start(&directory, &[program, file]);
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
            let waited = started.elapsed() > Duration::from_secs(30);
            assert!(!waited && running.is_alive(), "PgBouncer does not start: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { port, running }
    }

    /// The URL of a database, through the proxy.
    pub fn through(&self, url: &str) -> String {
        let database = url.rsplit('/').next().expect("the name of a database");
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}
