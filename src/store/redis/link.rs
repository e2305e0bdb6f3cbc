//! The way to the server, kept in repair.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use redis::{Cmd, RedisResult, ServerErrorKind, Value, cmd};

use super::answer;
use super::connection::{Connection, Source};
use super::error::{is_lost_connection, is_wrong_connection, store_error};
use super::script::Script;
use crate::store::{StoreError, StoreErrorKind};

/// A connection younger than this is given the time to show what it can.
const YOUNG: Duration = Duration::from_millis(200);

/// How many replicas must have a change, and how long the server waits for them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replicas {
    pub(super) count: u32,
    pub(super) timeout: Duration,
}

/// What the server answered, and whether enough replicas have what it wrote.
pub(super) struct Reply {
    pub(super) value: Value,
    pub(super) replicated: bool,
}

/// A connection, replaced when it is of no more use.
///
/// The driver reconnects when a connection breaks. It does not when nothing comes back, or when the
/// server has become a replica: then the name of the server is looked up again.
pub(super) struct Link {
    current: RwLock<Current>,
    /// `None` if the connection is the application's own.
    source: Option<Source>,
    timeout: Duration,
    replicas: Option<Replicas>,
}

struct Current {
    connection: Connection,
    since: Instant,
}

impl Link {
    pub(super) fn new(
        connection: Connection,
        source: Option<Source>,
        response_timeout: Duration,
        replicas: Option<Replicas>,
    ) -> Self {
        let current = RwLock::new(Current { connection, since: Instant::now() });
        let waiting = replicas.map_or(Duration::ZERO, |replicas| replicas.timeout);
        Self { current, source, timeout: response_timeout.saturating_add(waiting), replicas }
    }

    /// Runs a script, in one round trip on a server that knows it.
    ///
    /// Every script may be repeated, so one whose answer was lost with its connection is: a server
    /// that was started again costs its clients nothing.
    pub(super) async fn run(
        &self,
        script: &Script,
        key: &str,
        arguments: &[&[u8]],
    ) -> Result<Reply, StoreError> {
        self.within_timeout(async |connection| {
            let first = self.run_once(connection, script, key, arguments).await;
            if first.as_ref().is_err_and(is_lost_connection) {
                return self.run_once(connection, script, key, arguments).await;
            }
            first
        })
        .await
    }

    /// Sends a command that writes to the key.
    pub(super) async fn write(&self, key: &str, command: Cmd) -> Result<Reply, StoreError> {
        self.within_timeout(async |connection| self.send(connection, key, command).await).await
    }

    /// Asks every primary.
    pub(super) async fn ask_all(&self, command: Cmd) -> Result<Value, StoreError> {
        self.within_timeout(async |connection| connection.ask_all(command).await).await
    }

    async fn run_once(
        &self,
        connection: &mut Connection,
        script: &Script,
        key: &str,
        arguments: &[&[u8]],
    ) -> RedisResult<Reply> {
        match self.send(connection, key, script.by_hash(key, arguments)).await {
            Err(error) if error.kind() == ServerErrorKind::NoScript.into() => {
                self.send(connection, key, script.by_code(key, arguments)).await
            }
            answer => answer,
        }
    }

    async fn send(
        &self,
        connection: &mut Connection,
        key: &str,
        command: Cmd,
    ) -> RedisResult<Reply> {
        let Some(Replicas { count, timeout }) = self.replicas else {
            let value = connection.send(key, command).await?;
            return Ok(Reply { value, replicated: true });
        };
        // Nought would be to wait for ever.
        let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut wait = cmd("WAIT");
        wait.arg(count).arg(millis);
        let (value, reached) = connection.send_both(key, command, wait).await?;
        let replicated = answer::count(&reached).is_ok_and(|reached| reached >= u64::from(count));
        Ok(Reply { value, replicated })
    }

    async fn within_timeout<A>(
        &self,
        call: impl AsyncFnOnce(&mut Connection) -> RedisResult<A>,
    ) -> Result<A, StoreError> {
        let (mut connection, since) = self.current();
        match tokio::time::timeout(self.timeout, call(&mut connection)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if is_wrong_connection(&error) {
                    self.replace(since);
                }
                Err(store_error(error))
            }
            Err(_) => {
                self.replace(since);
                Err(StoreErrorKind::Timeout.into())
            }
        }
    }

    fn current(&self) -> (Connection, Instant) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        (current.connection.clone(), current.since)
    }

    /// Replaces the connection of `since`, unless another call has done so. Calls that are under
    /// way on the old one end there.
    fn replace(&self, since: Instant) {
        let Some(source) = &self.source else { return };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.since != since || since.elapsed() < YOUNG {
            return;
        }
        if let Ok(connection) = source.connect_later() {
            *current = Current { connection, since: Instant::now() };
        }
    }
}
