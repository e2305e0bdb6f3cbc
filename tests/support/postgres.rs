//! A PostgreSQL server of the tests' own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::leash::{Leash, free_port, give, somebody};

/// A server with a data directory of its own. It is killed when this is dropped, and when the test
/// process ends.
#[derive(Debug)]
pub struct PostgresServer {
    directory: PathBuf,
    port: u16,
    fsync: &'static str,
    running: Option<Leash>,
}

impl PostgresServer {
    /// Starts a server: for tests that kill it. Others take [`shared`](Self::shared).
    pub fn start() -> Self {
        Self::start_with("on")
    }

    fn start_with(fsync: &'static str) -> Self {
        let directory = fresh_directory();
        run("cp", &["-a", &text(&template().join("data")), &text(&directory.join("data"))]);
        let mut server = Self { directory, port: 0, fsync, running: None };
        // Somebody else may take the port before the server does.
        for _ in 0..5 {
            server.port = free_port();
            if server.try_run() {
                return server;
            }
        }
        panic!("PostgreSQL does not start: {}", server.log());
    }

    /// The one server of this test binary. Each test takes a [`database`](Self::database) of its own.
    /// Nobody kills it, so it need not wait for the disk.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(|| Self::start_with("off"))
    }

    /// Where the database `postgres` is.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where a new, empty database is.
    pub async fn database(&self) -> String {
        use sqlx::{AssertSqlSafe, Connection};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection =
            sqlx::PgConnection::connect(&self.url()).await.expect("the server answers");
        // From a template nobody is connected to.
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.expect("a database");
        connection.close().await.expect("it closes");
        self.url_of(&name)
    }

    /// `SIGKILL` to every process of the server, as a machine that loses them all at once.
    pub fn kill(&mut self) {
        let Some(running) = self.running.take() else { return };
        let pid = running.pid();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children = children.unwrap_or_default();
        let mut all = vec!["-KILL".to_owned(), pid.to_string()];
        all.extend(children.split_whitespace().map(ToOwned::to_owned));
        // A child may have ended on its own.
        let _ = Command::new("kill").args(all).output();
        running.kill();
    }

    /// Shuts the server down in order; clients are disconnected.
    pub fn stop(&mut self) {
        let Some(running) = self.running.take() else { return };
        run("kill", &["-INT", &running.pid().to_string()]);
        wait_until("PostgreSQL stops", || !running.is_alive());
        running.kill();
    }

    /// Starts the server again after [`kill`](Self::kill) or [`stop`](Self::stop), with the same
    /// data and the same port.
    pub fn restart(&mut self) {
        self.kill();
        // Processes that were just killed may still hold the port or the shared memory.
        let started = Instant::now();
        while !self.try_run() {
            let log = self.log();
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "PostgreSQL does not restart: {log}"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn try_run(&mut self) -> bool {
        let (data, port) = (text(&self.directory.join("data")), self.port.to_string());
        let sockets = text(&self.directory);
        let postgres = program("postgres");
        let fsync = format!("fsync={}", self.fsync);
        // The defaults are for a server that has the machine for itself.
        let command = [
            &postgres,
            "-D",
            &data,
            "-p",
            &port,
            "-k",
            &sockets,
            "-h",
            "127.0.0.1",
            "-N",
            "150",
            "-B",
            "32MB",
            "-c",
            &fsync,
        ];
        let running = Leash::start(&self.directory, &command);
        let ready = program("pg_isready");
        let started = Instant::now();
        while running.is_alive() && started.elapsed() < Duration::from_secs(30) {
            let answer = Command::new(&ready).args(["-q", "-h", "127.0.0.1", "-p", &port]).status();
            if answer.is_ok_and(|status| status.success()) && running.is_alive() {
                self.running = Some(running);
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        running.kill();
        false
    }

    /// What the server printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.running.is_none() {
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

/// A directory with an initialised data directory in it, made once.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<(PathBuf, Leash)> = OnceLock::new();
    &TEMPLATE
        .get_or_init(|| {
            let directory = fresh_directory();
            let (initdb, data) = (program("initdb"), text(&directory.join("data")));
            let mut command = somebody().to_vec();
            command.extend([&initdb, "-D", &data, "-U", "postgres", "-A", "trust"]);
            command.extend(["-E", "UTF8", "--locale=C", "--no-sync"]);
            run(command[0], &command[1..]);
            // Does nothing but be there to be ended, so that the directory is removed.
            let leash = Leash::start(&directory, &["sleep", "infinity"]);
            (directory, leash)
        })
        .0
}

fn fresh_directory() -> PathBuf {
    let directory = tempfile::Builder::new().prefix("tower-webhooks-postgres-").tempdir();
    let directory = directory.expect("a temporary directory").keep();
    give(&directory);
    directory
}

/// Where a program of the server is: Debian keeps them out of `PATH`.
fn program(name: &str) -> String {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
        })
        .collect();
    versions.sort();
    let candidates = versions.into_iter().rev().map(|(_, path)| path);
    std::env::split_paths(&in_path)
        .chain(candidates)
        .map(|directory| directory.join(name))
        .find(|path| path.is_file())
        .map_or_else(
            || panic!("there is no {name} of PostgreSQL here; install it: scripts/test does"),
            |path| text(&path),
        )
}

#[track_caller]
fn run(program: &str, arguments: &[&str]) {
    let Output { status, stdout, stderr } =
        Command::new(program).args(arguments).output().expect(program);
    let output = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{program} {arguments:?}: {output}");
}

#[track_caller]
fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}, but not within a minute");
        thread::sleep(Duration::from_millis(10));
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("paths of the tests are text").to_owned()
}
