//! How content is signed, and how the secret for it is pasted.

/// How the content is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC (RFC 2104) under this hash.
    Hmac(Hash),
    /// A plain hash over content that holds the secret, as [`Part::Secret`](super::Part::Secret).
    /// With the secret in front it can be extended by a stranger, so the content must then be
    /// UTF-8, which an extended one never is. It is for senders that have nothing better.
    Digest(Hash),
    /// No signature: the secret itself is sent, and compared in constant time. It proves who sends
    /// and nothing of what is sent: [`signs`](super::Provider::signs) nothing.
    Token,
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
            Self::Hmac(hash) | Self::Digest(hash) => match hash {
                Hash::Md5 => 16,
                Hash::Sha1 => 20,
                Hash::Sha256 => 32,
                Hash::Sha384 => 48,
                Hash::Sha512 => 64,
            },
            // A token is kept and compared as its SHA-256, whatever its length.
            Self::Token => 32,
            Self::Ed25519 => 64,
        }
    }
}

/// How a secret is pasted, and how it becomes key bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretFormat {
    /// The characters themselves, in UTF-8, any prefix included.
    Text,
    /// The name of the key, a colon and the secret: `name:secret`. The secret is what stands behind
    /// the first colon. A request that names another key is not verified with this one.
    NamedText,
    /// The characters after Unicode normalisation (NFKD), in UTF-8.
    NfkdText,
    /// As [`NamedText`](Self::NamedText); the key is the SHA-1 of the secret.
    NamedSha1,
    /// Hexadecimal, decoded.
    Hex,
    /// Padded standard base64, decoded.
    Base64,
    /// Padded standard base64 behind a prefix that may be left out (`whsec_`), decoded.
    MayPrefixBase64(&'static str),
    /// Padded standard base64 behind a prefix that must stand there (`whpk_`), decoded.
    MustPrefixBase64(&'static str),
}
