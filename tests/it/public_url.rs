//! The public URL of a request, for senders that sign it.

use tower_webhooks::providers::TWILIO;
use tower_webhooks::testing::Signer;
use tower_webhooks::{Forwarding, PeerAddr, RejectionKind, Verifier};

const SECRET: &str = "an-auth-token";

fn verifier() -> Verifier {
    TWILIO
        .verifier(SECRET)
        .public_url("https://configured.example")
        .trusted_proxies(Forwarding::XForwarded, ["10.0.0.0/8"])
        .build()
        .unwrap()
}

/// What becomes of a request for `host` that came over a connection from `peer`.
fn verdict(host: &str, peer: Option<&str>) -> Result<(), RejectionKind> {
    let signer = Signer::new(&TWILIO, SECRET).unwrap().public_url(format!("https://{host}"));
    let request = signer
        .form([("Body", "hi")])
        .uri("/sms?tenant=7")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", host)
        .request();
    let (mut head, body) = request.into_parts();
    if let Some(peer) = peer {
        head.extensions.insert(PeerAddr(peer.parse().unwrap()));
    }
    let verified = verifier().verify(&head, body, signer.now());
    verified.map(|_| ()).map_err(|rejection| rejection.kind())
}

#[test]
fn a_trusted_proxy_says_the_host_and_nobody_else_does() {
    assert_eq!(verdict("other.example", Some("10.1.2.3:4711")), Ok(()));
    assert_eq!(verdict("other.example", Some("192.0.2.1:4711")), Err(RejectionKind::BadSignature));
    assert_eq!(verdict("other.example", None), Err(RejectionKind::BadSignature));
}

#[test]
fn without_a_trusted_proxy_the_configured_host_counts() {
    assert_eq!(verdict("configured.example", Some("192.0.2.1:4711")), Ok(()));
    assert_eq!(verdict("configured.example", None), Ok(()));
}

#[cfg(feature = "axum")]
#[test]
fn the_peer_is_also_known_from_the_connect_info_of_axum() {
    use axum::extract::ConnectInfo;

    let signer = Signer::new(&TWILIO, SECRET).unwrap().public_url("https://other.example");
    let request = signer
        .form([("Body", "hi")])
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "other.example")
        .request();
    let (mut head, body) = request.into_parts();
    for (peer, is_trusted) in [("10.1.2.3:9", true), ("192.0.2.1:9", false)] {
        head.extensions.insert(ConnectInfo(peer.parse::<std::net::SocketAddr>().unwrap()));
        let verified = verifier().verify(&head, body.clone(), signer.now());
        assert_eq!(verified.is_ok(), is_trusted, "{peer}");
    }
}

#[cfg(all(feature = "tokio", feature = "tracing"))]
#[test]
fn trusted_proxies_that_never_see_a_peer_are_warned_of_once() {
    let logs = crate::support::layer::Logs::capture();
    let verifier = verifier();
    let signer = Signer::new(&TWILIO, SECRET).unwrap().public_url("https://other.example");
    let (head, body) = signer.form([("Body", "hi")]).request().into_parts();
    for _ in 0..3 {
        assert!(verifier.verify(&head, body.clone(), signer.now()).is_err());
    }
    // The doctor's trials are no requests.
    let _ = verifier.diagnose(&head, body, signer.now());
    let warnings = logs.lines("WARN");
    assert!(warnings.len() == 1 && warnings[0].contains("no peer address"), "{warnings:?}");
}
