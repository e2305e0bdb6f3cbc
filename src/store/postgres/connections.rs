//! Where a statement gets its connection from, and why there is none.

use std::io;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{ConnectOptions, Connection, PgPool, Postgres};
use tokio::time::timeout;

use super::error::code;

/// After so long without a connection there may be a reason: a pool tries to connect again and again,
/// and then says only that time is up. A server that is restarted is not told apart before.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long it may take to find out, and how long what was found out is believed.
const TRY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Connections {
    pool: PgPool,
    /// When it was last tried, and why that failed.
    tried: Mutex<Option<(Instant, Option<String>)>>,
}

impl Connections {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool, tried: Mutex::default() }
    }

    pub(super) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A connection without a round trip, if one is idle. It may turn out to be broken.
    pub(super) async fn any(&self) -> Result<Borrowed, sqlx::Error> {
        if self.pool.options().get_test_before_acquire()
            && let Some(connection) = self.pool.try_acquire()
        {
            return Ok(Borrowed::new(connection));
        }
        self.acquire().await
    }

    /// A connection that answers: when one is broken, all that are idle may be.
    pub(super) async fn proven(&self) -> Result<Borrowed, sqlx::Error> {
        let mut left = self.pool.options().get_max_connections();
        loop {
            let mut connection = self.acquire().await?;
            match connection.inner.ping().await {
                Ok(()) => return Ok(connection),
                Err(error) if left == 0 => return Err(error),
                Err(_) => left = left.saturating_sub(1),
            }
        }
    }

    async fn acquire(&self) -> Result<Borrowed, sqlx::Error> {
        let mut acquired = pin!(self.pool.acquire());
        let connection = match timeout(PATIENCE, &mut acquired).await {
            Ok(connection) => connection,
            Err(_) => match self.cause().await {
                Some(cause) => Err(sqlx::Error::Io(io::Error::other(cause))),
                None => acquired.await,
            },
        };
        connection.map(Borrowed::new)
    }

    /// Why nobody can connect, if that is so: one of those who wait tries, once a second.
    async fn cause(&self) -> Option<String> {
        {
            let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, cause)) = tried.as_ref().filter(|(at, _)| at.elapsed() < TRY) {
                return cause.clone();
            }
            *tried = Some((Instant::now(), None));
        }
        let options = self.pool.connect_options();
        let cause = match timeout(TRY, options.connect()).await {
            Ok(Ok(connection)) => {
                let _ = timeout(TRY, connection.close()).await;
                None
            }
            // Too many connections are a reason to wait for one of the pool's own.
            Ok(Err(error)) if code(&error).is_some_and(|code| code.starts_with("53")) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the server does not answer".to_owned()),
        };
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        *tried = Some((Instant::now(), cause.clone()));
        cause
    }
}

/// A connection that is closed unless its answer was read to the end.
///
/// The pool would read the rest of an answer before it takes a connection back, without a limit:
/// when the server is gone without a word, every call that was given up would keep a place in the
/// pool. Closing takes 5 seconds at most.
#[derive(Debug)]
pub(super) struct Borrowed {
    pub(super) inner: PoolConnection<Postgres>,
    at_rest: bool,
}

impl Borrowed {
    const fn new(inner: PoolConnection<Postgres>) -> Self {
        Self { inner, at_rest: false }
    }

    pub(super) fn give_back(mut self) {
        self.at_rest = true;
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if !self.at_rest {
            self.inner.close_on_drop();
        }
    }
}
