//! What no description may say.

use http::HeaderName;

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::provider::{
    Algorithm, Content, Grammar, Part, Place, Provider, SecretFormat, Signature,
};

/// # Errors
///
/// If the description contradicts itself.
pub(super) fn check(provider: &Provider) -> Result<(), ConfigError> {
    let wrong = |advice: &str| {
        Err(ConfigError::new(
            ConfigErrorKind::Description,
            format!("provider `{}`: {advice}", provider.name),
        ))
    };
    let Some(first) = provider.signatures().next() else {
        return wrong("it has no `signature`: a request could not be verified");
    };
    let lists = provider.signatures().all(|way| matches!(way.place.grammar, Grammar::List { .. }));
    if provider.places().any(|place| matches!(place, Place::Entry(_))) && !lists {
        return wrong(
            "`entry` reads an element of the signature's list: give the signature a `list`",
        );
    }
    let unnamed = |way: &Signature| matches!(way.place.grammar, Grammar::List { key: "", .. });
    if provider.signatures().any(unnamed) {
        return wrong("which elements of its `list` are signatures? name them with `entry`");
    }
    if matches!(first.place.place, Place::Entry(_)) {
        return wrong(
            "a signature stands in a header, query, form or JSON member, not in an `entry`",
        );
    }
    let same_kind = provider
        .signatures()
        .all(|way| way.place.place.is_in_head() == first.place.place.is_in_head());
    if !same_kind {
        return wrong("all its signatures must stand in the head, or all in the body");
    }
    let echoes = provider.handshakes.iter().flat_map(|handshake| handshake.reply.headers).flatten();
    let is_name = |name: &str| HeaderName::from_lowercase(name.as_bytes()).is_ok();
    if echoes.into_iter().any(|echo| !is_name(echo.name)) {
        return wrong(
            "a setup request is answered with a header that has no such name: write it in lower case",
        );
    }
    // One pasted text is a key of every way that asks for no prefix. A public key must never be a
    // shared secret as well: everybody knows it.
    let open = || {
        let prefixed = |way: &&Signature| matches!(way.secret, SecretFormat::MustPrefixBase64(_));
        provider.signatures().filter(move |way| !prefixed(way))
    };
    if open().any(|way| way.algorithm == Algorithm::Ed25519)
        && open().any(|way| way.algorithm != Algorithm::Ed25519)
    {
        return wrong(
            "a public key could be taken for a shared secret: give one of them `MustPrefixBase64`",
        );
    }
    let unsigned_time = provider.timestamp.is_some_and(|time| !provider.covers(time.place.place));
    if unsigned_time {
        return wrong(
            "it has a `timestamp` that it does not sign: anybody could change it; leave it out",
        );
    }
    let mixed = [provider.event_id, provider.event_type].into_iter().any(Place::mix_forms);
    if mixed && provider.document_in.is_none() {
        return wrong(
            "its id or type stands in a form or in JSON, and a text of the JSON could look like the form: name the field that carries the JSON with `document_in`, or describe two providers",
        );
    }
    let has_name = |format| matches!(format, SecretFormat::NamedText | SecretFormat::NamedSha1);
    let signs_tokens = provider.handshakes.iter().any(|handshake| handshake.needs_key());
    if signs_tokens && !matches!(first.algorithm, Algorithm::Hmac(_)) {
        return wrong(
            "a setup request is answered with an HMAC, which its first `signature` is not",
        );
    }
    let names_key = provider.handshakes.iter().any(|handshake| handshake.names_key());
    if names_key && !has_name(first.secret) {
        return wrong("a setup request is answered with the name of a key, and its keys have none");
    }
    if let Content::Parts(parts) = provider.content {
        let holds_a_signature = provider.signatures().any(|way| match way.place.place {
            Place::Query(_) => parts.iter().any(Part::has_query),
            Place::Form(_) | Place::Json(_) | Place::FormJson(..) | Place::JsonJoined(..) => {
                parts.contains(&Part::Body)
            }
            Place::Header(_) | Place::Entry(_) => false,
        });
        if holds_a_signature {
            return wrong(
                "its signature stands in the URL or body that it signs: nobody can make one",
            );
        }
        if parts.contains(&Part::Timestamp) && provider.timestamp.is_none() {
            return wrong(
                "it signs a `Timestamp`, but does not say where that stands: add `timestamp`",
            );
        }
        if parts.windows(2).any(are_without_border) {
            return wrong(
                "two of its signed parts touch, so that a stranger could move a piece of the one into the other: put a `Text` between them, as the sender must, or leave one out",
            );
        }
        let tokens = provider.signatures().filter(|way| way.algorithm == Algorithm::Token).count();
        if tokens > 0 && !(parts.is_empty() && tokens == provider.signatures().count()) {
            return wrong(
                "a `Token` signs nothing and stands alone: give `signs(&[])`, and no other algorithm",
            );
        }
        let tells = parts.contains(&Part::Body) || parts.iter().any(Part::tells_apart);
        if tokens == 0 && !tells {
            return wrong("nothing that it signs tells two events apart");
        }
        let digests =
            provider.signatures().any(|way| matches!(way.algorithm, Algorithm::Digest(_)));
        if digests != parts.contains(&Part::Secret) {
            return wrong("a `Digest` needs the part `Secret`, and no other algorithm may have it");
        }
    }
    Ok(())
}

/// Whether two neighbours can hold the same characters, and nothing says where one ends. A method,
/// and a time within a tolerance, end by themselves; where a URL touches the body, the body must be
/// JSON.
fn are_without_border(pair: &[Part]) -> bool {
    let is_value = |part: &Part| matches!(part, Part::Value(_) | Part::BodyOrField(_));
    let is_open = |part: &Part| is_value(part) || *part == Part::Body || part.is_of_url();
    match pair {
        [Part::Text(""), _] | [_, Part::Text("")] => true,
        [one, other] if one.is_of_url() && other.is_of_url() => true,
        [one, other] => (is_value(one) && is_open(other)) || (is_open(one) && is_value(other)),
        _ => false,
    }
}
