//! Any request, to every provider: no panic, and nothing is accepted that nobody signed.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "each target runs one of its checks")]
#[path = "../../tests/support/fuzz.rs"]
mod checks;

fuzz_target!(|input: &[u8]| checks::request(input));
