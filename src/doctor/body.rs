//! A body that something rewrote between the sender and this service.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::case::Case;
use super::finding::{BodyChange, Finding};
use super::json::{Escapes, escaped, is_json, respaced, unescaped};

pub(super) fn changes(case: &Case<'_>) -> Vec<Finding> {
    let found = line_breaks(case).or_else(|| base64(case)).or_else(|| rewritten(case));
    found.map(Finding::BodyChanged).into_iter().collect()
}

fn line_breaks(case: &Case<'_>) -> Option<BodyChange> {
    let with = |end: &[u8]| case.passes_with_body([&*case.body, end].concat());
    if with(b"\n") || with(b"\r\n") {
        return Some(BodyChange::NewlineRemoved);
    }
    let without = case.body.trim_ascii_end().to_vec();
    case.passes_with_body(without).then_some(BodyChange::NewlineAdded)
}

/// As gateways of functions hand over a body that they take for binary.
fn base64(case: &Case<'_>) -> Option<BodyChange> {
    let decoded = STANDARD.decode(case.body.trim_ascii()).ok()?;
    case.passes_with_body(decoded).then_some(BodyChange::Base64)
}

/// JSON that was parsed and written again: other white space, other escapes, or both.
fn rewritten(case: &Case<'_>) -> Option<BodyChange> {
    if !is_json(&case.body) {
        return None;
    }
    let spaced: [Option<(&str, &str)>; 3] = [None, Some((":", ",")), Some((": ", ", "))];
    for spacing in spaced {
        let text = spacing.map_or_else(
            || case.body.to_vec(),
            |(colon, comma)| respaced(&case.body, colon, comma),
        );
        let change =
            |of_escapes| if spacing.is_some() { BodyChange::JsonReformatted } else { of_escapes };
        if case.passes_with_body(text.clone()) {
            return Some(BodyChange::JsonReformatted);
        }
        let Ok(text) = std::str::from_utf8(&text) else { continue };
        if Escapes::ALL.iter().any(|way| case.passes_with_body(escaped(text, *way))) {
            return Some(change(BodyChange::EscapesDecoded));
        }
        if case.passes_with_body(unescaped(text)) {
            return Some(change(BodyChange::EscapesAdded));
        }
    }
    None
}
