//! A secret of a configuration file is gone from memory once it was freed.
//!
//! An allocator looks through every piece that is given back. It is a process of its own.
#![cfg(all(feature = "config", feature = "testing"))]
#![allow(unsafe_code, reason = "an allocator that looks is an unsafe trait's implementation")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use tower_webhooks::config::Config;

/// Long enough that no other memory has it by chance.
const CANARY: &[u8] = b"canary-in-freed-memory-51c0";

struct Looking;

thread_local! {
    static LOOKS: Cell<bool> = const { Cell::new(false) };
    static FOUND: Cell<usize> = const { Cell::new(0) };
}

/// # Safety
///
/// The piece is allocated and as large as its layout says.
unsafe fn look(memory: *const u8, layout: Layout) {
    if LOOKS.get() && layout.size() >= CANARY.len() {
        // SAFETY: as the caller promises. What was never written is compared and nothing more.
        let piece = unsafe { std::slice::from_raw_parts(memory, layout.size()) };
        if piece.windows(CANARY.len()).any(|window| window == CANARY) {
            FOUND.set(FOUND.get() + 1);
        }
    }
}

// SAFETY: every call goes to the system's allocator unchanged. New pieces are zeroed, so that what
// is looked at was always written; the cells are plain and have no destructor.
unsafe impl GlobalAlloc for Looking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe {
            look(memory, layout);
            System.dealloc(memory, layout);
        }
    }
}

#[global_allocator]
static ALLOCATOR: Looking = Looking;

/// How often the canary was found in memory that was freed.
fn found_during(work: impl FnOnce()) -> usize {
    FOUND.set(0);
    LOOKS.set(true);
    work();
    LOOKS.set(false);
    FOUND.get()
}

fn canary() -> &'static str {
    std::str::from_utf8(CANARY).unwrap()
}

#[test]
fn the_allocator_finds_what_is_not_wiped() {
    assert_eq!(found_during(|| drop(canary().to_owned())), 1);
}

#[test]
fn secrets_of_a_file_are_wiped_with_what_held_them() {
    let canary = canary();
    // The text is the caller's own, and outlives the test.
    let toml: &'static str = format!(
        r#"
        [[endpoint]]
        path = "/a"
        provider = "meta"
        secrets = ["literal:{canary}", {{ secret = "literal:{canary}-2", label = "may" }}, "env:A"]
        verify_token = "literal:{canary}"

        [[endpoint]]
        path = "/b"
        provider = "easypost"
        secrets = ["literal:{canary}"]

        [[endpoint]]
        path = "/c"
        provider = "hubspot-v1"
        secrets = ["literal:{canary}"]
        "#
    )
    .leak();
    let found = found_during(|| {
        let config = Config::from_toml(toml).unwrap();
        let endpoints = config.endpoints_with(|_| Some(canary.to_owned())).unwrap();
        assert_eq!(endpoints.len(), 3);
        drop(config.clone());
        drop((config, endpoints));
    });
    assert_eq!(found, 0);
}

#[test]
fn secrets_of_a_json_file_are_wiped_too() {
    let canary = canary();
    let json: &'static str = format!(
        r#"{{"endpoint": [{{"path": "/a", "provider": "github", "secrets": ["literal:{canary}"]}}]}}"#
    )
    .leak();
    let found = found_during(|| {
        let endpoints = Config::from_json(json).unwrap().endpoints().unwrap();
        assert_eq!(endpoints.len(), 1);
    });
    assert_eq!(found, 0);
}
