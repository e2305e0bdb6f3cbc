//! Whether the server may drop records to make room.

use redis::{Value, cmd};

use super::error::refusal;
use super::link::Link;
use crate::store::StoreError;
use crate::trace;

/// What a server does when its memory is full.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Policy {
    /// It refuses writes, or has no bound of its own.
    Keeps,
    /// It drops records, by the policy of this name.
    Drops(String),
    /// It does not tell.
    Unknown,
}

/// Warns, or refuses if `strict`, unless every primary keeps what it was given.
pub(super) async fn check(link: &Link, strict: bool) -> Result<(), StoreError> {
    match of_servers(link).await? {
        Policy::Keeps => Ok(()),
        Policy::Drops(policy) if strict => Err(refusal(format!(
            "with maxmemory-policy {policy} the server drops records that are still needed; \
             set it to noeviction"
        ))),
        Policy::Drops(policy) => {
            trace::warn!(
                target: "tower_webhooks",
                store = "redis",
                policy = %policy,
                "the server's maxmemory-policy drops records that are still needed, and events then \
                 run again; set it to noeviction"
            );
            Ok(())
        }
        Policy::Unknown if strict => {
            Err(refusal("the server does not tell its maxmemory-policy: neither INFO nor CONFIG"))
        }
        Policy::Unknown => {
            trace::warn!(
                target: "tower_webhooks",
                store = "redis",
                "the server does not tell its maxmemory-policy; see that it is noeviction"
            );
            Ok(())
        }
    }
}

/// `INFO` first: many hosted servers forbid `CONFIG`.
async fn of_servers(link: &Link) -> Result<Policy, StoreError> {
    let mut info = cmd("INFO");
    info.arg("memory");
    let mut config = cmd("CONFIG");
    config.arg("GET").arg("maxmemory*");
    for command in [info, config] {
        // A refusal is no failure of the store. If it is down, the first call will say so.
        let Ok(answer) = link.ask_all(command).await else { continue };
        let mut words = Vec::new();
        collect(&answer, &mut words);
        let policy = read(&words);
        if policy != Policy::Unknown {
            return Ok(policy);
        }
    }
    Ok(Policy::Unknown)
}

/// All text of an answer, a line of `INFO` as two words.
fn collect<'a>(answer: &'a Value, words: &mut Vec<&'a str>) {
    match answer {
        Value::BulkString(bytes) => {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            words.extend(text.lines().flat_map(|line| line.split(':')));
        }
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => {
            words.extend(text.lines().flat_map(|line| line.split(':')));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, words)),
        Value::Map(pairs) => pairs.iter().for_each(|(name, value)| {
            collect(name, words);
            collect(value, words);
        }),
        _ => {}
    }
}

/// The worst of what the primaries tell. The names are those of `INFO` and of `CONFIG`.
fn read(words: &[&str]) -> Policy {
    let limits = values_of(words, &["maxmemory"]);
    let policies = values_of(words, &["maxmemory_policy", "maxmemory-policy"]);
    let mut worst = Policy::Unknown;
    for (limit, policy) in limits.zip(policies) {
        if limit != "0" && policy != "noeviction" {
            return Policy::Drops(policy.to_owned());
        }
        worst = Policy::Keeps;
    }
    worst
}

fn values_of<'a>(words: &'a [&str], names: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let pairs = words.iter().zip(words.iter().skip(1));
    pairs.filter(|(name, _)| names.contains(name)).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Policy {
        let answer = Value::Array(vec![Value::BulkString(text.as_bytes().to_vec())]);
        let mut words = Vec::new();
        collect(&answer, &mut words);
        read(&words)
    }

    #[test]
    fn info_tells() {
        let lru =
            "# Memory\r\nmaxmemory:1024\r\nmaxmemory_human:1K\r\nmaxmemory_policy:allkeys-lru\r\n";
        assert_eq!(of(lru), Policy::Drops("allkeys-lru".into()));
        assert_eq!(of(&lru.replace("1024", "0")), Policy::Keeps);
        assert_eq!(of(&lru.replace("allkeys-lru", "noeviction")), Policy::Keeps);
        assert_eq!(of("# Memory\r\nused_memory:1\r\n"), Policy::Unknown);
        assert_eq!(of("maxmemory"), Policy::Unknown);
    }

    #[test]
    fn config_tells_in_any_order() {
        let words =
            ["maxmemory-samples", "5", "maxmemory-policy", "volatile-ttl", "maxmemory", "9"];
        assert_eq!(read(&words), Policy::Drops("volatile-ttl".into()));
    }

    #[test]
    fn one_primary_of_a_cluster_is_enough_to_drop() {
        let good = ["maxmemory", "0", "maxmemory_policy", "allkeys-lru"];
        let bad = ["maxmemory", "1", "maxmemory_policy", "allkeys-lfu"];
        assert_eq!(read(&[good, good].concat()), Policy::Keeps);
        assert_eq!(read(&[good, bad].concat()), Policy::Drops("allkeys-lfu".into()));
    }
}
