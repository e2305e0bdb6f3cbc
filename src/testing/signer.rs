//! [`Signer`]: a provider's description read backwards.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::Serialize;

use super::fixture::Fixture;
use super::manual_clock::ManualClock;
use super::sign::SigningKey;
use crate::clock::Clock;
use crate::config_error::ConfigError;
use crate::plan::{Chosen, Plan};
use crate::provider::Provider;
use crate::secret::Secret;
use crate::verifier::VerifierBuilder;
use crate::wire::form;
use crate::wire::url::PublicUrl;

const PUBLIC_URL: &str = "https://example.com";

/// Signs requests as a sender does: the fixtures of your tests, for every [`Provider`], your own
/// included. It reads the same description as the [`Verifier`](crate::Verifier), backwards.
///
/// # Clone
///
/// Cheap: clones share everything.
///
/// # Example
///
/// The test a user would write, against a service of their own:
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response, StatusCode};
/// use serde_json::json;
/// use tower_webhooks::{RejectionKind, Verified, providers::STRIPE, testing::Signer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let signer = Signer::new(&STRIPE, "whsec_test_secret")?;
/// # let (verifier, now) = (signer.verifier().build()?, signer.now());
/// # let mut service = tower::service_fn(move |request: Request<Bytes>| {
/// #     let (head, body) = request.into_parts();
/// #     let status = match verifier.verify(&head, body, now) {
/// #         Ok(_) => StatusCode::OK,
/// #         Err(rejection) => rejection.status(),
/// #     };
/// #     async move { Ok::<_, std::convert::Infallible>(Response::builder().status(status).body(())) }
/// # });
/// let paid = signer.json(json!({"id": "evt_1", "type": "charge.succeeded"}));
///
/// let response = paid.clone().send(&mut service).await??;
/// assert_eq!(response.status(), StatusCode::OK);
///
/// let response = paid.with_bad_signature().send(&mut service).await??;
/// assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
/// # Ok(())
/// # }
/// ```
///
/// A provider of your own has fixtures for free:
///
/// ```
/// use tower_webhooks::provider::{Algorithm::Hmac, Hash::Sha256, Part, Provider, Tolerance, header};
/// use tower_webhooks::{RejectionKind, testing::Signer};
///
/// static ACME: Provider = Provider::new("acme")
///     .signature(Hmac(Sha256), header("acme-signature").prefix("sha256=").hex())
///     .timestamp(header("acme-time").seconds(), Tolerance::secs(300))
///     .signs(&[Part::Timestamp, Part::Text("."), Part::Body]);
///
/// let delivery = Signer::new(&ACME, "a-long-random-secret")?.event(r#"{"n":1}"#);
/// assert!(delivery.verify().is_ok());
/// assert_eq!(delivery.stale().verify().unwrap_err().kind(), RejectionKind::StaleTimestamp);
/// # Ok::<_, tower_webhooks::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Signer {
    pub(super) plan: Arc<Plan>,
    pub(super) key: Arc<SigningKey>,
    pub(super) url: PublicUrl,
    header_prefix: Option<Arc<str>>,
    clock: Arc<dyn Clock>,
}

impl Signer {
    /// The verify token that [`verifier`](Self::verifier) is given where the provider's setup
    /// request has one.
    ///
    /// ```
    /// use tower_webhooks::{Verified, providers::META, testing::Signer};
    ///
    /// let setup = Signer::demo(&META)?
    ///     .event("")
    ///     .get()
    ///     .query("hub.mode", "subscribe")
    ///     .query("hub.challenge", "1158201444")
    ///     .query("hub.verify_token", Signer::VERIFY_TOKEN);
    ///
    /// let Ok(Verified::Handshake(answer)) = setup.verify() else { panic!() };
    /// assert_eq!(answer.body(), "1158201444");
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    pub const VERIFY_TOKEN: &str = "demo-verify-token";

    /// A signer with the secret that the sender shares with you.
    ///
    /// Where the sender signs with a private key, give that: for [`DISCORD`] the seed of 32 bytes
    /// in hex, for [`STANDARD_WEBHOOKS`] `whsk_…`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for what a verifier would refuse as well: a secret that is none, a
    /// description that contradicts itself; and for a public key, which cannot sign.
    ///
    /// [`DISCORD`]: crate::providers::DISCORD
    /// [`STANDARD_WEBHOOKS`]: crate::providers::STANDARD_WEBHOOKS
    pub fn new(provider: &Provider, secret: impl Into<Secret>) -> Result<Self, ConfigError> {
        Self::with_key(provider, SigningKey::parse(provider, &secret.into())?)
    }

    /// A signer with a fixed demo secret of the format that the provider's secrets have.
    ///
    /// The secret is public: it is for tests and demonstrations only.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the description contradicts itself, or its algorithm needs a feature
    /// that is not enabled.
    ///
    /// # Example
    ///
    /// ```
    /// use tower_webhooks::{providers, testing::Signer};
    ///
    /// for provider in providers::ALL {
    /// #   if cfg!(not(feature = "ed25519")) && provider.name() == "discord" { continue }
    ///     let signer = Signer::demo(provider)?;
    ///     assert!(signer.event(r#"{"id":"1"}"#).verify().is_ok(), "{}", provider.name());
    /// }
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    pub fn demo(provider: &Provider) -> Result<Self, ConfigError> {
        Self::with_key(provider, SigningKey::demo(provider)?)
    }

    fn with_key(provider: &Provider, key: SigningKey) -> Result<Self, ConfigError> {
        Ok(Self {
            plan: Arc::new(Plan::new(*provider, None, &[], Chosen::default())?),
            key: Arc::new(key),
            url: PublicUrl::base(PUBLIC_URL)?,
            header_prefix: None,
            clock: Arc::new(ManualClock::at(UNIX_EPOCH + Duration::from_secs(1_767_225_600))),
        })
    }

    /// The time at which its events are signed, until [`Fixture::at`] says otherwise. By default
    /// 2026-01-01 00:00:00 UTC: a test never reads the real clock unawares.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_webhooks::{providers::SLACK, testing::{ManualClock, Signer}};
    ///
    /// let signer = Signer::new(&SLACK, "8f742231b10e8888abcd99yyyzzz85a5")?;
    /// let clock = ManualClock::at(signer.now());            // for the layer and the store
    /// # let _ = clock;
    ///
    /// let yesterday = signer.clone().at(signer.now() - Duration::from_secs(86_400));
    /// # assert_ne!(yesterday.now(), signer.now());
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    #[must_use]
    pub fn at(self, now: SystemTime) -> Self {
        self.clock(ManualClock::at(now))
    }

    /// The clock whose time its events are signed at: the same manual one as the layer's, or the
    /// operating system's.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use tower_webhooks::{SystemClock, providers::SLACK, testing::{ManualClock, Signer}};
    ///
    /// let live = Signer::demo(&SLACK)?.clock(SystemClock);
    /// assert!(live.now() <= SystemTime::now());
    ///
    /// let clock = ManualClock::at(SystemTime::UNIX_EPOCH);
    /// let signer = Signer::demo(&SLACK)?.clock(clock.clone());
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(signer.now(), clock.now());
    /// # use tower_webhooks::Clock;
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Scheme, host and port that the sender calls, for providers that sign their URL. By default
    /// `https://example.com`.
    ///
    /// # Panics
    ///
    /// If it is not a URL, or has a query.
    #[must_use]
    pub fn public_url(mut self, base: impl AsRef<str>) -> Self {
        self.url = PublicUrl::base(base.as_ref()).unwrap_or_else(|error| panic!("{error}"));
        self
    }

    /// The whole URL that is signed, whatever the request's own is.
    ///
    /// # Panics
    ///
    /// If it is not a URL.
    #[must_use]
    pub fn exact_url(mut self, url: impl AsRef<str>) -> Self {
        self.url = PublicUrl::exact(url.as_ref()).unwrap_or_else(|error| panic!("{error}"));
        self
    }

    /// The prefix under which a Standard Webhooks sender brands its headers.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if it is not a valid prefix of header names.
    pub fn header_prefix(mut self, prefix: impl Into<Arc<str>>) -> Result<Self, ConfigError> {
        let prefix = prefix.into();
        let plan = Plan::new(*self.plan.provider(), Some(&*prefix), &[], Chosen::default())?;
        self.plan = Arc::new(plan);
        self.header_prefix = Some(prefix);
        Ok(self)
    }

    /// An event with this body, valid until one of the fixture's methods breaks it.
    ///
    /// The body is sent byte for byte, unless the sender keeps the signature or another value in
    /// it (Mailgun), or you set such a value. It is sent as JSON if it begins like JSON, else as a
    /// form; [`Fixture::content_type`] says otherwise.
    pub fn event(&self, body: impl Into<Bytes>) -> Fixture {
        Fixture::new(self.clone(), body.into())
    }

    /// An event whose body is this value as JSON: `json!({…})`, or a type of yours.
    ///
    /// # Panics
    ///
    /// If the value cannot be written as JSON.
    pub fn json(&self, value: impl Serialize) -> Fixture {
        match serde_json::to_vec(&value) {
            Ok(body) => self.event(body),
            Err(error) => panic!("the body of a fixture cannot be written as JSON: {error}"),
        }
    }

    /// An event whose body is this form.
    ///
    /// ```
    /// use tower_webhooks::{Assurance, providers::TWILIO, testing::Signer};
    ///
    /// let signer = Signer::demo(&TWILIO)?.public_url("https://hooks.example.org");
    /// let event = signer.form([("From", "+15005550006"), ("Body", "hello")]).uri("/sms").to_event();
    /// assert_eq!(event.assurance(), Assurance::PartOfBody);
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    pub fn form<N: AsRef<str>, V: AsRef<str>>(
        &self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Fixture {
        let pairs: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| form::write_pair(name.as_ref(), value.as_ref()))
            .collect();
        self.event(pairs.join("&")).content_type(super::fixture::FORM)
    }

    /// A verifier for what this signer signs: with its secret, its URL, and
    /// [`VERIFY_TOKEN`](Self::VERIFY_TOKEN) where one is needed.
    pub fn verifier(&self) -> VerifierBuilder {
        let provider = self.provider();
        let mut builder = provider.verifier(self.verifying_secret());
        if provider.needs_public_url() {
            builder = match &self.url {
                PublicUrl::Base(base) | PublicUrl::Proxied(base, _) => builder.public_url(base),
                PublicUrl::Exact(url) => builder.exact_url(url),
            };
        }
        if provider.needs_verify_token() {
            builder = builder.verify_token(Self::VERIFY_TOKEN);
        }
        match &self.header_prefix {
            Some(prefix) => builder.header_prefix(&**prefix),
            None => builder,
        }
    }

    /// What to configure in a verifier: the secret itself, or the public key to the private one.
    ///
    /// ```
    /// use tower_webhooks::{providers::STANDARD_WEBHOOKS, testing::Signer};
    ///
    /// let signer = Signer::new(&STANDARD_WEBHOOKS, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
    /// assert_eq!(signer.verifying_secret(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    /// # #[cfg(feature = "ed25519")] {
    /// let signer =
    ///     Signer::new(&STANDARD_WEBHOOKS, "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?;
    /// assert!(signer.verifying_secret().starts_with("whpk_"));
    /// # }
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    #[must_use]
    pub fn verifying_secret(&self) -> &str {
        &self.key.verifying
    }

    /// The time at which its events are signed.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// The provider it signs for.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        self.plan.provider()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("provider", &self.provider().name())
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}
