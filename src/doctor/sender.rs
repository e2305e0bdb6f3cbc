//! No signature where this sender has it: what came instead, and whose it is.

use super::case::Case;
use super::finding::Finding;
use crate::provider::{Place, Provider};
use crate::providers;

/// More headers than this are not named, nor more of a name.
const MOST_HEADERS: usize = 8;
const LONGEST_NAME: usize = 64;

/// A header that more providers than this have in common does not say whose it is.
const MOST_OWNERS: usize = 2;

pub(super) fn headers(case: &Case<'_>) -> Vec<Finding> {
    let names = case.head.headers.keys().map(|name| name.as_str());
    let came: Vec<&str> = names.filter(|name| may_sign(name)).take(MOST_HEADERS).collect();
    let owners: Vec<&Provider> = came
        .iter()
        .map(|name| owners(name))
        .filter(|owners| owners.len() <= MOST_OWNERS)
        .flatten()
        .filter(|owner| owner.name() != case.provider().name())
        .collect();
    let shown = came.iter().map(|name| name.chars().take(LONGEST_NAME).collect()).collect();
    let mut findings = vec![Finding::SignatureHeaders(shown)];
    findings.extend(owners.into_iter().map(|owner| Finding::OtherProvider(owner.name())));
    findings.dedup();
    findings
}

/// Whether a header is one that a sender signs in, or is called so.
fn may_sign(name: &str) -> bool {
    ["signature", "hmac", "authorization", "token", "digest"].iter().any(|word| name.contains(word))
        || !owners(name).is_empty()
}

fn owners(name: &str) -> Vec<&'static Provider> {
    let signs_there = |provider: &&&'static Provider| {
        provider.signature_places().any(|place| matches!(place, Place::Header(own) if own == name))
    };
    providers::ALL.iter().filter(signs_there).copied().collect()
}
