//! The right secret read wrongly, or another secret.

use super::case::Case;
use super::finding::Finding;
use crate::provider::{SecretFormat, Signature};
use crate::secret::{Secret, Secrets};

/// The same text, read in another way.
pub(super) fn readings(case: &Case<'_>) -> Vec<Finding> {
    const FORMATS: [(SecretFormat, Finding); 4] = [
        (SecretFormat::Text, Finding::SecretIsText),
        (SecretFormat::Base64, Finding::SecretIsBase64),
        (SecretFormat::MayPrefixBase64("whsec_"), Finding::SecretIsBase64),
        (SecretFormat::Hex, Finding::SecretIsHex),
    ];
    let passes = |format: SecretFormat| {
        case.passes(case.with_ways(|way| Signature { secret: format, ..way }))
    };
    let found = FORMATS.into_iter().find(|(format, _)| passes(*format));
    found.map(|(_, finding)| finding).into_iter().collect()
}

/// The same text with less of it.
pub(super) fn texts(case: &Case<'_>) -> Vec<Finding> {
    type Edit = fn(&str) -> String;
    const EDITS: [(Edit, Finding); 3] = [
        (|text| text.split_once('_').map_or(text, |(_, rest)| rest).into(), Finding::SecretPrefix),
        (|text| text.split_whitespace().collect(), Finding::SecretWhiteSpace),
        (|text| text.trim_matches(['"', '\'', '`', '“', '”']).into(), Finding::SecretQuotes),
    ];
    let passes = |edit: Edit| case.passes(case.blueprint().map(|each| each.map_secrets(edit)));
    let found = EDITS.into_iter().find(|(edit, _)| passes(*edit));
    found.map(|(_, finding)| finding).into_iter().collect()
}

/// The one that the sender's test button signs with.
pub(super) fn published(case: &Case<'_>) -> Vec<Finding> {
    let mistakes = case.provider().never_secrets.iter();
    let mut secrets = mistakes.filter_map(|mistake| mistake.published_secret());
    let passes = |secret: &str| case.passes(with_secret(case, Secret::new(secret)));
    if secrets.any(passes) { vec![Finding::PublishedSecret] } else { Vec::new() }
}

/// The others that the operator has.
pub(super) fn others(case: &Case<'_>, others: &Secrets) -> Vec<Finding> {
    let passes = |other: &Secret| case.passes(with_secret(case, other.clone()));
    let named = others.0.iter().enumerate();
    named
        .filter(|(_, other)| passes(other))
        .map(|(index, other)| Finding::OtherSecret(other.label_or_position(index)))
        .collect()
}

fn with_secret(case: &Case<'_>, secret: Secret) -> Option<crate::verifier::VerifierBuilder> {
    case.blueprint().map(|each| each.with_secret(secret))
}
