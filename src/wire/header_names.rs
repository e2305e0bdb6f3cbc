//! Header names, parsed once, in every family they may come in.

use http::HeaderName;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::{Place, Provider};

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
        let named = |family: &str| {
            let headers = places.iter().filter_map(|place| match *place {
                Place::Header(name) => Some(name),
                _ => None,
            });
            headers
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

    /// The header that a family has under the name in the plan.
    pub(crate) fn get(&self, family: usize, name: &str) -> Option<&HeaderName> {
        let names = self.families.get(family)?;
        names
            .iter()
            .find(|(known, _)| std::ptr::eq(*known, name) || *known == name)
            .map(|(_, parsed)| parsed)
    }
}
