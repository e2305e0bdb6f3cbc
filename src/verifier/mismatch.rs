//! Why a signature did not match, as far as that can be told cheaply. For the operator only.

use crate::keys::{Keys, Material};
use crate::provider::Part;
use crate::rejection::Hint;
use crate::scheme::content::Values;
use crate::scheme::grammar::SentSignatures;

/// A larger body is not hashed again: a stranger must not double the cost of a refusal.
const MAX_BODY: usize = 16 * 1024;

/// Tries the secrets in the other way: decoded where they were taken as text, as text where they
/// were decoded.
pub(super) fn hint(
    keys: &Keys,
    sent: &SentSignatures,
    values: &Values<'_, '_>,
    parts: &[Part],
    body: &[u8],
) -> Option<Hint> {
    let white_space = keys.keys.iter().any(|key| key.has_white_space);
    let otherwise = white_space.then_some(Hint::SecretHasWhiteSpace);
    if body.len() > MAX_BODY || parts.is_empty() {
        return otherwise;
    }
    for key in keys.keys.iter() {
        let (Material::Hmac(_), Some(mistaken)) = (&key.material, &key.mistaken) else { continue };
        let mut mac = mistaken.start();
        if values.feed(parts, body, &mut mac).is_err() {
            break;
        }
        let tag = mac.finish();
        if sent.of_way(key.way).any(|sent| tag.is(sent.as_bytes())) {
            return Some(if key.is_decoded { Hint::SecretIsText } else { Hint::SecretLooksBase64 });
        }
    }
    otherwise
}
