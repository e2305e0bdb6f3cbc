//! Did the sender really send these bytes, and are they fresh?

mod admitted;
mod body;
mod builder;
mod candidates;
mod hashes;

mod maker;
mod mismatch;
mod proof;
#[cfg(all(test, feature = "testing"))]
mod tests;
mod verification;

pub use builder::VerifierBuilder;
pub use verification::Verification;

pub(crate) use admitted::Admitted;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::event::Event;
use crate::handshake::{self, Answer, Keyword};
use crate::keys::{ErasedKeySource, Keys};
use crate::plan::Plan;
#[cfg(feature = "tokio")]
use crate::provider::handshake::Kind;
use crate::provider::{Part, Provider};
use crate::rejection::{Rejection, RejectionKind};
use crate::secret::VerifyToken;
use crate::wire::fields::{Fields, Head};
use crate::wire::url::PublicUrl;

/// A provider plus your keys: did the sender really send these bytes, and are they fresh?
///
/// It is synchronous and pure: a request and the time go in, a [`Verified`] or a [`Rejection`]
/// comes out. It needs no runtime and no tower, so it serves in a Lambda function, an actix handler
/// or a queue consumer as well.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use tower_webhooks::{Verified, providers::STRIPE};
///
/// let verifier = STRIPE.verifier("whsec_test_secret").build()?;
/// let (head, body) = http::Request::post("/webhooks/stripe")
///     .header("stripe-signature", "t=1495999758,v1=4a10b12b1d6c6d9b1f0a0a0f5c6b9d6d1b7e0f1c5a4e3d2c1b0a9f8e7d6c5b4a")
///     .body(r#"{"id":"evt_1"}"#)?
///     .into_parts();
///
/// let now = UNIX_EPOCH + Duration::from_secs(1_495_999_758);
/// let rejection = verifier.verify(&head, body, now).unwrap_err();
/// assert_eq!(rejection.kind(), tower_webhooks::RejectionKind::BadSignature);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Clone
///
/// Cheap: clones share everything.
#[derive(Clone)]
pub struct Verifier {
    inner: Arc<Inner>,
}

struct Inner {
    plan: Arc<Plan>,
    /// One for each of the provider's handshakes.
    keywords: Vec<Keyword>,
    keys: KeySet,
    url: Option<PublicUrl>,
    verify_token: Option<VerifyToken>,
    expected: Vec<Box<str>>,
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "the layer asks it"))]
    topics: Option<Vec<Box<str>>>,
    /// What it was built from, for the doctor. Its secrets are wiped when it is dropped.
    blueprint: VerifierBuilder,
}

enum KeySet {
    Static(Keys),
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "the layer asks it"))]
    Source(Arc<dyn ErasedKeySource>),
}

/// A request that passed.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "a request is a delivery or a setup request")]
pub enum Verified {
    /// A delivery: hand it to the application.
    Event(Event),
    /// A setup request: send the answer back, run nothing, remember nothing.
    Handshake(Answer),
}

impl Verifier {
    /// Verifies a whole request.
    ///
    /// It walks as the layer does: an unsigned setup request is answered, the head is checked, the
    /// body hashed, the signature compared, the time judged, a signed setup request answered.
    ///
    /// # Errors
    ///
    /// [`Rejection`] with the exact reason. A verifier with a [`KeySource`](crate::KeySource) has
    /// no keys of its own and answers [`RejectionKind::UnknownKey`]: fetch them and call
    /// [`begin`](Self::begin).
    pub fn verify(
        &self,
        head: &Parts,
        body: impl Into<Bytes>,
        now: SystemTime,
    ) -> Result<Verified, Rejection> {
        if let Some(answer) = self.unsigned_handshake(head) {
            return answer.map(Verified::Handshake);
        }
        let body = body.into();
        if let Some(answer) = self.unsigned_post(head, &body) {
            return answer.map(Verified::Handshake);
        }
        let keys = self.keys().ok_or(RejectionKind::UnknownKey)?;
        let mut verification = Verification::new(self.admit(head, now)?, keys);
        verification.start()?;
        verification.update(body);
        verification.conclude()
    }

    /// Verifies a delivery of which only headers and body are at hand, as in a function behind a
    /// gateway: for a sender that signs nothing else, or with an
    /// [`exact_url`](VerifierBuilder::exact_url).
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use http::HeaderMap;
    /// use tower_webhooks::{Verified, providers::GITHUB};
    ///
    /// // The example that GitHub prints in its documentation.
    /// let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-hub-signature-256", signature.parse()?);
    ///
    /// let verifier = GITHUB.verifier("It's a Secret to Everybody").build()?;
    /// match verifier.verify_headers(&headers, "Hello, World!", UNIX_EPOCH)? {
    ///     Verified::Event(event) => assert_eq!(event.body(), "Hello, World!"),
    ///     Verified::Handshake(answer) => println!("answer with {}", answer.status()),
    /// }
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify); [`RejectionKind::MissingSignedValue`] always, if the sender
    /// signs the method, path or query, or keeps a value in the query: give
    /// [`verify`](Self::verify) the whole head.
    pub fn verify_headers(
        &self,
        headers: &HeaderMap,
        body: impl Into<Bytes>,
        now: SystemTime,
    ) -> Result<Verified, Rejection> {
        let has_url = matches!(self.inner.url, Some(PublicUrl::Exact(_)));
        if self.provider().reads_request_line(has_url) {
            return Err(RejectionKind::MissingSignedValue.into());
        }
        let mut request = http::Request::new(());
        *request.method_mut() = Method::POST;
        *request.headers_mut() = headers.clone();
        self.verify(&request.into_parts().0, body, now)
    }

    /// Starts the verification of a request whose body is still to come: method, signature header
    /// and a time in a header are judged here, before the body is read.
    ///
    /// # Errors
    ///
    /// [`Rejection`] if the head decides.
    pub fn begin<'a>(
        &'a self,
        head: &'a Parts,
        keys: &'a Keys,
        now: SystemTime,
    ) -> Result<Verification<'a>, Rejection> {
        self.admit(head, now)?.begin(keys)
    }

    /// The answer to a setup request that carries no signature; `None` if this is not one.
    ///
    /// A verifier with a [`KeySource`](crate::KeySource) has no key to answer Braintree's with:
    /// [`RejectionKind::UnknownKey`]. Fetch keys and call
    /// [`unsigned_handshake_with`](Self::unsigned_handshake_with).
    #[must_use]
    pub fn unsigned_handshake(&self, head: &Parts) -> Option<Result<Answer, Rejection>> {
        self.bodiless(head, self.keys())
    }

    /// As [`unsigned_handshake`](Self::unsigned_handshake), with keys for an answer that needs one.
    #[must_use]
    pub fn unsigned_handshake_with(
        &self,
        head: &Parts,
        keys: &Keys,
    ) -> Option<Result<Answer, Rejection>> {
        self.bodiless(head, Some(keys))
    }

    /// Whether this may be a setup request whose answer needs a key that is not there yet.
    #[cfg(feature = "tokio")]
    pub(crate) fn awaits_key(&self, head: &Parts) -> bool {
        let mut handshakes = self.provider().handshakes.iter();
        let is_by = |kind| matches!(kind, Kind::Bodiless(methods) if methods.has(&head.method));
        self.keys().is_none() && handshakes.any(|each| is_by(each.kind) && each.needs_key())
    }

    fn bodiless(&self, head: &Parts, keys: Option<&Keys>) -> Option<Result<Answer, Rejection>> {
        if head.method == Method::POST {
            return None;
        }
        let fields = Head::new(&self.inner.plan.layout, head).fields();
        handshake::bodiless_answer(self.provider().handshakes, &fields, &self.settings(keys, 0))
    }

    /// The answer to a setup request that is a POST without a signature, which only its body tells;
    /// `None` if this is not one. [`begin`](Self::begin) would refuse it, but of a sender whose
    /// signatures stand in the body.
    #[must_use]
    pub fn unsigned_post(&self, head: &Parts, body: &[u8]) -> Option<Result<Answer, Rejection>> {
        if self.provider().handshakes.is_empty() {
            return None;
        }
        let fields = Head::new(&self.inner.plan.layout, head).with_body(body, body);
        self.unsigned_post_in(&fields, self.keys())
    }

    fn unsigned_post_in(
        &self,
        fields: &Fields<'_>,
        keys: Option<&Keys>,
    ) -> Option<Result<Answer, Rejection>> {
        if fields.head().method != Method::POST {
            return None;
        }
        let settings = self.settings(keys, 0);
        handshake::unsigned_post_answer(self.provider().handshakes, fields, &settings)
    }

    /// Whether a POST carries no signature and may be a setup request nevertheless.
    pub(crate) fn awaits_unsigned_post(&self, head: &Parts) -> bool {
        if self.provider().handshakes.is_empty() {
            return false;
        }
        let fields = Head::new(&self.inner.plan.layout, head).fields();
        head.method == Method::POST
            && handshake::may_be_unsigned_post(self.provider().handshakes, &fields)
    }

    /// The answer to a setup request that was signed with this key; `None` if it is a delivery.
    fn signed_answer(
        &self,
        fields: &Fields<'_>,
        keys: &Keys,
        key: usize,
    ) -> Option<Result<Answer, Rejection>> {
        let settings = self.settings(Some(keys), key);
        let handshakes = self.provider().handshakes;
        handshake::signed_answer(handshakes, &self.inner.keywords, fields, &settings)
    }

    fn settings<'a>(&'a self, keys: Option<&'a Keys>, key: usize) -> handshake::Settings<'a> {
        handshake::Settings {
            verify_token: self.inner.verify_token.as_ref(),
            expected: &self.inner.expected,
            keys: keys.filter(|keys| keys.provider == self.provider().name),
            key,
            registrations: self.inner.blueprint.registrations(),
        }
    }

    /// The provider it verifies.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        self.inner.plan.provider()
    }

    /// Its keys; `None` if they depend on the request.
    #[must_use]
    pub fn keys(&self) -> Option<&Keys> {
        match &self.inner.keys {
            KeySet::Static(keys) => Some(keys),
            KeySet::Source(_) => None,
        }
    }

    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.inner.plan
    }

    /// How far a signed time may be from the clock; `None` if the sender signs none, or any will do.
    #[must_use]
    pub fn tolerance(&self) -> Option<Duration> {
        self.inner.plan.chosen.tolerance
    }

    /// What the head decides without a key.
    pub(crate) fn admit<'a>(
        &'a self,
        head: &'a Parts,
        now: SystemTime,
    ) -> Result<Admitted<'a>, Rejection> {
        if !self.takes(&head.method) {
            return Err(RejectionKind::MethodNotAllowed.into());
        }
        Admitted::new(self, head, now)
    }

    /// Whether a request has a signature in this sender's place, or is a setup request of its.
    pub(crate) fn is_addressed(&self, head: &Parts) -> bool {
        self.unsigned_handshake(head).is_some()
            || Head::new(&self.inner.plan.layout, head).fields().have_signature()
    }

    /// What it was built from, if its secrets are its own.
    pub(crate) fn blueprint(&self) -> Option<&VerifierBuilder> {
        self.keys().map(|_| &self.inner.blueprint)
    }

    /// The public URL of a request, for senders that sign it.
    pub(crate) fn url_of(&self, head: &Parts) -> Option<String> {
        self.inner.url.as_ref().map(|url| url.of(head))
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn key_source(&self) -> Option<&Arc<dyn ErasedKeySource>> {
        match &self.inner.keys {
            KeySet::Static(_) => None,
            KeySet::Source(source) => Some(source),
        }
    }

    /// Whether the endpoint handles this event's topic; always, where none are named.
    ///
    /// # Errors
    ///
    /// If some are named and the event has none: then nobody can tell.
    #[cfg(feature = "tokio")]
    pub(crate) fn wants(&self, event: &Event) -> Result<bool, RejectionKind> {
        let Some(topics) = &self.inner.topics else { return Ok(true) };
        let kind = event.kind().ok_or(RejectionKind::MissingTopic)?;
        Ok(topics.iter().any(|topic| **topic == *kind))
    }

    /// What deliveries come by; any other where it is signed.
    fn takes(&self, method: &Method) -> bool {
        self.provider().methods.has(method) || self.provider().content.has(Part::Method)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("provider", &self.provider().name())
            .field("keys", &self.keys())
            .finish_non_exhaustive()
    }
}
