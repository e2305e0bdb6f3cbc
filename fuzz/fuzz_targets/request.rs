//! Any request, to every provider: no panic, and nothing is accepted that nobody signed.
#![no_main]

use http::Request;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use tower_webhooks::testing::Signer;
use tower_webhooks::{Verified, providers};

/// What senders put their signatures, times and ids into, so that the fuzzer need not guess them.
const HEADERS: &[&str] = &[
    "content-type",
    "stripe-signature",
    "svix-id",
    "svix-signature",
    "svix-timestamp",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
    "x-github-delivery",
    "x-github-event",
    "x-hub-signature-256",
    "x-shopify-hmac-sha256",
    "x-shopify-topic",
    "x-signature-ed25519",
    "x-signature-timestamp",
    "x-slack-request-timestamp",
    "x-slack-signature",
    "x-twilio-signature",
];

#[derive(Arbitrary, Debug)]
struct Input {
    get: bool,
    uri: String,
    headers: Vec<(u8, Vec<u8>)>,
    body: Vec<u8>,
}

fuzz_target!(|input: Input| {
    let mut request =
        Request::builder().method(if input.get { "GET" } else { "POST" }).uri(&input.uri);
    for (which, value) in &input.headers {
        request = request.header(HEADERS[usize::from(*which) % HEADERS.len()], &**value);
    }
    let Ok(request) = request.body(input.body) else { return };
    let (head, body) = request.into_parts();
    for provider in providers::ALL {
        let signer = Signer::demo(provider).expect("every provider has a demo");
        let verifier = signer.verifier().build().expect("and a verifier for it");
        match verifier.verify(&head, body.clone(), signer.now()) {
            Ok(Verified::Event(event)) => panic!("nobody signed {event:?}"),
            // An unsigned setup request, by who knows the token.
            Ok(_) => assert!(provider.needs_verify_token(), "{}", provider.name()),
            Err(rejection) => assert!(rejection.status().is_client_error()),
        }
    }
});
