//! Settings of a [`RedisStore`], and where it connects to.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::{Client, RedisResult};

use super::connection::{Connection, Source};
use super::error::store_error;
use super::link::{Link, Replicas};
use super::{Inner, RedisStore, policy};
use crate::store::{Endpoints, StoreError};

/// While a server is down, calls meet here instead of each knocking on its own.
const RECONNECT_DELAY: Duration = Duration::from_millis(50);
const CONNECTION_TIMEOUT: Duration = Duration::from_millis(500);
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);
const CLUSTER_RETRIES: u32 = 4;
const CLUSTER_RETRY_WAIT: [u64; 2] = [10, 100];

/// Builds a [`RedisStore`]; made by [`RedisStore::builder`].
#[derive(Debug, Clone)]
#[must_use = "it does nothing until it connects"]
pub struct RedisStoreBuilder {
    key_prefix: String,
    response_timeout: Duration,
    replicas: Option<Replicas>,
    strict: bool,
}

impl RedisStoreBuilder {
    pub(super) fn new() -> Self {
        Self {
            key_prefix: "tower-webhooks:".into(),
            response_timeout: RESPONSE_TIMEOUT,
            replicas: None,
            strict: false,
        }
    }

    /// What every key starts with, before its 64 hex digits. Default: `tower-webhooks:`.
    ///
    /// Applications that share a server need different prefixes only if they have endpoints of one
    /// name: the digits depend on that. In a cluster, a prefix with a part in braces would put all
    /// records on one node.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// How long a call may take, reconnecting included. Default: 500 ms.
    ///
    /// A connection on which nothing comes back for so long is replaced. Keep it below the layer's
    /// `store_timeout`: a call that the layer gives up is not seen to fail here.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// Asks for `count` replicas to have each change before it counts, and waits `timeout` for them,
    /// a millisecond at least. Default: none.
    ///
    /// A fail-over to one of those replicas then loses no claim that was answered. With fewer in
    /// time the call fails with [`Unavailable`](crate::store::StoreErrorKind::Unavailable): the
    /// change is made, and repeating the call waits for the replicas again. Answers that changed
    /// nothing, of a duplicate for instance, need none.
    ///
    /// `WAIT` goes behind the script in the same round trip. It holds up what other tasks send
    /// behind it on the same connection, so `timeout` should be short, and it is added to
    /// [`response_timeout`](Self::response_timeout).
    pub fn wait_replicas(mut self, count: u32, timeout: Duration) -> Self {
        self.replicas = (count > 0).then_some(Replicas { count, timeout });
        self
    }

    /// Refuses to start on a server that drops records to make room, or that does not tell.
    /// Without this a line in the log warns.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Connects to one server; see [`RedisStore::connect`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the URL cannot be read, nothing answers there, or as
    /// [`strict`](Self::strict) says.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written.
    pub async fn connect(self, url: &str) -> Result<RedisStore, StoreError> {
        let client = Client::open(url).map_err(store_error)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(RECONNECT_DELAY)
            .set_connection_timeout(Some(CONNECTION_TIMEOUT))
            .set_response_timeout(None);
        self.connect_to(Source::One(client, Box::new(config))).await
    }

    /// Connects to a cluster through any of its nodes; see [`RedisStore::connect_cluster`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] if a URL cannot be read, no node answers, or as [`strict`](Self::strict) says.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written.
    pub async fn connect_cluster<U: AsRef<str>>(
        self,
        urls: impl IntoIterator<Item = U>,
    ) -> Result<RedisStore, StoreError> {
        let urls = urls.into_iter().map(|url| url.as_ref().to_owned());
        let client = self.cluster_client(urls).map_err(store_error)?;
        self.connect_to(Source::Cluster(client)).await
    }

    /// Takes a connection that the application has already, with its time-outs and its way to
    /// reconnect; see [`RedisStore::from_manager`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] as [`strict`](Self::strict) says.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written.
    pub async fn with_manager(self, manager: ConnectionManager) -> Result<RedisStore, StoreError> {
        self.finish(Connection::One(manager), None).await
    }

    fn cluster_client(&self, urls: impl Iterator<Item = String>) -> RedisResult<ClusterClient> {
        let [shortest, longest] = CLUSTER_RETRY_WAIT;
        let waiting = self.replicas.map_or(Duration::ZERO, |replicas| replicas.timeout);
        ClusterClient::builder(urls)
            .retries(CLUSTER_RETRIES)
            .min_retry_wait(shortest)
            .max_retry_wait(longest)
            .connection_timeout(CONNECTION_TIMEOUT)
            .response_timeout(self.response_timeout.saturating_add(waiting))
            .build()
    }

    async fn connect_to(self, source: Source) -> Result<RedisStore, StoreError> {
        let connection = source.connect().await.map_err(store_error)?;
        self.finish(connection, Some(source)).await
    }

    async fn finish(
        self,
        connection: Connection,
        source: Option<Source>,
    ) -> Result<RedisStore, StoreError> {
        let link = Link::new(connection, source, self.response_timeout, self.replicas);
        policy::check(&link, self.strict).await?;
        Ok(RedisStore {
            inner: Arc::new(Inner {
                link,
                key_prefix: self.key_prefix.into(),
                endpoints: Endpoints::new(),
            }),
        })
    }
}
