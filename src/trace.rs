//! The tracing macros, or nothing in their place where feature `tracing` is off.

#[cfg(feature = "tracing")]
#[allow(unused_imports, reason = "which of them are used depends on the features")]
pub(crate) use tracing::{debug, error, info, warn};

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
pub(crate) use {nothing as debug, nothing as error, nothing as info, nothing as warn};

/// Whether anybody reads the lines about accepted events.
#[cfg(feature = "tokio")]
pub(crate) fn is_heard() -> bool {
    #[cfg(feature = "tracing")]
    return tracing::enabled!(target: "tower_webhooks", tracing::Level::INFO);
    #[cfg(not(feature = "tracing"))]
    false
}

/// The span that was entered when it was made, for work that goes on elsewhere.
#[cfg(feature = "tokio")]
#[derive(Debug)]
pub(crate) struct CurrentSpan(#[cfg(feature = "tracing")] tracing::Span);

#[cfg(all(feature = "tracing", feature = "tokio"))]
impl CurrentSpan {
    pub(crate) fn get() -> Self {
        Self(tracing::Span::current())
    }

    pub(crate) fn of<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        tracing::Instrument::instrument(future, self.0.clone())
    }
}

#[cfg(all(not(feature = "tracing"), feature = "tokio"))]
impl CurrentSpan {
    pub(crate) const fn get() -> Self {
        Self()
    }

    pub(crate) fn of<F: Future>(&self, future: F) -> F {
        future
    }
}
