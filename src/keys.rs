//! Keys, prepared once, and the hook for keys that depend on the request.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::request::Parts;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::{Algorithm, Provider, SecretFormat, Signature};
use crate::scheme::digest::DigestKey;
use crate::scheme::ed25519::PublicKey;
use crate::scheme::hmac::HmacKey;
use crate::scheme::token::TokenKey;
use crate::secret::{Secret, Secrets, refuse, warn_of};

/// Beyond this many, a wrong signature would cost too many hashes.
pub(crate) const MAX_KEYS: usize = 8;

/// Keys ready for use, and the principal they belong to. Cheap to clone.
///
/// Made by [`Provider::keys`]; a verifier makes its own from the secrets it is given. All keys are
/// tried, so a rotation is a second secret beside the first.
#[derive(Clone)]
pub struct Keys {
    pub(crate) provider: &'static str,
    /// `None` counts as empty.
    pub(crate) principal: Option<Arc<str>>,
    pub(crate) keys: Arc<[Key]>,
}

pub(crate) struct Key {
    /// Which of the provider's ways of signing it verifies. A secret for several ways is as many
    /// keys.
    pub(crate) way: usize,
    pub(crate) label: Arc<str>,
    /// The name by which a request asks for this key, where the sender has named keys.
    pub(crate) name: Option<Box<str>>,
    pub(crate) material: Material,
    /// The same secret read in the other way, to tell an operator of the mistake.
    pub(crate) mistaken: Option<HmacKey>,
    /// Whether the pasted text was decoded into the key.
    pub(crate) is_decoded: bool,
    pub(crate) has_white_space: bool,
}

#[allow(clippy::large_enum_variant, reason = "nearly all are HMAC keys")]
pub(crate) enum Material {
    Hmac(HmacKey),
    Digest(DigestKey),
    Token(TokenKey),
    Ed25519(PublicKey),
}

impl Provider {
    /// Prepares keys for a [`KeySource`]. Decode and prepare once, and cache what this returns.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if there is no secret, more than 8, or one that is not written as this
    /// provider's secrets are.
    pub fn keys(&self, secrets: impl Into<Secrets>) -> Result<Keys, ConfigError> {
        let secrets = secrets.into();
        for (index, secret) in secrets.0.iter().enumerate() {
            refuse(self, secret.text())?;
            warn_of(self, &secret.label_or_position(index), secret.text());
        }
        self.prepare(secrets)
    }

    /// Whether this is a secret of this provider.
    #[cfg(feature = "config")]
    pub(crate) fn check(&self, secret: &Secret) -> Result<(), ConfigError> {
        refuse(self, secret.text())?;
        self.prepare(Secrets(vec![secret.clone()])).map(|_| ())
    }

    /// As [`keys`](Self::keys), whatever the secrets are: the doctor also tries those that would be
    /// refused.
    pub(crate) fn prepare(&self, secrets: Secrets) -> Result<Keys, ConfigError> {
        let secrets = secrets.0;
        if secrets.is_empty() || secrets.len() > MAX_KEYS {
            return Err(ConfigError::new(
                ConfigErrorKind::SecretCount,
                format!("give 1 to {MAX_KEYS} secrets, not {}", secrets.len()),
            ));
        }
        let mut keys = Vec::with_capacity(secrets.len());
        for (index, secret) in secrets.iter().enumerate() {
            for (way, signature) in ways_of(self, secret.text())? {
                keys.push(Key::parse(way, signature, secret, index)?);
            }
        }
        Ok(Keys { provider: self.name, principal: None, keys: keys.into() })
    }
}

impl Keys {
    /// Names who the keys belong to: the tenant or account. It is part of the replay key, so that
    /// one tenant cannot claim the events of another. Never derive it from a secret, or a rotation
    /// makes handled events new again.
    #[must_use]
    pub fn principal(mut self, principal: impl Into<Arc<str>>) -> Self {
        self.principal = Some(principal.into());
        self
    }
}

impl Key {
    fn parse(
        way: usize,
        signature: &Signature,
        secret: &Secret,
        index: usize,
    ) -> Result<Self, ConfigError> {
        let text = secret.text();
        let bytes = signature.secret.decode(text)?;
        let mut mistaken = None;
        let material = match signature.algorithm {
            Algorithm::Hmac(hash) => {
                mistaken = signature.secret.mistaken(text).map(|other| HmacKey::new(hash, &other));
                Material::Hmac(HmacKey::new(hash, &bytes))
            }
            Algorithm::Digest(hash) => Material::Digest(DigestKey::new(hash, &bytes)),
            Algorithm::Token => Material::Token(TokenKey::new(&bytes)),
            Algorithm::Ed25519 => Material::Ed25519(PublicKey::new(&bytes)?),
        };
        Ok(Self {
            way,
            label: secret.label_or_position(index).into(),
            name: signature.secret.name(text),
            material,
            mistaken,
            is_decoded: signature.secret != SecretFormat::Text,
            has_white_space: text.contains(char::is_whitespace),
        })
    }
}

/// The ways of signing that a pasted secret is for: those whose required prefix it has, else all
/// that ask for none.
pub(crate) fn ways_of<'a>(
    provider: &'a Provider,
    text: &str,
) -> Result<Vec<(usize, &'a Signature)>, ConfigError> {
    let prefixed = |way: &Signature| matches!(way.secret, SecretFormat::MustPrefixBase64(_));
    let ways = || provider.signatures().enumerate();
    let named: Vec<_> =
        ways().filter(|(_, way)| prefixed(way) && way.secret.claims(text)).collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let open: Vec<_> = ways().filter(|(_, way)| !prefixed(way)).collect();
    if !open.is_empty() {
        return Ok(open);
    }
    // Every way asks for a prefix, and this text has none: the first says which.
    match ways().next() {
        Some(first) => Ok(vec![first]),
        None => Err(ConfigError::new(
            ConfigErrorKind::Description,
            "the provider has no `signature`: a request could not be verified",
        )),
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut labels: Vec<_> = self.keys.iter().map(|key| &key.label).collect();
        labels.dedup();
        f.debug_struct("Keys")
            .field("provider", &self.provider)
            .field("principal", &self.principal.as_deref().unwrap_or_default())
            .field("labels", &labels)
            .finish_non_exhaustive()
    }
}

/// Finds the keys of a request: by path, host or header, for services with many tenants.
///
/// It is asked after the grammar of the signature header was checked and before the body is read,
/// under the layer's key timeout. It sees unverified data: look things up, trust nothing.
///
/// # What an implementation must give
///
/// 1. `Ok(Some(keys))` with keys of the verifier's provider and the
///    [`principal`](Keys::principal) they belong to.
/// 2. `Ok(None)` if nobody has a key for this request: 401.
/// 3. `Err` if it could not find out: 503, never 401, so that the sender tries again.
///
/// It is called concurrently. Cache [`Keys`]: preparing them costs about as much as a small
/// verification.
///
/// # Cancel safety
///
/// The future is dropped when the timeout passes or the sender hangs up.
///
/// # Example
///
/// ```
/// use std::collections::HashMap;
/// use http::request::Parts;
/// use tower_webhooks::{KeySource, KeySourceError, Keys, providers::STRIPE};
///
/// #[derive(Debug)]
/// struct Tenants(HashMap<String, Keys>);
///
/// impl KeySource for Tenants {
///     async fn keys(&self, head: &Parts) -> Result<Option<Keys>, KeySourceError> {
///         let tenant = head.uri.path().rsplit('/').next().unwrap_or_default();
///         Ok(self.0.get(tenant).cloned())
///     }
/// }
///
/// let acme = STRIPE.keys("whsec_acme")?.principal("acme");
/// let verifier = STRIPE.verifier_with(Tenants([("acme".into(), acme)].into())).build()?;
/// assert!(verifier.keys().is_none(), "they depend on the request");
/// # Ok::<_, tower_webhooks::ConfigError>(())
/// ```
pub trait KeySource: fmt::Debug + Send + Sync + 'static {
    /// The keys for the request with this head.
    ///
    /// # Errors
    ///
    /// [`KeySourceError`] if it could not find out.
    fn keys(
        &self,
        head: &Parts,
    ) -> impl Future<Output = Result<Option<Keys>, KeySourceError>> + Send;
}

/// A key source that could not find out. The sender gets 503.
#[derive(Debug)]
pub struct KeySourceError(Box<dyn Error + Send + Sync>);

impl KeySourceError {
    /// With its cause, which stands in the operator's log line.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

#[cfg(feature = "tokio")]
impl KeySourceError {
    pub(crate) fn cause(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Display for KeySourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key source did not answer")
    }
}

impl Error for KeySourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

#[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "the layer asks it"))]
pub(crate) type KeysFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Keys>, KeySourceError>> + Send + 'a>>;

/// The object-safe twin of [`KeySource`].
pub(crate) trait ErasedKeySource: fmt::Debug + Send + Sync {
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "the layer asks it"))]
    fn keys<'a>(&'a self, head: &'a Parts) -> KeysFuture<'a>;
}

impl<S: KeySource> ErasedKeySource for S {
    fn keys<'a>(&'a self, head: &'a Parts) -> KeysFuture<'a> {
        Box::pin(KeySource::keys(self, head))
    }
}
