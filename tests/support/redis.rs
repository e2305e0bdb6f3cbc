//! Redis or Valkey servers of the tests' own, which cannot outlive them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use redis::{Connection, FromRedisValue, RedisResult, cmd};
use tempfile::TempDir;

use super::leash::{Leash, free_port};

const PATIENCE: Duration = Duration::from_secs(20);

/// Another process may take a port between its choice and the server's start.
const PORTS_TRIED: usize = 10;

/// How a durable server writes: nothing it has acknowledged is lost by a crash.
const DURABLE: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

/// A server on a free port of 127.0.0.1, in a directory of its own. Killed when dropped, and when
/// the test process ends, however that ends.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    options: Vec<String>,
    directory: TempDir,
    leash: Option<Leash>,
}

impl RedisServer {
    /// A server that keeps everything in memory only.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A server that appends every write to a file before it answers.
    pub fn start_durable() -> Self {
        Self::start_with(DURABLE)
    }

    /// A server that refuses writes, or drops records, above this much memory.
    pub fn start_bounded(maxmemory: &str, policy: &str) -> Self {
        Self::start_with(&["--maxmemory", maxmemory, "--maxmemory-policy", policy])
    }

    /// A replica of `primary`, in step with it.
    pub fn start_replica(primary: &Self) -> Self {
        let port = primary.port.to_string();
        let replica = Self::start_with(&["--replicaof", "127.0.0.1", &port]);
        let primary = primary.at();
        until("the replica is in step", || {
            Ok(primary.info("replication")?.contains("state=online"))
        });
        replica
    }

    /// A server with these arguments besides the usual ones.
    ///
    /// # Panics
    ///
    /// If neither `redis-server` nor `valkey-server` is installed, or it does not start.
    pub fn start_with(options: &[&str]) -> Self {
        let options: Vec<_> = options.iter().map(ToString::to_string).collect();
        for _ in 0..PORTS_TRIED {
            let directory = TempDir::with_prefix("redis-").unwrap();
            let (port, options) = (free_port(), options.clone());
            let mut server = Self { port, options, directory, leash: None };
            if server.run() {
                return server;
            }
        }
        panic!("no Redis server has started on any of {PORTS_TRIED} free ports");
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// `127.0.0.1:port`, for a proxy.
    pub fn address(&self) -> String {
        self.at().0
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Ends it as a power cut does: SIGKILL.
    pub fn kill(&mut self) {
        self.leash.take().expect("the server runs").kill();
    }

    /// Stops it for as long as the answer lives: connections stay, nothing is read or answered.
    pub fn suspend(&self) -> Suspended {
        let suspended = Suspended { pid: self.leash.as_ref().expect("the server runs").pid() };
        suspended.signal("-STOP");
        suspended
    }

    /// Starts it again on the same port with what it had written.
    pub fn restart(&mut self) {
        if self.leash.is_some() {
            self.kill();
        }
        assert!(self.run(), "the server has not started again:\n{}", self.log());
    }

    /// Asks it something, beside the store under test.
    pub fn ask<A: FromRedisValue>(&self, words: &[&str]) -> A {
        self.at().ask(words).unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// A line of `INFO`, for instance `used_memory` of `memory`.
    pub fn info(&self, section: &str, name: &str) -> String {
        let text = self.at().info(section).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("INFO {section} has no {name}")).trim().to_owned()
    }

    /// Whether a server of this directory came to answer.
    fn run(&mut self) -> bool {
        let path = self.directory.path().to_str().unwrap().to_owned();
        let port = self.port.to_string();
        let mut command = vec![program(), "--port", &port, "--bind", "127.0.0.1", "--dir", &path];
        command.extend(["--save", "", "--repl-diskless-sync-delay", "0"]);
        command.extend(self.options.iter().map(String::as_str));
        let leash = self.leash.insert(Leash::start_as_ourselves(Path::new(&path), &command));
        let address = Address(format!("127.0.0.1:{port}"));
        let started = Instant::now();
        while started.elapsed() < PATIENCE && leash.is_alive() {
            // Another server may have been faster to take the port.
            match address.ask::<Vec<String>>(&["CONFIG", "GET", "dir"]) {
                Ok(answer) => return answer.get(1) == Some(&path) && loaded(&address),
                Err(_) => sleep(Duration::from_millis(5)),
            }
        }
        false
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    fn at(&self) -> Address {
        Address(format!("127.0.0.1:{}", self.port))
    }
}

/// A server that goes on when this is dropped.
#[derive(Debug)]
pub struct Suspended {
    pid: u32,
}

impl Suspended {
    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.pid.to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "kill {signal}");
    }
}

impl Drop for Suspended {
    fn drop(&mut self) {
        self.signal("-CONT");
    }
}

/// Three masters that share all slots.
#[derive(Debug)]
pub struct RedisCluster {
    pub nodes: [RedisServer; 3],
}

impl RedisCluster {
    pub fn start() -> Self {
        let cluster = Self { nodes: std::array::from_fn(|_| Self::start_node()) };
        let ranges = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
        for (node, (first, last)) in cluster.nodes.iter().zip(ranges) {
            node.ask::<()>(&["CLUSTER", "ADDSLOTSRANGE", first, last]);
            cluster.meet(node);
        }
        for node in &cluster.nodes {
            let address = node.at();
            until("the cluster is complete", || {
                let info: String = address.ask(&["CLUSTER", "INFO"])?;
                Ok(info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3"))
            });
        }
        cluster
    }

    /// A replica of one of the masters, in step with it.
    pub fn start_replica(&self, of: usize) -> RedisServer {
        let (master, replica) = (&self.nodes[of], Self::start_node());
        self.meet(&replica);
        let id: String = master.ask(&["CLUSTER", "MYID"]);
        let (at_replica, at_master) = (replica.at(), master.at());
        until("the replica knows its master", || {
            at_replica.ask::<()>(&["CLUSTER", "REPLICATE", &id]).map(|()| true)
        });
        until("the replica is in step", || {
            Ok(at_master.info("replication")?.contains("state=online"))
        });
        replica
    }

    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(RedisServer::url).collect()
    }

    fn start_node() -> RedisServer {
        let bus = free_port().to_string();
        RedisServer::start_with(&["--cluster-enabled", "yes", "--cluster-port", &bus])
    }

    fn meet(&self, node: &RedisServer) {
        let (port, bus) = (node.port.to_string(), node.options[3].as_str());
        self.nodes[0].ask::<()>(&["CLUSTER", "MEET", "127.0.0.1", &port, bus]);
    }
}

#[derive(Debug)]
struct Address(String);

impl Address {
    fn ask<A: FromRedisValue>(&self, words: &[&str]) -> RedisResult<A> {
        let (name, arguments) = words.split_first().expect("a command");
        cmd(name).arg(arguments).query(&mut self.connect()?)
    }

    fn info(&self, section: &str) -> RedisResult<String> {
        self.ask(&["INFO", section])
    }

    fn connect(&self) -> RedisResult<Connection> {
        let client = redis::Client::open(format!("redis://{}", self.0))?;
        client.get_connection_with_timeout(PATIENCE)
    }
}

fn loaded(address: &Address) -> bool {
    until("the server has read its file", || {
        Ok(address.info("persistence")?.contains("\nloading:0"))
    });
    true
}

fn until(what: &str, mut holds: impl FnMut() -> RedisResult<bool>) {
    let started = Instant::now();
    loop {
        let got = holds();
        if matches!(got, Ok(true)) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}, {got:?}");
        sleep(Duration::from_millis(5));
    }
}

fn program() -> &'static str {
    let programs = ["redis-server", "valkey-server"];
    let installed = |program: &&str| {
        let mut command = Command::new(program);
        let output = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        output.status().is_ok_and(|status| status.success())
    };
    let found = programs.into_iter().find(installed);
    found.expect("redis-server is not installed: scripts/test installs it, as would apt-get")
}
