//! Any value in the signature's place: no panic, and nothing but a right signature is accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "each target runs one of its checks")]
#[path = "../../tests/support/fuzz.rs"]
mod checks;

fuzz_target!(|input: &[u8]| checks::signature(input));
