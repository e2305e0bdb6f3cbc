//! Everything that is configured of a verifier, and checked in one place.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::{Inner, KeySet, Verifier};
use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::handshake::Keyword;
use crate::handshake::Registrations;
use crate::keys::{ErasedKeySource, KeySource};
use crate::plan::{Chosen, Plan};
use crate::provider::{Place, Provider, check_names};
use crate::secret::{Secret, Secrets, VerifyToken};
use crate::wire::forwarded::{Forwarding, TrustedProxies};
use crate::wire::url::{PublicUrl, redacted};

/// Configures a [`Verifier`]. Made by [`Provider::verifier`] or [`Provider::verifier_with`].
#[derive(Debug, Clone)]
#[must_use = "nothing is verified until `build` is called"]
pub struct VerifierBuilder {
    provider: Provider,
    keys: KeysFrom,
    tolerance: Option<Duration>,
    url: Option<UrlText>,
    proxies: Option<Proxies>,
    verify_token: Option<Secret>,
    expected: Option<Vec<Box<str>>>,
    registrations: Option<Registrations>,
    header_prefix: Option<String>,
    renamed_headers: Vec<(String, String)>,
    topics: Option<Vec<Box<str>>>,
    is_strict: bool,
}

#[derive(Debug, Clone)]
struct Proxies {
    forwarding: Forwarding,
    networks: Vec<String>,
    warned: Arc<AtomicBool>,
}

#[derive(Debug, Clone)]
enum KeysFrom {
    Secrets(Secrets),
    Source(Arc<dyn ErasedKeySource>),
}

#[derive(Clone)]
enum UrlText {
    Base(String),
    Exact(String),
}

impl fmt::Debug for UrlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base(url) => f.debug_tuple("Base").field(&redacted(url)).finish(),
            Self::Exact(url) => f.debug_tuple("Exact").field(&redacted(url)).finish(),
        }
    }
}

/// A digit more or less changes a time by decades.
const MAX_UNBORDERED: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Provider {
    /// A verifier for this sender with these secrets, all active at once.
    ///
    /// ```
    /// use tower_webhooks::{Secret, providers::STRIPE};
    ///
    /// let short = STRIPE.verifier("whsec_test_secret").build()?;
    /// let rotating = STRIPE
    ///     .verifier([Secret::new("whsec_new").label("may"), Secret::new("whsec_old").label("april")])
    ///     .build()?;
    ///
    /// let error = STRIPE.verifier("sk_live_123").build().unwrap_err();
    /// assert!(error.to_string().contains("whsec_"), "says what to paste instead");
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    pub fn verifier(&self, secrets: impl Into<Secrets>) -> VerifierBuilder {
        VerifierBuilder::new(*self, KeysFrom::Secrets(secrets.into()))
    }

    /// A verifier whose keys depend on the request: for services with many tenants.
    pub fn verifier_with(&self, source: impl KeySource) -> VerifierBuilder {
        VerifierBuilder::new(*self, KeysFrom::Source(Arc::new(source)))
    }
}

impl Registrations {
    /// A verifier with the secrets that are known now, and those that will be kept.
    pub fn verifier(&self) -> VerifierBuilder {
        let mut builder = self.provider().verifier_with(self.clone());
        builder.registrations = Some(self.clone());
        builder
    }
}

impl VerifierBuilder {
    pub(super) const fn registrations(&self) -> Option<&Registrations> {
        self.registrations.as_ref()
    }

    const fn new(provider: Provider, keys: KeysFrom) -> Self {
        Self {
            provider,
            keys,
            tolerance: None,
            url: None,
            proxies: None,
            verify_token: None,
            expected: None,
            registrations: None,
            header_prefix: None,
            renamed_headers: Vec::new(),
            topics: None,
            is_strict: false,
        }
    }

    /// How far a signed time may be from the clock, into the past and into the future; where it is
    /// signed right beside something else at most 365 days. By default
    /// what the sender recommends, usually 300 s.
    pub const fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// Scheme, host and port under which the sender knows this service, and the path in front if a
    /// proxy strips one. Path and query of each request are joined to it as they are.
    ///
    /// For senders that sign their URL. Forwarding headers are not believed, but of
    /// [`trusted_proxies`](Self::trusted_proxies).
    pub fn public_url(mut self, base: impl Into<String>) -> Self {
        self.url = Some(UrlText::Base(base.into()));
        self
    }

    /// The whole URL that the sender signs, query included, whatever the request's own is.
    pub fn exact_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(UrlText::Exact(url.into()));
        self
    }

    /// Networks of your own proxies (`10.0.0.0/8`), whose word on scheme and host is taken for the
    /// public URL instead of [`public_url`](Self::public_url)'s. Requests from anywhere else, and
    /// those without a [`PeerAddr`](crate::PeerAddr), have the configured one.
    ///
    /// For services that are known under several hosts. With one host, leave this out.
    pub fn trusted_proxies<N: Into<String>>(
        mut self,
        forwarding: Forwarding,
        networks: impl IntoIterator<Item = N>,
    ) -> Self {
        let networks = networks.into_iter().map(Into::into).collect();
        self.proxies = Some(Proxies { forwarding, networks, warned: Arc::default() });
        self
    }

    /// The token that you chose for the sender's setup request.
    pub fn verify_token(mut self, token: impl Into<Secret>) -> Self {
        self.verify_token = Some(token.into());
        self
    }

    /// What setup requests may be about, for a sender that says so: the topics you subscribed to, of
    /// a WebSub hub. Any other is refused; without this all are.
    pub fn expect_setup<T: Into<Box<str>>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.expected = Some(values.into_iter().map(Into::into).collect());
        self
    }

    /// The prefix under which a Standard Webhooks sender brands its headers, without the hyphen:
    /// `acme` for `acme-id`, `acme-timestamp`, `acme-signature`.
    pub fn header_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.header_prefix = Some(prefix.into());
        self
    }

    /// Reads the header that the description calls `described` under the name `actual`, for senders
    /// that let you choose the names of their headers.
    pub fn rename_header(
        mut self,
        described: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        self.renamed_headers.push((described.into(), actual.into()));
        self
    }

    /// The topics of this endpoint, for a sender that posts one body under several of them.
    ///
    /// A delivery with another topic is acknowledged and not run; one without any is refused. The
    /// topic stands in an unsigned header. Where the delivery id tells events apart, it does so for
    /// topics too; under [`strict_identity`](Self::strict_identity) the topic becomes part of the
    /// replay key, so that each is handled once: whoever captured a request can replay it at most
    /// once for each topic named here.
    pub fn topics<T: Into<Box<str>>>(mut self, topics: impl IntoIterator<Item = T>) -> Self {
        self.topics = Some(topics.into_iter().map(Into::into).collect());
        self
    }

    /// Leaves the unsigned delivery id out of what names an event, for a sender whose key is
    /// [`Identity::DigestWithDelivery`](crate::provider::Identity::DigestWithDelivery).
    ///
    /// With it, whoever captured a request cannot have it run again while it is remembered, and a
    /// real event whose signed content the sender has sent before is **taken for a repetition**,
    /// acknowledged and not run: a workflow that is started by hand twice, a tag that is pushed
    /// again. Without it, it is the other way about. It changes nothing for other senders, nor for
    /// deliveries that only say "look again".
    pub fn strict_identity(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Checks everything and prepares the keys.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], whose text says what to do: a secret that is none, a missing public URL or
    /// verify token, a tolerance that no request could meet.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        let keys = match &self.keys {
            KeysFrom::Secrets(secrets) => KeySet::Static(self.provider.keys(secrets.clone())?),
            KeysFrom::Source(source) => KeySet::Source(Arc::clone(source)),
        };
        self.assemble(keys)
    }

    /// As [`build`](Self::build), with secrets that it may refuse: for the doctor's trials.
    pub(crate) fn build_trial(self) -> Result<Verifier, ConfigError> {
        let keys = match &self.keys {
            KeysFrom::Secrets(secrets) => KeySet::Static(self.provider.prepare(secrets.clone())?),
            KeysFrom::Source(source) => KeySet::Source(Arc::clone(source)),
        };
        self.assemble(keys)
    }

    fn assemble(self, keys: KeySet) -> Result<Verifier, ConfigError> {
        let header_prefix = self.checked_prefix()?;
        let topics = self.checked_topics()?;
        let chosen = Chosen {
            tolerance: self.checked_tolerance()?,
            has_topics: topics.is_some(),
            is_strict: self.is_strict,
        };
        let plan = Plan::new(self.provider, header_prefix, &self.renamed_headers, chosen)?;
        let inner = Inner {
            url: self.checked_url()?,
            verify_token: self.checked_token()?,
            expected: self.checked_expected()?,
            keywords: plan.provider().handshakes.iter().map(Keyword::of).collect(),
            plan: Arc::new(plan),
            keys,
            topics,
            blueprint: self,
        };
        Ok(Verifier { inner: Arc::new(inner) })
    }

    /// The same configuration for a changed provider.
    pub(crate) fn map_provider(mut self, change: impl FnOnce(Provider) -> Provider) -> Self {
        self.provider = change(self.provider);
        self
    }

    /// The same configuration with another secret in place of its own.
    pub(crate) fn with_secret(mut self, secret: Secret) -> Self {
        self.keys = KeysFrom::Secrets(secret.into());
        self
    }

    /// The same configuration with changed secrets.
    pub(crate) fn map_secrets(mut self, change: impl Fn(&str) -> String) -> Self {
        if let KeysFrom::Secrets(secrets) = &mut self.keys {
            for secret in &mut secrets.0 {
                *secret = Secret::new(change(secret.text()));
            }
        }
        self
    }

    fn checked_prefix(&self) -> Result<Option<&str>, ConfigError> {
        let Some(prefix) = self.header_prefix.as_deref() else { return Ok(None) };
        if self.provider.header_families.is_empty() {
            return Err(ConfigError::new(
                ConfigErrorKind::HeaderName,
                format!(
                    "the headers of `{}` have no prefix to change: leave out `header_prefix`",
                    self.provider.name
                ),
            ));
        }
        let prefix = prefix.trim_end_matches('-');
        if prefix.is_empty() || !prefix.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-') {
            return Err(ConfigError::new(
                ConfigErrorKind::HeaderName,
                format!("`{prefix}` is no header prefix: give the part before `-id`"),
            ));
        }
        Ok(Some(prefix))
    }

    fn checked_tolerance(&self) -> Result<Option<Duration>, ConfigError> {
        let tolerance = self.tolerance_in_order()?;
        if self.provider.time_is_unbordered() && tolerance.is_none_or(|it| it > MAX_UNBORDERED) {
            return Err(ConfigError::new(
                ConfigErrorKind::Tolerance,
                format!(
                    "`{}` signs its time right beside something else, and only the tolerance keeps a stranger from moving digits between the two: give at most 365 days",
                    self.provider.name
                ),
            ));
        }
        Ok(tolerance)
    }

    fn tolerance_in_order(&self) -> Result<Option<Duration>, ConfigError> {
        match (self.tolerance, self.provider.timestamp) {
            (None, own) => Ok(own.and_then(|time| time.tolerance.duration())),
            (Some(_), None) => Err(ConfigError::new(
                ConfigErrorKind::Tolerance,
                format!(
                    "`{}` signs no time, so there is nothing to tolerate: leave out `tolerance`; the replay store is the protection",
                    self.provider.name
                ),
            )),
            (Some(tolerance), Some(_)) if tolerance < Duration::from_secs(1) => {
                Err(ConfigError::new(
                    ConfigErrorKind::Tolerance,
                    "the tolerance is less than a second: no request would arrive in time; 300 s is usual",
                ))
            }
            (Some(tolerance), Some(_)) => Ok(Some(tolerance)),
        }
    }

    fn checked_url(&self) -> Result<Option<PublicUrl>, ConfigError> {
        let proxies = match &self.proxies {
            Some(Proxies { forwarding, networks, warned }) => {
                Some(TrustedProxies::new(*forwarding, networks, Arc::clone(warned))?)
            }
            None => None,
        };
        let behind = |url: PublicUrl| match proxies {
            Some(proxies) => url.behind(proxies),
            None => url,
        };
        match (&self.url, self.provider.needs_public_url()) {
            (Some(UrlText::Base(base)), _) => PublicUrl::base(base).map(behind).map(Some),
            // The query of the request is then not the one that is signed, and anybody's.
            (Some(UrlText::Exact(_)), true) if self.reads_query() => Err(ConfigError::new(
                ConfigErrorKind::PublicUrl,
                format!(
                    "`{}` carries values in the query of its URL, which one exact URL cannot have: give `public_url(\"https://…\")`",
                    self.provider.name
                ),
            )),
            (Some(UrlText::Exact(url)), _) => PublicUrl::exact(url).map(Some),
            (None, false) => Ok(None),
            (None, true) => Err(ConfigError::new(
                ConfigErrorKind::PublicUrl,
                format!(
                    "`{}` signs the URL it calls: give it with `public_url(\"https://…\")`, as it stands in the sender's dashboard without the path",
                    self.provider.name
                ),
            )),
        }
    }

    fn reads_query(&self) -> bool {
        self.provider.places().any(|place| matches!(place, Place::Query(_)))
    }

    fn checked_token(&self) -> Result<Option<VerifyToken>, ConfigError> {
        match &self.verify_token {
            Some(token) => VerifyToken::new(token.text()).map(Some),
            None if !self.provider.needs_verify_token() => Ok(None),
            None => Err(ConfigError::new(
                ConfigErrorKind::VerifyToken,
                format!(
                    "`{}` sends a verify token with its setup request: choose one, enter it in the sender's dashboard, and give it with `verify_token(…)`",
                    self.provider.name
                ),
            )),
        }
    }

    fn checked_expected(&self) -> Result<Vec<Box<str>>, ConfigError> {
        let wrong = |advice: String| Err(ConfigError::new(ConfigErrorKind::ExpectedSetup, advice));
        let Some(values) = &self.expected else { return Ok(Vec::new()) };
        if self.provider.handshakes.iter().all(|handshake| handshake.expects.is_none()) {
            return wrong(format!(
                "the setup requests of `{}` do not say what they are about: leave out `expect_setup`",
                self.provider.name
            ));
        }
        if values.is_empty() || values.iter().any(|value| value.trim().is_empty()) {
            return wrong(
                "`expect_setup` names nothing, or a blank: name what you asked the sender for"
                    .into(),
            );
        }
        Ok(values.clone())
    }

    fn checked_topics(&self) -> Result<Option<Vec<Box<str>>>, ConfigError> {
        match &self.topics {
            None => Ok(None),
            Some(_) if !self.provider.topics => Err(ConfigError::new(
                ConfigErrorKind::Topics,
                format!(
                    "`{}` does not post one body under several topics: leave out `topics`",
                    self.provider.name
                ),
            )),
            Some(topics) => {
                check_names(&[&self.provider], topics, "topics", ConfigErrorKind::Topics)?;
                Ok(Some(topics.clone()))
            }
        }
    }
}
