//! What a network and a server can do to the store while the layer works.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tower_webhooks::RejectionKind::StoreUnavailable;
use tower_webhooks::WebhookLayer;
use tower_webhooks::providers::GITHUB;
use tower_webhooks::store::{PostgresStore, RedisStore};

use crate::servers::Kind;
use crate::support::layer::{Answer, Gate, Handler, builder, deliver, github};
use crate::support::postgres::PostgresServer;
use crate::support::proxy::{Fault, Proxy};
use crate::support::redis::RedisServer;

const STORE_TIMEOUT: Duration = Duration::from_millis(300);
/// Long, so that nothing here works only because a lease was over.
const LEASE: Duration = Duration::from_secs(90);
/// What a busy machine may add to anything.
const BUSY: Duration = Duration::from_secs(2);
/// Within which whatever shall come about on its own must.
const SOON: Duration = Duration::from_secs(30);

/// A layer whose store is behind a proxy.
struct Network {
    proxy: Proxy,
    layer: WebhookLayer,
    handler: Handler,
    gate: Gate,
    _server: Option<RedisServer>,
}

const FAULTS: [Fault; 6] = [
    Fault::BlackHole,
    Fault::Slow(Duration::from_millis(700)),
    Fault::Slow(Duration::from_secs(20)),
    Fault::ResetAfter(0),
    Fault::ResetAfter(5),
    Fault::Refuse,
];

impl Network {
    async fn to(kind: Kind) -> Self {
        let settings = builder(&GITHUB).store_timeout(STORE_TIMEOUT).lease(LEASE);
        let (proxy, server, settings) = match kind {
            Kind::Sqlite | Kind::Pooled | Kind::Replicated => {
                panic!("it has no network of its own")
            }
            Kind::Postgres => {
                let server = PostgresServer::shared();
                let database = server.database().await;
                let proxy = Proxy::start(format!("127.0.0.1:{}", server.port())).await;
                let direct = format!(":{}/", server.port());
                let url = database.replace(&direct, &format!(":{}/", proxy.address().port()));
                let store = PostgresStore::connect(&url).await.unwrap();
                (proxy, None, settings.store(store))
            }
            Kind::Redis => {
                let server = RedisServer::start();
                let proxy = Proxy::start(server.address()).await;
                let store = RedisStore::builder().response_timeout(STORE_TIMEOUT * 4 / 5);
                let store = store.connect(&format!("redis://{}", proxy.address())).await.unwrap();
                (proxy, Some(server), settings.store(store))
            }
        };
        let (handler, gate) = Handler::at_a_gate();
        let network =
            Self { proxy, layer: settings.build().unwrap(), handler, gate, _server: server };
        // The store is at work, and knows its way.
        network.gate.let_pass(1);
        network.deliver_until_done("first").await.is_the_handlers(200);
        network
    }

    async fn deliver(&self, event: &str) -> Answer {
        deliver(&self.layer, &self.handler, github(event.to_owned())).await
    }

    /// Begins a fault. Connections that there are break where new ones shall be refused.
    fn fail(&self, fault: Fault) {
        self.proxy.set(fault);
        if fault == Fault::Refuse {
            self.proxy.cut();
        }
    }

    fn mend(&self) {
        self.proxy.set(Fault::None);
    }

    /// Repeats an event as its sender would, until it is answered otherwise than "later".
    async fn deliver_until_done(&self, event: &str) -> Answer {
        let started = Instant::now();
        loop {
            let answer = self.deliver(event).await;
            if answer.status() != 503 {
                return answer;
            }
            assert!(started.elapsed() < SOON, "{event} is stuck: {answer:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Nobody waits for a store that is ill for longer than the store's time-out, no handler runs
/// without a claim, and when the network is well again the sender's next attempt runs: also where
/// the store had made the claim and only its answer was lost.
async fn an_ill_network_holds_nobody_up(kind: Kind) {
    for fault in FAULTS {
        let network = Network::to(kind).await;
        network.fail(fault);
        let mut longest = Duration::ZERO;
        // Fewer than what takes the store for down, which would answer sooner.
        for event in ["one", "two", "one", "three"] {
            let asked = Instant::now();
            network.deliver(event).await.refuses(StoreUnavailable, 503, Some(5));
            longest = longest.max(asked.elapsed());
        }
        assert!(longest < STORE_TIMEOUT + BUSY, "{fault:?}: {longest:?}");
        assert_eq!(network.handler.runs(), 1, "{fault:?}: only the first event has run");

        network.mend();
        network.gate.let_pass(3);
        let mended = Instant::now();
        for event in ["one", "two", "three"] {
            network.deliver_until_done(event).await.is_the_handlers(200);
            network.deliver_until_done(event).await.acknowledges();
        }
        println!(
            "{kind:?}, {fault:?}: 503 after {longest:.0?} of {STORE_TIMEOUT:?}, all run {:.0?} after it ended",
            mended.elapsed()
        );
        assert_eq!(network.handler.runs(), 4, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ill_network_to_postgres_holds_nobody_up() {
    an_ill_network_holds_nobody_up(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ill_network_to_redis_holds_nobody_up() {
    an_ill_network_holds_nobody_up(Kind::Redis).await;
}

/// The work is done when its completion fails: the sender has its 2xx, and the completion is
/// repeated until it is recorded.
async fn completions_are_repeated_until_the_store_is_back(kind: Kind) {
    for fault in FAULTS {
        let network = Network::to(kind).await;
        let sending = network.deliver("one");
        let failing = async {
            // The first event has passed the gate too.
            network.gate.arrived().await;
            network.gate.arrived().await;
            network.fail(fault);
            network.gate.let_pass(1);
            Instant::now()
        };
        let (answer, ready) = tokio::join!(sending, failing);
        answer.is_the_handlers(200);
        let waited = ready.elapsed();
        assert!(waited < STORE_TIMEOUT + BUSY, "{fault:?}: {waited:?}");
        network.mend();
        network.deliver_until_done("one").await.acknowledges();
        println!(
            "{kind:?}, {fault:?}: 200 after {waited:.0?}, completed {:.0?} after it ended",
            ready.elapsed() - waited
        );
        assert_eq!(network.handler.runs(), 2, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completions_are_repeated_until_postgres_is_back() {
    completions_are_repeated_until_the_store_is_back(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completions_are_repeated_until_redis_is_back() {
    completions_are_repeated_until_the_store_is_back(Kind::Redis).await;
}

/// A store that is down is asked now and then, however many senders there are; they have their 503
/// at once.
async fn a_store_that_is_down_is_left_alone(kind: Kind) {
    const SENDERS: usize = 8;
    const TIME: Duration = Duration::from_secs(3);
    for fault in [Fault::BlackHole, Fault::Refuse] {
        let network = Network::to(kind).await;
        network.fail(fault);
        network.proxy.reset_count();
        let started = Instant::now();
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            let (layer, handler) = (network.layer.clone(), network.handler.clone());
            senders.spawn(async move {
                let mut attempts = 0;
                while started.elapsed() < TIME {
                    let event = github(format!("event-{sender}-{attempts}"));
                    let answer = deliver(&layer, &handler, event).await;
                    answer.refuses(StoreUnavailable, 503, Some(5));
                    attempts += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                attempts
            });
        }
        let attempts: usize = senders.join_all().await.iter().sum();
        let (connections, requests) = (network.proxy.connections(), network.proxy.requests());
        println!(
            "{kind:?}, {fault:?}: {attempts} deliveries in {TIME:?}, {connections} connections, {requests} requests"
        );
        // The first claims, then one a second. Each may take a connection or two, and so may what
        // gives it back, which is tried a few times.
        assert!(connections + requests < 200, "{connections} connections, {requests} requests");
        assert_eq!(network.handler.runs(), 1);
        network.mend();
        network.gate.let_pass(1);
        network.deliver_until_done("last").await.is_the_handlers(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_down_is_left_alone() {
    a_store_that_is_down_is_left_alone(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_down_is_left_alone() {
    a_store_that_is_down_is_left_alone(Kind::Redis).await;
}
