//! Whether two layers take each other's events for duplicates.

use std::sync::Arc;

use super::observe::{Observation, Observers, Subject};
use crate::store::{Endpoints, Memory};
use crate::verifiers::Verifiers;

/// Serves an endpoint over a store, as long as it lives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Served(Arc<()>);

impl Served {
    /// Notes that the endpoint is served, and tells if somebody else serves it, unless that is
    /// meant.
    pub(crate) fn note(
        &self,
        (endpoints, memory): (&Endpoints, Memory),
        endpoint: &str,
        verifiers: &Verifiers,
        is_meant: bool,
        observers: &Observers,
    ) {
        for verifier in verifiers.iter() {
            let provider = verifier.provider().name();
            if endpoints.serve(memory, endpoint, provider, &self.0) && !is_meant {
                let of = Subject::endpoint_of(endpoint).provider_of(Some(provider));
                observers.tell(&of, &Observation::EndpointShared {});
            }
        }
    }
}
