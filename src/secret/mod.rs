//! Secrets as they are pasted: redaction, wiping, and what becomes of them.
//!
//! [`format`] reads a pasted text as its sender's keys are written, [`mistakes`] refuses what is
//! known not to be a signing secret.

mod api_keys;
mod format;
mod mistakes;
mod placeholders;
mod verify_token;

pub(crate) use mistakes::{refuse, refuse_text, warn_of};
pub(crate) use verify_token::VerifyToken;

use std::fmt;

use zeroize::Zeroizing;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_label_and_nothing_of_the_secret() {
        let shown = format!("{:?}", Secrets::from([Secret::new("hunter2").label("may")]));
        assert!(shown.contains("may") && !shown.contains("hunter2"), "{shown}");
    }
}
