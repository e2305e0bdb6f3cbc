//! How content is signed, and how the secret for it is pasted.

/// How the content is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC (RFC 2104) under this hash.
    Hmac(Hash),
    /// Ed25519 (RFC 8032), verified strictly: a non-canonical `S` or a point of small order is
    /// refused. Building a verifier needs feature `ed25519`.
    Ed25519,
}

/// A hash for HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hash {
    /// MD5 (RFC 1321). Broken as a hash; as an HMAC, only where the sender has nothing better.
    Md5,
    /// SHA-1 (FIPS 180-4). Broken as a hash; as an HMAC, only where the sender has nothing better.
    Sha1,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
}

impl Algorithm {
    /// How many bytes a signature has.
    pub(crate) const fn signature_len(self) -> usize {
        match self {
            Self::Hmac(Hash::Md5) => 16,
            Self::Hmac(Hash::Sha1) => 20,
            Self::Hmac(Hash::Sha256) => 32,
            Self::Hmac(Hash::Sha384) => 48,
            Self::Hmac(Hash::Sha512) | Self::Ed25519 => 64,
        }
    }
}

/// How a secret is pasted, and how it becomes key bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretFormat {
    /// The characters themselves, in UTF-8, any prefix included.
    Text,
    /// Hexadecimal, decoded.
    Hex,
    /// Padded standard base64, decoded.
    Base64,
    /// Padded standard base64 behind a prefix that may be left out (`whsec_`), decoded.
    MayPrefixBase64(&'static str),
    /// Padded standard base64 behind a prefix that must stand there (`whpk_`), decoded.
    MustPrefixBase64(&'static str),
}
