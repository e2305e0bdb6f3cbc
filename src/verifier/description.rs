//! A provider's description with everything prepared that does not depend on a request.

use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::event::Assurance;
use crate::handshake::{Keyword, Kind};
use crate::provider::{
    Algorithm, Content, Grammar, Part, Place, Provider, SecretFormat, Signature,
};
use crate::scheme::content::tells_apart;
use crate::scheme::form;
use crate::scheme::json::Pointers;
use crate::scheme::names::Names;

/// A provider, its header names parsed and its JSON pointers split.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) provider: Provider,
    pub(crate) names: Names,
    pub(crate) pointers: Pointers,
    /// One for each of the provider's handshakes.
    pub(crate) keywords: Vec<Keyword>,
    /// Whether the signature is known before the body is read.
    pub(crate) signature_in_head: bool,
    /// Whether the signed time is known before the body is read.
    pub(crate) time_in_head: bool,
    /// Whether code finds the signatures.
    pub(crate) found_by_code: bool,
    /// Whether a stranger can hash on where the sender's plain hash ends.
    pub(crate) is_extendable: bool,
    /// Where the body stands among the parts, if all others are known before it is read: then its
    /// frames are hashed as they come.
    pub(crate) streamed_at: Option<usize>,
    /// Whether signed values beside the body may have to tell events apart: not where one of them
    /// is the event's id, which no accepted request lacks.
    pub(crate) has_context: bool,
    /// The signed places of the event's id, where an unsigned one comes before them: a stranger who
    /// adds or removes that one must not make a new event of a handled one.
    pub(crate) signed_ids: Vec<Place>,
}

impl Description {
    /// # Errors
    ///
    /// If the description contradicts itself.
    pub(crate) fn new(
        provider: Provider,
        header_prefix: Option<&str>,
        renamed_headers: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let places: Vec<Place> = provider
            .places()
            .chain(provider.handshakes.iter().flat_map(|handshake| handshake.places()))
            .collect();
        check(&provider)?;
        let found_by_code = matches!(provider.content, Content::Read(it) if it.finds_signatures());
        let in_head = |way: &Signature| !found_by_code && way.place.place.is_in_head();
        let signature_in_head = provider.signatures().all(in_head);
        let in_head = |place: Place| match place {
            Place::Entry(_) => signature_in_head,
            other => other.is_in_head(),
        };
        let time_in_head =
            !found_by_code && provider.timestamp.is_some_and(|time| in_head(time.place.place));
        Ok(Self {
            names: Names::of(&provider, &places, header_prefix, renamed_headers)?,
            pointers: Pointers::of(places.iter().copied())?,
            keywords: provider.handshakes.iter().map(Keyword::of).collect(),
            signature_in_head,
            time_in_head,
            found_by_code,
            is_extendable: is_extendable(&provider),
            streamed_at: streamed_at(&provider, signature_in_head, time_in_head, in_head),
            has_context: has_context(&provider),
            signed_ids: signed_ids(&provider),
            provider,
        })
    }

    /// The parts of the signed content; none if code finds it.
    pub(crate) const fn parts(&self) -> &'static [Part] {
        match self.provider.content {
            Content::Parts(parts) => parts,
            Content::Code(_) | Content::Read(_) | Content::Tokens(_) => &[],
        }
    }

    /// Whether there is no signature at all, only a token.
    pub(crate) const fn signs_nothing(&self) -> bool {
        matches!(self.provider.content, Content::Parts([]) | Content::Tokens(_))
    }

    /// What a signature over the parts of this request proves.
    pub(crate) fn assurance(&self, head: &http::request::Parts) -> Assurance {
        let field = self.parts().iter().any(|part| matches!(part, Part::BodyOrField(_)));
        if self.signs_nothing() {
            Assurance::SenderOnly
        } else if self.covers_body() || (field && !form::is_form(head)) {
            Assurance::WholeBody
        } else {
            Assurance::PartOfBody
        }
    }

    /// Whether the signature covers every byte of the body.
    pub(crate) fn covers_body(&self) -> bool {
        self.provider.content.has(Part::Body)
    }
}

fn streamed_at(
    provider: &Provider,
    signature_in_head: bool,
    time_in_head: bool,
    in_head: impl Fn(Place) -> bool,
) -> Option<usize> {
    let Content::Parts(parts) = provider.content else { return None };
    let known = |part: &Part| match part {
        Part::Value(place) => in_head(*place),
        Part::Timestamp => time_in_head,
        Part::BodyOrField(_) => false,
        _ => true,
    };
    let body = parts.iter().position(|part| *part == Part::Body)?;
    let once = parts.iter().filter(|part| **part == Part::Body).count() == 1;
    (signature_in_head && once && parts.iter().all(known)).then_some(body)
}

/// Whether the secret of a plain hash is not the last that is hashed.
fn is_extendable(provider: &Provider) -> bool {
    match provider.content {
        Content::Parts([.., Part::Secret]) => false,
        Content::Parts(parts) => parts.contains(&Part::Secret),
        Content::Code(_) | Content::Read(_) | Content::Tokens(_) => false,
    }
}

fn has_context(provider: &Provider) -> bool {
    let Content::Parts(parts) = provider.content else { return false };
    let id = provider.event_id.iter().find(|place| provider.covers(**place));
    let id_is_a_part = id.is_some_and(|place| parts.contains(&Part::Value(*place)));
    // An id that cannot be read as text names no event. A signed body then does; an unsigned one
    // must not.
    parts.iter().any(tells_apart) && !(id_is_a_part && parts.contains(&Part::Body))
}

fn signed_ids(provider: &Provider) -> Vec<Place> {
    let covered = |place: &Place| provider.covers(*place);
    match provider.event_id.first() {
        Some(first) if !covered(first) => {
            provider.event_id.iter().copied().filter(covered).collect()
        }
        _ => Vec::new(),
    }
}

fn check(provider: &Provider) -> Result<(), ConfigError> {
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
    let unsigned_post =
        provider.handshakes.iter().any(|handshake| handshake.kind == Kind::UnsignedPost);
    if unsigned_post && !first.place.place.is_in_head() {
        return wrong(
            "its signatures stand in the body, so an unsigned POST cannot be told from a delivery before that is read",
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
    if unsigned_time && !matches!(provider.content, Content::Code(_)) {
        return wrong(
            "it has a `timestamp` that it does not sign: anybody could change it; leave it out",
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
        let tokens = provider.signatures().filter(|way| way.algorithm == Algorithm::Token).count();
        if tokens > 0 && !(parts.is_empty() && tokens == provider.signatures().count()) {
            return wrong(
                "a `Token` signs nothing and stands alone: give `signs(&[])`, and no other algorithm",
            );
        }
        let tells = parts.contains(&Part::Body) || parts.iter().any(tells_apart);
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
