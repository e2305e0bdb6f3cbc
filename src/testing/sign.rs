//! The signing twin of each algorithm, encoding and grammar. Nothing here is on the path of a
//! verification.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::keys::way_of;
use crate::provider::{
    Algorithm, Encoding, Grammar, Hash, Provider, SecretFormat, Signature, SignaturePlace,
};
use crate::scheme::hmac::HmacKey;
use crate::secret::{Secret, check_text};

/// How Standard Webhooks writes the private key to a `whpk_` public key.
const PRIVATE: &str = "whsk_";
/// What every demo key is made of. It is public: who uses it has no protection.
const DEMO: &[u8] = b"tower-webhooks demo key: public, so never for production";

/// A key that signs, for one of a provider's ways of signing.
pub(super) struct SigningKey {
    pub(super) way: Signature,
    material: Material,
    /// What to configure in a verifier.
    pub(super) verifying: Zeroizing<String>,
}

#[derive(Clone)]
enum Material {
    Hmac(Hash, Zeroizing<Vec<u8>>),
    #[cfg(feature = "ed25519")]
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl SigningKey {
    pub(super) fn parse(provider: &Provider, secret: &Secret) -> Result<Self, ConfigError> {
        let text = secret.text();
        if let (Some(seed), Some(way)) = (text.strip_prefix(PRIVATE), public_key_way(provider)) {
            check_text(text, &[])?;
            return Self::ed25519(*way, &SecretFormat::Base64.decode(seed)?);
        }
        check_text(text, provider.never_secrets)?;
        let (_, way) = way_of(provider, text)?;
        match (way.algorithm, way.secret) {
            (Algorithm::Hmac(hash), format) => Ok(Self {
                way: *way,
                material: Material::Hmac(hash, format.decode(text)?),
                verifying: text.to_owned().into(),
            }),
            (Algorithm::Ed25519, SecretFormat::MustPrefixBase64(prefix)) => {
                Err(malformed(format!(
                    "`{prefix}` is a public key, which cannot sign: give the private key, `{PRIVATE}` and base64"
                )))
            }
            (Algorithm::Ed25519, format) => Self::ed25519(*way, &format.decode(text)?),
        }
    }

    /// The demo key of the provider's first way of signing.
    pub(super) fn demo(provider: &Provider) -> Result<Self, ConfigError> {
        let (_, way) = way_of(provider, "")?;
        let way = provider.signatures().next().unwrap_or(way);
        let key = Sha256::digest(DEMO);
        let text = match (way.algorithm, way.secret) {
            (_, SecretFormat::Text) => "demo-secret-never-for-production".to_owned(),
            (_, SecretFormat::Hex) => hex(&key),
            (_, SecretFormat::Base64) => STANDARD.encode(key),
            (
                Algorithm::Ed25519,
                SecretFormat::MayPrefixBase64(_) | SecretFormat::MustPrefixBase64(_),
            ) => format!("{PRIVATE}{}", STANDARD.encode(key)),
            (
                Algorithm::Hmac(_),
                SecretFormat::MayPrefixBase64(prefix) | SecretFormat::MustPrefixBase64(prefix),
            ) => format!("{prefix}{}", STANDARD.encode(key)),
        };
        Self::parse(provider, &Secret::new(text))
    }

    /// Takes a seed of 32 bytes, or a seed with its public key behind it.
    #[cfg(feature = "ed25519")]
    fn ed25519(way: Signature, bytes: &[u8]) -> Result<Self, ConfigError> {
        let seed = bytes.first_chunk::<32>().filter(|_| matches!(bytes.len(), 32 | 64));
        let seed = seed.ok_or_else(|| {
            malformed("the private key of Ed25519 is a seed of 32 bytes: give it whole".into())
        })?;
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = key.verifying_key().to_bytes();
        let verifying = match way.secret {
            SecretFormat::Hex => hex(&public),
            SecretFormat::Base64 => STANDARD.encode(public),
            SecretFormat::MayPrefixBase64(prefix) | SecretFormat::MustPrefixBase64(prefix) => {
                format!("{prefix}{}", STANDARD.encode(public))
            }
            SecretFormat::Text => {
                return Err(ConfigError::new(
                    ConfigErrorKind::Description,
                    "a public key is not text: give the signature a `secret` format of hex or base64",
                ));
            }
        };
        Ok(Self { way, material: Material::Ed25519(Box::new(key)), verifying: verifying.into() })
    }

    #[cfg(not(feature = "ed25519"))]
    fn ed25519(_: Signature, _: &[u8]) -> Result<Self, ConfigError> {
        Err(ConfigError::new(
            ConfigErrorKind::MissingFeature,
            "Ed25519 keys need feature `ed25519` of tower-webhooks: enable it in Cargo.toml",
        ))
    }

    /// The signature of a content, by this key or by one that no verifier knows.
    pub(super) fn sign(&self, content: &[u8], by_another: bool) -> Vec<u8> {
        let other = |key: &[u8]| Sha256::digest([key, b"another"].concat());
        match &self.material {
            Material::Hmac(hash, key) => {
                let key = if by_another {
                    HmacKey::new(*hash, &other(key))
                } else {
                    HmacKey::new(*hash, key)
                };
                let mut mac = key.start();
                mac.update(content);
                mac.tag()
            }
            #[cfg(feature = "ed25519")]
            Material::Ed25519(key) => {
                use ed25519_dalek::{Signer, SigningKey};
                let other = || SigningKey::from_bytes(&other(key.as_bytes()).into());
                let signature = if by_another { other().sign(content) } else { key.sign(content) };
                signature.to_bytes().to_vec()
            }
        }
    }
}

/// The way of signing whose public keys are written as Standard Webhooks does.
fn public_key_way(provider: &Provider) -> Option<&Signature> {
    provider.signatures().find(|way| {
        way.algorithm == Algorithm::Ed25519
            && matches!(
                way.secret,
                SecretFormat::MayPrefixBase64(_) | SecretFormat::MustPrefixBase64(_)
            )
    })
}

/// A signature as it is written, or the rest of its list if there is none.
pub(super) fn write(
    place: SignaturePlace,
    entries: &[(&'static str, String)],
    signature: Option<&[u8]>,
) -> Option<String> {
    let encoded = signature.map(|bytes| match place.encoding {
        Encoding::Hex => hex(bytes),
        Encoding::Base64 => STANDARD.encode(bytes),
    });
    match place.grammar {
        Grammar::Bare => encoded,
        Grammar::Prefixed(prefix) => encoded.map(|encoded| format!("{prefix}{encoded}")),
        Grammar::List { separator, assign, key } => {
            let element = |(name, value): (&str, &str)| format!("{name}{assign}{value}");
            let entries = entries.iter().map(|(name, value)| (*name, value.as_str()));
            let all = entries.chain(encoded.as_deref().map(|encoded| (key, encoded)));
            let elements: Vec<_> = all.map(element).collect();
            (!elements.is_empty()).then(|| elements.join(&separator.to_string()))
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn malformed(advice: String) -> ConfigError {
    ConfigError::new(ConfigErrorKind::MalformedSecret, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::header;

    #[test]
    fn every_grammar_is_written_as_it_is_read() {
        let time = [("t", "17".to_owned())];
        let written = |place| write(place, &time, Some(&[0xab, 0xcd]));
        assert_eq!(written(header("x").hex()).as_deref(), Some("abcd"));
        assert_eq!(written(header("x").prefix("v0=").base64()).as_deref(), Some("v0=q80="));
        let list = header("x").list(',', '=').entry("v1");
        assert_eq!(written(list).as_deref(), Some("t=17,v1=abcd"));
        assert_eq!(write(list, &time, None).as_deref(), Some("t=17"));
        assert_eq!(write(list, &[], None), None);
    }
}
