//! A provider's description with everything prepared that does not depend on a request.

use std::time::Duration;

use crate::assurance::Assurance;
use crate::config_error::ConfigError;
use crate::provider::{Content, Occurs, Part, Place, Provider, Signature};
use crate::wire::layout::Layout;

mod check;

/// A provider with everything prepared that does not depend on a request.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) chosen: Chosen,
    pub(crate) layout: Layout,
    /// Whether the signature is known before the body is read.
    pub(crate) signature_in_head: bool,
    /// Whether the signed time is known before the body is read.
    pub(crate) time_in_head: bool,
    /// The header with the list that all signatures are elements of, if there is one.
    pub(crate) list_in: Option<&'static str>,
    assurance: Assurance,
    /// Whether id or type may stand in the head, or in a list with the signature.
    pub(crate) is_named_in_head: bool,
    /// Whether code finds the signatures.
    pub(crate) found_by_code: bool,
    /// Whether a stranger can hash on where the sender's plain hash ends.
    pub(crate) is_extendable: bool,
    /// Where the body stands among the parts, if all others are known before it is read: then its
    /// frames are hashed as they come.
    pub(crate) streamed_at: Option<usize>,
    /// Whether a stranger could move a piece of the URL into the body, or back.
    pub(crate) url_touches_body: bool,
    /// Whether signed values beside the body may have to tell events apart: not where one of them
    /// is the event's id, which no accepted request lacks.
    pub(crate) has_context: bool,
    /// The signed places of the event's id, where an unsigned one comes before them: a stranger who
    /// adds or removes that one must not make a new event of a handled one.
    pub(crate) signed_ids: Vec<Place>,
    /// Whether a digest of the body names the event, or tells bodies of one event apart: not where
    /// the body is signed whole with an id in it, or beside it.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only the layer takes it along"))]
    pub(crate) needs_body_digest: bool,
}

/// What a user chose of how events are known again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chosen {
    /// How far a signed time may be from the clock; `None` if the sender signs none, or any will do.
    pub(crate) tolerance: Option<Duration>,
    /// Whether the topic tells apart events of one signed content.
    pub(crate) has_topics: bool,
    /// Whether an unsigned delivery id is left out of what names an event.
    pub(crate) is_strict: bool,
}

impl Plan {
    /// # Errors
    ///
    /// If the description contradicts itself.
    pub(crate) fn new(
        provider: Provider,
        header_prefix: Option<&str>,
        renamed_headers: &[(String, String)],
        chosen: Chosen,
    ) -> Result<Self, ConfigError> {
        check::check(&provider)?;
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
            chosen,
            signature_in_head,
            time_in_head,
            found_by_code,
            is_extendable: is_extendable(&provider),
            streamed_at: streamed_at(&provider, signature_in_head, time_in_head, in_head),
            url_touches_body: url_touches_body(&provider),
            has_context: has_context(&provider),
            signed_ids: signed_ids(&provider),
            list_in: list_in(&provider).filter(|_| signature_in_head),
            assurance: assurance(&provider),
            is_named_in_head: provider
                .event_id
                .iter()
                .chain(provider.event_type)
                .any(|place| place.is_in_head() || matches!(place, Place::Entry(_))),
            needs_body_digest: !(provider.content.has(Part::Body)
                && provider.event_id.iter().any(|place| provider.covers(*place))),
            layout: Layout::new(provider, header_prefix, renamed_headers)?,
        })
    }

    pub(crate) const fn provider(&self) -> &Provider {
        &self.layout.provider
    }

    /// The parts of the signed content; none if code finds it.
    pub(crate) const fn parts(&self) -> &'static [Part] {
        match self.layout.provider.content {
            Content::Parts(parts) => parts,
            Content::Read(_) | Content::Tokens(_) => &[],
        }
    }

    /// Whether there is no signature at all, only a token.
    pub(crate) const fn signs_nothing(&self) -> bool {
        matches!(self.layout.provider.content, Content::Parts([]) | Content::Tokens(_))
    }

    /// What a signature over the parts of this request proves.
    pub(crate) const fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// Whether a setup request is answered with the HMAC of a token that it brings.
    pub(crate) fn answers_tokens(&self) -> bool {
        self.provider().handshakes.iter().any(|handshake| handshake.needs_key())
    }

    /// Whether this content is signed for anybody who asks: a setup request with it as its token is
    /// answered with its HMAC.
    pub(crate) fn answers_with(&self, content: &[u8]) -> bool {
        let mut tokens =
            self.provider().handshakes.iter().filter_map(|handshake| handshake.token());
        tokens.any(|token| token.takes(content))
    }

    /// Whether the signature covers every byte of the body.
    pub(crate) fn covers_body(&self) -> bool {
        self.layout.provider.content.has(Part::Body)
    }
}

fn assurance(provider: &Provider) -> Assurance {
    let Content::Parts(parts) = provider.content else { return Assurance::SenderOnly };
    // Beside the one signed field of a form nothing may stand.
    let is_the_body = |part: &Part| matches!(part, Part::Body | Part::BodyOrField(_));
    match parts {
        [] => Assurance::SenderOnly,
        _ if parts.iter().any(is_the_body) => Assurance::WholeBody,
        _ => Assurance::PartOfBody,
    }
}

fn list_in(provider: &Provider) -> Option<&'static str> {
    let first = provider.signatures().next()?.place;
    let Place::Header(name) = first.place else { return None };
    let alike = |way: &Signature| {
        way.place.place == first.place
            && way.place.occurs == Occurs::Once
            && way.place.grammar.is_list_like(first.grammar)
    };
    provider.signatures().all(alike).then_some(name)
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
        Content::Read(_) | Content::Tokens(_) => false,
    }
}

/// Whether a piece of the URL and the body are neighbours in the signed content, or have between
/// them only what a URL may hold as well.
fn url_touches_body(provider: &Provider) -> bool {
    let Content::Parts(parts) = provider.content else { return false };
    let is_open = |part: &&Part| match part {
        Part::Text(text) => !text.bytes().all(|byte| byte.is_ascii_graphic()),
        _ => true,
    };
    let parts: Vec<&Part> = parts.iter().filter(is_open).collect();
    parts.windows(2).any(|pair| match pair {
        [Part::Body, other] | [other, Part::Body] => other.is_of_url(),
        _ => false,
    })
}

fn has_context(provider: &Provider) -> bool {
    let Content::Parts(parts) = provider.content else { return false };
    let id = provider.event_id.iter().find(|place| provider.covers(**place));
    let id_is_a_part = id.is_some_and(|place| parts.contains(&Part::Value(*place)));
    // An id that cannot be read as text names no event. A signed body then does; an unsigned one
    // must not.
    parts.iter().any(Part::tells_apart) && !(id_is_a_part && parts.contains(&Part::Body))
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
