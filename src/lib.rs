//! A tower [`Layer`](tower_layer::Layer) that verifies incoming webhooks: the service behind it sees
//! only events that were signed by their sender, are fresh, were not handled before, and are parsed.
//!
//! A [`Provider`] says what a sender signs and how; with your secrets it becomes a [`Verifier`]; the
//! [`WebhookLayer`] puts that, and an [`IdempotencyStore`](store::IdempotencyStore) that remembers what
//! was handled, around your service, which gets an [`Event`].
//!
//! # With axum
//!
//! The event is an extractor (feature `axum`). Put the layer around the route of the sender, and try it
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
//! [`WebhookLayer::events`] wraps a service that takes events: there is no HTTP in it. What comes out
//! is a `Service<Request<B>>` for any body `B`, as hyper serves it (`examples/hyper.rs` does):
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
//!     .layer(github.events::<Push>().only(["push"])) // others, such as `ping`, are acknowledged
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
//! A handler is a function of an event, and an event is made by a successful verification only: of a
//! fixture, here. The provider's own secret is not needed.
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
//! A sender that is not here is a [`Provider`] of a few lines. *Signed*: how much of the body.
//!
//! <!-- providers: begin -->
//! | sender | signature | signed | time signed | id signed | a verifier needs |
//! | --- | --- | --- | --- | --- | --- |
//! | [Discord](providers::DISCORD) | Ed25519 | the whole | yes | yes | public key, feature `ed25519` |
//! | [GitHub](providers::GITHUB) | HMAC-SHA256 | the whole | **no** | **no** | secret |
//! | [Mailgun](providers::MAILGUN) | HMAC-SHA256 | **part** | yes | **no** | secret |
//! | [Meta (Facebook, Instagram, WhatsApp)](providers::META) | HMAC-SHA256 | the whole | **no** | has none | secret, verify token |
//! | [Shopify](providers::SHOPIFY) | HMAC-SHA256 | the whole | **no** | **no** | secret |
//! | [Slack](providers::SLACK) | HMAC-SHA256 | the whole | yes | yes | secret |
//! | [Standard Webhooks](providers::STANDARD_WEBHOOKS) | HMAC-SHA256, Ed25519 | the whole | yes | yes | secret |
//! | [Stripe](providers::STRIPE) | HMAC-SHA256 | the whole | yes | yes | secret |
//! | [Svix](providers::SVIX) | HMAC-SHA256 | the whole | yes | yes | secret |
//! | [Twilio](providers::TWILIO) | HMAC-SHA1 | **part** | **no** | has none | secret, public URL |
//! <!-- providers: end -->
//!
//! # Features
//!
//! | feature | what it adds | pulls in |
//! | --- | --- | --- |
//! | `tokio` (default) | [`WebhookLayer`]: time-outs, and the run that outlives its sender's patience | `tokio` |
//! | `tracing` (default) | log lines under target `tower_webhooks`, the span carried into the handler | `tracing` |
//! | `axum` | `Event<T>` as an extractor; the original path of nested routers in signed URLs | `axum`, `axum-core` |
//! | `ed25519` | Discord, and Standard Webhooks with `whpk_` keys | `ed25519-dalek` |
//! | `testing` | [`Signer`](testing::Signer), [`ManualClock`](testing::ManualClock), [`FailingStore`](testing::FailingStore), [`store_contract`](testing::store_contract) | nothing |
//! | `full` | all of these | |
//!
//! Without `tokio` there are still [`Provider`], [`Verifier`], [`Event`], [`Signer`](testing::Signer)
//! and the [store's trait](store::IdempotencyStore), on no runtime. Features only add: none changes a
//! default or a verdict.
//!
//! # What is checked, what is not
//!
//! - **Origin**: the signature, over the bytes as they came, with every key, in constant time. Only
//!   then is anything parsed. [`Event::assurance`] says what the signature proved: a few senders sign
//!   only part of their body.
//! - **Freshness**: the signed time, to both sides of the clock. Where the sender signs no time, the
//!   store is the only protection against replays.
//! - **Repetition**: an event whose handler answered 2xx is acknowledged and not run while it is
//!   remembered; deliveries of one event at the same time run one handler. After any other answer, a
//!   time-out or a crash it runs again: **at least once, and not twice at the same time**, as long as
//!   the lease holds. More cannot be promised over a network. Make effects repeatable with
//!   [`Event::replay_key`] or [`Event::fence`].
//! - **Identity**: the replay key is made of signed bytes, of the endpoint, the provider and the
//!   principal. An unsigned id is shown, says so ([`event::Field::is_signed`]), and is never believed.
//! - **Bounds**: the size of a body and the time it takes, all bodies together, the runs at one time,
//!   the time of handler, store and key source.
//! - **Not checked**: addresses and TLS; whether the sender's account is whose you think; that events
//!   arrive in order, or at all; what the payload says.
//!
//! A refusal is a status without a reason. The operator has the exact [`RejectionKind`] and often a
//! [`Hint`]: in the log, in [`on_rejection`](WebhookLayerBuilder::on_rejection), and as [`Rejection`] in
//! the response's extensions.
//!
//! # Cancel safety
//!
//! Senders hang up after a few seconds, and hyper then drops the response future. Before the claim that
//! leaves no trace. After it the run goes on, on a task of its own, and the sender's retry finds the
//! event completed. Give the [`DrainHandle`](layer::DrainHandle) the time to see such runs to their end
//! before the process exits. Each async method says the same of itself.
//!
//! # Stability
//!
//! Before 1.0 a minor version may break; the changelog says what and how to keep the old behaviour.
//! Descriptions follow their senders, and defaults may become stricter, in any version. The name of an
//! endpoint, a provider or a principal, and the version of the replay key, stay: changing one would make
//! handled events new again.
//!
//! The minimum supported Rust version is 1.88, and never less than six months old; raising it is a minor
//! version.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
#[cfg(feature = "config")]
pub mod config;
mod config_error;
pub mod doctor;
pub mod event;
#[cfg(feature = "axum")]
mod extract;
pub mod handshake;
mod keys;
#[cfg(feature = "tokio")]
pub mod layer;
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
pub use scheme::forwarded::{Forwarding, PeerAddr};
pub use secret::{Secret, Secrets};
pub use verifier::{Verification, Verified, Verifier, VerifierBuilder};
pub use verifiers::Verifiers;

/// The examples of the README are compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
