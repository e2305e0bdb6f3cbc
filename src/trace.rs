//! The tracing macros, or nothing in their place where feature `tracing` is off.

#[cfg(feature = "tracing")]
#[allow(unused_imports, reason = "which of them are used depends on the features")]
pub(crate) use tracing::{debug, error, warn};

/// Reads the fields, so that nothing is unused, and drops them.
#[cfg(not(feature = "tracing"))]
#[allow(unused_macros, reason = "whether it is used depends on the features")]
macro_rules! nothing {
    (target: $target:literal, $($name:ident $(= $(%)? $value:expr)?,)* $text:literal) => {{
        $($(let _ = &$value;)?)*
    }};
}

#[cfg(not(feature = "tracing"))]
#[allow(unused_imports, reason = "which of them are used depends on the features")]
pub(crate) use {nothing as debug, nothing as error, nothing as warn};

/// The future in the span that is entered now, on whatever task it then runs.
#[cfg(all(feature = "tracing", feature = "tokio"))]
pub(crate) fn in_current_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
    tracing::Instrument::in_current_span(future)
}

#[cfg(all(not(feature = "tracing"), feature = "tokio"))]
pub(crate) fn in_current_span<F: Future>(future: F) -> F {
    future
}
