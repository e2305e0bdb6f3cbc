//! The signing twin of each algorithm, encoding and grammar. Nothing here is on the path of a
//! verification.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::keys::ways_of;
use crate::provider::{
    Algorithm, Encoding, Grammar, Hash, Provider, SecretFormat, Signature, SignaturePlace,
};
use crate::scheme::digest::DigestKey;
use crate::scheme::hmac::HmacKey;
use crate::secret::{Secret, refuse, refuse_text};

/// How Standard Webhooks writes the private key to a `whpk_` public key.
const PRIVATE: &str = "whsk_";
/// What every demo key is made of. It is public: who uses it has no protection.
const DEMO: &[u8] = b"tower-webhooks demo key: public, so never for production";

/// A key that signs, for one of a provider's ways of signing.
pub(super) struct SigningKey {
    pub(super) way: Signature,
    /// The name under which a request asks for the key.
    pub(super) name: Option<Box<str>>,
    material: Material,
    /// What to configure in a verifier.
    pub(super) verifying: Zeroizing<String>,
}

#[derive(Clone)]
enum Material {
    Hmac(Hash, Zeroizing<Vec<u8>>),
    Digest(Hash, Zeroizing<Vec<u8>>),
    Token(Zeroizing<Vec<u8>>),
    #[cfg(feature = "ed25519")]
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl SigningKey {
    pub(super) fn parse(provider: &Provider, secret: &Secret) -> Result<Self, ConfigError> {
        let text = secret.text();
        if let (Some(seed), Some(way)) = (text.strip_prefix(PRIVATE), public_key_way(provider)) {
            refuse_text(text)?;
            return Self::ed25519(*way, &SecretFormat::Base64.decode(seed)?);
        }
        refuse(provider, text)?;
        let way = first_way(provider, text)?;
        let shared = |material| Self {
            way: *way,
            name: way.secret.name(text),
            material,
            verifying: text.to_owned().into(),
        };
        match (way.algorithm, way.secret) {
            (Algorithm::Hmac(hash), format) => {
                Ok(shared(Material::Hmac(hash, format.decode(text)?)))
            }
            (Algorithm::Digest(hash), format) => {
                Ok(shared(Material::Digest(hash, format.decode(text)?)))
            }
            (Algorithm::Token, format) => Ok(shared(Material::Token(format.decode(text)?))),
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
        let way = first_way(provider, "")?;
        let key = Sha256::digest(DEMO);
        let text = match (way.algorithm, way.secret) {
            (_, SecretFormat::NamedText | SecretFormat::NamedSha1) => {
                "demo:demo-secret-never-for-production".to_owned()
            }
            (_, SecretFormat::Text | SecretFormat::NfkdText) => {
                "demo-secret-never-for-production".to_owned()
            }
            (_, SecretFormat::Hex) => hex(&key),
            (_, SecretFormat::Base64) => STANDARD.encode(key),
            (
                Algorithm::Ed25519,
                SecretFormat::MayPrefixBase64(_) | SecretFormat::MustPrefixBase64(_),
            ) => format!("{PRIVATE}{}", STANDARD.encode(key)),
            (
                Algorithm::Hmac(_) | Algorithm::Digest(_) | Algorithm::Token,
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
            SecretFormat::Text
            | SecretFormat::NamedText
            | SecretFormat::NfkdText
            | SecretFormat::NamedSha1 => {
                return Err(ConfigError::new(
                    ConfigErrorKind::Description,
                    "a public key is not text: give the signature a `secret` format of hex or base64",
                ));
            }
        };
        let material = Material::Ed25519(Box::new(key));
        Ok(Self { way, name: None, material, verifying: verifying.into() })
    }

    #[cfg(not(feature = "ed25519"))]
    fn ed25519(_: Signature, _: &[u8]) -> Result<Self, ConfigError> {
        Err(ConfigError::new(
            ConfigErrorKind::MissingFeature,
            "Ed25519 keys need feature `ed25519` of tower-webhooks: enable it in Cargo.toml",
        ))
    }

    /// The secret as it stands in the content of a plain hash.
    pub(super) fn secret(&self, of_another: bool) -> Vec<u8> {
        match &self.material {
            Material::Digest(_, secret) if of_another => other(secret).to_vec(),
            Material::Digest(_, secret) => secret.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The signature of a content, by this key or by one that no verifier knows.
    pub(super) fn sign(&self, content: &[u8], by_another: bool) -> Vec<u8> {
        match &self.material {
            Material::Digest(hash, _) => {
                let mut digest = DigestKey::new(*hash, b"").start();
                digest.update(content);
                digest.finish().as_bytes().to_vec()
            }
            Material::Token(token) if by_another => sign_token(&other(token)),
            Material::Token(token) => token.to_vec(),
            Material::Hmac(hash, key) => {
                let key = if by_another {
                    HmacKey::new(*hash, &other(key))
                } else {
                    HmacKey::new(*hash, key)
                };
                let mut mac = key.start();
                mac.update(content);
                mac.finish().as_bytes().to_vec()
            }
            #[cfg(feature = "ed25519")]
            Material::Ed25519(key) => {
                use ed25519_dalek::{Signer, SigningKey};
                let other = || SigningKey::from_bytes(&other(key.as_bytes()));
                let signature = if by_another { other().sign(content) } else { key.sign(content) };
                signature.to_bytes().to_vec()
            }
        }
    }
}

/// A key that no verifier knows.
fn other(key: &[u8]) -> [u8; 32] {
    Sha256::digest([key, b"another"].concat()).into()
}

fn sign_token(token: &[u8]) -> Vec<u8> {
    hex(token).into_bytes()
}

/// The way of signing that a secret is for; of several, the first.
fn first_way<'a>(provider: &'a Provider, text: &str) -> Result<&'a Signature, ConfigError> {
    let ways = ways_of(provider, text)?;
    ways.first().map(|(_, way)| *way).ok_or_else(|| malformed("no way of signing".into()))
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
        Encoding::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        Encoding::Text => String::from_utf8_lossy(bytes).into_owned(),
    });
    match place.grammar {
        Grammar::Bare => encoded,
        Grammar::Prefixed(prefix) => encoded.map(|encoded| format!("{prefix}{encoded}")),
        Grammar::Scheme(scheme) => encoded.map(|encoded| format!("{scheme} {encoded}")),
        Grammar::List { separators, assign, key, written } => {
            let element = |(name, value): (&str, &str)| format!("{name}{assign}{value}");
            let entries = entries.iter().map(|(name, value)| (*name, value.as_str()));
            let all = entries.chain(encoded.as_deref().map(|encoded| (key, encoded)));
            let elements: Vec<_> = all.map(element).collect();
            let first = separators.get(..1).unwrap_or_default();
            let between = if written.is_empty() { first } else { written };
            (!elements.is_empty()).then(|| elements.join(between))
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
        assert_eq!(written(header("x").scheme("Basic").base64()).as_deref(), Some("Basic q80="));
        let list = header("x").list(",", '=').entry("v1");
        assert_eq!(written(list).as_deref(), Some("t=17,v1=abcd"));
        assert_eq!(write(list, &time, None).as_deref(), Some("t=17"));
        assert_eq!(written(list.written_between(", ")).as_deref(), Some("t=17, v1=abcd"));
        assert_eq!(write(list, &[], None), None);
    }
}
