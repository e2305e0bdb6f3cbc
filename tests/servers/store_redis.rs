//! `RedisStore` against real servers: the contract, random operations, races, figures.
//!
//! What happens when servers and networks fail is in `store_redis_failures.rs`.
#![cfg(all(feature = "store-redis", feature = "testing"))]

use std::time::Duration;

use crate::support::proxy::Proxy;
use crate::support::redis::{RedisCluster, RedisServer};
use redis::aio::ConnectionManager;
use tokio::task::JoinSet;
use tower_webhooks::store::{
    Claim, Completion, Fingerprint, Held, IdempotencyStore, Key, Outcome, RedisStore, Token,
};
use tower_webhooks::testing::{RealTime, StoreTime, store_contract};

const LEASE: Duration = Duration::from_secs(60);
const TTL: Duration = Duration::from_secs(86_400);
const DONE: Completion = Completion::new(204);
const BODY: Fingerprint = Fingerprint::from_bytes([7; 32]);

fn key(number: u32) -> Key {
    let mut bytes = [1; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Key::from_bytes(bytes)
}

fn token(number: u32) -> Token {
    let mut bytes = [2; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Token::from_bytes(bytes)
}

async fn claim(store: &RedisStore, number: u32, by: u32) -> Outcome {
    let (key, by) = (key(number), token(by));
    store.claim(&Claim::new(&key, &by, &BODY, LEASE, TTL)).await.unwrap()
}

const fn is_new(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::New { .. })
}

/// With more patience than the default: these tests share their processors.
async fn connect(server: &RedisServer) -> RedisStore {
    let builder = RedisStore::builder().response_timeout(Duration::from_secs(20));
    builder.connect(&server.url()).await.unwrap()
}

/// A server's clock cannot be set, so the records are made older instead.
struct Ageing<'a>(&'a [RedisServer]);

const AGE: &str = "
    local keys, cursor = {}, '0'
    repeat
      local page = redis.call('SCAN', cursor, 'COUNT', 1000)
      cursor = page[1]
      for _, key in ipairs(page[2]) do keys[key] = true end
    until cursor == '0'
    local by = tonumber(ARGV[1])
    for key in pairs(keys) do
      local left = redis.call('PTTL', key) - by
      local lease_until = redis.call('HGET', key, 'l')
      if left <= 0 then
        redis.call('DEL', key)
      else
        redis.call('PEXPIRE', key, left)
        if lease_until and lease_until ~= '0' then
          redis.call('HSET', key, 'l', string.format('%.0f', lease_until - by))
        end
      end
    end";

impl StoreTime for Ageing<'_> {
    fn unit(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn pass(&self, by: Duration) {
        for server in self.0 {
            server.ask::<()>(&["EVAL", AGE, "0", &by.as_millis().to_string()]);
        }
    }
}

#[tokio::test]
async fn the_contract_holds() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    store_contract(async || store.clone(), &Ageing(&[server])).await;
}

#[tokio::test]
async fn the_contract_holds_in_real_time() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    let time = RealTime::new(Duration::from_millis(150), tokio::time::sleep);
    store_contract(async || store.clone(), &time).await;
}

#[tokio::test]
async fn the_contract_holds_on_a_cluster_of_three() {
    let cluster = RedisCluster::start();
    let store = RedisStore::connect_cluster(cluster.urls()).await.unwrap();
    store_contract(async || store.clone(), &Ageing(&cluster.nodes)).await;
    for number in 0..60 {
        assert!(is_new(&claim(&store, number, number).await));
    }
    for node in &cluster.nodes {
        assert!(node.ask::<usize>(&["DBSIZE"]) > 5, "each node has its share");
    }
}

#[tokio::test]
async fn the_contract_holds_on_an_applications_own_connection() {
    let server = RedisServer::start();
    let client = redis::Client::open(server.url()).unwrap();
    let manager = ConnectionManager::new(client).await.unwrap();
    let store = RedisStore::from_manager(manager).await.unwrap();
    store_contract(async || store.clone(), &Ageing(&[server])).await;
}

#[tokio::test]
async fn the_contract_holds_in_the_newer_protocol() {
    let server = RedisServer::start();
    let url = format!("{}/?protocol=resp3", server.url());
    let store = RedisStore::builder().strict().connect(&url).await.unwrap();
    store_contract(async || store.clone(), &Ageing(&[server])).await;
}

#[tokio::test]
async fn two_thousand_random_operations_answer_as_the_table_says() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    crate::store_model::answers_as_the_table_says(&store, &Ageing(&[server]), 2_000).await;
}

#[tokio::test]
async fn of_a_thousand_simultaneous_duplicates_one_is_new() {
    let server = RedisServer::start();
    // Two processes of the application.
    let stores = [connect(&server).await, connect(&server).await];
    let mut claims = JoinSet::new();
    for number in 0..1_000 {
        let store = stores[number as usize % 2].clone();
        claims.spawn(async move { claim(&store, 0, number).await });
    }
    let outcomes = claims.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| is_new(outcome)).count(), 1);
    let rest = |outcome: &&Outcome| matches!(outcome, Outcome::InFlight { same_body: true, .. });
    assert_eq!(outcomes.iter().filter(rest).count(), 999);
}

/// The round trips of each call on a server that knows the scripts.
async fn round_trips(store: &RedisStore, proxy: &Proxy) -> Vec<usize> {
    let mut counts = Vec::new();
    for number in 0..2 {
        counts.clear();
        let (key, by) = (key(number), token(1));
        macro_rules! count {
            ($call:expr) => {
                proxy.reset_count();
                let _ = $call.await;
                counts.push(proxy.round_trips());
            };
        }
        count!(claim(store, number, 1));
        count!(claim(store, number, 2));
        count!(async { store.renew(&key, &by, LEASE).await.unwrap() });
        count!(async { store.release(&key, &by).await.unwrap() });
        count!(async { store.complete(&key, &by, &DONE, TTL).await.unwrap() });
        count!(claim(store, number, 2));
        count!(async { store.forget(&key).await.unwrap() });
        count!(async { store.sweep(10).await.unwrap() });
    }
    counts
}

#[tokio::test]
async fn every_call_is_one_round_trip_also_with_replicas_to_wait_for() {
    let server = RedisServer::start();
    let proxy = Proxy::start(server.address()).await;
    let url = format!("redis://{}", proxy.address());
    let store = RedisStore::connect(&url).await.unwrap();
    assert_eq!(round_trips(&store, &proxy).await, [1, 1, 1, 1, 1, 1, 1, 0]);

    let _replica = RedisServer::start_replica(&server);
    let builder = RedisStore::builder().wait_replicas(1, Duration::from_secs(20));
    let store = builder.connect(&url).await.unwrap();
    let counts = round_trips(&store, &proxy).await;
    // The server answers the script at once and `WAIT` later: one burst and two answers.
    assert_eq!(counts, [1, 1, 1, 1, 1, 1, 1, 0]);
}

#[tokio::test]
async fn a_server_that_has_forgotten_the_scripts_is_told_them_again() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    for number in 0..3 {
        assert!(is_new(&claim(&store, number, 1).await));
        server.ask::<()>(&["SCRIPT", "FLUSH"]);
        let held = store.complete(&key(number), &token(1), &DONE, TTL).await.unwrap();
        assert_eq!(held, Held::Held);
    }
}

#[tokio::test]
async fn a_lease_longer_than_the_ttl_keeps_its_record() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    let (key, by) = (key(0), token(1));
    let short = Duration::from_millis(50);
    let claim = Claim::new(&key, &by, &BODY, LEASE, short);
    let first = store.claim(&claim).await.unwrap();
    tokio::time::sleep(short * 2).await;
    assert_eq!(store.claim(&claim).await.unwrap(), first);

    let longer = LEASE * 10;
    assert_eq!(store.renew(&key, &by, longer).await.unwrap(), Held::Held);
    let name = format!("tower-webhooks:{key}");
    assert!(server.ask::<u128>(&["PTTL", &name]) > (LEASE * 9).as_millis());
    assert_eq!(store.renew(&key, &by, short).await.unwrap(), Held::Held);
    assert!(server.ask::<u128>(&["PTTL", &name]) > (LEASE * 9).as_millis());
}

#[tokio::test]
async fn a_repeated_complete_changes_nothing() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    let (key, by) = (key(0), token(1));
    claim(&store, 0, 1).await;
    assert_eq!(store.complete(&key, &by, &DONE, TTL).await.unwrap(), Held::Held);
    let other = Completion::new(299);
    assert_eq!(store.complete(&key, &by, &other, Duration::ZERO).await.unwrap(), Held::Held);
    let again = claim(&store, 0, 2).await;
    assert_eq!(again, Outcome::Completed { record: DONE, same_body: true });
    let name = format!("tower-webhooks:{key}");
    assert!(server.ask::<u128>(&["PTTL", &name]) > (TTL - LEASE).as_millis());
}

#[tokio::test]
async fn fences_keep_their_last_digit_and_grow_by_the_servers_clock() {
    let server = RedisServer::start();
    let store = connect(&server).await;
    let mut last = 0;
    for attempt in 0..50 {
        let Outcome::New { fence, .. } = claim(&store, 0, attempt).await else { panic!("held") };
        assert!(fence.get() > last && fence.get() > 1_700_000_000_000_000);
        last = fence.get();
        let name = format!("tower-webhooks:{}", key(0));
        assert_eq!(server.ask::<u64>(&["HGET", &name, "f"]), last);
        if attempt % 2 == 0 {
            assert!(store.forget(&key(0)).await.unwrap());
        } else {
            assert_eq!(store.release(&key(0), &token(attempt)).await.unwrap(), Held::Held);
        }
    }
    // A clock that was set back: the fence goes on from the record's own, exact to the last digit.
    let ahead = 9_007_199_254_740_000_u64;
    claim(&store, 1, 1).await;
    assert_eq!(store.release(&key(1), &token(1)).await.unwrap(), Held::Held);
    let name = format!("tower-webhooks:{}", key(1));
    server.ask::<()>(&["HSET", &name, "f", &ahead.to_string()]);
    let Outcome::New { fence, .. } = claim(&store, 1, 2).await else { panic!("released") };
    assert_eq!(fence.get(), ahead + 1);
}

#[tokio::test]
async fn records_lie_under_the_prefix_and_their_hex_key() {
    let server = RedisServer::start();
    let store = RedisStore::builder().key_prefix("shop:").connect(&server.url()).await.unwrap();
    claim(&store, 0, 1).await;
    assert_eq!(server.ask::<Vec<String>>(&["KEYS", "*"]), [format!("shop:{}", key(0))]);
}

/// What a record takes, beside others like it.
async fn bytes_of_a_record(records: u32, completed: bool) -> u64 {
    let server = RedisServer::start();
    let store = connect(&server).await;
    let used = || server.info("memory", "used_memory").parse::<u64>().unwrap();
    claim(&store, u32::MAX, 1).await;
    let before = used();
    let mut tasks = JoinSet::new();
    for part in 0..32 {
        let store = store.clone();
        tasks.spawn(async move {
            for number in (part..records).step_by(32) {
                claim(&store, number, number).await;
                if completed {
                    let by = token(number);
                    let held = store.complete(&key(number), &by, &DONE, TTL).await.unwrap();
                    assert_eq!(held, Held::Held);
                }
            }
        });
    }
    tasks.join_all().await;
    let cost = server.info("commandstats", "cmdstat_evalsha");
    println!("{records} records, completed {completed}: {cost}");
    (used() - before) / u64::from(records)
}

#[tokio::test]
async fn a_completed_event_takes_less_than_400_bytes_of_the_server() {
    let bytes = bytes_of_a_record(10_000, true).await;
    assert!(bytes < 400, "{bytes} bytes a record");
}

#[tokio::test]
#[ignore = "for the figures in the docs: takes a minute"]
async fn bytes_of_a_hundred_thousand_records() {
    let (completed, flying) =
        (bytes_of_a_record(100_000, true).await, bytes_of_a_record(100_000, false).await);
    println!("completed {completed} bytes, in flight {flying} bytes a record");
}
