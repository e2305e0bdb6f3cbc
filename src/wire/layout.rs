//! A provider's places, prepared for reading.

use std::borrow::Cow;

use super::form::{self, Twice};
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
    /// Whether one list of places has both fields of a form and members of JSON.
    mixes_forms: bool,
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
            mixes_forms: mixes_forms(&provider),
            provider,
        })
    }

    /// The document that a body carries as a form; `None` if the body itself is the document. `Err`
    /// if the form has it twice.
    pub(crate) fn document<'a>(&self, body: &'a [u8]) -> Result<Option<Cow<'a, [u8]>>, Twice> {
        let Some(field) = self.provider.document_in else { return Ok(None) };
        Ok(form::document(body, field)?.map(form::decode))
    }

    /// Whether a body is JSON, of a sender that sends forms as well: nothing in its texts is a field
    /// then, whatever its `Content-Type` says.
    pub(crate) fn is_no_form(&self, body: &[u8]) -> bool {
        self.mixes_forms && form::begins_as_json(body)
    }
}

fn mixes_forms(provider: &Provider) -> bool {
    let signatures: Vec<Place> = provider.signature_places().collect();
    [&*signatures, provider.event_id, provider.event_type].into_iter().any(Place::mix_forms)
}
