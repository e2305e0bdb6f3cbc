//! JSON written in other ways, byte by byte: a parser would forget what the sender wrote.

/// What a writer of JSON escapes beyond what it must.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escapes {
    /// Characters beyond ASCII, as UTF-16 in hexadecimal.
    beyond_ascii: Option<Case>,
    /// The solidus.
    slash: bool,
    /// `<`, `>` and `&`, so that the text may stand in HTML.
    html: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
}

impl Escapes {
    /// Those of writers in use: Meta and PHP, Python, .NET, Go.
    pub(super) const ALL: [Self; 6] = [
        Self { beyond_ascii: Some(Case::Lower), slash: true, html: false },
        Self { beyond_ascii: Some(Case::Lower), slash: false, html: false },
        Self { beyond_ascii: Some(Case::Upper), slash: false, html: false },
        Self { beyond_ascii: Some(Case::Lower), slash: true, html: true },
        Self { beyond_ascii: None, slash: true, html: false },
        Self { beyond_ascii: None, slash: false, html: true },
    ];

    fn takes(self, c: char) -> bool {
        match c {
            '<' | '>' | '&' => self.html,
            c => !c.is_ascii() && self.beyond_ascii.is_some(),
        }
    }
}

pub(super) fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The text with other white space between its tokens; everything else as it is.
pub(super) fn respaced(json: &[u8], colon: &str, comma: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(json.len());
    let mut string = InString::default();
    for &byte in json {
        if string.holds(byte) {
            text.push(byte);
            continue;
        }
        match byte {
            b':' => text.extend_from_slice(colon.as_bytes()),
            b',' => text.extend_from_slice(comma.as_bytes()),
            byte if byte.is_ascii_whitespace() => {}
            byte => text.push(byte),
        }
    }
    text
}

/// The text with escapes in its strings where it has the characters themselves.
pub(super) fn escaped(json: &str, escapes: Escapes) -> Vec<u8> {
    let mut text = String::with_capacity(json.len());
    let mut before = ' ';
    let mut units = [0; 2];
    for c in json.chars() {
        if c == '/' && escapes.slash && before != '\\' {
            text.push_str("\\/");
        } else if escapes.takes(c) {
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&match escapes.beyond_ascii {
                    Some(Case::Upper) => format!("\\u{unit:04X}"),
                    _ => format!("\\u{unit:04x}"),
                });
            }
        } else {
            text.push(c);
        }
        before = c;
    }
    text.into_bytes()
}

/// The text with the characters themselves where it has escapes that need not be there.
pub(super) fn unescaped(json: &str) -> Vec<u8> {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let (decoded, behind) = decoded(escape);
        match decoded {
            Some(c) => text.push(c),
            None => {
                text.push('\\');
                // What is escaped stays with its backslash.
                text.extend(escape.chars().next());
            }
        }
        rest = behind;
    }
    text.push_str(rest);
    text.into_bytes()
}

/// The character that stands for what follows a backslash, if it need not be escaped, and what
/// stands behind.
fn decoded(escape: &str) -> (Option<char>, &str) {
    if let Some(rest) = escape.strip_prefix('/') {
        return (Some('/'), rest);
    }
    if let Some((first, rest)) = unit(escape) {
        let second = rest.strip_prefix('\\').and_then(unit);
        let pair = second.and_then(|(second, rest)| Some((character(&[first, second])?, rest)));
        if let Some((c, rest)) = pair {
            return (Some(c), rest);
        }
        if let Some(c) = character(&[first]).filter(|c| is_needless(*c)) {
            return (Some(c), rest);
        }
    }
    let mut behind = escape.chars();
    behind.next();
    (None, behind.as_str())
}

/// Four digits behind `u`.
fn unit(escape: &str) -> Option<(u16, &str)> {
    let digits = escape.strip_prefix('u')?;
    let (digits, rest) = digits.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// The one character that these units are.
fn character(units: &[u16]) -> Option<char> {
    let mut decoded = char::decode_utf16(units.iter().copied());
    let first = decoded.next()?.ok()?;
    decoded.next().is_none().then_some(first)
}

fn is_needless(c: char) -> bool {
    !c.is_control() && c != '"' && c != '\\'
}

/// Whether a byte belongs to a string.
#[derive(Default)]
struct InString {
    inside: bool,
    escaped: bool,
}

impl InString {
    fn holds(&mut self, byte: u8) -> bool {
        let was_inside = self.inside;
        if was_inside {
            self.inside = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
        } else {
            self.inside = byte == b'"';
        }
        was_inside || self.inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn white_space_changes_between_tokens_only() {
        let json = br#"{"a: ,": [1,  2], "b\"": ":" }"#;
        assert_eq!(text(respaced(json, ":", ",")), r#"{"a: ,":[1,2],"b\"":":"}"#);
        assert_eq!(text(respaced(json, ": ", ", ")), r#"{"a: ,": [1, 2], "b\"": ":"}"#);
    }

    #[test]
    fn escapes_are_written_as_the_writers_do() {
        let [php, python, dotnet, ..] = Escapes::ALL;
        assert_eq!(text(escaped("é🚀 a/b <", php)), r"\u00e9\ud83d\ude80 a\/b <");
        assert_eq!(text(escaped("é a/b", python)), r"\u00e9 a/b");
        assert_eq!(text(escaped("ê", dotnet)), r"\u00EA");
        assert_eq!(text(escaped("a/<b>&", Escapes::ALL[5])), r"a/\u003cb\u003e\u0026");
        assert_eq!(text(escaped(r"a\/b", php)), r"a\/b", "once is enough");
    }

    #[test]
    fn escapes_that_need_not_be_there_are_taken_out() {
        assert_eq!(text(unescaped(r"\u00e9\ud83d\ude80 a\/b")), "é🚀 a/b");
        for needed in [r#"\"\\\n\u0000\u0022\u005c"#, r"\ud83d", r"\u12", r"\\u00e9", r"\"] {
            assert_eq!(text(unescaped(needed)), needed);
        }
    }
}
