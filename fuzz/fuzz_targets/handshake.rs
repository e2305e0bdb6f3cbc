//! Any rightly signed body, and any challenge: an answer is short and never HTML.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "each target runs one of its checks")]
#[path = "../../tests/support/fuzz.rs"]
mod checks;

fuzz_target!(|input: &[u8]| checks::handshake(input));
