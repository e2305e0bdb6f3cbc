//! What trusted proxies say of the URL that the sender called. Strangers are never believed.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{FORWARDED, HOST};
use http::request::Parts;
use http::uri::Authority;
use ipnet::IpNet;

use super::url::original_uri;
use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::trace;

/// Whose connection a request came over.
///
/// A server that knows it puts it into the request's extensions; without it no proxy is trusted, and
/// a verifier with trusted proxies says so once. Under axum (feature `axum`) serve the router with
/// `into_make_service_with_connect_info::<SocketAddr>()`, and nothing else is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "it is its one field")]
pub struct PeerAddr(pub SocketAddr);

/// Which headers your proxies write. Name the ones that they always set or overwrite: a header
/// that a proxy merely passes on is a stranger's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Forwarding {
    /// `Forwarded` (RFC 7239). Each proxy appends an element; the one that counts is that of the
    /// first proxy of yours, found by following `for` through the trusted networks.
    Forwarded,
    /// `X-Forwarded-Proto`, `X-Forwarded-Host` (or `Host`, where that is passed on) and
    /// `X-Forwarded-Port`, each once and with one value.
    XForwarded,
}

/// Proxies by network, and the headers they write.
#[derive(Debug, Clone)]
pub(crate) struct TrustedProxies {
    forwarding: Forwarding,
    networks: Vec<IpNet>,
    /// Set once a request came without its peer. Shared by all that one configuration makes.
    warned: Arc<AtomicBool>,
}

impl TrustedProxies {
    pub(crate) fn new(
        forwarding: Forwarding,
        networks: &[String],
        warned: Arc<AtomicBool>,
    ) -> Result<Self, ConfigError> {
        let parse = |text: &String| {
            let network =
                text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| {
                ConfigError::new(
                    ConfigErrorKind::PublicUrl,
                    format!(
                        "`{text}` is no network: write `10.0.0.0/8`, `fd00::/8` or one address"
                    ),
                )
            })
        };
        let networks: Vec<_> = networks.iter().map(parse).collect::<Result<_, _>>()?;
        match networks.iter().find(|network| network.prefix_len() == 0) {
            Some(all) => Err(ConfigError::new(
                ConfigErrorKind::PublicUrl,
                format!("`{all}` is everybody: name the networks of your proxies only"),
            )),
            None => Ok(Self { forwarding, networks, warned }),
        }
    }

    /// Scheme and host, and the port if it is not the scheme's own, as the sender wrote them.
    /// `None` if the request did not come from a trusted proxy, or that does not say.
    pub(crate) fn origin(&self, head: &Parts) -> Option<String> {
        let Some(peer) = peer_of(head) else {
            if !self.warned.swap(true, Ordering::Relaxed) {
                trace::warn!(
                    target: "tower_webhooks",
                    path = head.uri.path(),
                    "a request has no peer address, so that no proxy is trusted: put a `PeerAddr` into its extensions, or serve axum's router with connect info; said once"
                );
            }
            return None;
        };
        if !self.trusts(peer.ip()) {
            return None;
        }
        let (scheme, host, port) = match self.forwarding {
            Forwarding::Forwarded => self.forwarded(head)?,
            Forwarding::XForwarded => x_forwarded(head)?,
        };
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => "http",
            "https" => "https",
            _ => return None,
        };
        let authority: Authority = host.parse().ok().filter(|_| !host.contains('@'))?;
        let own_port = if scheme == "http" { 80 } else { 443 };
        Some(match (authority.port_u16(), port) {
            (None, Some(port)) if port != own_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        })
    }

    /// The element of the outermost proxy that is trusted.
    fn forwarded(&self, head: &Parts) -> Option<(String, String, Option<u16>)> {
        let mut elements = Vec::new();
        for value in head.headers.get_all(FORWARDED) {
            elements.extend(split_unquoted(value.to_str().ok()?, ',')?);
        }
        for element in elements.iter().rev() {
            let node = match parameter(element, "for") {
                Sent::Once(node) => node_address(&node),
                Sent::Never => None,
                Sent::Unclear => return None,
            };
            if node.is_some_and(|address| self.trusts(address)) {
                continue;
            }
            let (scheme, host) = (parameter(element, "proto"), parameter(element, "host"));
            return Some((scheme.once()?, host.once()?, None));
        }
        None
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// Whose connection the request came over, as the server says.
fn peer_of(head: &Parts) -> Option<SocketAddr> {
    let peer = head.extensions.get::<PeerAddr>().map(|PeerAddr(peer)| *peer);
    #[cfg(feature = "axum")]
    let peer = peer.or_else(|| {
        use axum::extract::ConnectInfo;
        head.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer)
    });
    peer
}

/// A value that was sent for certain only if it came once, in one reading.
enum Sent {
    Never,
    Once(String),
    Unclear,
}

impl Sent {
    fn once(self) -> Option<String> {
        match self {
            Self::Once(value) => Some(value),
            Self::Never | Self::Unclear => None,
        }
    }
}

/// What one header says is not guessed from another: unclear is unknown.
fn x_forwarded(head: &Parts) -> Option<(String, String, Option<u16>)> {
    let scheme = header(head, "x-forwarded-proto").once()?;
    let host = match header(head, "x-forwarded-host") {
        Sent::Never => called_host(head)?,
        sent => sent.once()?,
    };
    let port = match header(head, "x-forwarded-port") {
        Sent::Never => None,
        sent => Some(sent.once()?.parse().ok()?),
    };
    Some((scheme, host, port))
}

/// The host that the proxy passed on: of `Host`, which HTTP/2 calls `:authority`.
fn called_host(head: &Parts) -> Option<String> {
    match header(head, HOST.as_str()) {
        Sent::Never => original_uri(head).authority().map(|authority| authority.to_string()),
        sent => sent.once(),
    }
}

fn header(head: &Parts, name: &str) -> Sent {
    let mut values = head.headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return if head.headers.contains_key(name) { Sent::Unclear } else { Sent::Never };
    };
    match value.to_str().map(str::trim) {
        Ok(value) if !value.is_empty() && !value.contains(',') => Sent::Once(value.to_owned()),
        _ => Sent::Unclear,
    }
}

/// A parameter of an element of `Forwarded` (RFC 7239, section 4), without its quotes.
fn parameter(element: &str, name: &str) -> Sent {
    let Some(pairs) = split_unquoted(element, ';') else { return Sent::Unclear };
    let mut found = pairs.into_iter().filter_map(|pair| pair.split_once('='));
    let mut values = found.by_ref().filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    match (values.next(), values.next()) {
        (None, _) => Sent::Never,
        (Some((_, value)), None) => unquoted(value.trim()).map_or(Sent::Unclear, Sent::Once),
        (Some(_), Some(_)) => Sent::Unclear,
    }
}

/// The pieces between separators that do not stand in a quoted string (RFC 9110, section 5.6.4);
/// `None` if such a string does not end.
fn split_unquoted(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let pieces = text.split(|each: char| {
        match each {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        each == separator && !is_quoted
    });
    let pieces = pieces.collect();
    (!is_quoted).then_some(pieces)
}

/// A token, or what stands in a quoted string; `None` for anything between the two.
fn unquoted(value: &str) -> Option<String> {
    let Some(inside) = value.strip_prefix('"') else {
        return (!value.is_empty() && !value.contains('"')).then(|| value.to_owned());
    };
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside.strip_suffix('"')?.chars();
    while let Some(each) = rest.next() {
        match each {
            '"' => return None,
            '\\' => text.push(rest.next()?),
            plain => text.push(plain),
        }
    }
    Some(text)
}

/// The address of a node (RFC 7239, section 6): `192.0.2.43`, `192.0.2.43:47011`, `[2001:db8::17]:47011`.
fn node_address(node: &str) -> Option<IpAddr> {
    let bare = node.trim_start_matches('[').split(']').next().unwrap_or(node);
    node.parse::<SocketAddr>().map(|socket| socket.ip()).or_else(|_| bare.parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(forwarding: Forwarding, peer: &str, headers: &[(&str, &str)]) -> Option<String> {
        let networks = ["10.0.0.0/8".to_owned(), "fd00::/8".to_owned()];
        let proxies = TrustedProxies::new(forwarding, &networks, Arc::default()).unwrap();
        let mut request = http::Request::builder().uri("/hook");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut head = request.body(()).unwrap().into_parts().0;
        head.extensions.insert(PeerAddr(peer.parse().unwrap()));
        proxies.origin(&head)
    }

    const X: [(&str, &str); 2] =
        [("x-forwarded-proto", "https"), ("x-forwarded-host", "api.example.com")];

    #[test]
    fn a_trusted_proxy_is_believed_and_a_stranger_is_not() {
        let said = Some("https://api.example.com".to_owned());
        assert_eq!(origin(Forwarding::XForwarded, "10.1.2.3:9", &X), said);
        assert_eq!(origin(Forwarding::XForwarded, "[::ffff:10.1.2.3]:9", &X), said);
        assert_eq!(origin(Forwarding::XForwarded, "192.0.2.1:9", &X), None);
    }

    #[test]
    fn headers_that_the_proxies_do_not_write_are_not_looked_at() {
        assert_eq!(origin(Forwarding::Forwarded, "10.1.2.3:9", &X), None);
        let forwarded = [("forwarded", "proto=https;host=api.example.com")];
        assert_eq!(origin(Forwarding::XForwarded, "10.1.2.3:9", &forwarded), None);
    }

    #[test]
    fn a_value_that_comes_twice_is_not_guessed_at() {
        let twice = [X[0], X[1], ("x-forwarded-host", "evil.example")];
        assert_eq!(origin(Forwarding::XForwarded, "10.1.2.3:9", &twice), None);
        let listed = [X[0], ("x-forwarded-host", "evil.example, api.example.com")];
        assert_eq!(origin(Forwarding::XForwarded, "10.1.2.3:9", &listed), None);
        // Nor is it taken from another header.
        for unclear in ["evil.example, api.example.com", "", "\u{e9}"] {
            let headers = [X[0], ("x-forwarded-host", unclear), ("host", "other.example")];
            assert_eq!(origin(Forwarding::XForwarded, "10.1.2.3:9", &headers), None, "{unclear}");
        }
        for port in ["443, 8443", "", "x", "65536"] {
            let headers = [X[0], X[1], ("x-forwarded-port", port)];
            assert_eq!(origin(Forwarding::XForwarded, "10.1.2.3:9", &headers), None, "{port}");
        }
    }

    #[test]
    fn the_host_that_is_passed_on_is_that_of_http_1_or_2() {
        let said = Some("https://other.example".to_owned());
        let host = [X[0], ("host", "other.example")];
        assert_eq!(origin(Forwarding::XForwarded, "10.1.2.3:9", &host), said);
        let networks = ["10.0.0.0/8".to_owned()];
        let proxies =
            TrustedProxies::new(Forwarding::XForwarded, &networks, Default::default()).unwrap();
        let request = http::Request::get("https://other.example/hook").header(X[0].0, X[0].1);
        let mut head = request.body(()).unwrap().into_parts().0;
        head.extensions.insert(PeerAddr("10.1.2.3:9".parse().unwrap()));
        assert_eq!(proxies.origin(&head), said);
    }

    #[test]
    fn what_stands_in_quotes_is_not_split() {
        let said =
            |forwarded| origin(Forwarding::Forwarded, "10.1.2.3:9", &[("forwarded", forwarded)]);
        let api = Some("https://api.example.com".to_owned());
        assert_eq!(said(r#"for=_a;by="x,y;z";proto=https;host="api.example.com""#), api);
        assert_eq!(said(r#"by="\",host=evil.example";proto=https;host=api.example.com"#), api);
        assert_eq!(said(r#"proto=https;host="api.ex\ample.com""#), api);
        for unclear in [
            r#"proto=https;host="api.example.com"#,
            r#"proto=https;host=api.example.com;host=evil.example"#,
            r#"proto=https;host=api"."example.com"#,
            r#"proto=https;host="""#,
            r#"for="10.0.0.1";for=203.0.113.7;proto=https;host=api.example.com"#,
        ] {
            assert_eq!(said(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn ports_stand_there_only_if_they_are_not_the_schemes_own() {
        let with = |port| [X[0], X[1], ("x-forwarded-port", port)];
        let said = |port| origin(Forwarding::XForwarded, "10.1.2.3:9", &with(port));
        assert_eq!(said("443").as_deref(), Some("https://api.example.com"));
        assert_eq!(said("8443").as_deref(), Some("https://api.example.com:8443"));
    }

    #[test]
    fn the_element_of_the_outermost_trusted_proxy_counts() {
        let chain = "for=192.0.2.1;proto=http;host=evil.example, \
                     for=203.0.113.7;proto=https;host=api.example.com, \
                     for=\"[fd00::1]:4711\";proto=http;host=internal:8080";
        let said = origin(Forwarding::Forwarded, "10.1.2.3:9", &[("forwarded", chain)]);
        assert_eq!(said.as_deref(), Some("https://api.example.com"));
    }

    #[test]
    fn networks_are_checked_when_the_verifier_is_built() {
        for wrong in ["10.0.0.0/33", "everybody", "0.0.0.0/0", "::/0"] {
            let error =
                TrustedProxies::new(Forwarding::Forwarded, &[wrong.to_owned()], Arc::default());
            assert_eq!(error.unwrap_err().kind(), ConfigErrorKind::PublicUrl, "{wrong}");
        }
    }
}
