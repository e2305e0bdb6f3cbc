//! The names that a sender gives to types of events, and whether a configured one can be meant.

use super::{Content, Provider};
use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::trace;

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NameFault {
    /// Nothing, or white space around it.
    Blank,
    /// The sender would write it otherwise: so, or as this other one.
    Form { written: &'static str, same: bool },
    /// The form is right, and the name is not among those that are known.
    Unknown,
}

impl Provider {
    /// Types or topics that the sender is known to send, as it writes them. A name in another case,
    /// or with other separators, is then refused where one is configured; one of the same form that
    /// is not among them is told by a warning.
    #[must_use]
    pub const fn known_types(mut self, names: &'static [&'static str]) -> Self {
        self.known_types = names;
        self
    }

    /// Whether events of this sender have a type.
    #[must_use]
    pub fn names_types(&self) -> bool {
        !self.event_type.is_empty()
            || matches!(self.content, Content::Read(reader) if reader.names_types())
    }

    /// Looks at a name that is to be compared with the sender's, by its form only.
    fn check_type(&self, name: &str) -> Result<(), NameFault> {
        if name.trim().is_empty() || name.trim() != name {
            return Err(NameFault::Blank);
        }
        let known = self.known_types;
        let Some(first) = known.first() else { return Ok(()) };
        if known.contains(&name) {
            return Ok(());
        }
        if let Some(written) = known.iter().find(|known| letters(known).eq(letters(name))) {
            return Err(NameFault::Form { written, same: true });
        }
        let other_case = name.chars().any(char::is_uppercase)
            && !known.iter().any(|known| known.chars().any(char::is_uppercase));
        let other_separator = name
            .chars()
            .filter(|c| !c.is_alphanumeric())
            .any(|c| !known.iter().any(|known| known.contains(c)));
        match other_case || other_separator {
            true => Err(NameFault::Form { written: first, same: false }),
            false => Err(NameFault::Unknown),
        }
    }
}

/// Checks the names in a setting, each of which one of the providers must be able to send.
///
/// # Errors
///
/// If nothing is named, or a name has a form that none of them uses.
pub(crate) fn check_names(
    providers: &[&Provider],
    names: &[Box<str>],
    setting: &str,
    kind: ConfigErrorKind,
) -> Result<(), ConfigError> {
    if names.is_empty() {
        let advice =
            format!("`{setting}` names none, so that no event would be handled: name some");
        return Err(ConfigError::new(kind, advice));
    }
    for name in names {
        let mut fault = None;
        for provider in providers {
            match provider.check_type(name) {
                Ok(()) => {
                    fault = None;
                    break;
                }
                Err(NameFault::Unknown) => fault = Some((provider, NameFault::Unknown)),
                Err(other) => {
                    fault.get_or_insert((provider, other));
                }
            }
        }
        let Some((provider, fault)) = fault else { continue };
        let sender = provider.name;
        let advice = match fault {
            NameFault::Unknown => {
                trace::warn!(
                    target: "tower_webhooks",
                    provider = sender,
                    name = &**name,
                    setting = setting,
                    "not among the names that are known of this sender: no event may ever have it"
                );
                continue;
            }
            NameFault::Blank => format!(
                "`{setting}` has the name {name:?}, which no event of `{sender}` has: leave out the white space, or the name"
            ),
            NameFault::Form { written, same: true } => {
                format!("`{sender}` writes `{written}`, not {name:?}: give it so in `{setting}`")
            }
            NameFault::Form { written, same: false } => format!(
                "`{sender}` does not write names as {name:?}, but as `{written}`: give those of `{setting}` as they are sent"
            ),
        };
        return Err(ConfigError::new(kind, advice));
    }
    Ok(())
}

/// A name without its case and its separators.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: Provider = Provider::new("shop").known_types(&["shop/redact", "app/scopes_update"]);

    #[test]
    fn a_name_is_refused_by_its_form_alone() {
        let same = |written| Err(NameFault::Form { written, same: true });
        assert_eq!(SHOP.check_type("shop/redact"), Ok(()));
        for name in ["SHOP/REDACT", "SHOP_REDACT", "shop.redact", "Shop/Redact", "shopredact"] {
            assert_eq!(SHOP.check_type(name), same("shop/redact"), "{name}");
        }
        let other = Err(NameFault::Form { written: "shop/redact", same: false });
        for name in ["ORDERS/CREATE", "orders.create", "orders create"] {
            assert_eq!(SHOP.check_type(name), other, "{name}");
        }
        for name in ["", " ", "shop/redact ", "\tshop/redact"] {
            assert_eq!(SHOP.check_type(name), Err(NameFault::Blank), "{name:?}");
        }
        assert_eq!(SHOP.check_type("orders/create"), Err(NameFault::Unknown));
    }

    #[test]
    fn without_known_names_any_but_a_blank_may_be_meant() {
        let plain = Provider::new("plain");
        assert_eq!(plain.check_type("Any.THING/at-all"), Ok(()));
        assert_eq!(plain.check_type(" "), Err(NameFault::Blank));
    }
}
