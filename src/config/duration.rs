//! A time as a file has it: seconds, or a number with its unit.

use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// `300`, `"300s"`, `"5m"`, `"2h"`, `"1d"`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span(pub(super) Duration);

const EXPECTED: &str = "seconds, or a number and its unit: `\"90s\"`, `\"5m\"`, `\"2h\"`, `\"1d\"`";

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(SpanVisitor)
    }
}

struct SpanVisitor;

impl Visitor<'_> for SpanVisitor {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_u64<E>(self, seconds: u64) -> Result<Span, E> {
        Ok(Span(Duration::from_secs(seconds)))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Span, E> {
        let seconds = u64::try_from(seconds);
        seconds
            .map_err(|_| E::custom(format!("a time is not negative: write {EXPECTED}")))
            .and_then(|it| self.visit_u64(it))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
        parse(text)
            .map(Span)
            .ok_or_else(|| E::custom(format!("`{text}` is no time: write {EXPECTED}")))
    }
}

fn parse(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(end)?;
    let seconds: u64 = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_unit_or_is_no_time() {
        for (text, seconds) in
            [("90s", 90), ("5m", 300), ("5 min", 300), ("2h", 7200), ("1d", 86400)]
        {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "5",
            "m",
            "-5m",
            "5.5m",
            "5 fortnights",
            "99999999999999999999s",
            "999999999999999999d",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
