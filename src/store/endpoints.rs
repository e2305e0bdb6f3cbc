//! Which endpoints are served over a store in this process.

#[cfg(feature = "tokio")]
use std::sync::PoisonError;
use std::sync::{Arc, Mutex, Weak};

/// The endpoints that layers of this process serve over one store.
///
/// A store holds one of these, which its clones share, and gives it by
/// [`IdempotencyStore::endpoints`](super::IdempotencyStore::endpoints). By it a layer notices that
/// another one serves the same endpoint: the events of one would be duplicates to the other.
///
/// # Clone
///
/// Cheap; clones are the same list.
#[derive(Debug, Clone, Default)]
#[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only layers serve endpoints"))]
pub struct Endpoints(Arc<Mutex<Vec<Served>>>);

#[derive(Debug)]
#[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only layers serve endpoints"))]
struct Served {
    memory: Memory,
    endpoint: Box<str>,
    provider: Box<str>,
    by: Weak<()>,
}

/// What of a store remembers the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only layers serve endpoints"))]
pub(crate) enum Memory {
    Claims,
    #[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
    Inbox,
}

impl Endpoints {
    /// An empty list, for a new store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that an endpoint is served, for events of this provider, as long as `by` lives. Says
    /// whether somebody else serves it already.
    #[cfg(feature = "tokio")]
    pub(crate) fn serve(
        &self,
        memory: Memory,
        endpoint: &str,
        provider: &str,
        by: &Arc<()>,
    ) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|served| served.by.strong_count() > 0);
        let by = Arc::downgrade(by);
        let is_served = all.iter().any(|served| {
            served.memory == memory
                && *served.endpoint == *endpoint
                && *served.provider == *provider
                && !served.by.ptr_eq(&by)
        });
        all.push(Served { memory, endpoint: endpoint.into(), provider: provider.into(), by });
        is_served
    }
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_served_twice_only_by_two_who_live() {
        let endpoints = Endpoints::new();
        let (first, second) = (Arc::new(()), Arc::new(()));
        assert!(!endpoints.serve(Memory::Claims, "billing", "stripe", &first));
        assert!(
            !endpoints.serve(Memory::Claims, "billing", "github", &first),
            "another provider's key differs"
        );
        assert!(!endpoints.serve(Memory::Claims, "deploy", "stripe", &second));
        assert!(endpoints.clone().serve(Memory::Claims, "billing", "stripe", &second));
        drop(first);
        drop(second);
        assert!(!endpoints.serve(Memory::Claims, "billing", "stripe", &Arc::new(())));
    }
}
