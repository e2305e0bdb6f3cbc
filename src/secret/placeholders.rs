//! Texts that stand where a secret was to be filled in.

/// What programs write where nothing was set, and what examples write for the reader to replace.
/// Compared whole, in any case: a secret may well contain one.
const TEXTS: &[&str] = &[
    "undefined",
    "null",
    "none",
    "nil",
    "nan",
    "[object object]",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "replaceme",
    "replace_me",
    "replace-me",
    "todo",
    "fixme",
    "placeholder",
    "your_secret",
    "your-secret",
    "your secret",
    "your_secret_here",
    "your-secret-here",
    "your_webhook_secret",
    "your-webhook-secret",
    "your_signing_secret",
    "your-signing-secret",
    "webhook_secret_here",
    "<secret>",
    "redacted",
    "[redacted]",
];

/// Openings and endings of a template that nobody expanded.
const TEMPLATES: &[(&str, &str)] = &[("${", "}"), ("$(", ")"), ("{{", "}}"), ("<%", "%>")];

/// What secrets of the senders begin with. Alone, it is what is left of one that was cut off.
/// Sources: the senders' pages, named in the documentation of each provider.
const PREFIXES: &[&str] = &[
    "v1,whsec_",
    "whsec_",
    "whpk_",
    "whsk_",
    "wsec_",
    "secret_",
    "lin_wh_",
    "pdl_ntfset_",
    "shpss_",
    "key-",
    "sk_live_",
    "sk_test_",
    "sk_",
    "cfsk_ma_prod_",
    "cfsk_ma_test_",
    "cfsk_ma_",
    "polar_whs_",
    "plane_wh_",
    "wh_sk_",
    "wsk_",
    "sig_",
    "rzp_whk_",
];

/// What a text stands for that was never filled in.
pub(super) enum Blank {
    /// Only the prefix of a secret.
    Prefix,
    /// A placeholder, alone or behind a prefix.
    Placeholder,
}

/// Whether a text was never filled in.
pub(super) fn blank(text: &str) -> Option<Blank> {
    let prefix = PREFIXES.iter().find(|prefix| text.starts_with(**prefix));
    let rest = prefix.and_then(|prefix| text.strip_prefix(*prefix));
    match rest {
        Some("") => Some(Blank::Prefix),
        Some(rest) if is_placeholder(rest) || is_masked(rest) || is_run_of_x(rest) => {
            Some(Blank::Placeholder)
        }
        _ if is_placeholder(text) || is_masked(text) => Some(Blank::Placeholder),
        _ => None,
    }
}

fn is_placeholder(text: &str) -> bool {
    let is_template = |(open, close): &(&str, &str)| {
        text.strip_prefix(open).is_some_and(|rest| rest.ends_with(close))
    };
    TEXTS.iter().any(|each| text.eq_ignore_ascii_case(each)) || TEMPLATES.iter().any(is_template)
}

/// `...`, and what a dashboard shows before one asks it to reveal the secret.
fn is_masked(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '.' | '…' | '*' | '•' | '●'))
}

/// As examples write it behind a prefix.
fn is_run_of_x(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|c| matches!(c, b'x' | b'X'))
}
