//! Header names, parsed once, in every family they may come in.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::form::Twice;
use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::{Place, Provider};

/// How many headers one provider may name.
const MAX_HEADERS: usize = 12;

/// For each family the names of the headers that a provider's description mentions.
#[derive(Debug)]
pub(crate) struct HeaderNames {
    families: Vec<Vec<(&'static str, HeaderName)>>,
}

fn is_described(places: &[Place], name: &str) -> bool {
    places.iter().any(|place| matches!(place, Place::Header(described) if *described == name))
}

impl HeaderNames {
    /// # Errors
    ///
    /// If a name is no header name.
    pub(crate) fn of(
        provider: &Provider,
        places: &[Place],
        prefix: Option<&str>,
        renamed: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let own = provider.header_families.first().copied().unwrap_or_default();
        let families: Vec<&str> = match prefix {
            Some(prefix) => vec![prefix],
            None if provider.header_families.is_empty() => vec![""],
            None => provider.header_families.to_vec(),
        };
        if let Some((unknown, _)) = renamed.iter().find(|(name, _)| !is_described(places, name)) {
            return Err(ConfigError::new(
                ConfigErrorKind::HeaderName,
                format!("`{}` has no header `{unknown}` to rename", provider.name),
            ));
        }
        let mut headers: Vec<&'static str> = Vec::new();
        for place in places {
            if let Place::Header(name) = *place
                && !headers.contains(&name)
            {
                headers.push(name);
            }
        }
        if headers.len() > MAX_HEADERS {
            return Err(ConfigError::new(
                ConfigErrorKind::Description,
                format!(
                    "`{}` names {} headers, and {MAX_HEADERS} is the most",
                    provider.name,
                    headers.len()
                ),
            ));
        }
        let named = |family: &str| {
            headers
                .iter()
                .copied()
                .map(|name| {
                    let actual = renamed.iter().find(|(described, _)| described == name);
                    let written = match (actual, name.strip_prefix(own)) {
                        (Some((_, actual)), _) => actual.clone(),
                        (None, Some(rest)) => format!("{family}{rest}"),
                        (None, None) => name.to_owned(),
                    };
                    HeaderName::try_from(&written).map(|parsed| (name, parsed)).map_err(|_| {
                        ConfigError::new(
                            ConfigErrorKind::HeaderName,
                            format!("`{written}` is no header name"),
                        )
                    })
                })
                .collect()
        };
        Ok(Self { families: families.into_iter().map(named).collect::<Result<_, _>>()? })
    }

    /// How many families there are; at least one.
    pub(crate) const fn families(&self) -> usize {
        self.families.len()
    }

    /// The headers of a family that stand in a request, found in one pass over all it has.
    pub(crate) fn find<'h>(&self, family: usize, headers: &'h HeaderMap) -> NamedHeaders<'h> {
        let mut found = NamedHeaders::default();
        let wanted = self.families.get(family).map_or(&[][..], Vec::as_slice);
        for (name, value) in headers {
            for ((_, wanted), slot) in wanted.iter().zip(&mut found.slots) {
                if name == wanted {
                    *slot = match slot {
                        Header::Absent => Header::Once(value),
                        Header::Once(_) | Header::Twice => Header::Twice,
                    };
                }
            }
        }
        found
    }

    /// The number of the header that a family has under the name in the description.
    pub(crate) fn slot(&self, family: usize, name: &str) -> Option<usize> {
        let is_it =
            |(known, _): &(&'static str, HeaderName)| std::ptr::eq(*known, name) || *known == name;
        self.families.get(family)?.iter().position(is_it)
    }

    /// The header that a family has under the name in the description.
    pub(crate) fn get(&self, family: usize, name: &str) -> Option<&HeaderName> {
        let slot = self.slot(family, name)?;
        self.families.get(family)?.get(slot).map(|(_, parsed)| parsed)
    }
}

/// The named headers of one request, by number.
#[derive(Clone, Copy, Default)]
pub(crate) struct NamedHeaders<'h> {
    slots: [Header<'h>; MAX_HEADERS],
}

#[derive(Clone, Copy, Default)]
enum Header<'h> {
    #[default]
    Absent,
    Once(&'h HeaderValue),
    Twice,
}

impl<'h> NamedHeaders<'h> {
    /// `Err` if it came more than once.
    pub(crate) fn get(&self, slot: usize) -> Result<Option<&'h HeaderValue>, Twice> {
        match self.slots.get(slot) {
            None | Some(Header::Absent) => Ok(None),
            Some(Header::Once(value)) => Ok(Some(value)),
            Some(Header::Twice) => Err(Twice),
        }
    }
}
