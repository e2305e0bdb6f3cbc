//! A TCP proxy between a store and its server: counts round trips, and fails as networks do.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Runs on the runtime of the test that started it, and ends with it or when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    upstream: Arc<Mutex<String>>,
    state: watch::Sender<State>,
    round_trips: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

/// What the network does, to connections there are and to new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It works.
    None,
    /// Every answer comes this much later.
    Slow(Duration),
    /// Connections are accepted and requests read, but nothing goes further and nothing comes back.
    /// A connection that has lost something this way is closed when the fault ends.
    BlackHole,
    /// The server gets the request and carries it out, then the connection is reset after this many
    /// bytes of the answer.
    ResetAfter(usize),
    /// New connections are reset; those there are go on.
    Refuse,
}

#[derive(Debug, Clone, Copy)]
struct State {
    fault: Fault,
    /// Connections of an earlier generation are closed.
    generation: usize,
}

impl Proxy {
    /// A proxy on a free port of 127.0.0.1 in front of `upstream`, for instance `127.0.0.1:6379`.
    pub async fn start(upstream: impl ToString) -> Self {
        let upstream = Arc::new(Mutex::new(upstream.to_string()));
        let to = Arc::clone(&upstream);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, watched) = watch::channel(State { fault: Fault::None, generation: 0 });
        let round_trips = Arc::new(AtomicUsize::new(0));
        let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::default());
        let counters =
            Counters { round_trips: Arc::clone(&round_trips), requests: Arc::clone(&requests) };
        let accepted = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (upstream, state) = (to.lock().unwrap().clone(), watched.clone());
                tokio::spawn(connection(client, upstream, state, counters.clone()));
            }
        });
        Self { address, upstream, state, round_trips, connections, requests, accepting }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often bytes of a server have followed bytes of its client, over all connections: what a
    /// client has had to wait for, set-up of its connections included.
    pub fn round_trips(&self) -> usize {
        self.round_trips.load(Ordering::SeqCst)
    }

    /// How many connections were tried, also while they are refused.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How often something came from a client, also if it went nowhere.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub fn reset_count(&self) {
        for counter in [&self.round_trips, &self.connections, &self.requests] {
            counter.store(0, Ordering::SeqCst);
        }
    }

    pub fn set(&self, fault: Fault) {
        self.state.send_modify(|state| state.fault = fault);
    }

    /// From now on new connections go there, as an address does that a fail-over has moved.
    pub fn redirect(&self, upstream: impl ToString) {
        *self.upstream.lock().unwrap() = upstream.to_string();
    }

    /// Resets every connection there is.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.generation += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Ends the connection on whatever error either side has, as a network does.
async fn connection(
    client: TcpStream,
    upstream: String,
    mut state: watch::Receiver<State>,
    counters: Counters,
) {
    let born = *state.borrow_and_update();
    client.set_zero_linger().unwrap();
    if born.fault == Fault::Refuse {
        return;
    }
    let Ok(server) = TcpStream::connect(upstream).await else { return };
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    let mut pair = Pair { client, server, counters, waiting: false, swallowed: false };
    loop {
        let now = *state.borrow_and_update();
        if now.generation != born.generation || pair.swallowed && now.fault != Fault::BlackHole {
            return;
        }
        let alive = tokio::select! {
            changed = state.changed() => changed.is_ok(),
            alive = pair.readable() => match alive {
                Some(side) => pair.pump(side, &state).await,
                None => false,
            },
        };
        if !alive {
            return;
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Side {
    Client,
    Server,
}

#[derive(Debug, Clone)]
struct Counters {
    round_trips: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

struct Pair {
    client: TcpStream,
    server: TcpStream,
    counters: Counters,
    /// The client has sent something since the server's last bytes.
    waiting: bool,
    /// Bytes were lost, so that the two sides no longer agree on where they are.
    swallowed: bool,
}

impl Pair {
    /// The side that has something to read, or has ended. Reads nothing, so it may be dropped.
    async fn readable(&self) -> Option<Side> {
        tokio::select! {
            biased;
            ready = self.client.readable() => ready.ok().map(|()| Side::Client),
            ready = self.server.readable() => ready.ok().map(|()| Side::Server),
        }
    }

    /// Passes on what one side has sent; says whether the connection goes on.
    async fn pump(&mut self, from: Side, state: &watch::Receiver<State>) -> bool {
        let mut bytes = [0; 16 * 1024];
        let source = match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        let read = match source.try_read(&mut bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return true,
            Ok(0) | Err(_) => return false,
            Ok(read) => read,
        };
        let bytes = &bytes[..read];
        if matches!(from, Side::Client) {
            self.counters.requests.fetch_add(1, Ordering::SeqCst);
        }
        let fault = state.borrow().fault;
        if fault == Fault::BlackHole {
            self.swallowed = true;
            return true;
        }
        match from {
            Side::Client => {
                self.waiting = true;
                self.server.write_all(bytes).await.is_ok()
            }
            Side::Server => {
                if std::mem::take(&mut self.waiting) {
                    self.counters.round_trips.fetch_add(1, Ordering::SeqCst);
                }
                if let Fault::Slow(by) = fault {
                    tokio::time::sleep(by).await;
                }
                if let Fault::ResetAfter(part) = fault {
                    return self.reset_after(&bytes[..part.min(read)]).await;
                }
                self.client.write_all(bytes).await.is_ok()
            }
        }
    }

    /// Waits for the client to have read its part: a reset throws away what was not read yet.
    async fn reset_after(&mut self, part: &[u8]) -> bool {
        if !part.is_empty() && self.client.write_all(part).await.is_ok() {
            let _ = tokio::time::timeout(Duration::from_millis(50), self.client.read_u8()).await;
        }
        false
    }
}
