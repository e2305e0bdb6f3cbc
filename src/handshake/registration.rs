//! Secrets that a sender hands over in its setup request, which nothing signs.

use std::error::Error;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use zeroize::Zeroizing;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::keys::{KeySource, KeySourceError, Keys};
use crate::provider::Provider;
use crate::secret::{Secret, Secrets};

/// Where a secret is kept that a sender handed over. A closure is one, and a [`SecretFile`].
pub trait SecretSink: Send + Sync + 'static {
    /// Keeps the secret for good.
    ///
    /// # Errors
    ///
    /// If it could not: the secret is then not used either.
    fn keep(&self, secret: &str) -> Result<(), Box<dyn Error + Send + Sync>>;
}

impl<F> SecretSink for F
where
    F: Fn(&str) -> Result<(), Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
{
    fn keep(&self, secret: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
        self(secret)
    }
}

/// Appends each secret to a file, one a line. The file is made if it is missing, on Unix for its
/// owner alone.
#[derive(Debug, Clone)]
pub struct SecretFile {
    path: PathBuf,
}

impl SecretFile {
    /// The file at this path.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The secrets in it; none if there is no file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn read(&self) -> io::Result<Vec<Secret>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(Zeroizing::new(text).lines().map(Secret::new).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

impl SecretSink for SecretFile {
    fn keep(&self, secret: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        writeln!(file, "{secret}")?;
        Ok(file.sync_all()?)
    }
}

/// The webhooks of a sender that hands a secret over when one is registered (Asana, Notion): the
/// secrets that are known, and the registration that is pending.
///
/// Such a setup request is signed by nobody, and who answers each lets any stranger plant a secret.
/// So it is answered only between [`begin`](Self::begin) and the end of what that returns, once, and
/// its secret counts only when you [`keep`](Registration::keep) it: when the sender has told *you*
/// that the webhook is registered. Otherwise it is refused as any delivery without a signature. A
/// secret that is known is never replaced.
///
/// ```no_run
/// use tower_webhooks::handshake::{Registrations, SecretFile};
/// use tower_webhooks::{WebhookLayer, providers::ASANA};
/// # async fn create_webhook() -> Result<(), std::io::Error> { Ok(()) }
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let file = SecretFile::new("/var/lib/tasks/asana.secrets");
/// let registrations = Registrations::new(&ASANA, file.read()?, file)?;
/// let layer = WebhookLayer::new("tasks", registrations.verifier().build()?);
///
/// let registration = registrations.begin(); // before Asana is asked to create a webhook
/// create_webhook().await?; // Asana's setup request is answered meanwhile
/// registration.keep()?; // from here on the layer verifies with the new secret too
/// # Ok(())
/// # }
/// ```
///
/// # Clone
///
/// Cheap; clones share everything.
#[derive(Clone)]
pub struct Registrations {
    inner: Arc<Inner>,
}

struct Inner {
    provider: Provider,
    sink: Box<dyn SecretSink>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Vec<Secret>,
    keys: Option<Keys>,
    /// The number of the last registration.
    last: u64,
    /// The registration that is pending, and what it learned.
    pending: Option<(u64, Option<Zeroizing<String>>)>,
}

/// A pending registration. Made by [`Registrations::begin`]; dropping it ends it, and what it learned
/// is forgotten.
#[derive(Debug)]
#[must_use = "the setup request is answered only while this lives"]
pub struct Registration {
    of: Registrations,
    number: u64,
}

impl Registrations {
    /// Those of this provider, with the secrets that were kept before.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the provider hands over no secret, or one of the known ones is none.
    pub fn new(
        provider: &Provider,
        known: impl IntoIterator<Item = Secret>,
        sink: impl SecretSink,
    ) -> Result<Self, ConfigError> {
        if provider.handshakes.iter().all(|handshake| handshake.learns.is_none()) {
            return Err(ConfigError::new(
                ConfigErrorKind::ExpectedSetup,
                format!(
                    "`{}` hands over no secret: give its secrets with `verifier(…)`",
                    provider.name
                ),
            ));
        }
        let known: Vec<Secret> = known.into_iter().collect();
        let keys = match known.is_empty() {
            true => None,
            false => Some(provider.keys(Secrets::from(known.clone()))?),
        };
        let state = Mutex::new(State { known, keys, ..State::default() });
        Ok(Self { inner: Arc::new(Inner { provider: *provider, sink: Box::new(sink), state }) })
    }

    /// Begins a registration: one setup request is answered from now on. A registration that was
    /// pending is over.
    pub fn begin(&self) -> Registration {
        let mut state = self.state();
        state.last = state.last.wrapping_add(1);
        state.pending = Some((state.last, None));
        Registration { of: self.clone(), number: state.last }
    }

    pub(crate) fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    pub(super) fn is_pending(&self) -> bool {
        matches!(self.state().pending, Some((_, None)))
    }

    /// Takes the secret if a registration waits for one.
    pub(super) fn learn(&self, secret: &str) -> bool {
        match &mut self.state().pending {
            Some((_, learned @ None)) => {
                *learned = Some(Zeroizing::new(secret.to_owned()));
                true
            }
            _ => false,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registration {
    /// Whether the sender has handed its secret over.
    #[must_use]
    pub fn has_learned(&self) -> bool {
        matches!(&self.of.state().pending, Some((number, Some(_))) if *number == self.number)
    }

    /// Gives the secret to the sink, and from then on verifies with it too.
    ///
    /// # Errors
    ///
    /// If there is none (the sender's request did not come, or another registration was begun), it is
    /// none, there are 8 already, or the sink could not keep it. Nothing is changed then.
    pub fn keep(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Inner { provider, sink, .. } = &*self.of.inner;
        let (secret, known) = {
            let mut state = self.of.state();
            let learned = match &mut state.pending {
                Some((number, learned)) if *number == self.number => learned.take(),
                _ => None,
            };
            (learned.ok_or("the sender has handed over no secret")?, state.known.clone())
        };
        let mut known = known;
        known.push(Secret::new(secret.as_str()));
        let keys = provider.keys(Secrets::from(known.clone()))?;
        sink.keep(&secret)?;
        let mut state = self.of.state();
        state.known = known;
        state.keys = Some(keys);
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut state = self.of.state();
        if matches!(&state.pending, Some((number, _)) if *number == self.number) {
            state.pending = None;
        }
    }
}

impl KeySource for Registrations {
    async fn keys(&self, _: &Parts) -> Result<Option<Keys>, KeySourceError> {
        Ok(self.state().keys.clone())
    }
}

impl fmt::Debug for Registrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registrations")
            .field("provider", &self.inner.provider.name())
            .finish_non_exhaustive()
    }
}
