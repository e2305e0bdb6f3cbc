//! Setup requests: recognised, answered, never an event and never recorded.
//!
//! A signed handshake is answered only after its signature was verified. An unsigned one is
//! answered only with what the request itself carries, or with the HMAC of a [`Challenge`] that can be
//! no delivery; only if it knows the verify token, where the sender has one; and only about what was
//! asked for, where the sender says what it is about. A request that carries a signature is never an
//! unsigned handshake, but of a sender that signs its test with a key that everybody knows.
//!
//! What is given back goes out as plain text or inside JSON, never as HTML, and is 1,024 bytes long at
//! most. A parameter or header that stands there twice is refused. Nothing is fetched.
//!
//! The layer does this by itself. With a [`Verifier`](crate::Verifier) alone the answer is yours to
//! send:
//!
//! ```
//! use serde_json::json;
//! use tower_webhooks::{RejectionKind, Verified, providers::SLACK, testing::Signer};
//!
//! let slack = Signer::demo(&SLACK)?;
//! let setup = slack.json(json!({"type": "url_verification", "challenge": "3eZbrw1a"}));
//!
//! let Ok(Verified::Handshake(answer)) = setup.verify() else { panic!() };
//! let response = answer.into_response();
//! assert_eq!((response.status().as_u16(), &**response.body()), (200, b"3eZbrw1a".as_slice()));
//!
//! // A stranger learns nothing.
//! let refused = setup.signed_by_another_key().verify().unwrap_err();
//! assert_eq!(refused.kind(), RejectionKind::BadSignature);
//! # Ok::<_, tower_webhooks::ConfigError>(())
//! ```
//!
//! [`Handshake`] describes those of a sender of your own.

mod answer;
mod marks;
mod recognise;
mod registration;
mod respond;
mod signed;

pub use crate::provider::handshake::{Challenge, Handshake, Mark, Piece};
pub use answer::Answer;
pub use registration::{Registration, Registrations, SecretFile, SecretSink};

pub(crate) use marks::has_all;
#[cfg(feature = "tokio")]
pub(crate) use recognise::MAX_BODY;
pub(crate) use recognise::{
    Keyword, bodiless_answer, may_be_unsigned_post, signed_answer, unsigned_post_answer,
};
pub(crate) use respond::Settings;
