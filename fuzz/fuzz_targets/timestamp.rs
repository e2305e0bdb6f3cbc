//! Any text as the time, rightly signed: only what is within the tolerance is accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "each target runs one of its checks")]
#[path = "../../tests/support/fuzz.rs"]
mod checks;

fuzz_target!(|input: &[u8]| checks::timestamp(input));
