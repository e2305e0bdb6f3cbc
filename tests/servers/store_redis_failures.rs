//! `RedisStore` when servers and networks fail: what it answers, what is kept, how it comes back.
#![cfg(all(feature = "store-redis", feature = "testing"))]

use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::support::proxy::{Fault, Proxy};
use crate::support::redis::{RedisCluster, RedisServer};
use tower_webhooks::store::{
    Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, RedisStore, StoreError,
    StoreErrorKind, Token,
};

const LEASE: Duration = Duration::from_secs(60);
const TTL: Duration = Duration::from_secs(86_400);
const DONE: Completion = Completion::new(204);
const BODY: Fingerprint = Fingerprint::from_bytes([7; 32]);

/// Far more than any call may take.
const SOON: Duration = Duration::from_secs(5);

fn key(number: u8) -> Key {
    Key::from_bytes([number; 32])
}

fn token(number: u8) -> Token {
    Token::from_bytes([number; 16])
}

fn name(number: u8) -> String {
    format!("tower-webhooks:{}", key(number))
}

async fn claim(store: &RedisStore, number: u8, by: u8) -> Result<Outcome, StoreError> {
    let (key, by) = (key(number), token(by));
    store.claim(&Claim::new(&key, &by, &BODY, LEASE, TTL)).await
}

async fn complete(store: &RedisStore, number: u8, by: u8) -> Result<Held, StoreError> {
    store.complete(&key(number), &token(by), &DONE, TTL).await
}

/// With more patience than the default: these tests share their processors.
async fn connect(server: &RedisServer) -> RedisStore {
    let builder = RedisStore::builder().response_timeout(Duration::from_secs(20));
    builder.connect(&server.url()).await.unwrap()
}

async fn behind(proxy: &Proxy) -> RedisStore {
    RedisStore::connect(&format!("redis://{}", proxy.address())).await.unwrap()
}

#[track_caller]
fn is_new(answer: &Result<Outcome, StoreError>) {
    assert!(matches!(answer, Ok(Outcome::New { .. })), "{answer:?}");
}

#[track_caller]
fn fails<A: std::fmt::Debug>(answer: Result<A, StoreError>, kind: StoreErrorKind) {
    match answer {
        Err(error) => assert_eq!(error.kind(), kind, "{error:?}"),
        Ok(answer) => panic!("expected {kind:?}, got {answer:?}"),
    }
}

#[tokio::test]
async fn what_a_durable_server_has_acknowledged_outlives_its_crash() {
    let mut server = RedisServer::start_durable();
    let store = connect(&server).await;
    let first = claim(&store, 1, 1).await.unwrap();
    is_new(&claim(&store, 2, 1).await);
    assert_eq!(complete(&store, 2, 1).await.unwrap(), Held::Held);

    server.kill();
    for _ in 0..3 {
        let asked = Instant::now();
        fails(claim(&store, 1, 1).await, StoreErrorKind::Unavailable);
        assert!(asked.elapsed() < SOON);
    }
    server.restart();

    // The first call already finds the way back, with the claim as it was.
    assert_eq!(claim(&store, 1, 1).await.unwrap(), first);
    assert!(matches!(claim(&store, 1, 2).await.unwrap(), Outcome::InFlight { .. }));
    assert!(matches!(claim(&store, 2, 2).await.unwrap(), Outcome::Completed { .. }));
}

#[tokio::test]
async fn a_restart_between_two_calls_is_not_noticed() {
    let mut server = RedisServer::start_durable();
    let store = connect(&server).await;
    is_new(&claim(&store, 1, 1).await);
    server.restart();
    assert_eq!(complete(&store, 1, 1).await.unwrap(), Held::Held);
}

#[tokio::test]
async fn a_server_that_answers_nothing_is_a_timeout_and_then_a_new_connection() {
    let server = RedisServer::start();
    let proxy = Proxy::start(server.address()).await;
    let store = behind(&proxy).await;
    proxy.set(Fault::BlackHole);
    for _ in 0..2 {
        let asked = Instant::now();
        fails(claim(&store, 1, 1).await, StoreErrorKind::Timeout);
        assert!(asked.elapsed() >= Duration::from_millis(400) && asked.elapsed() < SOON);
    }
    proxy.set(Fault::None);
    is_new(&claim(&store, 1, 1).await);
}

/// Nothing of the network says that the connection is dead: the store must find out by itself.
#[tokio::test]
async fn a_connection_that_stays_silent_is_replaced() {
    let server = RedisServer::start();
    let proxy = Proxy::start(server.address()).await;
    let store = behind(&proxy).await;
    is_new(&claim(&store, 1, 1).await);
    proxy.set(Fault::Slow(Duration::from_secs(30)));
    fails(claim(&store, 1, 1).await, StoreErrorKind::Timeout);
    proxy.set(Fault::None);
    // The old connection still waits for its thirty seconds.
    is_new(&claim(&store, 1, 1).await);
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_repeated_and_gets_the_same_new() {
    let server = RedisServer::start();
    let proxy = Proxy::start(server.address()).await;
    let store = behind(&proxy).await;
    // The server knows the script, so that the lost answer is not that it does not.
    is_new(&claim(&store, 9, 1).await);
    for (number, part) in [(1, 0), (2, 5)] {
        proxy.set(Fault::ResetAfter(part));
        let lost = claim(&store, number, 1).await;
        assert!(lost.is_err(), "{lost:?}");
        proxy.set(Fault::None);
        assert!(server.ask::<bool>(&["EXISTS", &name(number)]), "the claim was made");
        let again = claim(&store, number, 1).await;
        assert!(matches!(again, Ok(Outcome::New { attempt: 1, .. })), "{again:?}");
        let other = claim(&store, number, 2).await;
        assert!(matches!(other, Ok(Outcome::InFlight { .. })), "{other:?}");

        proxy.set(Fault::ResetAfter(part));
        assert!(complete(&store, number, 1).await.is_err());
        proxy.set(Fault::None);
        assert_eq!(complete(&store, number, 1).await.unwrap(), Held::Held);
    }
    proxy.cut();
    is_new(&claim(&store, 3, 1).await);
}

#[tokio::test]
async fn a_server_out_of_memory_refuses_claims_and_nothing_else() {
    let server = RedisServer::start_bounded("4mb", "noeviction");
    let store = connect(&server).await;
    for number in [1, 2, 3, 4] {
        is_new(&claim(&store, number, 1).await);
    }
    // Loads all scripts and leaves one record completed.
    assert_eq!(complete(&store, 4, 1).await.unwrap(), Held::Held);
    server.ask::<()>(&["SETRANGE", "filler", "8000000", "x"]);

    fails(claim(&store, 5, 1).await, StoreErrorKind::Full);
    assert!(!server.ask::<bool>(&["EXISTS", &name(5)]));
    assert!(matches!(claim(&store, 4, 2).await, Ok(Outcome::Completed { .. })));
    is_new(&claim(&store, 1, 1).await);
    assert_eq!(complete(&store, 1, 1).await.unwrap(), Held::Held);
    assert_eq!(complete(&store, 1, 1).await.unwrap(), Held::Held);
    let renewed = store.renew(&key(2), &token(1), LEASE).await.unwrap();
    assert_eq!(renewed, Held::Held);
    assert_eq!(store.release(&key(3), &token(1)).await.unwrap(), Held::Held);
    assert!(store.forget(&key(2)).await.unwrap());

    server.ask::<()>(&["DEL", "filler"]);
    is_new(&claim(&store, 5, 1).await);
}

#[tokio::test]
async fn a_key_that_is_no_record_of_ours_is_corrupt_and_never_new() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    let broken: &[(&str, &[&str])] = &[
        ("a string", &["SET", "KEY", "x"]),
        ("a hash of somebody", &["HSET", "KEY", "x", "1"]),
        ("no state", &["HDEL", "KEY", "s"]),
        ("another state", &["HSET", "KEY", "s", "2"]),
        ("no owner", &["HDEL", "KEY", "o"]),
        ("an owner too short", &["HSET", "KEY", "o", "x"]),
        ("no fence", &["HDEL", "KEY", "f"]),
        ("a fence in hex", &["HSET", "KEY", "f", "0x10"]),
        ("a fence that a double cannot hold", &["HSET", "KEY", "f", "9007199254740993000"]),
        ("a lease that is no number", &["HSET", "KEY", "l", "nan"]),
        ("a lease below nought", &["HSET", "KEY", "l", "-1"]),
        ("no attempts", &["HDEL", "KEY", "n"]),
        ("no fingerprint", &["HDEL", "KEY", "p"]),
        ("completed without a status", &["HSET", "KEY", "s", "1"]),
        ("completed with text", &["HSET", "KEY", "s", "1", "c", "ok"]),
        ("completed with no HTTP status", &["HSET", "KEY", "s", "1", "c", "99999"]),
    ];
    for (what, command) in broken {
        let changes_a_record = !matches!(*what, "a string" | "a hash of somebody");
        if changes_a_record {
            is_new(&claim(&store, 1, 1).await);
        }
        let name = name(1);
        let words: Vec<_> =
            command.iter().map(|word| if *word == "KEY" { &name } else { *word }).collect();
        server.ask::<()>(&words);
        for by in [1, 2] {
            match claim(&store, 1, by).await {
                Err(error) => assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{what}"),
                Ok(outcome) => panic!("{what}: {outcome:?}"),
            }
        }
        if !what.starts_with("completed with no") {
            fails(complete(&store, 1, 1).await, StoreErrorKind::Corrupt);
            fails(store.release(&key(1), &token(1)).await, StoreErrorKind::Corrupt);
            fails(store.renew(&key(1), &token(1), LEASE).await, StoreErrorKind::Corrupt);
        }
        assert!(store.forget(&key(1)).await.unwrap(), "the operator can be rid of {what}");
    }
}

/// A store that waits for a replica: for one that is there, or for one that is not.
const fn patience(replica_is_there: bool) -> Duration {
    if replica_is_there { Duration::from_secs(20) } else { Duration::from_millis(50) }
}

async fn waiting(server: &RedisServer, replica_is_there: bool) -> RedisStore {
    let builder = RedisStore::builder().wait_replicas(1, patience(replica_is_there));
    builder.connect(&server.url()).await.unwrap()
}

#[tokio::test]
async fn a_change_that_too_few_replicas_have_fails_until_they_have_it() {
    let server = RedisServer::start();
    let replica = RedisServer::start_replica(&server);
    let store = waiting(&server, true).await;
    is_new(&claim(&store, 1, 1).await);
    assert!(replica.ask::<bool>(&["EXISTS", &name(1)]), "the replica has it by now");
    is_new(&claim(&store, 2, 1).await);
    assert_eq!(complete(&store, 2, 1).await.unwrap(), Held::Held);

    drop(replica);
    let hasty = waiting(&server, false).await;
    fails(claim(&hasty, 3, 1).await, StoreErrorKind::Unavailable);
    fails(claim(&hasty, 3, 1).await, StoreErrorKind::Unavailable);
    // It is handled, and this answer changed nothing that could be lost.
    assert!(matches!(claim(&hasty, 2, 2).await, Ok(Outcome::Completed { .. })));
    assert!(matches!(claim(&hasty, 3, 2).await, Ok(Outcome::InFlight { .. })));

    let _replica = RedisServer::start_replica(&server);
    assert!(matches!(claim(&store, 3, 1).await, Ok(Outcome::New { attempt: 1, .. })));
    assert_eq!(complete(&store, 1, 1).await.unwrap(), Held::Held);
}

/// `WAIT` is documented for what its own connection has written, so that a repeated call has to write
/// something itself. Redis 7.0 waits for all that was written before, whoever did.
#[tokio::test]
async fn a_repeated_call_waits_for_a_late_replica_as_the_first_did() {
    let server = RedisServer::start();
    let replica = RedisServer::start_replica(&server);
    let patient = waiting(&server, true).await;
    is_new(&claim(&patient, 1, 1).await);
    let late = replica.suspend();
    for _ in 0..2 {
        let store = waiting(&server, false).await;
        fails(claim(&store, 2, 1).await, StoreErrorKind::Unavailable);
        let store = waiting(&server, false).await;
        fails(complete(&store, 1, 1).await, StoreErrorKind::Unavailable);
    }
    drop(late);
    assert!(matches!(claim(&patient, 2, 1).await, Ok(Outcome::New { attempt: 1, .. })));
    assert_eq!(complete(&patient, 1, 1).await.unwrap(), Held::Held);
}

#[tokio::test]
async fn in_a_cluster_the_replicas_of_the_keys_own_primary_count() {
    let cluster = RedisCluster::start();
    let _replica = cluster.start_replica(0);
    let store = async |replica_is_there| {
        let builder = RedisStore::builder().wait_replicas(1, patience(replica_is_there));
        builder.connect_cluster(cluster.urls()).await.unwrap()
    };
    let (patient, hasty) = (store(true).await, store(false).await);
    let (mut made, mut short) = (0, 0);
    for number in 0..12 {
        let answer = claim(&hasty, number, 1).await;
        // The servers are asked where the record is, not the store.
        if cluster.nodes[0].ask::<Vec<String>>(&["KEYS", "*"]).contains(&name(number)) {
            is_new(&claim(&patient, number, 1).await);
            made += 1;
        } else {
            fails(answer, StoreErrorKind::Unavailable);
            short += 1;
        }
        assert!(matches!(claim(&hasty, number, 2).await, Ok(Outcome::InFlight { .. })));
    }
    assert!(made > 0 && short > 0, "{made} made, {short} short of a replica");
}

#[tokio::test]
async fn a_cluster_keeps_serving_the_slots_of_the_nodes_that_are_left() {
    let mut cluster = RedisCluster::start();
    for node in &cluster.nodes {
        node.ask::<()>(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
    }
    let store = RedisStore::connect_cluster(cluster.urls()).await.unwrap();
    cluster.nodes[2].kill();
    let (mut served, mut failed) = (0, 0);
    for number in 0..12 {
        let asked = Instant::now();
        match claim(&store, number, 1).await {
            Ok(_) => served += 1,
            Err(_) => failed += 1,
        }
        assert!(asked.elapsed() < SOON);
    }
    assert!(served > 0 && failed > 0, "{served} served, {failed} failed");
    cluster.nodes[2].restart();
    let restarted = Instant::now();
    for number in 0..12 {
        while claim(&store, number, 1).await.is_err() {
            assert!(restarted.elapsed() < 4 * SOON, "the node is back");
        }
    }
}

#[tokio::test]
async fn a_cluster_that_was_down_is_found_again() {
    let mut cluster = RedisCluster::start();
    let store = RedisStore::connect_cluster(cluster.urls()).await.unwrap();
    is_new(&claim(&store, 1, 1).await);
    cluster.nodes.iter_mut().for_each(RedisServer::kill);
    for _ in 0..3 {
        let asked = Instant::now();
        assert!(claim(&store, 1, 1).await.is_err());
        assert!(asked.elapsed() < SOON);
    }
    cluster.nodes.iter_mut().for_each(RedisServer::restart);
    let restarted = Instant::now();
    while let Err(error) = claim(&store, 1, 1).await {
        assert!(restarted.elapsed() < 4 * SOON, "{error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_primary_that_became_a_replica_is_looked_up_again() {
    let (old, new) = (RedisServer::start(), RedisServer::start());
    let store = connect(&old).await;
    is_new(&claim(&store, 1, 1).await);
    let port = new.port().to_string();
    old.ask::<()>(&["REPLICAOF", "127.0.0.1", &port]);
    let connections = || old.info("stats", "total_connections_received").parse::<u32>().unwrap();
    tokio::time::sleep(Duration::from_millis(250)).await;
    let before = connections();
    fails(claim(&store, 2, 1).await, StoreErrorKind::Unavailable);
    fails(claim(&store, 2, 1).await, StoreErrorKind::Unavailable);
    // One of them is the question itself.
    assert!(connections() - before > 1, "it has connected anew");
    old.ask::<()>(&["REPLICAOF", "NO", "ONE"]);
    is_new(&claim(&store, 2, 1).await);
}

/// What the store has logged on this thread.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_server_that_drops_records_is_warned_of_or_refused() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let strict = || RedisStore::builder().strict();

    for (memory, policy) in [("4mb", "noeviction"), ("0", "allkeys-lru")] {
        let good = RedisServer::start_bounded(memory, policy);
        connect(&good).await;
        strict().connect(&good.url()).await.unwrap();
    }
    assert_eq!(log.text(), "");

    let bad = RedisServer::start_bounded("4mb", "volatile-lru");
    let store = connect(&bad).await;
    is_new(&claim(&store, 1, 1).await);
    assert!(log.text().contains("WARN") && log.text().contains("volatile-lru"), "{}", log.text());
    assert_eq!(log.text().lines().count(), 1);
    let error = strict().connect(&bad.url()).await.unwrap_err();
    assert!(format!("{error:?}").contains("volatile-lru"), "{error:?}");

    // Without INFO the store asks CONFIG, and without either it says that it does not know.
    let user = ["ACL", "SETUSER", "app", "on", ">pass", "~*", "+@all"];
    let url = format!("redis://app:pass@{}", bad.address());
    bad.ask::<()>(&[&user[..], &["-info"]].concat());
    let error = strict().connect(&url).await.unwrap_err();
    assert!(format!("{error:?}").contains("volatile-lru"), "{error:?}");
    bad.ask::<()>(&["ACL", "SETUSER", "app", "-config"]);
    let error = strict().connect(&url).await.unwrap_err();
    assert!(format!("{error:?}").contains("does not tell"), "{error:?}");
    is_new(&claim(&RedisStore::connect(&url).await.unwrap(), 2, 1).await);
    assert!(log.text().contains("does not tell"), "{}", log.text());
}

#[tokio::test]
async fn in_a_cluster_every_primary_is_asked_for_its_policy() {
    let cluster = RedisCluster::start();
    let strict = || RedisStore::builder().strict();
    strict().connect_cluster(cluster.urls()).await.unwrap();
    for words in [["maxmemory", "100mb"], ["maxmemory-policy", "allkeys-random"]] {
        cluster.nodes[1].ask::<()>(&["CONFIG", "SET", words[0], words[1]]);
    }
    let error = strict().connect_cluster(cluster.urls()).await.unwrap_err();
    assert!(format!("{error:?}").contains("allkeys-random"), "{error:?}");
}

#[tokio::test]
async fn no_password_is_ever_printed() {
    let mut server = RedisServer::start();
    server.ask::<()>(&["ACL", "SETUSER", "app", "on", ">sesame", "~*", "+@all"]);
    let at = server.address();
    let store = RedisStore::connect(&format!("redis://app:sesame@{at}")).await.unwrap();
    let mut printed = vec![format!("{store:?} {store:#?}")];
    for url in [
        format!("redis://app:sesame2@{at}"),
        format!("redis://nobody:sesame@{at}"),
        format!("redis:/app:sesame@{at}"),
        format!("rediss://app:sesame@{at}"),
        format!("http://app:sesame@{at}"),
        "redis://app:sesame@127.0.0.1:99999".to_owned(),
        "redis://app:sesame@127.0.0.1:1".to_owned(),
    ] {
        let one = RedisStore::connect(&url).await.unwrap_err();
        let many = RedisStore::connect_cluster([&url]).await.unwrap_err();
        for error in [one, many] {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            printed.push(format!("{error} {error:?} {error:#?} {cause:?}"));
        }
    }
    server.ask::<()>(&["ACL", "SETUSER", "app", "-eval", "-evalsha"]);
    printed.push(format!("{:?}", claim(&store, 1, 1).await.unwrap_err()));
    server.kill();
    printed.push(format!("{:?}", claim(&store, 1, 1).await.unwrap_err()));
    for text in printed {
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[tokio::test]
async fn a_dropped_call_leaves_the_record_as_before_or_as_after() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    for number in 0..100 {
        for polls in 1..=2 {
            let mut call = pin!(claim(&store, number, 1));
            for _ in 0..polls {
                poll_fn(|cx| {
                    let _ = call.as_mut().poll(cx);
                    Poll::Ready(())
                })
                .await;
                tokio::task::yield_now().await;
            }
        }
        let outcome = claim(&store, number, 1).await.unwrap();
        assert!(matches!(outcome, Outcome::New { attempt: 1, .. }), "{outcome:?}");
        {
            let mut call = pin!(complete(&store, number, 1));
            poll_fn(|cx| {
                let _ = call.as_mut().poll(cx);
                Poll::Ready(())
            })
            .await;
        }
        let outcome = claim(&store, number, 1).await.unwrap();
        let before = matches!(outcome, Outcome::New { attempt: 1, .. });
        let after = outcome == Outcome::Completed { record: DONE, same_body: true };
        assert!(before || after, "{outcome:?}");
    }
}
