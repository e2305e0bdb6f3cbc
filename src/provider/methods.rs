//! The HTTP methods of a sender.

use http::Method;

const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A set of HTTP methods, by their positions in [`NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Methods(u8);

impl Methods {
    pub(crate) const POST: Self = Self::named("POST");

    /// # Panics
    ///
    /// If one of the names is not known, or there is none.
    pub(crate) const fn of(names: &[&str]) -> Self {
        assert!(!names.is_empty(), "a sender uses at least one method");
        let mut all = Self(0);
        let mut index = 0;
        while index < names.len() {
            all = all.and(Self::named(names[index]));
            index += 1;
        }
        all
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn has(self, method: &Method) -> bool {
        self.names().any(|name| method.as_str() == name)
    }

    /// As an `Allow` header lists them.
    pub(crate) fn allow(self) -> String {
        self.names().collect::<Vec<_>>().join(", ")
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|it| it.1)
    }

    const fn named(name: &str) -> Self {
        let mut bit = 0;
        while bit < NAMES.len() {
            if is_same(NAMES[bit].as_bytes(), name.as_bytes()) {
                return Self(1 << bit);
            }
            bit += 1;
        }
        panic!("a method is one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
    }
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    one.len() == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_it_was_made_of_and_lists_it() {
        let methods = Methods::of(&["POST", "GET", "PATCH"]);
        let all = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH];
        assert_eq!(all.map(|method| methods.has(&method)), [true, false, true, false, true]);
        assert!(!methods.has(&Method::from_bytes(b"get").unwrap()), "methods have a case");
        assert_eq!(methods.allow(), "GET, POST, PATCH");
    }

    #[test]
    #[should_panic(expected = "a method is one of")]
    fn an_unknown_method_is_refused() {
        let _ = Methods::of(&["POST", "FETCH"]);
    }
}
