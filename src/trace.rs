//! The tracing macros, or nothing in their place where feature `tracing` is off.

#[cfg(feature = "tracing")]
pub(crate) use tracing::{debug, error, warn};

#[cfg(not(feature = "tracing"))]
macro_rules! nothing {
    ($($token:tt)*) => {
        $crate::trace::ignore!($($token)*)
    };
}

/// Reads the fields, so that nothing is unused, and drops them.
#[cfg(not(feature = "tracing"))]
macro_rules! ignore {
    (target: $target:literal, $($name:ident $(= $(%)? $value:expr)?,)* $text:literal) => {{
        $($(let _ = &$value;)?)*
    }};
}

#[cfg(not(feature = "tracing"))]
pub(crate) use {ignore, nothing as debug, nothing as error, nothing as warn};

/// The future in the span that is entered now, on whatever task it then runs.
#[cfg(feature = "tracing")]
pub(crate) fn in_current_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
    tracing::Instrument::in_current_span(future)
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn in_current_span<F: Future>(future: F) -> F {
    future
}
