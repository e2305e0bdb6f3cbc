//! The shape of a configuration file. Unknown keys are refused.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::duration::Span;
use crate::wire::url::redacted;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) endpoint: Vec<EndpointTable>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndpointTable {
    pub(super) path: String,
    pub(super) name: Option<String>,
    pub(super) provider: ProviderEntry,
    pub(super) secrets: Vec<SecretEntry>,
    pub(super) public_url: Option<Url>,
    pub(super) exact_url: Option<Url>,
    pub(super) verify_token: Option<SecretEntry>,
    pub(super) tolerance: Option<Span>,
    pub(super) header_prefix: Option<String>,
    pub(super) topics: Option<Vec<String>>,
    pub(super) strict_identity: Option<bool>,
}

/// A URL, which may have a password in it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Url(String);

impl Url {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redacted(&self.0).fmt(f)
    }
}

#[derive(Debug, Clone)]
pub(super) enum ProviderEntry {
    Name(String),
    Table(Box<ProviderTable>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderTable {
    pub(super) name: String,
    pub(super) signature: SignatureTable,
    pub(super) timestamp: Option<TimestampTable>,
    pub(super) signs: Option<Vec<String>>,
    #[serde(default)]
    pub(super) event_id: Vec<String>,
    #[serde(default)]
    pub(super) event_type: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignatureTable {
    pub(super) algorithm: String,
    pub(super) place: String,
    pub(super) prefix: Option<String>,
    pub(super) list: Option<ListTable>,
    pub(super) encoding: Option<String>,
    pub(super) secret: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListTable {
    pub(super) separators: String,
    pub(super) assign: char,
    pub(super) entry: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimestampTable {
    pub(super) place: String,
    pub(super) unit: String,
    pub(super) tolerance: Option<Span>,
}

/// How a secret is written, each in a list of them.
pub(super) const SECRET_FORMS: &str =
    "write `env:NAME`, `file:/path`, `literal:text`, or a table of `secret` and `label`";

/// Where a secret comes from. A literal one must not print, nor stay in memory that was freed.
#[derive(Clone)]
pub(super) enum SecretEntry {
    Source(Zeroizing<String>),
    Labelled(LabelledSecret),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelledSecret {
    #[serde(deserialize_with = "wiped")]
    secret: Zeroizing<String>,
    label: String,
}

impl SecretEntry {
    pub(super) fn parts(&self) -> (&str, Option<&str>) {
        match self {
            Self::Source(source) => (source, None),
            Self::Labelled(LabelledSecret { secret, label }) => (secret, Some(label)),
        }
    }
}

impl fmt::Debug for SecretEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretEntry(..)")
    }
}

fn wiped<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(input).map(Zeroizing::new)
}

/// A text or a table. Written out, because an untagged enum would lose the path and the reason of
/// an error inside the table.
macro_rules! text_or_table {
    ($entry:ident, $text:ident, $table:expr, $expecting:expr) => {
        impl<'de> Deserialize<'de> for $entry {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                struct Either;

                impl<'de> serde::de::Visitor<'de> for Either {
                    type Value = $entry;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E>(self, text: &str) -> Result<$entry, E> {
                        Ok($entry::$text(text.to_owned().into()))
                    }

                    fn visit_string<E>(self, text: String) -> Result<$entry, E> {
                        Ok($entry::$text(text.into()))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        map: A,
                    ) -> Result<$entry, A::Error> {
                        let table = serde::de::value::MapAccessDeserializer::new(map);
                        Deserialize::deserialize(table).map($table)
                    }
                }

                input.deserialize_any(Either)
            }
        }
    };
}

text_or_table!(
    ProviderEntry,
    Name,
    |table| ProviderEntry::Table(Box::new(table)),
    "the name of a provider, or a table that describes one"
);
text_or_table!(SecretEntry, Source, SecretEntry::Labelled, SECRET_FORMS);
