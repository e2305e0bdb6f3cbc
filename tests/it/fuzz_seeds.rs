//! What the fuzz targets check, on inputs that are kept: one of each kind, and every one that once
//! broke something. `cargo +nightly fuzz run` goes on from them.
#![cfg(all(feature = "ed25519", feature = "testing"))]

use std::fs;
use std::path::Path;

use crate::fuzz as checks;

/// Runs the check on every kept input, and on each without its end and with a byte changed.
fn replay(target: &str, check: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz_seeds").join(target);
    let mut files = 0;
    for entry in fs::read_dir(&seeds).unwrap() {
        let input = fs::read(entry.unwrap().path()).unwrap();
        check(&input);
        check(&input[..input.len() / 2]);
        for place in [0, input.len() / 3, input.len().saturating_sub(1)] {
            let mut changed = input.clone();
            if let Some(byte) = changed.get_mut(place) {
                *byte ^= 1;
            }
            check(&changed);
        }
        files += 1;
    }
    assert!(files >= 3, "{files} inputs for {target}");
}

#[test]
fn any_value_in_the_signatures_place() {
    replay("signature", checks::signature);
}

#[test]
fn any_text_as_the_time() {
    replay("timestamp", checks::timestamp);
}

#[test]
fn any_request() {
    replay("request", checks::request);
}

#[test]
fn any_signed_body_and_any_challenge() {
    replay("handshake", checks::handshake);
}
