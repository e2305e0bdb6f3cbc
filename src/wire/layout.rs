//! A provider's places, prepared for reading.

use super::header_names::HeaderNames;
use super::json::Pointers;
use crate::config_error::ConfigError;
use crate::provider::{Place, Provider};

/// A provider with the names of its headers parsed and its JSON pointers split.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) provider: Provider,
    pub(crate) names: HeaderNames,
    pub(crate) pointers: Pointers,
}

impl Layout {
    /// # Errors
    ///
    /// If a header or a pointer is not written as one.
    pub(crate) fn new(
        provider: Provider,
        header_prefix: Option<&str>,
        renamed_headers: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let places: Vec<Place> = provider
            .places()
            .chain(provider.handshakes.iter().flat_map(|handshake| handshake.places()))
            .collect();
        Ok(Self {
            names: HeaderNames::of(&provider, &places, header_prefix, renamed_headers)?,
            pointers: Pointers::of(places.iter().copied())?,
            provider,
        })
    }
}
