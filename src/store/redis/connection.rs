//! One server or a cluster, and a command on its way to either.

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::{ClusterClient, ClusterConfig};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{
    MultipleNodeRoutingInfo, Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr,
};
use redis::{Client, Cmd, Pipeline, RedisResult, Value};

/// A connection that many tasks share.
#[derive(Clone)]
pub(super) enum Connection {
    One(ConnectionManager),
    Cluster(ClusterConnection),
}

/// How to get another connection.
pub(super) enum Source {
    One(Client, Box<ConnectionManagerConfig>),
    Cluster(ClusterClient),
}

impl Source {
    /// A connection that has found its server.
    pub(super) async fn connect(&self) -> RedisResult<Connection> {
        Ok(match self {
            Self::One(client, config) => {
                let config = (**config).clone();
                Connection::One(client.get_connection_manager_with_config(config).await?)
            }
            Self::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        })
    }

    /// A connection that finds its server when it is first used.
    pub(super) fn connect_later(&self) -> RedisResult<Connection> {
        Ok(match self {
            Self::One(client, config) => {
                Connection::One(client.get_connection_manager_lazy((**config).clone())?)
            }
            Self::Cluster(client) => Connection::Cluster(
                client.get_pending_async_connection_with_config(ClusterConfig::default()),
            ),
        })
    }
}

impl Connection {
    /// Sends a command to the primary that has the key.
    pub(super) async fn send(&mut self, key: &str, command: Cmd) -> RedisResult<Value> {
        let value = match self {
            Self::One(manager) => manager.send_packed_command(&command).await?,
            Self::Cluster(cluster) => {
                let route = RoutingInfo::SingleNode(primary_of(key));
                cluster.route_command(command, route).await?
            }
        };
        value.extract_error()
    }

    /// Sends two commands, one right behind the other, to the primary that has the key. A cluster's
    /// connection would send `WAIT` to every primary if it were left to itself; a pipeline goes to
    /// one node as a whole, also when it is redirected.
    pub(super) async fn send_both(
        &mut self,
        key: &str,
        first: Cmd,
        second: Cmd,
    ) -> RedisResult<(Value, Value)> {
        let mut both = Pipeline::with_capacity(2);
        both.add_command(first).add_command(second);
        let values = match self {
            Self::One(manager) => manager.send_packed_commands(&both, 0, 2).await?,
            Self::Cluster(cluster) => cluster.route_pipeline(both, 0, 2, primary_of(key)).await?,
        };
        let mut values = values.into_iter();
        let mut next = || values.next().unwrap_or_default().extract_error();
        Ok((next()?, next()?))
    }

    /// Asks every primary there is.
    pub(super) async fn ask_all(&mut self, command: Cmd) -> RedisResult<Value> {
        match self {
            Self::One(manager) => manager.send_packed_command(&command).await?,
            Self::Cluster(cluster) => {
                let all = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
                cluster.route_command(command, all).await?
            }
        }
        .extract_error()
    }
}

fn primary_of(key: &str) -> SingleNodeRoutingInfo {
    SingleNodeRoutingInfo::SpecificNode(Route::with_key(key, SlotAddr::Master))
}
