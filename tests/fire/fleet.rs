//! Several receivers behind one store, and the senders that post to them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::{JoinError, JoinSet};

use crate::history::{History, Pen};
use crate::receiver::{Receiver, Settings};
use crate::sender::{Answer, Post};
use crate::servers::Memory;
use crate::support::random::Random;

/// So long after the last blow, a sender gives up, and the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// So many events are on their way at most.
const SENDERS: usize = 200;

#[derive(Debug)]
pub struct Fleet {
    receivers: Vec<Mutex<Receiver>>,
    /// Beside the receivers, which are locked while one starts.
    addresses: Mutex<Vec<SocketAddr>>,
    settings: Settings,
    post: Post,
    pen: Pen,
    directory: TempDir,
}

/// Settings of receivers; the store and the history are the fleet's to fill in.
pub struct Plan {
    pub receivers: usize,
    pub settings: Settings,
}

impl Fleet {
    /// Starts receivers that write into one history.
    pub async fn start(plan: Plan, directory: TempDir) -> Arc<Self> {
        let Plan { receivers, mut settings } = plan;
        settings.history = directory.path().join("history");
        let pen = Pen::open(&settings.history);
        let theirs = settings.clone();
        let receivers = tokio::task::spawn_blocking(move || {
            // All at once: they also share the making of the tables.
            let starting: Vec<_> = (0..receivers)
                .map(|_| {
                    let settings = theirs.clone();
                    std::thread::spawn(move || Receiver::start(&settings))
                })
                .collect();
            starting.into_iter().map(|one| one.join().expect("it starts")).collect::<Vec<_>>()
        });
        let receivers = receivers.await.expect("they start");
        let addresses = Mutex::new(receivers.iter().map(|receiver| receiver.address).collect());
        let receivers = receivers.into_iter().map(Mutex::new).collect();
        Arc::new(Self { receivers, addresses, settings, post: Post::new(), pen, directory })
    }

    pub fn len(&self) -> usize {
        self.receivers.len()
    }

    fn history_path(&self) -> PathBuf {
        self.directory.path().join("history")
    }

    pub fn history(&self) -> History {
        History::read(&self.history_path(), self.settings.seed)
    }

    pub fn lease(&self) -> Duration {
        self.settings.lease()
    }

    pub fn attempts(&self) -> usize {
        self.post.attempts.load(Ordering::Relaxed)
    }

    /// How often a sender was told to come back later.
    pub fn refused(&self) -> usize {
        self.post.refused.load(Ordering::Relaxed)
    }

    /// SIGKILL to one receiver, and another in its place.
    pub async fn kill(self: &Arc<Self>, receiver: usize) {
        let fleet = Arc::clone(self);
        let replacing = tokio::task::spawn_blocking(move || {
            let mut place = fleet.receivers[receiver].lock().unwrap();
            place.kill();
            // What it wrote before this is all that it ever writes.
            fleet.note(&format!("killed - {}", place.id()));
            *place = Receiver::start(&fleet.settings);
            fleet.addresses.lock().unwrap()[receiver] = place.address;
        });
        replacing.await.expect("it is replaced");
    }

    /// SIGKILL to the server of the store, which comes back after a time.
    pub async fn kill_server(self: &Arc<Self>, server: &Arc<Mutex<Memory>>, down: Duration) {
        let (fleet, server) = (Arc::clone(self), Arc::clone(server));
        let restarting = tokio::task::spawn_blocking(move || {
            let mut server = server.lock().unwrap();
            fleet.note("server - killed");
            server.kill();
            std::thread::sleep(down);
            server.restart();
            fleet.note("server - back");
        });
        restarting.await.expect("it is restarted");
    }

    /// Stops a receiver where it is, for a time.
    pub async fn pause(&self, receiver: usize, time: Duration) {
        let id = self.receivers[receiver].lock().unwrap().id();
        Receiver::pause(id, time).await;
    }

    /// Sends an event that is new.
    pub fn announce(&self, event: &str) {
        self.note(&format!("sent {event}"));
    }

    pub fn note(&self, what: &str) {
        self.pen.note(what);
    }

    /// Sends one attempt.
    pub async fn post(&self, event: &str, receiver: usize) -> Answer {
        let to = self.addresses.lock().unwrap()[receiver];
        let answer = self.post.post(event, to).await;
        if answer.is_acknowledged() {
            self.note(&format!("ack {event} {}", answer.as_str()));
        }
        answer
    }

    /// Sends every event once more when no lease of its runs is left: only what is recorded as
    /// handled keeps it from running now.
    pub async fn send_all_again(self: &Arc<Self>) {
        let history = self.history();
        tokio::time::sleep(self.lease().saturating_sub(history.since_new_events())).await;
        let mut senders = JoinSet::new();
        for (number, event) in history.events().into_iter().enumerate() {
            let (fleet, event) = (Arc::clone(self), event.to_owned());
            let receiver = number % self.len();
            senders.spawn(async move {
                while !fleet.post(&event, receiver).await.is_acknowledged() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
            if senders.len() >= 16 {
                ended(senders.join_next().await);
            }
        }
        while !senders.is_empty() {
            ended(senders.join_next().await);
        }
    }

    /// Repeats an event until it is acknowledged, each time to any of the receivers; then perhaps
    /// once more, as senders do that have not heard the answer.
    pub async fn deliver(self: Arc<Self>, event: String, seed: u64) {
        let mut random = Random::seeded(seed);
        let (started, mut tries) = (Instant::now(), 0);
        self.announce(&event);
        while !self.post(&event, random.index(self.len())).await.is_acknowledged() {
            if started.elapsed() > PATIENCE + self.lease() {
                self.history().fail(&event, "it is stuck");
            }
            // Longer and longer, as senders do: else all those that wait would be the load.
            tries += 1;
            let pause = (50 + random.below(200)) * u64::min(tries, 4);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        while random.below(3) == 0 {
            tokio::time::sleep(Duration::from_millis(random.below(500))).await;
            self.post(&event, random.index(self.len())).await;
        }
    }
}

/// New events, one after the other, each with a sender of its own, until somebody has had enough.
#[derive(Debug)]
pub struct Traffic {
    enough: Arc<tokio::sync::Notify>,
    senders: tokio::task::JoinHandle<()>,
}

impl Traffic {
    /// A new event about every `pause`.
    pub fn start(fleet: &Arc<Fleet>, pause: Duration) -> Self {
        let enough = Arc::new(tokio::sync::Notify::new());
        let is_enough = Arc::clone(&enough);
        let (fleet, seed) = (Arc::clone(fleet), fleet.settings.seed);
        let senders = tokio::spawn(async move {
            let mut senders = JoinSet::new();
            for number in 0.. {
                while senders.len() >= SENDERS {
                    ended(senders.join_next().await);
                }
                let event = format!("event-{number}");
                senders.spawn(Arc::clone(&fleet).deliver(event, seed.wrapping_add(number)));
                if tokio::time::timeout(pause, is_enough.notified()).await.is_ok() {
                    break;
                }
            }
            while !senders.is_empty() {
                ended(senders.join_next().await);
            }
        });
        Self { enough, senders }
    }

    /// Sends nothing new.
    pub fn enough(&self) {
        self.enough.notify_one();
    }

    /// Sends nothing new, and waits until all is acknowledged.
    pub async fn end(self) {
        self.enough();
        ended(Some(self.senders.await));
    }
}

/// Passes on why a sender failed.
fn ended(sender: Option<Result<(), JoinError>>) {
    if let Some(Err(error)) = sender {
        std::panic::resume_unwind(error.into_panic());
    }
}
