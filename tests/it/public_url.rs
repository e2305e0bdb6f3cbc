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
