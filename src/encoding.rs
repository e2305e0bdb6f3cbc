//! Bytes written as text, and texts joined so that each can be told from its neighbour.

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, Engine};

/// The most bytes that are decoded from base64 at one place: those of the longest signature.
const MAX_DECODED: usize = 64;

/// Decodes exactly as many hex digits as there is room for.
pub(crate) fn decode_hex(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    if text.len() != bytes.len().checked_mul(2)? {
        return None;
    }
    let mut seen = 0;
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let (high, low) = (value(*high), value(*low));
        seen |= high | low;
        *byte = (high << 4) | low;
    }
    // Once for all: digits are random, so a branch on each would be guessed wrong half the time.
    (seen < NO_DIGIT).then_some(())
}

/// All bits, so that it stands out of any values it is joined with.
const NO_DIGIT: u8 = 0xFF;

/// The value of every hex digit, for each byte.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut byte = 0_u8;
    while byte < u8::MAX {
        if let Some(value) = (byte as char).to_digit(16) {
            values[byte as usize] = value as u8;
        }
        byte += 1;
    }
    values
};

fn value(digit: u8) -> u8 {
    VALUES.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT)
}

/// Decodes padded standard base64 of exactly as many bytes as there is room for.
pub(crate) fn decode_base64(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    let encoded_len = bytes.len().div_ceil(3).checked_mul(4)?;
    if text.len() != encoded_len {
        return None;
    }
    // The engine wants room for whole groups of three.
    let mut room = [0; MAX_DECODED + 2];
    let len = STANDARD.decode_slice(text, &mut room).ok()?;
    if len != bytes.len() {
        return None;
    }
    bytes.copy_from_slice(room.get(..len)?);
    Some(())
}

/// Decodes base64url of exactly as many bytes as there is room for, padded or not.
pub(crate) fn decode_base64url(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    const EITHER: GeneralPurpose = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let mut room = [0; MAX_DECODED + 2];
    let len = EITHER.decode_slice(text, &mut room).ok()?;
    if len != bytes.len() {
        return None;
    }
    bytes.copy_from_slice(room.get(..len)?);
    Some(())
}

/// Texts joined so that no two lists of them are alike: each with its length in front.
pub(crate) fn list<'t>(texts: impl IntoIterator<Item = &'t [u8]>) -> Vec<u8> {
    let mut joined = Vec::new();
    for text in texts {
        let len = u64::try_from(text.len()).unwrap_or(u64::MAX);
        joined.extend_from_slice(&len.to_be_bytes());
        joined.extend_from_slice(text);
    }
    joined
}
