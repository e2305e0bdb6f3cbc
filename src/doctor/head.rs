//! What the head gives away, where no change helps.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

use super::case::Case;
use super::finding::{BodyChange, Finding};

/// A method that the sender does not use.
pub(super) fn method(case: &Case<'_>) -> Vec<Finding> {
    let used = case.verifier.provider().allow().allow();
    vec![Finding::OtherMethod { sent: case.head.method.clone(), used }]
}

/// A body that is not as the head says.
pub(super) fn body(case: &Case<'_>) -> Vec<Finding> {
    let header = |name| case.head.headers.get(name).and_then(|value| value.to_str().ok());
    let said = header(CONTENT_LENGTH).and_then(|text| text.trim().parse::<u64>().ok());
    let came = u64::try_from(case.body.len()).unwrap_or(u64::MAX);
    let is_empty = case.body.is_empty() && said != Some(0);
    let change = if is_empty && (said.is_some() || header(CONTENT_TYPE).is_some()) {
        Some(BodyChange::Emptied)
    } else if header(CONTENT_ENCODING).is_some_and(is_compressed) && !looks_compressed(&case.body) {
        Some(BodyChange::Decompressed)
    } else {
        said.filter(|said| *said != came).map(|said| BodyChange::LengthChanged { said, came })
    };
    change.map(Finding::BodyChanged).into_iter().collect()
}

fn is_compressed(encoding: &str) -> bool {
    let encoding = encoding.trim();
    !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity")
}

/// What begins as text was written as text.
fn looks_compressed(body: &[u8]) -> bool {
    body.first().is_some_and(|byte| !matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
}
