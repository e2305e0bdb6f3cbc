//! What the scripts answer.

use std::time::Duration;

use redis::Value;

use super::error::corrupt;
use crate::store::{Completion, Fence, Held, Outcome, StoreError};

/// The answer to a claim.
pub(super) fn outcome(answer: &Value) -> Result<Outcome, StoreError> {
    read_outcome(answer).ok_or_else(corrupt)
}

/// The answer to the owner of a record.
pub(super) fn held(answer: &Value) -> Result<Held, StoreError> {
    match text(answer) {
        Some("held") => Ok(Held::Held),
        Some("lost") => Ok(Held::Lost),
        _ => Err(corrupt()),
    }
}

/// How many there were, of records or replicas.
pub(super) fn count(answer: &Value) -> Result<u64, StoreError> {
    number(answer).ok_or_else(corrupt)
}

fn read_outcome(answer: &Value) -> Option<Outcome> {
    let Value::Array(parts) = answer else { return None };
    let [kind, one, other] = parts.as_slice() else { return None };
    let (one, other) = (number(one)?, number(other)?);
    Some(match text(kind)? {
        "new" => Outcome::New { fence: Fence::new(one), attempt: u32::try_from(other).ok()? },
        "in flight" => Outcome::InFlight {
            retry_after: Duration::from_millis(one),
            same_body: boolean(other)?,
        },
        "completed" => Outcome::Completed {
            record: Completion::new(u16::try_from(one).ok()?),
            same_body: boolean(other)?,
        },
        _ => return None,
    })
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        value => text(value)?.parse().ok(),
    }
}

const fn boolean(number: u64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn a_fence_keeps_all_its_digits() {
        let answer = Value::Array(vec![bulk("new"), bulk("1795330000123457"), Value::Int(2)]);
        let fence = Fence::new(1_795_330_000_123_457);
        assert_eq!(outcome(&answer).unwrap(), Outcome::New { fence, attempt: 2 });
    }

    #[test]
    fn an_answer_that_is_none_of_ours_is_corrupt_and_never_new() {
        let (one, many) = (Value::Int(1), Value::Int(i64::MAX));
        for answer in [
            Value::Nil,
            Value::Okay,
            Value::Array(vec![]),
            Value::Array(vec![bulk("corrupt")]),
            Value::Array(vec![bulk("new"), one.clone()]),
            Value::Array(vec![bulk("new"), bulk("-1"), one.clone()]),
            Value::Array(vec![bulk("new"), one.clone(), many.clone()]),
            Value::Array(vec![bulk("completed"), many.clone(), one.clone()]),
            Value::Array(vec![bulk("in flight"), one.clone(), many]),
            Value::Array(vec![bulk("else"), one.clone(), one.clone()]),
            Value::Array(vec![Value::BulkString(vec![0xff]), one.clone(), one]),
        ] {
            let error = outcome(&answer).unwrap_err();
            assert_eq!(error.kind(), crate::store::StoreErrorKind::Corrupt, "{answer:?}");
            assert!(held(&answer).is_err() && count(&Value::Int(-1)).is_err());
        }
    }
}
