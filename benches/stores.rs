//! Each store beside the bare statement, on one server or file of this machine, in one run: what
//! the store adds to what its engine takes. And round trips, counted by a proxy.
//!
//! `cargo bench --features full --bench stores` needs the servers that `scripts/test` installs. Names
//! of stores after it choose some: `-- SQLite`.

mod support;

#[path = "../tests/support/leash.rs"]
#[allow(dead_code, unreachable_pub, reason = "the bench uses its part")]
mod leash;
#[path = "../tests/support/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "the bench uses its part")]
mod postgres;
#[path = "../tests/support/proxy.rs"]
#[allow(dead_code, unreachable_pub, reason = "the bench uses its part")]
mod proxy;
#[path = "../tests/support/random.rs"]
#[allow(dead_code, unreachable_pub, reason = "the bench uses its part")]
mod random;
#[path = "../tests/support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "the bench uses its part")]
mod redis;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ::redis::aio::ConnectionManager;
use proxy::Proxy;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool};
use support::{Bound, median, row};
use tokio::sync::Mutex;
use tower_webhooks::store::{
    Claim, Completion, Fingerprint, IdempotencyStore, Key, Outcome, PostgresStore, RedisStore,
    SqliteStore, Token,
};

const LEASE: Duration = Duration::from_secs(60);
const TTL: Duration = Duration::from_secs(3_600);
const CONCURRENCY: [usize; 3] = [1, 16, 64];
/// Of one side, before it is the other's turn.
const TURN: Duration = Duration::from_millis(250);
const ROUNDS: usize = 9;

/// The store's own statement, up to where it begins to read what came of it.
fn statement(source: &str) -> String {
    let begin = source.find("INSERT INTO webhook_claims").expect("the claim is an insert");
    let end = begin + source[begin..].find("RETURNING").expect("it says what came of it");
    format!("{} RETURNING state, owner, fence, attempts", &source[begin..end])
}

/// A key that was never used.
fn fresh() -> [u8; 32] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut key = [7; 32];
    // As scattered as the hashes that keys are.
    key[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    key[8..16].copy_from_slice(&number.to_be_bytes());
    key
}

async fn claim(store: &impl IdempotencyStore, key: [u8; 32]) -> Outcome {
    let (key, token) = (Key::from_bytes(key), Token::from_bytes([3; 16]));
    let body = Fingerprint::from_bytes([5; 32]);
    store.claim(&Claim::new(&key, &token, &body, LEASE, TTL)).await.expect("the store claims")
}

async fn complete(store: &impl IdempotencyStore, key: [u8; 32]) {
    let (key, token) = (Key::from_bytes(key), Token::from_bytes([3; 16]));
    let _ = store.complete(&key, &token, &Completion::new(200), TTL).await.expect("it completes");
}

/// One way to claim a key.
#[derive(Clone)]
struct Side(Arc<dyn Fn([u8; 32]) -> Calling + Send + Sync>);

type Calling = Pin<Box<dyn Future<Output = ()> + Send>>;

fn side<F>(call: impl Fn([u8; 32]) -> F + Send + Sync + 'static) -> Side
where
    F: Future<Output = ()> + Send + 'static,
{
    Side(Arc::new(move |key| Box::pin(call(key))))
}

/// The store's own.
fn claims<S: IdempotencyStore + Clone>(store: S) -> Side {
    side(move |key| {
        let store = store.clone();
        async move {
            let _ = claim(&store, key).await;
        }
    })
}

/// Calls a second of so many tasks at the same time.
async fn rate(tasks: usize, side: &Side) -> f64 {
    let start = Instant::now();
    let running = (0..tasks).map(|_| {
        let Side(call) = side.clone();
        tokio::spawn(async move {
            let mut calls = 0_u32;
            while start.elapsed() < TURN {
                call(fresh()).await;
                calls += 1;
            }
            calls
        })
    });
    let mut calls = 0;
    for task in running.collect::<Vec<_>>() {
        calls += task.await.expect("no call fails");
    }
    f64::from(calls) / start.elapsed().as_secs_f64()
}

/// Prints what a store reaches of its own statement sent bare, and of the least one could send.
async fn compare(name: &str, least: &str, sides: [Side; 3]) {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if !wanted.is_empty() && !wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
        return;
    }
    for tasks in CONCURRENCY {
        let mut rounds = Vec::new();
        for round in 0..ROUNDS {
            let mut rates = [0.0; 3];
            // Forwards and backwards, so that what grows during a round burdens all alike.
            for step in 0..sides.len() {
                let side = if round % 2 == 0 { step } else { sides.len() - 1 - step };
                rates[side] = rate(tasks, &sides[side]).await;
            }
            rounds.push(rates);
        }
        let of = |side: usize| median(rounds.iter().map(|rates| rates[0] / rates[side]));
        let what = format!("{name}, {tasks} at once: claims");
        row(12, &format!("{what}, of the bare statement"), Bound::AtLeast(0.95), of(1));
        row(12, &format!("{what}, of {least}"), Bound::None, of(2));
        let rate = median(rounds.iter().map(|rates| rates[0]));
        row(12, &format!("{what} a second"), Bound::None, rate);
    }
}

async fn sqlite() {
    const SOURCE: &str = include_str!("../src/store/sqlite/statements.rs");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.db");
    let store = SqliteStore::open(&path).await.expect("it opens");
    // A file of its own with the same journal and durability: in one file, each side would wait for
    // the other's lock. And again one connection, which takes its callers in turn.
    let options = SqliteConnectOptions::new()
        .filename(directory.path().join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = options.connect().await.expect("it opens");
    sqlx::raw_sql(SqliteStore::SCHEMA).execute(&mut connection).await.expect("a table");
    let connection = Arc::new(Mutex::new(connection));
    let now = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        i64::try_from(since.expect("it is later").as_millis()).expect("it fits")
    };
    type Shared = Arc<Mutex<SqliteConnection>>;
    let insert = move |connection: Shared, sql: &'static str, key: [u8; 32]| async move {
        let mut connection = connection.lock().await;
        let query = sqlx::query(sql)
            .bind(key.to_vec())
            .bind([3_u8; 16].as_slice())
            .bind(now() * 1_000)
            .bind(now() + 60_000)
            .bind(now() + 3_600_000)
            .bind([5_u8; 32].as_slice())
            .bind(now());
        query.fetch_all(&mut *connection).await.map(drop).expect("it inserts");
    };
    let bare: &'static str = statement(SOURCE).leak();
    let least = "INSERT INTO webhook_claims
        (key, owner, fence, state, lease_until, expires_at, fingerprint, attempts, seen)
        VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, 1, ?7) ON CONFLICT (key) DO NOTHING";
    let by = |sql: &'static str| {
        let connection = Arc::clone(&connection);
        side(move |key| insert(Arc::clone(&connection), sql, key))
    };
    compare("SQLite", "an INSERT … DO NOTHING", [claims(store), by(bare), by(least)]).await;
}

/// A claim as one bare statement of PostgreSQL: what the store's function does.
const POSTGRES_CLAIM: &str = "
INSERT INTO webhook_claims AS c
  (key, owner, fence, state, lease_until, expires_at, fingerprint, attempts, seen)
VALUES ($1, $2, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint, 0,
  statement_timestamp() + $3::bigint * interval '1 microsecond',
  statement_timestamp() + $4::bigint * interval '1 microsecond', $5, 1, 1)
ON CONFLICT (key) DO UPDATE SET
  (owner, fence, state, lease_until, expires_at, fingerprint, attempts, seen, status, response) = (
    SELECT CASE WHEN taken THEN EXCLUDED.owner ELSE c.owner END,
      CASE WHEN taken THEN greatest(c.fence + 1, EXCLUDED.fence) ELSE c.fence END,
      CASE WHEN taken THEN 0::smallint ELSE c.state END,
      CASE WHEN taken THEN EXCLUDED.lease_until ELSE c.lease_until END,
      CASE WHEN taken THEN EXCLUDED.expires_at ELSE c.expires_at END,
      CASE WHEN taken THEN EXCLUDED.fingerprint ELSE c.fingerprint END,
      CASE WHEN taken THEN c.attempts + 1 ELSE c.attempts END,
      c.seen + 1,
      CASE WHEN taken THEN NULL ELSE c.status END,
      CASE WHEN taken THEN NULL ELSE c.response END
    FROM (SELECT c.expires_at <= statement_timestamp()
        OR (c.state = 0 AND c.lease_until <= statement_timestamp()) AS taken) AS d)
RETURNING c.state, c.owner, c.fence, c.attempts";

async fn postgres(server: &postgres::PostgresServer) {
    let options = || PgPoolOptions::new().max_connections(16).test_before_acquire(false);
    let url = server.database().await;
    let pool: PgPool = options().connect(&url).await.expect("it connects");
    let own = options().connect(&url).await.expect("it connects");
    let store = PostgresStore::builder(own).dedicated_pool().build();
    let shared = PostgresStore::new(options().connect(&url).await.expect("it connects"));
    store.migrate().await.expect("a table");
    sqlx::raw_sql("CREATE TABLE least (LIKE webhook_claims INCLUDING ALL)")
        .execute(&pool)
        .await
        .expect("a table");

    let insert = move |pool: PgPool, sql: &'static str, key: [u8; 32]| async move {
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(key.to_vec())
            .bind([3_u8; 16].as_slice())
            .bind(60_000_000_i64)
            .bind(3_600_000_000_i64)
            .bind([5_u8; 32].as_slice());
        query.fetch_all(&pool).await.map(drop).expect("it inserts");
    };
    let bare = POSTGRES_CLAIM;
    let least = "INSERT INTO least
        (key, owner, fence, state, lease_until, expires_at, fingerprint, attempts, seen)
        VALUES ($1, $2, 1, 0, statement_timestamp() + $3 * interval '1 microsecond',
        statement_timestamp() + $4 * interval '1 microsecond', $5, 1, 1) ON CONFLICT (key) DO NOTHING";
    let by = |sql: &'static str| {
        let pool = pool.clone();
        side(move |key| insert(pool.clone(), sql, key))
    };
    let least_name = "an INSERT … DO NOTHING";
    compare("PostgreSQL", least_name, [claims(store), by(bare), by(least)]).await;
    let name = "PostgreSQL (on the application's pool)";
    compare(name, least_name, [claims(shared), by(bare), by(least)]).await;
}

async fn redis(server: &redis::RedisServer) {
    let prelude = include_str!("../src/store/redis/record.lua");
    let source = format!("{prelude}{}", include_str!("../src/store/redis/claim.lua"));
    let store = RedisStore::connect(&server.url()).await.expect("it connects");
    let client = ::redis::Client::open(server.url()).expect("a URL");
    let manager = ConnectionManager::new(client).await.expect("it connects");
    let mut load = manager.clone();
    let hash: String = ::redis::cmd("SCRIPT")
        .arg("LOAD")
        .arg(source)
        .query_async(&mut load)
        .await
        .expect("it loads");

    let script = {
        let manager = manager.clone();
        move |key: [u8; 32]| {
            let (mut manager, hash) = (manager.clone(), hash.clone());
            async move {
                let mut command = ::redis::cmd("EVALSHA");
                command.arg(hash).arg(1).arg(name(key));
                command.arg(&[3_u8; 16]).arg(&[5_u8; 32]).arg(60_000).arg(3_600_000);
                command.exec_async(&mut manager).await.expect("it runs");
            }
        }
    };
    let set = move |key: [u8; 32]| {
        let mut manager = manager.clone();
        async move {
            let mut command = ::redis::cmd("SET");
            command.arg(name(key)).arg(&[3_u8; 48]).arg("NX").arg("PX").arg(3_600_000);
            command.exec_async(&mut manager).await.expect("it sets");
        }
    };
    compare("Redis", "a SET NX", [claims(store), side(script), side(set)]).await;
}

/// As the store names it, but for the prefix.
fn name(key: [u8; 32]) -> String {
    format!("bare-webhooks:{}", Key::from_bytes(key))
}

/// Prints the round trips of a new event and of a duplicate.
async fn round_trips(name: &str, store: &impl IdempotencyStore, proxy: &Proxy) {
    // Statements are prepared and scripts loaded once for a connection.
    for _ in 0..3 {
        let key = fresh();
        let _ = claim(store, key).await;
        complete(store, key).await;
    }
    // What a pool does for itself after an answer is not the call's.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let key = fresh();
    proxy.reset_count();
    let _ = claim(store, key).await;
    let claimed = proxy.round_trips();
    tokio::time::sleep(Duration::from_millis(200)).await;
    proxy.reset_count();
    complete(store, key).await;
    let completed = proxy.round_trips();
    tokio::time::sleep(Duration::from_millis(200)).await;
    proxy.reset_count();
    let _ = claim(store, key).await;
    let duplicate = proxy.round_trips();
    let trips = |trips: usize| trips as f64;
    row(
        12,
        &format!("{name}: round trips of a new event"),
        Bound::AtMost(2.0),
        trips(claimed + completed),
    );
    row(12, &format!("{name}: round trips of a duplicate"), Bound::AtMost(1.0), trips(duplicate));
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("measures nothing outside `cargo bench`");
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        sqlite().await;
        let server = postgres::PostgresServer::start();
        postgres(&server).await;
        let proxy = Proxy::start(format!("127.0.0.1:{}", server.port())).await;
        let url = format!("postgres://postgres@{}/postgres", proxy.address());
        let store = PostgresStore::connect(&url).await.expect("it connects");
        round_trips("PostgreSQL", &store, &proxy).await;
        drop(server);

        let server = redis::RedisServer::start();
        redis(&server).await;
        let proxy = Proxy::start(format!("127.0.0.1:{}", server.port())).await;
        let store = RedisStore::connect(&format!("redis://{}", proxy.address())).await;
        round_trips("Redis", &store.expect("it connects"), &proxy).await;
    });
}
