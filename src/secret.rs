//! Secrets as they are pasted: parsing, redaction, wiping.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::{Mistake, SecretFormat};

/// A secret as it is pasted from the sender's dashboard, with an optional label.
///
/// It has no `Display` and no comparison, its `Debug` shows only the label, and its memory is
/// wiped when it is dropped.
#[derive(Clone)]
pub struct Secret {
    text: Zeroizing<String>,
    label: Option<Box<str>>,
}

/// One or several secrets, all active at once: the way to rotate them. Made from a `&str`, a
/// `String`, a [`Secret`], or an array or `Vec` of these.
#[derive(Debug, Clone)]
pub struct Secrets(pub(crate) Vec<Secret>);

impl Secret {
    /// A secret as it is pasted.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: Zeroizing::new(text.into()), label: None }
    }

    /// A name for logs and [`Event::key_label`](crate::Event::key_label), such as the month of the
    /// rotation. Without one, a secret is called by its position: `1`, `2`, …
    #[must_use]
    pub fn label(mut self, label: impl Into<Box<str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    pub(crate) fn label_or_position(&self, index: usize) -> Box<str> {
        self.label.clone().unwrap_or_else(|| index.saturating_add(1).to_string().into_boxed_str())
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("label", &self.label).finish_non_exhaustive()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<S: Into<Secret>> From<S> for Secrets {
    fn from(secret: S) -> Self {
        Self(vec![secret.into()])
    }
}

impl<S: Into<Secret>, const N: usize> From<[S; N]> for Secrets {
    fn from(secrets: [S; N]) -> Self {
        Self(secrets.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<Secret>> From<Vec<S>> for Secrets {
    fn from(secrets: Vec<S>) -> Self {
        Self(secrets.into_iter().map(Into::into).collect())
    }
}

/// Refuses what is no secret of any format.
pub(crate) fn check_text(text: &str, mistakes: &[Mistake]) -> Result<(), ConfigError> {
    // The prefix alone is what is left of a secret that was cut off, and known to everybody.
    if text.trim().is_empty() || text == "whsec_" {
        return Err(ConfigError::new(
            ConfigErrorKind::EmptySecret,
            "the secret is empty: is the variable it comes from set? anybody could sign with an empty secret",
        ));
    }
    if text.trim() != text {
        return Err(ConfigError::new(
            ConfigErrorKind::PaddedSecret,
            "the secret has white space (or a line break) in front or behind: paste it without",
        ));
    }
    match mistakes.iter().find(|mistake| text.starts_with(mistake.prefix)) {
        Some(mistake) => Err(ConfigError::new(ConfigErrorKind::NotASecret, mistake.advice)),
        None => Ok(()),
    }
}

impl SecretFormat {
    /// Whether a text pasted for a provider with several formats is of this one. The formats that
    /// ask for their prefix are asked first.
    pub(crate) fn claims(self, text: &str) -> bool {
        match self {
            Self::MustPrefixBase64(prefix) => text.starts_with(prefix),
            _ => true,
        }
    }

    /// The key bytes that a pasted text stands for.
    pub(crate) fn decode(self, text: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        match self {
            Self::Text => Ok(text.as_bytes().to_vec().into()),
            Self::NamedText => Ok(named_secret(text)?.as_bytes().to_vec().into()),
            Self::NfkdText => Ok(text.nfkd().collect::<String>().into_bytes().into()),
            Self::NamedSha1 => Ok(Sha1::digest(named_secret(text)?.as_bytes()).to_vec().into()),
            Self::Hex => decode_hex(text),
            Self::Base64 => decode_base64(text, None),
            Self::MayPrefixBase64(prefix) => {
                decode_base64(text.strip_prefix(prefix).unwrap_or(text), Some(prefix))
            }
            Self::MustPrefixBase64(prefix) => match text.strip_prefix(prefix) {
                Some(rest) => decode_base64(rest, Some(prefix)),
                None => Err(malformed(format!("the key must begin with `{prefix}`"))),
            },
        }
    }

    /// The key bytes if the text was meant in the other way: decoded where this format takes it
    /// as it is, as it is where this format decodes it.
    pub(crate) fn mistaken(self, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Text => {
                let encoded = text.strip_prefix("whsec_").unwrap_or(text);
                STANDARD.decode(encoded).ok().filter(|key| key.len() >= 8).map(Into::into)
            }
            Self::Hex | Self::Base64 | Self::MayPrefixBase64(_) | Self::MustPrefixBase64(_) => {
                Some(text.as_bytes().to_vec().into())
            }
            Self::NamedText | Self::NfkdText | Self::NamedSha1 => None,
        }
    }

    /// The name of the key, where a pasted secret has one.
    pub(crate) fn name(self, text: &str) -> Option<Box<str>> {
        match self {
            Self::NamedText | Self::NamedSha1 => text.split_once(':').map(|(name, _)| name.into()),
            _ => None,
        }
    }
}

/// What stands behind the name of a key.
fn named_secret(text: &str) -> Result<&str, ConfigError> {
    match text.split_once(':') {
        Some((name, secret)) if !name.is_empty() && !secret.is_empty() => Ok(secret),
        _ => Err(malformed("give the key's name, a colon and its secret: `name:secret`".into())),
    }
}

fn decode_base64(text: &str, prefix: Option<&str>) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let form = match prefix {
        Some(prefix) => format!("`{prefix}` and padded standard base64"),
        None => "padded standard base64".into(),
    };
    if text.starts_with("v1,") {
        return Err(malformed(format!(
            "the secret is written with a version in front: leave out `v1,` and paste {form}"
        )));
    }
    match STANDARD.decode(text) {
        Ok(key) if !key.is_empty() => Ok(key.into()),
        _ => Err(malformed(format!(
            "the secret is not {form}: paste it whole, as the sender's dashboard shows it"
        ))),
    }
}

fn decode_hex(text: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let error =
        || malformed("the key is not hexadecimal: paste the digits 0-9 and a-f only".into());
    let mut key = Zeroizing::new(vec![0; text.len() / 2]);
    crate::scheme::grammar::decode_hex(text.as_bytes(), &mut key).ok_or_else(error)?;
    if key.is_empty() { Err(error()) } else { Ok(key) }
}

fn malformed(advice: String) -> ConfigError {
    ConfigError::new(ConfigErrorKind::MalformedSecret, advice)
}

/// The token of an unsigned setup request, kept only as a hash: equal lengths for a comparison in
/// constant time, and nothing to print.
#[derive(Clone)]
pub(crate) struct VerifyToken([u8; 32]);

impl VerifyToken {
    pub(crate) fn new(text: &str) -> Result<Self, ConfigError> {
        if text.trim().is_empty() || text.trim() != text {
            return Err(ConfigError::new(
                ConfigErrorKind::VerifyToken,
                "the verify token is blank, or has white space in front or behind: give the text you entered in the sender's dashboard",
            ));
        }
        Ok(Self(Sha256::digest(text.as_bytes()).into()))
    }

    pub(crate) fn matches(&self, sent: &[u8]) -> bool {
        self.0.ct_eq(&<[u8; 32]>::from(Sha256::digest(sent))).into()
    }
}

impl fmt::Debug for VerifyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_label_and_nothing_of_the_secret() {
        let shown = format!("{:?}", Secrets::from([Secret::new("hunter2").label("may")]));
        assert!(shown.contains("may") && !shown.contains("hunter2"), "{shown}");
        assert_eq!(format!("{:?}", VerifyToken::new("hunter2").unwrap()), "VerifyToken(..)");
    }

    #[test]
    fn a_required_prefix_claims_only_its_own() {
        assert!(SecretFormat::MustPrefixBase64("whpk_").claims("whpk_AAAA"));
        assert!(!SecretFormat::MustPrefixBase64("whpk_").claims("whsec_AAAA"));
    }
}
