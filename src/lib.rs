//! A tower [`Layer`](tower_layer::Layer) that verifies incoming webhooks: the service behind it sees
//! only events that the sender signed, that are fresh, that have not been processed before, and that
//! are parsed.
//!
//! A [`Provider`] says what a sender signs and how; with your secrets it becomes a [`Verifier`]; the
//! [`WebhookLayer`] puts that, and an [`IdempotencyStore`](store::IdempotencyStore) that remembers which
//! events were processed, around your service, which receives an [`Event`].
//!
//! # With axum
//!
//! The event is an extractor (feature `axum`). Put the layer around the sender's route, and try it
//! with a [`Signer`](testing::Signer) (feature `testing`), which signs as the sender does:
//!
//! ```
//! use axum::{Router, body::Body, http::StatusCode, routing::post};
//! use serde::Deserialize;
//! use serde_json::json;
//! use tower_webhooks::testing::{ManualClock, Signer};
//! use tower_webhooks::{Event, WebhookLayer, providers::STRIPE};
//!
//! #[derive(Deserialize)]
//! struct Invoice { id: String }
//!
//! async fn paid(event: Event<Invoice>) -> (StatusCode, String) {
//!     (StatusCode::OK, event.into_payload().id)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = "whsec_test_secret";
//! let signer = Signer::new(&STRIPE, secret)?;
//!
//! let billing = WebhookLayer::builder("billing", STRIPE.verifier(secret).build()?)
//!     .clock(ManualClock::at(signer.now())) // only a test sets the clock
//!     .build()?;
//! let mut app: Router = Router::new().route("/webhooks/stripe", post(paid).layer(billing));
//!
//! let event = signer.json(json!({"id": "in_1", "type": "invoice.paid"}));
//! let answer = event.clone().send::<_, Body>(&mut app).await?;
//! assert_eq!(answer.status(), StatusCode::OK);
//! let answer = event.clone().with_changed_body().send::<_, Body>(&mut app).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! let answer = event.stale().send::<_, Body>(&mut app).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```
//!
//! # With hyper
//!
//! [`WebhookLayer::events`] wraps a service that takes events instead of requests. The result is a
//! `Service<Request<B>>` for any body `B`, as hyper serves it (`examples/hyper.rs` does):
//!
//! ```
//! use std::convert::Infallible;
//! use http::StatusCode;
//! use serde::Deserialize;
//! use serde_json::json;
//! use tower::ServiceBuilder;
//! use tower_webhooks::testing::Signer;
//! use tower_webhooks::{Event, WebhookLayer, providers::GITHUB};
//! # type Body = http_body_util::Full<bytes::Bytes>;
//!
//! #[derive(Deserialize)]
//! struct Push { after: String }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let signer = Signer::new(&GITHUB, "It's a Secret to Everybody")?;
//! let github = WebhookLayer::new("deploy", signer.verifier().build()?);
//! let mut service = ServiceBuilder::new()
//!     .layer(github.events::<Push>().only(["push"])?) // others, such as `ping`, are acknowledged
//!     .service_fn(|push: Event<Push>| async move {
//!         assert_eq!(push.payload().after, "c0ffee");
//!         Ok::<_, Infallible>(())
//!     });
//!
//! let push = signer.json(json!({"after": "c0ffee"})).kind("push");
//! let answer = push.clone().send::<_, Body>(&mut service).await?;
//! assert_eq!(answer.status(), StatusCode::OK);
//! let answer = push.signed_by_another_key().send::<_, Body>(&mut service).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```
//!
//! # Unit-testing a handler
//!
//! A handler is a function of an event, and only a successful verification makes an event; here it is
//! the verification of a fixture. The provider's own secret is not needed.
//!
//! ```
//! use serde::Deserialize;
//! use serde_json::json;
//! use tower_webhooks::{Event, providers::SLACK, testing::Signer};
//!
//! #[derive(Deserialize)]
//! struct Message { text: String }
//!
//! async fn reply(event: Event<Message>) -> String { event.payload().text.to_uppercase() }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event = Signer::demo(&SLACK)?.json(json!({"text": "hello"})).to_event();
//! assert_eq!(reply(event.parse()?).await, "HELLO");
//! # Ok(())
//! # }
//! ```
//!
//! # Providers
//!
//! [`providers`] has the senders that are known, in one table: what each signs, and what a verifier
//! needs. A sender that is not there is a [`Provider`] of a few lines.
//!
//! # Features
//!
//! | feature | what it adds | pulls in |
//! | --- | --- | --- |
//! | `tokio` (default) | [`WebhookLayer`]: timeouts, and runs that finish even if the sender hangs up | `tokio` |
//! | `tracing` (default) | log lines under target `tower_webhooks`, the span carried into the handler | `tracing` |
//! | `axum` | `Event<T>` as an extractor; the original path of nested routers in signed URLs | `axum`, `axum-core` |
//! | `ed25519` | Discord, and Standard Webhooks with `whpk_` keys | `ed25519-dalek` |
//! | `config` | endpoints, and senders of your own, from a TOML or JSON file | `toml` |
//! | `store-sqlite` | [`SqliteStore`](store::SqliteStore): processed events are remembered in a file; the [`inbox`] | `sqlx`, SQLite itself |
//! | `store-postgres` | [`PostgresStore`](store::PostgresStore): one idempotency store for all replicas; the [`inbox`] | `sqlx` |
//! | `store-redis` | [`RedisStore`](store::RedisStore): one idempotency store for all replicas | `redis` |
//! | `testing` | [`Signer`](testing::Signer), [`ManualClock`](testing::ManualClock), [`FailingStore`](testing::FailingStore), [`store_contract`](testing::store_contract) | nothing |
//! | `full` | all of these | |
//!
//! Without `tokio`, [`Provider`], [`Verifier`], [`Event`], [`Signer`](testing::Signer) and the
//! [store's trait](store::IdempotencyStore) remain, on no runtime. Features only add: none changes a
//! default or a verdict.
//!
//! # What is checked, what is not
//!
//! - **Origin**: the signature, over the bytes as received, with every key, in constant time. Only
//!   then is anything parsed. [`Event::assurance`] says what the signature proved: a few senders sign
//!   only part of their body.
//! - **Freshness**: the signed time, to either side of the clock. Where the sender signs no time, the
//!   store is the only protection against replays.
//! - **Duplicates**: an event whose handler answered 2xx is acknowledged and does not run again while
//!   it is remembered; simultaneous deliveries of one event run one handler. After any other answer, a
//!   timeout or a crash it runs again: **at least once, and never twice at the same time**, as long as
//!   the lease holds. Nobody can promise more over a network. Make effects idempotent with
//!   [`Event::replay_key`] or [`Event::fence`]; or write them in one transaction with the record, with
//!   [`Event::commit`]: then they take effect exactly once. [`store::operations`] says which store
//!   remembers what; the [`inbox`] is for handlers that take longer than their sender waits.
//! - **Identity**: the replay key is made from signed bytes, the endpoint, the provider and the principal. An
//!   unsigned id is shown, marked as such ([`event::Field::is_signed`]), and never trusted.
//! - **Bounds**: the size of a body and how long it may take, the size of all bodies together, the
//!   number of simultaneous runs, and the time of handler, store and key source.
//! - **Not checked**: addresses and TLS; whether the sender's account belongs to whom you think; that
//!   events arrive in order, or at all; what the payload says.
//!
//! The sender of a refused request receives a status without a reason. The operator has the exact
//! [`RejectionKind`] and often a [`Hint`]: in the log, in [`on_rejection`](WebhookLayerBuilder::on_rejection), and as [`Rejection`] in
//! the response's extensions.
//!
//! # Cancel safety
//!
//! Senders hang up after a few seconds, and hyper then drops the response future. Before the claim that
//! leaves no trace. After it the run continues as a task of its own, and the sender's retry finds the
//! event completed. Before the process exits, wait for such runs with the
//! [`DrainHandle`](layer::DrainHandle). Each async method documents its own cancel safety.
//!
//! # Stability
//!
//! Before 1.0 a minor version may break; the changelog says what and how to keep the old behaviour.
//! In any version, descriptions may follow their senders, and defaults may become stricter. The names of
//! endpoints, providers and principals, and the version of the replay key, do not change: that would
//! make processed events new again.
//!
//! The minimum supported Rust version is 1.88; the stores on SQLite and PostgreSQL need 1.94. Neither is
//! less than six months old; raising one is a minor version.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The docs are written for all features; with fewer, some of what they link to is not there.
#![cfg_attr(not(feature = "full"), allow(rustdoc::broken_intra_doc_links))]

mod assurance;
mod body_digest;
mod clock;
#[cfg(feature = "config")]
pub mod config;
mod config_error;
pub mod doctor;
mod encoding;
pub mod event;
#[cfg(feature = "axum")]
mod extract;
pub mod handshake;
#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
pub mod inbox;
mod keys;
#[cfg(feature = "tokio")]
pub mod layer;
mod plan;
pub mod provider;
pub mod providers;
mod rejection;
mod scheme;
mod secret;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;
mod verifier;
mod verifiers;
mod wire;

pub use clock::{Clock, SystemClock};
pub use config_error::{ConfigError, ConfigErrorKind};
pub use event::{Assurance, Event};
#[cfg(feature = "axum")]
pub use extract::EventRejection;
pub use keys::{KeySource, KeySourceError, Keys};
#[cfg(feature = "tokio")]
pub use layer::{EventLayer, EventService, WebhookLayer, WebhookLayerBuilder, WebhookService};
pub use provider::Provider;
pub use rejection::{Hint, Rejection, RejectionKind};
pub use secret::{Secret, Secrets};
pub use verifier::{Verification, Verified, Verifier, VerifierBuilder};
pub use verifiers::Verifiers;
pub use wire::forwarded::{Forwarding, PeerAddr};
