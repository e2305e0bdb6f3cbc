//! The URL as the sender knows it, for senders that sign it.

use std::fmt;

use http::Uri;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::forwarded::TrustedProxies;
use crate::config_error::{ConfigError, ConfigErrorKind};

/// What the user said of the public URL. Forwarding headers are believed only of trusted proxies.
#[derive(Clone)]
pub(crate) enum PublicUrl {
    /// Scheme, host, port and perhaps a path in front; path and query come from the request.
    Base(String),
    /// As `Base`, but scheme and host as a trusted proxy says them, if the request comes from one.
    Proxied(String, TrustedProxies),
    /// The whole URL.
    Exact(String),
}

impl PublicUrl {
    pub(crate) fn base(url: &str) -> Result<Self, ConfigError> {
        let parsed = check(url)?;
        if parsed.query().is_some() {
            return Err(invalid(
                url,
                "give `public_url` without a query, or the whole URL with `exact_url`",
            ));
        }
        Ok(Self::Base(url.trim_end_matches('/').to_owned()))
    }

    pub(crate) fn behind(self, proxies: TrustedProxies) -> Self {
        match self {
            Self::Base(base) | Self::Proxied(base, _) => Self::Proxied(base, proxies),
            Self::Exact(url) => Self::Exact(url),
        }
    }

    pub(crate) fn exact(url: &str) -> Result<Self, ConfigError> {
        check(url)?;
        Ok(Self::Exact(url.to_owned()))
    }

    /// The URL of one request.
    pub(crate) fn of(&self, head: &Parts) -> String {
        match self {
            Self::Exact(url) => url.clone(),
            Self::Base(base) => join(base, head),
            Self::Proxied(base, proxies) => match proxies.origin(head) {
                Some(origin) => join(&format!("{origin}{}", path_of(base)), head),
                None => join(base, head),
            },
        }
    }
}

/// The path in front that a base has: a proxy strips it whatever host the sender called.
fn path_of(base: &str) -> &str {
    let behind = base.split_once("://").map_or("", |(_, rest)| rest);
    behind.find('/').and_then(|at| behind.get(at..)).unwrap_or_default()
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base(base) => f.debug_tuple("Base").field(&redacted(base)).finish(),
            Self::Proxied(base, proxies) => {
                f.debug_tuple("Proxied").field(&redacted(base)).field(proxies).finish()
            }
            Self::Exact(url) => f.debug_tuple("Exact").field(&redacted(url)).finish(),
        }
    }
}

/// A URL to be shown to an operator, without user name, password and query: any of them may be a
/// secret.
pub(crate) fn redacted(url: &str) -> String {
    let (start, query) = url.split_once(['?', '#']).map_or((url, ""), |(start, _)| (start, "?***"));
    let (scheme, rest) = start.split_once("://").unwrap_or(("", start));
    let mark = if scheme.is_empty() { "" } else { "://" };
    // Of what is no URL, nobody can say where the password ends.
    let whole = url.parse::<Uri>().is_err();
    if whole && url.contains('@') {
        return format!("{scheme}{mark}***");
    }
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}{mark}***@{host}{path}{query}"),
        None => format!("{start}{query}"),
    }
}

/// A base and the path and query of a request, as they are.
fn join(base: &str, head: &Parts) -> String {
    let path = original_uri(head).path_and_query();
    format!("{base}{}", path.map_or("/", |path| path.as_str()))
}

fn check(url: &str) -> Result<Uri, ConfigError> {
    if url.contains('#') {
        return Err(invalid(
            url,
            "leave out the fragment, from `#` on: it is for the sender, never sent and not signed",
        ));
    }
    let parsed: Uri =
        url.parse().map_err(|_| invalid(url, "it does not parse: is something not encoded?"))?;
    match (parsed.scheme_str(), parsed.host()) {
        (Some("http" | "https"), Some(host)) if !host.is_empty() => Ok(parsed),
        _ => Err(invalid(url, "begin it with `https://` and the host that the sender calls")),
    }
}

fn invalid(url: &str, advice: &str) -> ConfigError {
    let url = redacted(url);
    ConfigError::new(ConfigErrorKind::PublicUrl, format!("`{url}` is no public URL: {advice}"))
}

/// The URI as it came in: axum's nested routers strip a prefix from the request's own.
pub(crate) fn original_uri(head: &Parts) -> &Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = head.extensions.get::<axum::extract::OriginalUri>() {
        return &original.0;
    }
    &head.uri
}

/// Path and query as the sender knows them: of the public URL if one is configured, else of the
/// request.
pub(crate) fn path_and_query<'a>(head: &'a Parts, url: &'a str) -> &'a str {
    match url.split_once("://") {
        Some((_, rest)) => match rest.find(['/', '?']) {
            Some(at) => rest.get(at..).unwrap_or("/"),
            None => "/",
        },
        None => original_uri(head).path_and_query().map_or("/", |path| path.as_str()),
    }
}

/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What JavaScript's `encodeURI` leaves as it is.
const URI: &AsciiSet = &COMPONENT
    .remove(b';')
    .remove(b',')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b'#');

/// A text as JavaScript's `encodeURIComponent` writes it.
pub(crate) fn encode_component(text: &[u8]) -> String {
    percent_encode(text, COMPONENT).to_string()
}

/// A text as JavaScript's `encodeURI` writes it; an escape is escaped again.
pub(crate) fn encode_uri(text: &str) -> String {
    percent_encode(text.as_bytes(), URI).to_string()
}

/// The URL with the percent escapes of these characters decoded, once, and no others.
pub(crate) fn unescaped(url: &str, plain: &str) -> String {
    let mut written = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, escape)) = rest.split_once('%') {
        written.push_str(before);
        let digits = escape.get(..2).filter(|pair| pair.bytes().all(|c| c.is_ascii_hexdigit()));
        let byte = digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()).map(char::from);
        match byte.filter(|decoded| plain.contains(*decoded)) {
            Some(decoded) => {
                written.push(decoded);
                rest = escape.get(2..).unwrap_or_default();
            }
            None => {
                written.push('%');
                rest = escape;
            }
        }
    }
    written + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_has_neither_password_nor_query() {
        for (url, shown) in [
            ("https://a.example/hook", "https://a.example/hook"),
            ("https://me:pass@a.example:8443/@x", "https://***@a.example:8443/@x"),
            ("https://token@a.example", "https://***@a.example"),
            ("me:pass@a.example", "***@a.example"),
            ("https://a.example/hook?key=pass", "https://a.example/hook?***"),
            ("https://a.example/#pass", "https://a.example/?***"),
            ("https://me:pa ss/@a.example/x", "https://***"),
            ("me:pa?ss@a.example", "***"),
            ("not a url", "not a url"),
        ] {
            assert_eq!(redacted(url), shown);
            assert!(!redacted(url).contains("pass"), "{url}");
        }
    }

    #[test]
    fn only_the_named_escapes_are_decoded_and_only_once() {
        let plain = |url| unescaped(url, ":/@");
        assert_eq!(plain("https://a/?m=a%40b%3A%2f&n=%20%26%3D"), "https://a/?m=a@b:/&n=%20%26%3D");
        assert_eq!(plain("/%2540%%40%4"), "/%2540%@%4");
        assert_eq!(plain("/%é%C3%A9"), "/%é%C3%A9");
        assert_eq!(plain(""), "");
    }
}
