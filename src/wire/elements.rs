//! Lists of `key assign value` elements in one text, as signature headers have them.

use super::form::Twice;
use crate::provider::Grammar;

/// The longest text that is looked at for elements, in bytes.
pub(crate) const MAX_LENGTH: usize = 8 * 1024;

/// The elements of a list, white space around them left out.
pub(crate) struct Elements<'a> {
    rest: Option<&'a [u8]>,
    separators: &'static str,
    assign: char,
}

impl<'a> Elements<'a> {
    /// The elements of a text that is written in this grammar; none if that has no list.
    pub(crate) fn under(grammar: Grammar, text: &'a [u8]) -> Self {
        match grammar {
            Grammar::List { separators, assign, .. } => Self::of(text, separators, assign),
            Grammar::Bare | Grammar::Prefixed(_) | Grammar::Scheme(_) => {
                Self { rest: None, separators: "", assign: '=' }
            }
        }
    }

    pub(crate) const fn of(text: &'a [u8], separators: &'static str, assign: char) -> Self {
        Self { rest: Some(text), separators, assign }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (element, rest) = split(self.rest?, self.separators);
            self.rest = rest;
            let mut assign = [0; 4];
            let assign = self.assign.encode_utf8(&mut assign);
            if let (name, Some(value)) = split(element.trim_ascii(), assign) {
                return Some((name, value));
            }
        }
    }
}

/// What stands before the first of the separators, and what stands behind it if it is there.
fn split<'a>(text: &'a [u8], separators: &str) -> (&'a [u8], Option<&'a [u8]>) {
    let at = match separators.as_bytes() {
        [only] => memchr::memchr(*only, text),
        several => text.iter().position(|byte| several.contains(byte)),
    };
    match at.and_then(|at| text.split_at_checked(at)) {
        Some((before, behind)) => (before, behind.get(1..)),
        None => (text, None),
    }
}

/// The value of the element with this name in a signature's list. `Err` if there are several that
/// are not the same.
pub(crate) fn element<'a>(
    text: &'a [u8],
    grammar: Grammar,
    name: &str,
) -> Result<Option<&'a [u8]>, Twice> {
    let Grammar::List { separators, assign, .. } = grammar else {
        return Ok(None);
    };
    if text.len() > MAX_LENGTH {
        return Ok(None);
    }
    let mut found = Elements::of(text, separators, assign)
        .filter(|(key, _)| *key == name.as_bytes())
        .map(|(_, value)| value);
    let first = found.next();
    if found.any(|other| Some(other) != first) { Err(Twice) } else { Ok(first) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::header;

    #[test]
    fn an_element_that_comes_twice_with_two_values_is_not_guessed_at() {
        let grammar = header("x").list(",", '=').grammar;
        assert_eq!(element(b"t=1,t=2", grammar, "t"), Err(Twice));
        assert_eq!(element(b"t=1,t=1", grammar, "t"), Ok(Some(b"1".as_slice())));
        assert_eq!(element(b"v1=x,t=2", grammar, "t"), Ok(Some(b"2".as_slice())));
    }
}
