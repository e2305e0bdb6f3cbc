//! Inbox mode: acknowledge, then process.

mod backend;
mod backoff;
mod builder;
mod deposit;
mod dispatch;
mod handler;
mod operator;
#[cfg(feature = "store-postgres")]
mod postgres;
mod row;
mod run;
mod signals;
#[cfg(feature = "store-sqlite")]
mod sqlite;
mod workers;

pub use backend::InboxStore;
pub use builder::InboxBuilder;
pub use deposit::{Deposit, InboxService};
pub use operator::{Counts, DeadEvent, Inbox};
#[cfg(feature = "store-postgres")]
pub use postgres::POSTGRES_SCHEMA;
#[cfg(feature = "store-sqlite")]
pub use sqlite::SQLITE_SCHEMA;
pub use workers::{RunningWorkers, Workers};
