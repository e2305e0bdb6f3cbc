//! Where handled events are remembered: what stands behind `--store`.

use std::error::Error;

use tower_webhooks::WebhookLayerBuilder;
use tower_webhooks::store::{
    IdempotencyStore, MemoryStore, PostgresStore, RedisStore, SqliteStore, StoreError,
};

pub(crate) const CHOICES: &str = "`memory`, `sqlite:PATH`, `postgres://USER:PASSWORD@HOST/DATABASE` and `redis://:PASSWORD@HOST`";

pub(crate) const USUAL: &str = "sqlite:webhooks.db";

type Attach = dyn Fn(WebhookLayerBuilder) -> WebhookLayerBuilder;

/// One store for all endpoints, whichever it is.
pub(crate) struct Store {
    attach: Box<Attach>,
    /// For the welcome.
    pub(crate) place: String,
}

/// Opens the store that a setting names. The setting itself is never printed: that of a server has
/// a password in it.
pub(crate) async fn open(setting: &str) -> Result<Store, Box<dyn Error>> {
    let (kind, place) = setting.split_once(':').unwrap_or((setting, ""));
    match kind {
        "memory" => Ok(Store::new(MemoryStore::new(), "in memory, until this program ends")),
        "sqlite" => {
            // `sqlite://webhooks.db`, as it is written for other programs, is the same file.
            let path = place.strip_prefix("//").unwrap_or(place);
            let store = SqliteStore::open(path).await.map_err(told)?;
            Ok(Store::new(store, format!("in {path}, also when this program ends")))
        }
        "postgres" | "postgresql" => {
            let store = PostgresStore::connect(setting).await.map_err(told)?;
            Ok(Store::new(store, "in the table webhook_claims of the PostgreSQL database"))
        }
        "redis" | "rediss" => {
            let store = RedisStore::connect(setting).await.map_err(told)?;
            Ok(Store::new(store, "on the Redis server"))
        }
        _ => Err(format!("--store: {CHOICES} are known").into()),
    }
}

impl Store {
    fn new(store: impl IdempotencyStore + Clone, place: impl Into<String>) -> Self {
        let attach = move |layer: WebhookLayerBuilder| layer.store(store.clone());
        Self { attach: Box::new(attach), place: place.into() }
    }

    /// The layer, with this store.
    pub(crate) fn behind(&self, layer: WebhookLayerBuilder) -> WebhookLayerBuilder {
        (self.attach)(layer)
    }
}

/// What kept a store from being opened, down to its last cause.
fn told(error: StoreError) -> String {
    let first: &(dyn Error + 'static) = &error;
    let causes = std::iter::successors(first.source(), |&error| error.source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    format!("--store: {error}: {}", causes.join(": "))
}
