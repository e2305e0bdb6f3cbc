//! Any value in the signature's place: no panic, and nothing but a right signature is accepted.
#![no_main]

use http::HeaderValue;
use libfuzzer_sys::fuzz_target;
use tower_webhooks::providers;
use tower_webhooks::testing::Signer;

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (which, text) = input;
    let Ok(value) = HeaderValue::from_bytes(&text) else { return };
    let provider = providers::ALL[usize::from(which) % providers::ALL.len()];
    let signer = Signer::demo(provider).expect("every provider has a demo");
    let verifier = signer.verifier().build().expect("and a verifier for it");

    let signed = signer.event(r#"{"id":"1"}"#).request();
    let unsigned = signer.event(r#"{"id":"1"}"#).without_signature().request();
    // The header that the signature stands in: the one that is gone, or changed, without it.
    let name = signed
        .headers()
        .keys()
        .find(|name| unsigned.headers().get(*name) != signed.headers().get(*name));
    let Some(name) = name.cloned() else { return };

    let (mut head, body) = signed.into_parts();
    let right = head.headers.insert(&name, value.clone());
    if verifier.verify(&head, body, signer.now()).is_ok() {
        // Other ways to write it: upper case, white space, further entries of the list.
        let (right, text) = (right.expect("it was there"), text.to_ascii_lowercase());
        let bytes = right.as_bytes().to_ascii_lowercase();
        let signature = bytes.rsplit(|byte| b",= ".contains(byte)).find(|part| part.len() >= 16);
        let signature = signature.expect("a signature");
        assert!(text.windows(signature.len()).any(|window| window == signature), "{value:?}");
    }
});
