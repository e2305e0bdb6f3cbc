//! A pasted text, read as its sender's secrets are written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::Digest;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::SecretFormat;

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
        let key = self.bytes(text)?;
        // HMAC pads its key with zeros: such a key is the empty one, which everybody has.
        if key.iter().all(|byte| *byte == 0) {
            return Err(ConfigError::new(
                ConfigErrorKind::EmptySecret,
                "the secret stands for nothing but zeros, and anybody could sign with it: paste the one that the sender's dashboard shows",
            ));
        }
        Ok(key)
    }

    fn bytes(self, text: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        match self {
            Self::Text => Ok(text.as_bytes().to_vec().into()),
            Self::NamedText => Ok(named_secret(text)?.as_bytes().to_vec().into()),
            Self::NfkdText => Ok(normalised(text)),
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

/// The text in NFKD. No character becomes more than 12 times as long (Unicode, UAX #15), so that
/// the buffer never moves and leaves a copy behind.
fn normalised(text: &str) -> Zeroizing<Vec<u8>> {
    let mut normal = String::with_capacity(text.len().saturating_mul(12));
    normal.extend(text.nfkd());
    normal.into_bytes().into()
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
    crate::encoding::decode_hex(text.as_bytes(), &mut key).ok_or_else(error)?;
    if key.is_empty() { Err(error()) } else { Ok(key) }
}

fn malformed(advice: String) -> ConfigError {
    ConfigError::new(ConfigErrorKind::MalformedSecret, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_required_prefix_claims_only_its_own() {
        assert!(SecretFormat::MustPrefixBase64("whpk_").claims("whpk_AAAA"));
        assert!(!SecretFormat::MustPrefixBase64("whpk_").claims("whsec_AAAA"));
    }

    #[test]
    fn a_key_of_zeros_is_refused_in_every_format() {
        for (format, text) in [
            (SecretFormat::Text, "\0\0\0"),
            (SecretFormat::NamedText, "name:\0"),
            (SecretFormat::NfkdText, "\0"),
            (SecretFormat::Hex, "00000000"),
            (SecretFormat::Base64, "AAAAAAAA"),
            (SecretFormat::MayPrefixBase64("whsec_"), "whsec_AAAAAAAAAAAAAAAA"),
            (SecretFormat::MustPrefixBase64("whpk_"), "whpk_AAAA"),
        ] {
            let error = format.decode(text).unwrap_err();
            assert_eq!(error.kind(), ConfigErrorKind::EmptySecret, "{format:?}");
        }
        assert!(SecretFormat::Hex.decode("0001").is_ok());
    }

    #[test]
    fn no_character_outgrows_the_buffer_of_its_normal_form() {
        let normal_length = |c: char| std::iter::once(c).nfkd().map(char::len_utf8).sum::<usize>();
        assert!(('\0'..=char::MAX).all(|c| normal_length(c) <= c.len_utf8() * 12));
    }
}
