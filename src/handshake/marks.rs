//! Whether a request looks as a description says.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use crate::provider::handshake::Mark;
use crate::wire::fields::Fields;
use crate::wire::form;

pub(crate) fn has_all(fields: &Fields<'_>, marks: &[Mark]) -> bool {
    marks.iter().all(|mark| has(fields, *mark))
}

/// Whether the head does not rule a setup request out.
pub(crate) fn may_be(fields: &Fields<'_>, marks: &[Mark]) -> bool {
    marks.iter().filter(|mark| mark.is_of_head()).all(|mark| has(fields, *mark))
}

fn has(fields: &Fields<'_>, mark: Mark) -> bool {
    match mark {
        Mark::Equals(place, text) => {
            matches!(fields.get(place), Ok(Some(value)) if *value == *text.as_bytes())
        }
        Mark::Lists(place, text) => match fields.get(place) {
            Ok(Some(list)) => {
                let mut elements = list.split(|byte| *byte == b',');
                elements.any(|element| element.trim_ascii() == text.as_bytes())
            }
            _ => false,
        },
        Mark::Same(place, other) => match (fields.get(place), fields.get(other)) {
            (Ok(Some(one)), Ok(Some(other))) => one == other,
            _ => false,
        },
        Mark::Present(place) => fields.has(place),
        Mark::Absent(place) => !fields.has(place),
        Mark::Number(place) => {
            matches!(fields.get(place), Ok(Some(value)) if is_number(&value))
        }
        Mark::OnlyField(name) => {
            let mut pairs = form::pairs(fields.body());
            form::is_form(fields.head())
                && pairs.next().is_some_and(|(first, _)| *first == *name.as_bytes())
                && pairs.next().is_none()
        }
        Mark::OnlyMember(name) => has_only_member(fields.body(), name),
        Mark::EmptyBody => fields.body().is_empty(),
    }
}

/// A member that stands there twice is read as one here, and as none by whoever takes its value.
fn has_only_member(body: &[u8], name: &str) -> bool {
    let members: Option<BTreeMap<String, IgnoredAny>> = serde_json::from_slice(body).ok();
    members.is_some_and(|members| members.keys().map(String::as_str).eq([name]))
}

fn is_number(text: &[u8]) -> bool {
    (1..=20).contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
}
