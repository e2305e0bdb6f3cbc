//! Everything a user can misconfigure. Never seen by a sender.

use std::borrow::Cow;
use std::fmt;

/// A verifier or layer that cannot be built as it was described. Its text says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    kind: ConfigErrorKind,
    /// Of a configuration file.
    key: Option<Box<str>>,
    advice: Cow<'static, str>,
}

/// The kinds of [`ConfigError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// No secret was given, or more than 8.
    SecretCount,
    /// A secret is empty or blank, only a prefix, or stands for nothing but zeros.
    EmptySecret,
    /// A secret has white space in front or behind.
    PaddedSecret,
    /// A secret stands in quotes.
    QuotedSecret,
    /// A secret has a character that no editor shows: NUL, a byte order mark, a zero-width space.
    InvisibleCharacter,
    /// A secret was never filled in: `undefined`, `${SECRET}`, `whsec_...`.
    Placeholder,
    /// A secret that the sender itself publishes, so that anybody could sign with it.
    PublishedSecret,
    /// A secret is not written as this provider's secrets are.
    MalformedSecret,
    /// Something that is not the signing secret was pasted.
    NotASecret,
    /// The algorithm needs a feature that is not enabled.
    MissingFeature,
    /// The provider signs its public URL, and none was given, or it is not a URL.
    PublicUrl,
    /// The provider's setup request needs a verify token, and none was given, or it is blank.
    VerifyToken,
    /// What setup requests may be about, for a provider whose requests do not say so, or nothing.
    ExpectedSetup,
    /// A tolerance that no request could meet, or for a provider that signs no time.
    Tolerance,
    /// Topics for a provider that has none, an empty list of them, or one that it does not write so.
    Topics,
    /// Types for a provider whose events have none, an empty list of them, or one that it does not
    /// write so.
    Types,
    /// A header prefix, or a new name of a header, for a provider that has no such header, or one
    /// that is no header name.
    HeaderName,
    /// Verifiers for one route that cannot be told apart.
    Verifiers,
    /// The lease is too short for the timeouts.
    Lease,
    /// The retention is too short for the lease or the tolerance.
    Retention,
    /// A limit is zero.
    Limit,
    /// A configuration file that cannot be read, or says something that is not known.
    File,
    /// The description of the provider contradicts itself.
    Description,
}

impl ConfigError {
    pub(crate) fn new(kind: ConfigErrorKind, advice: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, key: None, advice: advice.into() }
    }

    /// The same error inside this key of a configuration file.
    #[cfg(feature = "config")]
    pub(crate) fn within(self, key: &str) -> Self {
        let key = match self.key {
            None => key.into(),
            Some(inner) if inner.starts_with('[') => format!("{key}{inner}").into(),
            Some(inner) => format!("{key}.{inner}").into(),
        };
        Self { key: Some(key), ..self }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ConfigErrorKind {
        self.kind
    }

    /// The key of the configuration file that is wrong, such as `endpoint[0].provider`; `None` of
    /// what was configured in code.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "`{key}`: {}", self.advice),
            None => f.write_str(&self.advice),
        }
    }
}

impl std::error::Error for ConfigError {}
