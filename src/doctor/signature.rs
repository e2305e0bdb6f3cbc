//! A signature that is made or written otherwise, or stands elsewhere.

use super::case::Case;
use super::finding::Finding;
use crate::provider::{Algorithm, Encoding, Hash, Place, Signature, SignaturePlace};
use crate::providers;

/// Another hash, or another encoding.
pub(super) fn forms(case: &Case<'_>) -> Vec<Finding> {
    let hashes = [Hash::Md5, Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512];
    let other_hash = hashes.into_iter().find(|hash| {
        case.passes(case.with_ways(|way| match way.algorithm {
            Algorithm::Hmac(own) if own != *hash => {
                Signature { algorithm: Algorithm::Hmac(*hash), ..way }
            }
            _ => way,
        }))
    });
    if let Some(hash) = other_hash {
        return vec![Finding::OtherHash(hash)];
    }
    let other_encoding =
        [Encoding::Hex, Encoding::Base64, Encoding::Base64Url].into_iter().any(|encoding| {
            case.passes(case.with_ways(|mut way| {
                way.place.encoding = encoding;
                way
            }))
        });
    if other_encoding { vec![Finding::OtherEncoding] } else { Vec::new() }
}

/// The right secret's signature, in a header where other senders have theirs.
pub(super) fn elsewhere(case: &Case<'_>) -> Vec<Finding> {
    let mut tried: Vec<(SignaturePlace, Hash)> = Vec::new();
    for way in providers::ALL.iter().flat_map(|provider| provider.signatures()) {
        let (Algorithm::Hmac(hash), Place::Header(header)) = (way.algorithm, way.place.place)
        else {
            continue;
        };
        let is_new = !tried.contains(&(way.place, hash));
        if !is_new || !case.head.headers.contains_key(header) {
            continue;
        }
        tried.push((way.place, hash));
        let there =
            case.with_ways(|own| Signature { place: way.place, algorithm: way.algorithm, ..own });
        if case.passes(there) {
            return vec![Finding::OtherHeader { header, hash }];
        }
    }
    Vec::new()
}
