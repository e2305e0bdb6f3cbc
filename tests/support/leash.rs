//! A server that cannot outlive the test process, however that ends.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::random::Random;

/// The shell holds one end of a pipe whose other end the test process holds: when that is closed,
/// be it by a crash, the server is killed and its directory removed. A static, which is never
/// dropped, may thus hold a server.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
directory=$1; shift
"$@" </dev/null >>"$directory/log" 2>&1 &
echo $!
word=
read -r word
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
[ "$word" = keep ] && exit
rm -rf "$directory" 2>/dev/null || { sleep 1; rm -rf "$directory"; }
"#;

/// A process that ends with the test process, or when this is dropped, and its directory with it.
#[derive(Debug)]
pub struct Leash {
    shell: Child,
    pipe: Option<ChildStdin>,
    pid: u32,
}

impl Leash {
    /// Runs a command as [`somebody`] with its output in the file `log` of the directory.
    pub fn start(directory: &Path, command: &[&str]) -> Self {
        Self::start_as_ourselves(directory, &[somebody(), command].concat())
    }

    /// Runs a command as the user of the tests.
    pub fn start_as_ourselves(directory: &Path, command: &[&str]) -> Self {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "leash"])
            .arg(directory)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let pipe = shell.stdin.take();
        let mut line = String::new();
        let output = shell.stdout.take().expect("its output is piped");
        BufReader::new(output).read_line(&mut line).expect("the shell says which process");
        let pid = line.trim().parse().expect("the number of a process");
        Self { shell, pipe, pid }
    }

    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether the process has not ended by itself. A zombie has.
    pub fn is_alive(&self) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", self.pid))
            .is_ok_and(|stat| !stat.contains(") Z "))
    }

    /// Ends the process at once and keeps its directory.
    pub fn kill(mut self) {
        if let Some(mut pipe) = self.pipe.take() {
            pipe.write_all(b"keep\n").expect("the shell reads");
        }
        self.shell.wait().expect("the shell ends");
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

/// What to put before a command that refuses to run as root: it then runs as `postgres`, in the
/// process that would have been root's.
pub fn somebody() -> &'static [&'static str] {
    const POSTGRES: &[&str] =
        &["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];
    if is_root() { POSTGRES } else { &[] }
}

/// Gives a directory to [`somebody`].
pub fn give(directory: &Path) {
    if is_root() {
        let done = Command::new("chown").arg("postgres:").arg(directory).status();
        assert!(done.is_ok_and(|status| status.success()), "chown of {}", directory.display());
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A port that was free a moment ago. It is outside the range from which systems take the ports of
/// outgoing connections, so that nobody takes it while a server is down: not even the client that
/// tries to reach it, whose connection to an ephemeral port may come to be one to itself.
pub fn free_port() -> u16 {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).expect("the system has random bytes");
    let mut random = Random::seeded(u64::from_le_bytes(seed));
    loop {
        let port = 10_240 + u16::try_from(random.below(20_000)).expect("it is small");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
