//! Another scheme, host, port or trailing slash than the sender was told.

use http::request::Parts;

use super::case::Case;
use super::finding::Finding;
use crate::wire::url::redacted;

pub(super) fn others(case: &Case<'_>) -> Vec<Finding> {
    let Some(tried) = case.verifier.url_of(case.head) else { return Vec::new() };
    let passes =
        |url: &String| case.passes(case.blueprint().map(|each| each.exact_url(url.clone())));
    // Some senders are taken with and without their port: one URL is enough.
    let signed = similar(&tried, case.head).into_iter().find(passes);
    signed
        .map(|signed| Finding::OtherUrl { tried: redacted(&tried), signed: redacted(&signed) })
        .into_iter()
        .collect()
}

/// URLs that a sender may have been told instead; a hundred at most.
fn similar(url: &str, head: &Parts) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return Vec::new() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let (only_path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
    let slashed = match only_path.strip_suffix('/') {
        Some(bare) => bare.to_owned(),
        None => format!("{only_path}/"),
    };
    let slashed = query.map_or_else(|| slashed.clone(), |query| format!("{slashed}?{query}"));
    let sent = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let hosts = [Some(authority), Some(host), sent("host"), sent("x-forwarded-host")];
    let mut urls = Vec::new();
    for scheme in ["https", "http", scheme] {
        for authority in hosts.into_iter().flatten() {
            for port in ["", ":443", ":80", ":8080"] {
                for path in [path, &slashed] {
                    let similar = format!("{scheme}://{authority}{port}{path}");
                    if similar != url && !urls.contains(&similar) {
                        urls.push(similar);
                    }
                }
            }
        }
    }
    urls
}
