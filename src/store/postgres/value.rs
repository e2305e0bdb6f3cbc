//! What goes into a statement: of fixed format, so that it may also be written into its text.

use std::fmt::Write;
use std::time::Duration;

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

/// A century: more would leave the range of `timestamptz` with a clock that is far ahead.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Bytes(&'a [u8]),
    Integer(i64),
    IntegerOrNull(Option<i64>),
    Boolean(bool),
    Text(&'a str),
    TextOrNull(Option<&'a str>),
}

impl Value<'_> {
    /// A time in µs.
    pub(super) fn micros(time: Duration) -> Self {
        Self::Integer(i64::try_from(time.min(LONGEST).as_micros()).unwrap_or(i64::MAX))
    }
}

/// A prepared statement with its parameters.
pub(super) fn bound<'q>(
    sql: &'static str,
    values: &[Value<'q>],
) -> Query<'q, Postgres, PgArguments> {
    values.iter().fold(sqlx::query(sql), |query, value| match *value {
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Integer(integer) => query.bind(integer),
        Value::IntegerOrNull(integer) => query.bind(integer),
        Value::Boolean(boolean) => query.bind(boolean),
        Value::Text(text) => query.bind(text),
        Value::TextOrNull(text) => query.bind(text),
    })
}

/// The text of a statement with its parameters in it. Nothing a sender chose goes in but as hex
/// digits and integers; `decode` means the same whatever `standard_conforming_strings` says.
pub(super) fn written(sql: &str, values: &[Value<'_>]) -> String {
    let mut text = String::with_capacity(sql.len().saturating_add(512));
    let mut pieces = sql.split('$');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at_checked(digits).unwrap_or_default();
        let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match index.and_then(|index| values.get(index)) {
            Some(value) => value.write_to(&mut text),
            // The server refuses it, as it must a statement that lacks a parameter.
            None => text.extend(["$", number]),
        }
        text.push_str(rest);
    }
    text
}

impl Value<'_> {
    fn write_to(self, text: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Value::Bytes(bytes) => {
                write_hex(bytes, text);
                Ok(())
            }
            Value::Integer(integer) | Value::IntegerOrNull(Some(integer)) => {
                write!(text, "({integer})")
            }
            Value::Boolean(boolean) => write!(text, "{boolean}"),
            Value::Text(characters) | Value::TextOrNull(Some(characters)) => {
                text.push_str("convert_from(");
                write_hex(characters.as_bytes(), text);
                text.write_str(", 'UTF8')")
            }
            Value::IntegerOrNull(None) | Value::TextOrNull(None) => text.write_str("NULL"),
        };
    }
}

fn write_hex(bytes: &[u8], text: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    text.push_str("decode('");
    text.reserve(bytes.len().saturating_mul(2));
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text.push_str("', 'hex')");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_written_as_hex_and_integers() {
        let values = [Value::Bytes(b"'\\\0"), Value::Integer(-1)];
        assert_eq!(
            written("a = $1 AND b = $2::bigint OR $1", &values),
            "a = decode('275c00', 'hex') AND b = (-1)::bigint OR decode('275c00', 'hex')"
        );
    }

    #[test]
    fn texts_are_written_as_hex_too() {
        let values = [Value::Text("é'"), Value::TextOrNull(None), Value::Boolean(true)];
        assert_eq!(
            written("$1, $2, $3, $4", &[&values[..], &[Value::IntegerOrNull(Some(7))]].concat()),
            "convert_from(decode('c3a927', 'hex'), 'UTF8'), NULL, true, (7)"
        );
    }

    #[test]
    fn missing_parameter_stays_as_it_is() {
        assert_eq!(written("a = $3", &[]), "a = $3");
    }

    #[test]
    fn longest_time_is_a_century() {
        let Value::Integer(most) = Value::micros(Duration::MAX) else { panic!("an integer") };
        assert_eq!(most, 3_153_600_000_000_000);
    }
}
