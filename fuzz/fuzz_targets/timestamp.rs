//! Any text as the time, rightly signed: no panic, and only what is within the tolerance is
//! accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_webhooks::testing::Signer;
use tower_webhooks::{Verified, providers};

fuzz_target!(|input: (u8, String)| {
    let (which, text) = input;
    let timed: Vec<_> = providers::ALL.iter().filter(|provider| provider.signs_time()).collect();
    let provider = timed[usize::from(which) % timed.len()];
    // What no header can hold is not a stranger's to send.
    if !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return;
    }
    let signer = Signer::demo(provider).expect("every provider has a demo");
    let event = signer.event(r#"{"id":"1"}"#).with_timestamp_text(text.clone());
    if let Ok(Verified::Event(event)) = event.verify() {
        let time = event.time().expect("its time is signed");
        let off = time.duration_since(signer.now()).unwrap_or_else(|early| early.duration());
        assert!(off.as_secs() <= 300, "{}: {text:?} is {off:?} off", provider.name());
    }
});
