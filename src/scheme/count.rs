//! How often the expensive steps are taken, for tests that bound them.

use std::cell::Cell;

thread_local! {
    static FINISHED: Cell<u32> = const { Cell::new(0) };
    static PUBLIC_KEY: Cell<u32> = const { Cell::new(0) };
}

pub(crate) fn finished_hash() {
    FINISHED.set(FINISHED.get() + 1);
}

pub(crate) fn public_key_operation() {
    PUBLIC_KEY.set(PUBLIC_KEY.get() + 1);
}

/// How many keyed hashes were finished, and how many public keys were used, while this ran.
pub(crate) fn while_doing<T>(what: impl FnOnce() -> T) -> (T, u32, u32) {
    let before = (FINISHED.get(), PUBLIC_KEY.get());
    let done = what();
    (done, FINISHED.get() - before.0, PUBLIC_KEY.get() - before.1)
}
