//! Any rightly signed body, and any query: no panic, and an answer is short and never HTML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_webhooks::handshake::Answer;
use tower_webhooks::providers::{self, META};
use tower_webhooks::testing::Signer;
use tower_webhooks::{Verified, Verifier};

fuzz_target!(|input: (String, Vec<u8>)| {
    let (challenge, body) = input;
    // Mailgun's signature stands in the body, which must be JSON for it.
    for provider in providers::ALL.iter().filter(|provider| provider.name() != "mailgun") {
        let signer = Signer::demo(provider).expect("every provider has a demo");
        if let Ok(Verified::Handshake(answer)) = signer.event(body.clone()).verify() {
            check(answer);
        }
    }
    let signer = Signer::demo(&META).expect("every provider has a demo");
    let setup = signer
        .event("")
        .get()
        .query("hub.mode", "subscribe")
        .query("hub.challenge", &challenge)
        .query("hub.verify_token", Signer::VERIFY_TOKEN);
    let (head, body) = setup.request().into_parts();
    let verifier: Verifier = signer.verifier().build().expect("a verifier");
    if let Ok(Verified::Handshake(answer)) = verifier.verify(&head, body, signer.now()) {
        assert_eq!(answer.body(), challenge.as_bytes());
        check(answer);
    }
});

fn check(answer: Answer) {
    assert!(answer.body().len() <= 1024);
    let response = answer.into_response();
    assert!(response.status().is_success());
    if let Some(content_type) = response.headers().get("content-type") {
        assert!(!content_type.as_bytes().starts_with(b"text/html"));
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }
}
