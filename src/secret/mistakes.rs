//! What is known not to be a signing secret is refused when a verifier is built; what may be none
//! is warned of.
//!
//! A refusal rests on a listed text, compared whole, or on a beginning that only keys of another
//! kind have. A false one would keep a right secret out, so nothing is guessed.

use super::api_keys::API_KEYS;
use super::placeholders::{Blank, blank};
use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::{Provider, SecretFormat};
use crate::trace;

/// Under this length a secret can be guessed from one delivery that somebody kept, if a person
/// chose it. Right ones of some senders have 15 characters (Dropbox).
const SHORT: usize = 12;

/// Refuses what is not a secret of this provider.
pub(crate) fn refuse(provider: &Provider, text: &str) -> Result<(), ConfigError> {
    refuse_text(text)?;
    let is_named = |format| matches!(format, SecretFormat::NamedText | SecretFormat::NamedSha1);
    if provider.signatures().any(|way| is_named(way.secret))
        && let Some((_, secret)) = text.split_once(':')
    {
        refuse_text(secret)?;
    }
    if let Some(mistake) = provider.never_secrets.iter().find(|mistake| mistake.is_made_by(text)) {
        return refused(mistake.kind(), mistake.advice);
    }
    refuse_api_key(provider, text)
}

/// Refuses what is no secret of anybody.
pub(crate) fn refuse_text(text: &str) -> Result<(), ConfigError> {
    if text.trim().is_empty() {
        return refused(
            ConfigErrorKind::EmptySecret,
            "the secret is empty: is the variable it comes from set? anybody could sign with an empty secret",
        );
    }
    if let Some((index, sign)) = text.chars().enumerate().find(|(_, c)| is_invisible(*c)) {
        return refused(
            ConfigErrorKind::InvisibleCharacter,
            format!(
                "the secret has an invisible character, U+{:04X}, as number {} of its characters: paste it as plain text, or type it",
                u32::from(sign),
                index.saturating_add(1)
            ),
        );
    }
    if text.trim() != text {
        return refused(
            ConfigErrorKind::PaddedSecret,
            "the secret has white space (or a line break) in front or behind: paste it without",
        );
    }
    if is_quoted(text) {
        return refused(
            ConfigErrorKind::QuotedSecret,
            "the secret stands in quotes, which the sender does not use: paste it without, and look at how the file or shell that it comes from treats them",
        );
    }
    match blank(text) {
        Some(Blank::Prefix) => refused(
            ConfigErrorKind::EmptySecret,
            "the secret is only a prefix, and the rest of it was cut off: paste it whole",
        ),
        Some(Blank::Placeholder) => refused(
            ConfigErrorKind::Placeholder,
            "the secret is a placeholder that was never filled in, and anybody could sign with it: paste the one that the sender's dashboard shows",
        ),
        None => Ok(()),
    }
}

fn refuse_api_key(provider: &Provider, text: &str) -> Result<(), ConfigError> {
    let is_it = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
    let Some(key) = API_KEYS.iter().find(|key| is_it(key.prefixes)) else { return Ok(()) };
    let own = key.paste.filter(|(names, _)| names.contains(&provider.name));
    let advice = match own {
        Some((_, paste)) => format!("this is {}: paste {paste}", key.what),
        None => format!(
            "this is {}, which signs no webhooks: paste the secret with which `{}` signs them",
            key.what, provider.name
        ),
    };
    refused(ConfigErrorKind::NotASecret, advice)
}

/// Tells the operator of a secret that may be right and should not be.
pub(crate) fn warn_of(provider: &Provider, label: &str, text: &str) {
    if text.chars().count() < SHORT {
        trace::warn!(
            target: "tower_webhooks",
            provider = provider.name,
            label = label,
            "the secret is short, so that it can be guessed from one delivery: choose a longer one where the sender lets you"
        );
    }
    if may_be_public_key(provider, text) {
        trace::warn!(
            target: "tower_webhooks",
            provider = provider.name,
            label = label,
            "the secret has no prefix and the length of a public key: if it is one, write `whpk_` in front, or everybody can sign with it; if it is the shared secret, write `whsec_` in front"
        );
    }
}

/// Whether a bare text could be either the shared secret or the public key, for a sender that has
/// both and tells them apart by their prefixes.
fn may_be_public_key(provider: &Provider, text: &str) -> bool {
    let asks_for = |way: &SecretFormat| matches!(way, SecretFormat::MustPrefixBase64(_));
    let has_both = provider.signatures().any(|way| asks_for(&way.secret))
        && provider.signatures().any(|way| !asks_for(&way.secret));
    has_both
        && !text.contains('_')
        && SecretFormat::Base64.decode(text).is_ok_and(|key| key.len() == 32)
}

/// Characters that no editor shows: NUL, the byte order mark, zero-width and direction marks.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\0' | '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

fn is_quoted(text: &str) -> bool {
    const QUOTES: &[(char, char)] =
        &[('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»')];
    QUOTES
        .iter()
        .any(|(open, close)| text.strip_prefix(*open).is_some_and(|rest| rest.ends_with(*close)))
}

fn refused(
    kind: ConfigErrorKind,
    advice: impl Into<std::borrow::Cow<'static, str>>,
) -> Result<(), ConfigError> {
    Err(ConfigError::new(kind, advice))
}
