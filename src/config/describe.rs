//! From the tables of a file to a [`Provider`], by the methods that code uses.

use super::duration::Span;
use super::file::{ListTable, ProviderEntry, ProviderTable, SignatureTable, TimestampTable};
use super::invalid;
use super::suggest::did_you_mean;
use crate::config_error::ConfigError;
use crate::provider::{
    Algorithm, Hash, Part, Place, Provider, SecretFormat, SignaturePlace, TimestampPlace,
    Tolerance, entry, form, header, json, query,
};
use crate::providers;

/// A provider's description lives as long as the process: see [`Config::endpoints`](super::Config::endpoints).
fn keep(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn keep_all<T>(list: Vec<T>) -> &'static [T] {
    list.leak()
}

pub(super) fn provider(entry: &ProviderEntry) -> Result<Provider, ConfigError> {
    match entry {
        ProviderEntry::Name(name) => providers::find(name).copied().ok_or_else(|| {
            let known = providers::ALL.iter().map(|provider| provider.name());
            let meant = did_you_mean(name, known);
            invalid(format!("no provider is called `{name}`{meant}"))
        }),
        ProviderEntry::Table(table) => described(table),
    }
}

fn described(table: &ProviderTable) -> Result<Provider, ConfigError> {
    let name = &table.name;
    if name.is_empty() || !name.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
        let advice = format!("write `{name}` in lower case, digits and hyphens");
        return Err(invalid(advice).within("name"));
    }
    if providers::find(name).is_some() {
        let advice = format!(
            "`{name}` is known already: write `provider = \"{name}\"`, or choose another name"
        );
        return Err(invalid(advice).within("name"));
    }
    let (algorithm, place, secret) =
        signature(&table.signature).map_err(|error| error.within("signature"))?;
    let mut provider = Provider::new(keep(name)).signature(algorithm, place).secret(secret);
    if let Some(time) = &table.timestamp {
        let (place, tolerance) = timestamp(time).map_err(|error| error.within("timestamp"))?;
        provider = provider.timestamp(place, tolerance);
    }
    if let Some(signs) = &table.signs {
        let parts = each(signs, part).map_err(|error| error.within("signs"))?;
        provider = provider.signs(keep_all(parts));
    }
    let id = each(&table.event_id, place_of).map_err(|error| error.within("event_id"))?;
    let kind = each(&table.event_type, place_of).map_err(|error| error.within("event_type"))?;
    Ok(provider.event_id(keep_all(id)).event_type(keep_all(kind)))
}

fn signature(
    table: &SignatureTable,
) -> Result<(Algorithm, SignaturePlace, SecretFormat), ConfigError> {
    let at = place_of(&table.place).map_err(|error| error.within("place"))?;
    let place = match (&table.prefix, &table.list) {
        (Some(_), Some(_)) => {
            return Err(invalid("give `prefix` or `list`, not both".into()));
        }
        (Some(prefix), None) => at.prefix(keep(prefix)),
        (None, Some(ListTable { separators, assign, entry })) => {
            at.list(keep(separators), *assign).entry(keep(entry))
        }
        (None, None) => at.hex(),
    };
    let place = match table.encoding.as_deref() {
        None | Some("hex") => place.hex(),
        Some("base64") => place.base64(),
        Some("base64url") => place.base64url(),
        Some("text") => place.text(),
        Some(other) => {
            return Err(unknown("encoding", other, &["hex", "base64", "base64url", "text"]));
        }
    };
    let secret = match table.secret.as_deref() {
        None | Some("text") => SecretFormat::Text,
        Some("hex") => SecretFormat::Hex,
        Some("base64") => SecretFormat::Base64,
        Some("nfkd") => SecretFormat::NfkdText,
        Some("named") => SecretFormat::NamedText,
        Some(other) => {
            return Err(unknown("secret", other, &["text", "hex", "base64", "nfkd", "named"]));
        }
    };
    Ok((algorithm(&table.algorithm)?, place, secret))
}

const ALGORITHMS: &[&str] = &[
    "hmac-sha256",
    "hmac-sha512",
    "hmac-sha384",
    "hmac-sha1",
    "hmac-md5",
    "digest-sha256",
    "digest-sha512",
    "digest-sha384",
    "digest-sha1",
    "digest-md5",
    "token",
    "ed25519",
];

fn algorithm(name: &str) -> Result<Algorithm, ConfigError> {
    let hash = |name: &str| match name {
        "md5" => Some(Hash::Md5),
        "sha1" => Some(Hash::Sha1),
        "sha256" => Some(Hash::Sha256),
        "sha384" => Some(Hash::Sha384),
        "sha512" => Some(Hash::Sha512),
        _ => None,
    };
    let known = match (name, name.split_once('-')) {
        ("token", _) => Some(Algorithm::Token),
        ("ed25519", _) => Some(Algorithm::Ed25519),
        (_, Some(("hmac", name))) => hash(name).map(Algorithm::Hmac),
        (_, Some(("digest", name))) => hash(name).map(Algorithm::Digest),
        _ => None,
    };
    known.ok_or_else(|| unknown("algorithm", name, ALGORITHMS))
}

fn timestamp(table: &TimestampTable) -> Result<(TimestampPlace, Tolerance), ConfigError> {
    let at = place_of(&table.place).map_err(|error| error.within("place"))?;
    let place = match table.unit.as_str() {
        "seconds" => at.seconds(),
        "millis" => at.millis(),
        "rfc3339" => at.rfc3339(),
        other => return Err(unknown("unit", other, &["seconds", "millis", "rfc3339"])),
    };
    Ok((
        place,
        table
            .tolerance
            .map_or(Tolerance::any(), |Span(tolerance)| Tolerance::secs(tolerance.as_secs())),
    ))
}

fn part(text: &str) -> Result<Part, ConfigError> {
    Ok(match text {
        "timestamp" => Part::Timestamp,
        "method" => Part::Method,
        "url" => Part::Url,
        "path" => Part::Path,
        "query" => Part::Query,
        "body" => Part::Body,
        "secret" => Part::Secret,
        other => match other.strip_prefix("text:") {
            Some(text) => Part::Text(keep(text)),
            None => Part::Value(place_of(other)?),
        },
    })
}

fn place_of(text: &str) -> Result<Place, ConfigError> {
    match text.split_once(':') {
        Some(("header", name)) => Ok(header(keep(&name.to_ascii_lowercase()))),
        Some(("query", name)) => Ok(query(keep(name))),
        Some(("form", name)) => Ok(form(keep(name))),
        Some(("json", pointer)) => Ok(json(keep(pointer))),
        Some(("entry", name)) => Ok(entry(keep(name))),
        _ => Err(invalid(format!(
            "`{text}` is no place: write header:name, query:name, form:name, json:/pointer or entry:name"
        ))),
    }
}

/// Reads each of a list; an error says which.
fn each<T>(
    list: &[String],
    read: impl Fn(&str) -> Result<T, ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    let one = |(index, text): (usize, &String)| {
        read(text).map_err(|error| error.within(&format!("[{index}]")))
    };
    list.iter().enumerate().map(one).collect()
}

fn unknown(key: &str, value: &str, known: &[&str]) -> ConfigError {
    let meant = did_you_mean(value, known.iter().copied());
    invalid(format!("`{value}` is none of {}{meant}", known.join(", "))).within(key)
}
