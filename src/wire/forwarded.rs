//! What trusted proxies say of the URL that the sender called. Strangers are never believed.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{FORWARDED, HOST};
use http::request::Parts;
use http::uri::Authority;
use ipnet::IpNet;

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
            elements.extend(value.to_str().ok()?.split(','));
        }
        for element in elements.iter().rev() {
            let behind = parameter(element, "for").and_then(|node| node_address(&node));
            if behind.is_some_and(|address| self.trusts(address)) {
                continue;
            }
            return Some((parameter(element, "proto")?, parameter(element, "host")?, None));
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

fn x_forwarded(head: &Parts) -> Option<(String, String, Option<u16>)> {
    let scheme = single(head, "x-forwarded-proto")?;
    let host = single(head, "x-forwarded-host").or_else(|| single(head, HOST.as_str()))?;
    let port = single(head, "x-forwarded-port").and_then(|port| port.parse().ok());
    Some((scheme, host, port))
}

/// A header that came once, with one value.
fn single(head: &Parts, name: &str) -> Option<String> {
    let mut values = head.headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?.trim();
    let one = values.next().is_none() && !value.contains(',') && !value.is_empty();
    one.then(|| value.to_owned())
}

/// A parameter of an element of `Forwarded` (RFC 7239, section 4), without its quotes.
fn parameter(element: &str, name: &str) -> Option<String> {
    element.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let quoted = value.trim().trim_matches('"');
        key.trim().eq_ignore_ascii_case(name).then(|| quoted.to_owned())
    })
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
