//! What a request may cost, counted instead of timed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::request::Parts;

use super::{Verified, Verifier};
use crate::provider::Provider;
use crate::providers::{GITHUB, SLACK, STRIPE};
use crate::rejection::{Rejection, RejectionKind};
use crate::scheme::count::while_doing;
use crate::testing::Signer;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn head(header: &str, value: &str) -> Parts {
    http::Request::post("/").header(header, value).body(()).unwrap().into_parts().0
}

fn refusal(verified: Result<Verified, Rejection>) -> RejectionKind {
    verified.unwrap_err().kind()
}

#[test]
fn sixteen_signatures_cost_as_many_hashes_as_one() {
    // None of these is base64 behind its prefix, so no key is tried in another reading.
    let secrets: [String; 8] = std::array::from_fn(|index| format!("whsec_of-number-{index}"));
    let verifier = STRIPE.verifier(secrets).build().unwrap();
    let hashes = |signatures: usize| {
        let wrong = format!(",v1={}", "0".repeat(64)).repeat(signatures);
        let head = head("stripe-signature", &format!("t=1700000000{wrong}"));
        let (verified, hashes, _) = while_doing(|| verifier.verify(&head, "{}", now()));
        assert_eq!(refusal(verified), RejectionKind::BadSignature);
        hashes
    };
    assert_eq!((hashes(1), hashes(16)), (8, 8));
}

/// Whether the body was hashed beside its signature once the event is there.
fn hashes_body_for_key(provider: &Provider, body: &'static str) -> bool {
    let signer = Signer::demo(provider).unwrap();
    let request = signer.event(body).request();
    let (head, body) = request.into_parts();
    let verifier: Verifier = signer.verifier().build().unwrap();
    let keys = verifier.keys().unwrap();
    let mut verification = verifier.begin(&head, keys, signer.now()).unwrap();
    #[cfg(feature = "tokio")]
    verification.expect_replay_key();
    verification.update(body);
    let Verified::Event(event) = verification.finish().unwrap() else { panic!() };
    let _ = (event.replay_key(), event.body_mark());
    event.has_fingerprint()
}

#[test]
fn a_wholly_signed_body_with_a_signed_id_is_hashed_once() {
    assert!(!hashes_body_for_key(&STRIPE, r#"{"id":"evt_1"}"#));
    assert!(!hashes_body_for_key(&SLACK, r#"{"event_id":"Ev1"}"#));
}

#[test]
fn where_the_body_itself_names_the_event_its_digest_is_made() {
    assert!(hashes_body_for_key(&GITHUB, "{}"));
    assert!(hashes_body_for_key(&STRIPE, "{}"), "an event without its id");
}

#[cfg(feature = "ed25519")]
mod public_keys {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::providers::STANDARD_WEBHOOKS;

    fn key(number: u8) -> SigningKey {
        SigningKey::from_bytes(&[number; 32])
    }

    fn receiver(numbers: impl IntoIterator<Item = u8>) -> Verifier {
        let public =
            |number| format!("whpk_{}", STANDARD.encode(key(number).verifying_key().to_bytes()));
        let secrets: Vec<String> = numbers.into_iter().map(public).collect();
        STANDARD_WEBHOOKS.verifier(secrets).build().unwrap()
    }

    /// A request with the signatures of these keys, and the public-key operations it took.
    fn verified(
        verifier: &Verifier,
        signers: impl IntoIterator<Item = u8>,
    ) -> (Result<Verified, Rejection>, u32) {
        let sign = |number| {
            let signature = key(number).sign(b"msg_1.1700000000.{}").to_bytes();
            format!("v1a,{}", STANDARD.encode(signature))
        };
        let signatures: Vec<String> = signers.into_iter().map(sign).collect();
        let request = http::Request::post("/")
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", "1700000000")
            .header("webhook-signature", signatures.join(" "));
        let (head, body) = request.body(Bytes::from_static(b"{}")).unwrap().into_parts();
        let (verified, _, operations) = while_doing(|| verifier.verify(&head, body, now()));
        (verified, operations)
    }

    #[test]
    fn no_request_takes_more_than_eight_operations() {
        let (refused, operations) = verified(&receiver(1..=8), 100..116);
        assert_eq!((refusal(refused), operations), (RejectionKind::BadSignature, 8));
    }

    #[test]
    fn a_rotation_passes_with_more_signatures_than_the_receiver_has_keys() {
        for signers in [[1, 2], [2, 1]] {
            let (passed, operations) = verified(&receiver([1]), signers);
            assert!(matches!(passed, Ok(Verified::Event(_))), "{signers:?}: {passed:?}");
            assert!(operations <= 2, "{operations}");
        }
        let (passed, _) = verified(&receiver([1, 2]), [9, 8, 2]);
        assert!(matches!(passed, Ok(Verified::Event(_))), "{passed:?}");
    }

    #[test]
    fn each_of_eight_keys_passes_by_the_only_signature() {
        for number in 1..=8 {
            let (passed, operations) = verified(&receiver(1..=8), [number]);
            assert!(matches!(passed, Ok(Verified::Event(_))), "{number}: {passed:?}");
            assert_eq!(operations, u32::from(number));
        }
    }
}
