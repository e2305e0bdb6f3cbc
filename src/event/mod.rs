//! What the wrapped service gets: a delivery that was verified, and what it says.
//!
//! `T` of an [`Event<T>`] is the whole payload. An event can also be taken as it is, and read piece
//! by piece, which suits senders whose types differ in shape:
//!
//! ```
//! use serde::Deserialize;
//! use serde_json::json;
//! use tower_webhooks::event::PayloadError;
//! use tower_webhooks::{Assurance, Event, providers::STRIPE, testing::Signer};
//!
//! #[derive(Deserialize)]
//! struct Invoice { total: u64 }
//!
//! fn total(event: &Event) -> Result<u64, PayloadError> {
//!     match event.kind().as_deref() {
//!         Some("invoice.paid") => Ok(event.json_at::<Invoice>("/data/object")?.total),
//!         _ => Ok(0),
//!     }
//! }
//!
//! let invoice = json!({"id": "evt_1", "type": "invoice.paid", "data": {"object": {"total": 7}}});
//! let event = Signer::demo(&STRIPE)?.json(invoice).to_event();
//! assert_eq!(total(&event)?, 7);
//! assert_eq!(event.assurance(), Assurance::WholeBody);
//! assert!(event.id().is_some_and(|id| id == "evt_1" && id.is_signed()));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Form`] reads a form, such as Twilio's:
//!
//! ```
//! use serde::Deserialize;
//! use tower_webhooks::event::Form;
//! use tower_webhooks::{providers::TWILIO, testing::Signer};
//!
//! #[derive(Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Message { from: String, body: String }
//!
//! let message = Signer::demo(&TWILIO)?.form([("From", "+15005550006"), ("Body", "hello")]);
//! let Form(message) = message.to_event().parse::<Form<Message>>()?.into_payload();
//! assert_eq!((&*message.from, &*message.body), ("+15005550006", "hello"));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
mod commit;
mod field;
mod identity;
mod payload;
mod stored;

pub use crate::assurance::Assurance;
pub use field::Field;
pub use payload::{Form, Payload, PayloadError, Raw};

pub(crate) use field::{CodedNames, HeadText};
#[cfg(any(feature = "tokio", feature = "axum"))]
pub(crate) use payload::Failure;
#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
pub(crate) use stored::{Stored, StoredField};

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::plan::Plan;
use crate::provider::{Identity, Provider};
use crate::store::run::Attempt;
#[cfg(feature = "tokio")]
use crate::store::run::HeldClaim;
use crate::store::{Fence, Fingerprint, Key};
use crate::wire::timestamp::UnixMillis;
use field::Metadata;

/// A verified delivery, and its payload parsed into `T`.
///
/// Only a successful verification makes one, from exactly the bytes that were hashed. `T` is the
/// whole payload: any type that `serde` can read from JSON, a [`Form`], your own [`Payload`], or
/// [`Raw`] for none.
///
/// # Clone
///
/// Cheap if `T` is: metadata and body are shared.
#[derive(Clone)]
pub struct Event<T = Raw> {
    inner: Arc<Inner>,
    payload: T,
}

struct Inner {
    verified: EventParts,
    metadata: OnceLock<Metadata>,
    fingerprint: OnceLock<Fingerprint>,
    /// What a form carries; `None` if the body itself is the document.
    document: OnceLock<Option<Bytes>>,
    /// `None` until an endpoint is named; it counts as an empty name.
    endpoint: Option<Arc<str>>,
    replay_key: OnceLock<Key>,
    run: InRun,
    /// Whether it was taken up from a table: its key and its names are then what they were.
    is_restored: bool,
}

/// The run that an event is in.
#[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only the layer runs events"))]
enum InRun {
    None,
    Its(Attempt),
    /// A copy is in the run of the event it was made of.
    Of(Arc<Inner>),
}

/// What a verification found.
pub(crate) struct EventParts {
    pub(crate) plan: Arc<Plan>,
    /// The event's id as far as the head has it.
    pub(crate) id: Option<HeadText>,
    /// The event's type as far as the head has it.
    pub(crate) kind: Option<HeadText>,
    /// The id among the signed ones as far as the head has it, where an unsigned one may hide it.
    pub(crate) signed_id: Option<HeadText>,
    /// The unsigned id of the delivery, where the sender needs it to tell events apart.
    pub(crate) delivery: Option<HeadText>,
    pub(crate) time: Option<UnixMillis>,
    /// Of the key that matched.
    pub(crate) key_label: Option<Arc<str>>,
    /// Who that key belongs to; `None` counts as empty.
    pub(crate) principal: Option<Arc<str>>,
    pub(crate) assurance: Assurance,
    /// SHA-256 of signed content that tells events apart beside the body.
    pub(crate) context: Option<[u8; 32]>,
    /// Id and type, where code read them; the description's places are then not asked.
    pub(crate) names: Option<CodedNames>,
    /// The body's fingerprint, if it was taken along the way.
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) body: Bytes,
}

impl Event {
    #[inline]
    pub(crate) fn new(mut verified: EventParts) -> Self {
        let fingerprint = verified.fingerprint.take().map_or_else(OnceLock::new, OnceLock::from);
        Self {
            inner: Arc::new(Inner {
                verified,
                metadata: OnceLock::new(),
                fingerprint,
                document: OnceLock::new(),
                endpoint: None,
                replay_key: OnceLock::new(),
                run: InRun::None,
                is_restored: false,
            }),
            payload: Raw,
        }
    }

    /// Names the endpoint that received the event, which is part of its replay key. The layer has
    /// done it; call it when you use a [`Verifier`](crate::Verifier) alone. An event out of an inbox keeps its key.
    #[must_use]
    pub fn at_endpoint(self, endpoint: impl Into<Arc<str>>) -> Self {
        let endpoint = endpoint.into();
        self.change(|inner| {
            inner.endpoint = Some(endpoint);
            if !inner.is_restored {
                inner.replay_key = OnceLock::new();
            }
        })
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn in_run(self, run: Attempt) -> Self {
        self.change(|inner| inner.run = InRun::Its(run))
    }

    /// Parses the payload.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] with the path at which the payload is not a `T`.
    pub fn parse<T: Payload>(self) -> Result<Event<T>, PayloadError> {
        let payload = T::from_event(&self)?;
        Ok(Event { inner: self.inner, payload })
    }

    /// Changes an event that nobody else holds yet; one that is shared is changed in a copy.
    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        if Arc::get_mut(&mut self.inner).is_none() {
            self.inner = Arc::new(Inner::copy(&self.inner));
        }
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            change(inner);
        }
        self
    }
}

impl<T> Event<T> {
    /// The payload.
    pub const fn payload(&self) -> &T {
        &self.payload
    }

    /// The payload, by value.
    pub fn into_payload(self) -> T {
        self.payload
    }

    /// The provider that sent it.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        self.inner.verified.plan.provider()
    }

    /// The event's id, where the sender gives one: stable over retries.
    ///
    /// Look at [`Field::is_signed`] before you rely on it: an unsigned id can be changed by
    /// anyone who captured one request. The replay key is never made of one alone.
    #[must_use]
    pub fn id(&self) -> Option<Field<'_>> {
        self.metadata().id(self.body())
    }

    /// The event's type, where the sender gives one.
    #[must_use]
    pub fn kind(&self) -> Option<Field<'_>> {
        self.metadata().kind(self.body())
    }

    /// The signed time of the delivery (not of what happened); `None` if the sender signs none.
    #[must_use]
    pub fn time(&self) -> Option<SystemTime> {
        self.inner.verified.time.and_then(UnixMillis::to_system_time)
    }

    /// The body, byte for byte as it was signed. Cheap to clone.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.inner.verified.body
    }

    /// What the delivery says: the body, or, of a sender that may put its JSON into a form, what
    /// stands in that form's field. Cheap to clone.
    ///
    /// ```
    /// use serde_json::json;
    /// use tower_webhooks::{providers::GITHUB, testing::Signer};
    ///
    /// let signer = Signer::demo(&GITHUB)?;
    /// let event = signer.form([("payload", r#"{"ref":"refs/heads/main"}"#)]).to_event();
    /// assert_eq!(event.document(), r#"{"ref":"refs/heads/main"}"#);
    /// assert_eq!(event.json_at::<String>("/ref")?, "refs/heads/main");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn document(&self) -> &Bytes {
        self.inner.document()
    }

    /// What the signature was found to prove.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.inner.verified.assurance
    }

    /// The label of the secret that matched; its position (`1`, `2`, …) if it has none.
    #[must_use]
    pub fn key_label(&self) -> &str {
        self.inner.verified.key_label.as_deref().unwrap_or_default()
    }

    /// Who the secret that matched belongs to; empty with static keys.
    #[must_use]
    pub fn principal(&self) -> &str {
        self.inner.verified.principal.as_deref().unwrap_or_default()
    }

    /// Which run of its handler this is: 1 for the first; more if an earlier one failed, crashed or
    /// overran its lease, and may have got half way.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.run().map_or(1, |run| run.number)
    }

    /// A number that grows with every run of one event. Pass it on with effects outside, so that
    /// the other side can refuse a run that was overtaken. `None` if no store gave one.
    #[must_use]
    pub fn fence(&self) -> Option<Fence> {
        self.run().and_then(|run| run.fence)
    }

    /// What the replay key is made of.
    #[must_use]
    pub fn identity(&self) -> Identity {
        identity::of(self)
    }

    /// The id of the delivery, where the sender gives one that it does **not** sign and that is
    /// needed to tell its events apart ([`Identity::DigestWithDelivery`]).
    #[must_use]
    pub fn delivery_id(&self) -> Option<&str> {
        if self.inner.is_restored {
            let unsigned = self.id().filter(|id| !id.is_signed())?;
            let is_delivery = !self.provider().identification.delivery.is_empty();
            return is_delivery.then_some(unsigned.as_str());
        }
        self.inner.verified.delivery.as_ref().map(|delivery| delivery.as_str())
    }

    /// What names this event among all of this endpoint, made as [`identity`](Self::identity) says.
    /// Store it in a `UNIQUE` column to make an effect happen once.
    #[must_use]
    pub fn replay_key(&self) -> Key {
        *self.inner.replay_key.get_or_init(|| identity::replay_key(self))
    }

    /// The key that all deliveries of this signed content share, whatever their delivery ids.
    #[cfg(feature = "tokio")]
    pub(crate) fn content_key(&self) -> Key {
        identity::content_key(self)
    }

    /// SHA-256 of the body.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        *self.inner.fingerprint.get_or_init(|| identity::fingerprint(self.body()))
    }

    #[cfg(test)]
    pub(crate) fn has_fingerprint(&self) -> bool {
        self.inner.fingerprint.get().is_some()
    }

    /// Tells two bodies of one replay key apart, where they can differ.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only the layer claims events"))]
    pub(crate) fn body_mark(&self) -> Fingerprint {
        identity::body_mark(self)
    }

    /// Reads the whole [`document`](Self::document) as JSON.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] with the path at which the document is not a `P`.
    ///
    /// # Example
    ///
    /// ```
    /// # use std::time::UNIX_EPOCH;
    /// # use tower_webhooks::{Verified, providers::GITHUB};
    /// # let (head, body) = http::Request::post("/")
    /// #     .header("x-hub-signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
    /// #     .body("Hello, World!")?
    /// #     .into_parts();
    /// # let verifier = GITHUB.verifier("It's a Secret to Everybody").build()?;
    /// # let Verified::Event(event) = verifier.verify(&head, body, UNIX_EPOCH)? else { panic!() };
    /// // The body of GitHub's printed example is `Hello, World!`, which is not JSON:
    /// let error = event.json::<serde_json::Value>().unwrap_err();
    /// assert_eq!(event.body(), "Hello, World!");
    /// # assert!(error.to_string().contains("JSON"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn json<P: DeserializeOwned>(&self) -> Result<P, PayloadError> {
        payload::json(self.document())
    }

    /// Reads the member at a JSON pointer (RFC 6901), such as `/data/object`.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if there is no such member, or with the path at which it is not a `P`.
    pub fn json_at<P: DeserializeOwned>(&self, pointer: &str) -> Result<P, PayloadError> {
        payload::json_at(self.document(), pointer)
    }

    /// Reads the whole body as an `application/x-www-form-urlencoded` form.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] with the field that does not fit.
    pub fn form<P: DeserializeOwned>(&self) -> Result<P, PayloadError> {
        payload::form(self.body())
    }

    /// The same event without its payload.
    #[must_use]
    pub fn to_raw(&self) -> Event {
        Event { inner: Arc::clone(&self.inner), payload: Raw }
    }

    fn run(&self) -> Option<&Attempt> {
        self.inner.run()
    }

    /// What the run that the event is in holds of it.
    #[cfg(feature = "tokio")]
    pub(crate) fn claim(&self) -> Option<&HeldClaim> {
        self.run()?.claim.as_ref()
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn plan(&self) -> &Plan {
        &self.inner.verified.plan
    }

    fn metadata(&self) -> &Metadata {
        let Inner { metadata, verified, .. } = &*self.inner;
        metadata.get_or_init(|| Metadata::read(verified, self.document()))
    }

    fn endpoint(&self) -> &str {
        self.inner.endpoint.as_deref().unwrap_or_default()
    }
}

impl Inner {
    fn document(&self) -> &Bytes {
        let body = &self.verified.body;
        let read = || {
            let layout = &self.verified.plan.layout;
            Some(layout.document(body).ok().flatten()?.into_owned().into())
        };
        self.document.get_or_init(read).as_ref().unwrap_or(body)
    }

    fn run(&self) -> Option<&Attempt> {
        match &self.run {
            InRun::None => None,
            InRun::Its(run) => Some(run),
            InRun::Of(original) => original.run(),
        }
    }

    /// A copy that has what was read so far.
    fn copy(this: &Arc<Self>) -> Self {
        let verified = &this.verified;
        let run = if this.run().is_some() { InRun::Of(Arc::clone(this)) } else { InRun::None };
        Self {
            verified: EventParts {
                plan: Arc::clone(&verified.plan),
                id: verified.id.clone(),
                kind: verified.kind.clone(),
                signed_id: verified.signed_id.clone(),
                delivery: verified.delivery.clone(),
                names: verified.names.clone(),
                key_label: verified.key_label.clone(),
                principal: verified.principal.clone(),
                body: verified.body.clone(),
                ..*verified
            },
            metadata: this.metadata.clone(),
            fingerprint: this.fingerprint.clone(),
            document: this.document.clone(),
            endpoint: this.endpoint.clone(),
            replay_key: this.replay_key.clone(),
            run,
            is_restored: this.is_restored,
        }
    }
}

impl<T> fmt::Debug for Event<T> {
    /// Shows what it is about, and nothing of the body: that may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("provider", &self.provider().name())
            .field("id", &self.id())
            .field("kind", &self.kind())
            .field("assurance", &self.assurance())
            .field("body_len", &self.body().len())
            .finish_non_exhaustive()
    }
}
