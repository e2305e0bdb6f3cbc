//! What somebody may have meant who wrote a name that is not known.

use std::fmt::Write;

/// Of names that differ by more than this, none was meant.
const LIKE: f64 = 0.8;

/// The nearest of the names that are known, if it is near.
fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_ascii_lowercase();
    let likeness = |known: &str| {
        strsim::normalized_damerau_levenshtein(&name, known)
            .max(strsim::jaro_winkler(&name, known) - 0.1)
    };
    let rated = known.into_iter().map(|known| (likeness(known), known));
    rated
        .filter(|(like, _)| *like >= LIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|it| it.1)
}

/// `: did you mean …?`, or nothing.
pub(super) fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(name, known).map_or_else(String::new, |known| format!("; did you mean `{known}`?"))
}

/// What `serde` says of a name that is not known, with the one that was meant.
pub(super) fn with_suggestion(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let is_about_a_name =
        message.starts_with("unknown field") || message.starts_with("unknown variant");
    let mut text = message.to_owned();
    if let Some(name) = quoted.next().filter(|_| is_about_a_name) {
        let _ = write!(text, "{}", did_you_mean(name, quoted));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_suggested_and_nothing_far_away() {
        let known = ["stripe", "shopify", "standard-webhooks", "github", "gitlab", "slack"];
        for (name, meant) in [
            ("strip", Some("stripe")),
            ("Strpie", Some("stripe")),
            ("githup", Some("github")),
            ("standard-webhook", Some("standard-webhooks")),
            ("shopfy", Some("shopify")),
            ("acme", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
    }

    #[test]
    fn the_message_about_an_unknown_field_says_which_was_meant() {
        let said = "unknown field `secert`, expected one of `path`, `secrets`, `provider`";
        assert!(with_suggestion(said).ends_with("; did you mean `secrets`?"));
        let said = "invalid type: integer `7`, expected `path`";
        assert_eq!(with_suggestion(said), said);
    }
}
