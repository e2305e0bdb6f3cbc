//! What the statements answer.

use std::time::Duration;

use crate::store::{Completion, Fence, Held, Outcome, StoreError, StoreErrorKind};

/// The words of an answer after the statement's name.
pub(super) fn outcome(answer: &str) -> Result<Outcome, StoreError> {
    read_outcome(answer).ok_or_else(|| unreadable("claim"))
}

fn read_outcome(answer: &str) -> Option<Outcome> {
    let mut words = answer.split(' ');
    let state: u8 = words.next()?.parse().ok()?;
    let own = flag(words.next()?)?;
    let fence = Fence::new(words.next()?.parse().ok()?);
    let attempt: u32 = words.next()?.parse().ok()?;
    let status = words.next()?;
    let same_body = flag(words.next()?)?;
    let retry_after = Duration::from_micros(words.next()?.parse().ok()?);
    if words.next().is_some() || attempt == 0 {
        return None;
    }
    match (state, own) {
        (0, true) => Some(Outcome::New { fence, attempt }),
        (0, false) => Some(Outcome::InFlight { retry_after, same_body }),
        (1, _) => {
            let record = Completion::new(status_from_column(status.parse().ok()?));
            Some(Outcome::Completed { record, same_body })
        }
        _ => None,
    }
}

/// The count that `sweep` answers with.
pub(super) fn count(answer: &str) -> Result<u32, StoreError> {
    answer.parse().map_err(|_| unreadable("sweep"))
}

/// What `complete` answers with.
pub(super) fn held(answer: &str) -> Result<Held, StoreError> {
    let held = flag(answer).ok_or_else(|| unreadable("complete"))?;
    Ok(if held { Held::Held } else { Held::Lost })
}

/// What `forget` answers with.
pub(super) fn was_live(answer: &str) -> Result<bool, StoreError> {
    flag(answer).ok_or_else(|| unreadable("forget"))
}

/// A status as its column holds it, a `smallint`: bit for bit.
pub(super) const fn status_to_column(status: u16) -> i16 {
    i16::from_ne_bytes(status.to_ne_bytes())
}

const fn status_from_column(status: i16) -> u16 {
    u16::from_ne_bytes(status.to_ne_bytes())
}

fn flag(word: &str) -> Option<bool> {
    match word {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

pub(super) fn unreadable(statement: &str) -> StoreError {
    StoreError::with_source(
        StoreErrorKind::Corrupt,
        format!("the answer to the statement {statement} is not one it can give"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole() {
        let new = Outcome::New { fence: Fence::new(7), attempt: 2 };
        assert_eq!(outcome("0 1 7 2 - 1 9").unwrap(), new);
        let retry_after = Duration::from_micros(9);
        let busy = Outcome::InFlight { retry_after, same_body: false };
        assert_eq!(outcome("0 0 7 2 - 0 9").unwrap(), busy);
        let done = Outcome::Completed { record: Completion::new(204), same_body: true };
        assert_eq!(outcome("1 0 7 2 204 1 0").unwrap(), done);
    }

    #[test]
    fn anything_else_is_corrupt() {
        for answer in [
            "",
            "0",
            "0 1 7 2 - 1",
            "0 1 7 2 - 1 9 9",
            "2 1 7 2 - 1 9",
            "1 1 7 2 - 1 0",
            "0 1 -7 2 - 1 9",
            "0 1 7 0 - 1 9",
            "0 2 7 2 - 1 9",
            "1 1 7 2 99999 1 0",
        ] {
            let error = outcome(answer).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{answer:?}");
        }
    }

    #[test]
    fn any_status_survives_its_column() {
        for status in [0, 204, 32_768, u16::MAX] {
            assert_eq!(status_from_column(status_to_column(status)), status);
        }
    }
}
