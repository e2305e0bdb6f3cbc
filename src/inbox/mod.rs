//! Inbox mode: a verified event is kept in a database, acknowledged, and worked off afterwards.
//!
//! The plain layer answers when the handler has finished, and a handler that fails has the sender try
//! again. Some senders do not wait for that, and some do not try again: Shopify gives 5 seconds,
//! Slack 3, GitHub delivers once. With an inbox the answer takes as long as one `INSERT`, a few
//! milliseconds, and the tries are your own.
//!
//! ```
//! use std::time::Duration;
//! use serde::Deserialize;
//! use serde_json::json;
//! use tower_webhooks::layer::Drained;
//! use tower_webhooks::store::SqliteStore;
//! use tower_webhooks::testing::Signer;
//! use tower_webhooks::{Event, WebhookLayer, providers::GITHUB};
//! # type Body = http_body_util::Full<bytes::Bytes>;
//!
//! #[derive(Deserialize)]
//! struct Push { after: String }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("webhooks.db");
//! # let (sender, mut deployed) = tokio::sync::mpsc::channel(1);
//! let deploy = tower::service_fn(move |push: Event<Push>| {
//! #   let sender = sender.clone();
//!     async move {
//!         assert_eq!(push.payload().after, "c0ffee"); // takes minutes
//! #       sender.send(()).await?;
//!         Ok::<_, tower::BoxError>(())
//!     }
//! });
//!
//! let signer = Signer::new(&GITHUB, "It's a Secret to Everybody")?;
//! let github = WebhookLayer::builder("deploy", signer.verifier().build()?)
//!     .handler_timeout(Duration::from_secs(10 * 60))
//!     .build()?;
//! let (mut receiver, workers) = github
//!     .events::<Push>()
//!     .only(["push"])?
//!     .inbox(SqliteStore::open(path).await?)
//!     .workers(4)
//!     .build(deploy)?;
//! let workers = workers.start();
//!
//! let push = signer.json(json!({"after": "c0ffee"})).kind("push");
//! let answer = push.send::<_, Body>(&mut receiver).await?; // it is a Service<Request<B>>
//! assert_eq!(answer.status(), http::StatusCode::OK);
//! # deployed.recv().await;
//!
//! // At the end of the process: nothing more is begun, and there is time for what is being run.
//! assert_eq!(workers.shutdown(Duration::from_secs(30)).await, Drained::All);
//! # Ok(())
//! # }
//! ```
//!
//! # When to use it
//!
//! - The sender gives less time than the handler takes, or does not try again.
//! - The handler fails now and then, and your own back-off suits you better than the sender's.
//! - You want to see what failed, and run it again after a fix.
//!
//! Use the plain layer when the handler is quick, when the sender reads the answer (Slack's commands,
//! Twilio's calls), or when there is no database: it costs less, and the sender's dashboard shows what
//! failed.
//!
//! # What is promised
//!
//! - **Nothing that was acknowledged is lost.** The answer is sent after the commit. If the database
//!   does not answer, the sender gets 503 and tries again.
//! - **Each event is worked off at least once**: until the service returns `Ok`, or it is dead. A run
//!   that ended with its process counts, and the event runs again when the lease of that run ends. An
//!   event that was taken and whose run never began has made no attempt.
//! - **Not twice at the same time**, as long as the lease holds, over all processes. It is longer than
//!   `handler_timeout`. [`Event::fence`](crate::Event::fence) tells a run that was overtaken from the
//!   one that took over, and [`Event::commit`](crate::Event::commit) completes the event together with
//!   your own writes: **exactly once**, for what is in the same database.
//! - **A delivery that comes again is acknowledged and not run** while its event waits, runs or is
//!   dead, and for `retention` after it was done. Where the signature covers less than the body, the
//!   same signature over another body is refused, as the plain layer does.
//!
//! # What is not
//!
//! - **Order**: events run next to each other, and one that failed comes back later.
//! - **A dead event is not run by itself**, not even when its sender delivers it again. Look at
//!   [`Counts::dead`] and use [`Inbox::replay`].
//! - **The sender never learns that a run failed**: it was told that all is well.
//! - **What waits under another name is not run**: the endpoint's name is part of the key, and workers
//!   ask for events of theirs. Before you rename an endpoint, let it work off what waits, and replay
//!   or forget what is dead.
//! - **A server's clock that is set** (PostgreSQL) moves everything that was timed before: set back,
//!   what waits is late by as much; set forward, leases end early, and fences are what is left. With
//!   SQLite, what was timed by a clock that was set back is due at once, and a run that lives in this
//!   process is not taken over; a clock set forward ends the leases of other processes early.
//! - A table that is lost is lost, with what waited in it. In PostgreSQL the deposit waits for the
//!   disk even where `synchronous_commit` is off; with
//!   [`synchronous_normal`](crate::store::SqliteStoreBuilder::synchronous_normal) in SQLite, the last
//!   ones before a loss of power are gone.
//!
//! # How it works
//!
//! ```text
//! request ─► verified event ─► INSERT ─► 200            a row: waiting ─► running ─► done ─► dropped
//!                                │ wakes                           ▲         │ failed
//!                                ▼                                 └─────────┤  back-off
//!             workers: take ─► parse ─► service ─► done                      └► dead ─► replay
//! ```
//!
//! The row of an event is its claim as well: the replay key is its primary key, so two deliveries make
//! one row. Workers take rows with one `UPDATE` (in PostgreSQL with `SKIP LOCKED`, so that many
//! processes do not wait for each other), and every change of a run names its owner. There is no job
//! crate behind it: none (apalis and graphile_worker were considered) inserts the claim and the job in
//! one statement, with a fence that the handler's transaction can check.
//!
//! Receivers and workers may be different processes with the same layer: start the workers where they
//! shall work, and drop them elsewhere. A process tells its own workers of what it receives; others
//! find it within [`poll_interval`](InboxBuilder::poll_interval). While the database is down the
//! workers ask less and less often, every 30 seconds at the least.
//!
//! A payload that does not parse is dead at once, with the failing path: no other try would go better.
//! An error, a panic and a time-out are tried again, after 1 s, 2 s, 4 s and so on up to an hour, less
//! a random part; after [`max_attempts`](InboxBuilder::max_attempts) runs the event is dead.
//!
//! # The table
//!
//! `webhook_inbox`, one row an event, with its body: it holds what your senders send, so treat it as
//! such. (On a pool of the application's, [`PostgresStore::new`](crate::store::PostgresStore::new),
//! statements go out as text, and bodies are in that text: keep it out of the logs of the server and of
//! your pool, which has slow statements in its own unless it is told not to. A store that
//! [connects](crate::store::PostgresStore::connect) by itself logs none.) It is made at the first use,
//! or by [`InboxStore::migrate`], or by your own migrations ([`SQLITE_SCHEMA`],
//! [`POSTGRES_SCHEMA`]). Rows that are done are dropped by the workers when their `retention` is over;
//! those that wait or are dead never are.
//!
//! A stuck event by SQL (in SQLite, `lower(hex(key))`; times are milliseconds there):
//!
//! ```sql
//! SELECT encode(key, 'hex'), provider, kind, event_id, state, attempts, next_at, last_error
//!   FROM webhook_inbox WHERE endpoint = 'billing' AND state IN ('running', 'dead')
//!   ORDER BY received_at;
//! ```
//!
//! A row is `running` with its `next_at` in the past: its process is gone, and the next free worker
//! takes it. It is `waiting` with its `next_at` in the past: no worker is running, or none is free.
//!
//! # By the operator
//!
//! ```
//! # use tower_webhooks::{inbox::Inbox, store::{SqliteStore, StoreError}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), StoreError> {
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("webhooks.db");
//! let inbox = Inbox::new(SqliteStore::open(path).await?, "billing");
//! println!("{} events are dead", inbox.counts().await?.dead);
//! for event in inbox.dead(100).await? {
//!     println!("{} {:?}: {}", event.key, event.kind, event.last_error);
//!     inbox.replay(&event.key).await?;
//! }
//! # Ok(())
//! # }
//! ```

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)
)]

#[cfg(all(test, feature = "testing", feature = "store-sqlite"))]
mod attempts;
mod backend;
mod backoff;
mod builder;
mod deposit;
mod dispatch;
mod handler;
mod operator;
mod portion;
#[cfg(feature = "store-postgres")]
mod postgres;
mod row;
mod run;
mod signals;
#[cfg(feature = "store-sqlite")]
mod sqlite;
#[cfg(all(test, feature = "testing"))]
mod tests;
mod window;
mod workers;

pub use backend::{Counts, DeadEvent, InboxStore};
pub use builder::InboxBuilder;
pub use deposit::{Deposit, InboxService};
pub use operator::Inbox;
#[cfg(feature = "store-postgres")]
pub use postgres::POSTGRES_SCHEMA;
#[cfg(feature = "store-sqlite")]
pub use sqlite::SQLITE_SCHEMA;
pub use workers::{RunningWorkers, Workers};
