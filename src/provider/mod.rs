//! One sender's habits as a value.
//!
//! A [`Provider`] says what is signed and how, where id, type and time stand, and which setup
//! requests are answered. The senders in [`providers`](crate::providers) are made with the same
//! public `const fn` methods as your own:
//!
//! ```
//! use tower_webhooks::provider::{
//!     Algorithm::Hmac, Hash::Sha256, Part::{Body, Text, Timestamp}, Provider, Tolerance, header, json,
//! };
//!
//! static ACME: Provider = Provider::new("acme")
//!     .signature(Hmac(Sha256), header("acme-signature").prefix("sha256=").hex())
//!     .timestamp(header("acme-time").seconds(), Tolerance::secs(300))
//!     .signs(&[Timestamp, Text("."), Body])
//!     .event_id(&[json("/id")])
//!     .event_type(&[json("/type")]);
//!
//! let verifier = ACME.verifier("a-long-random-secret").build()?;
//! assert_eq!(verifier.provider().name(), "acme");
//! # Ok::<_, tower_webhooks::ConfigError>(())
//! ```
//!
//! Whether a place is signed is computed from the description, never asserted: a member of the
//! body is signed when the body is, a header when it is one of the parts.

mod acknowledgement;
mod algorithm;
pub(crate) mod handshake;
mod identity;
mod methods;
mod part;
mod place;
mod reaction;
pub(crate) mod reader;
mod types;

pub use acknowledgement::Acknowledgement;
pub use algorithm::{Algorithm, Hash, SecretFormat};
pub use identity::Identity;
use identity::LOOK_AGAIN;
pub use part::Part;
pub use place::{
    Place, SignaturePlace, TimestampPlace, entry, form, form_json, header, json, json_joined, query,
};

pub(crate) use identity::{Identification, LooksAgain};
pub(crate) use methods::Methods;
pub(crate) use part::Content;
pub(crate) use place::{Encoding, Grammar, Occurs, TimeUnit};
pub(crate) use reaction::Reactions;
pub(crate) use types::check_names;

use std::time::Duration;

use crate::config_error::ConfigErrorKind;
use handshake::{Handshake, Mark};
use reader::{Reader, TokenCode};

/// How many ways of signing one provider may have.
const MAX_SIGNATURES: usize = 4;

/// One sender's habits: what is signed and how, where id, type and time stand, its setup
/// requests, the answer it expects. See the [module docs](self).
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) title: &'static str,
    pub(crate) docs: &'static str,
    pub(crate) signatures: [Option<Signature>; MAX_SIGNATURES],
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) content: Content,
    pub(crate) key_name: Option<Place>,
    pub(crate) requires: &'static [Mark],
    pub(crate) event_id: &'static [Place],
    pub(crate) event_type: &'static [Place],
    pub(crate) header_families: &'static [&'static str],
    pub(crate) handshakes: &'static [Handshake],
    pub(crate) methods: Methods,
    pub(crate) document_in: Option<&'static str>,
    pub(crate) topics: bool,
    pub(crate) never_secrets: &'static [Mistake],
    pub(crate) max_body: Option<usize>,
    pub(crate) retention: Option<Duration>,
    acknowledgement: Acknowledgement,
    reactions: Reactions,
    pub(crate) identification: Identification,
    pub(crate) known_types: &'static [&'static str],
}

/// One way of signing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature {
    pub(crate) algorithm: Algorithm,
    pub(crate) place: SignaturePlace,
    pub(crate) secret: SecretFormat,
}

/// The signed time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timestamp {
    pub(crate) place: TimestampPlace,
    pub(crate) tolerance: Tolerance,
}

/// How far a signed time may be from the receiver's clock, into the past and into the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance(Option<Duration>);

impl Tolerance {
    /// A tolerance in seconds.
    #[must_use]
    pub const fn secs(secs: u64) -> Self {
        Self(Some(Duration::from_secs(secs)))
    }

    /// Any time will do: for senders whose deliveries may be of any age. The replay store is then
    /// the only protection, unless the verifier is given a
    /// [`tolerance`](crate::VerifierBuilder::tolerance).
    #[must_use]
    pub const fn any() -> Self {
        Self(None)
    }

    pub(crate) const fn duration(self) -> Option<Duration> {
        self.0
    }
}

/// Something that is often pasted where the signing secret belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistake {
    text: Pasted,
    pub(crate) advice: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pasted {
    Beginning(&'static str),
    Published(&'static str),
}

impl Mistake {
    /// A pasted text that begins with `prefix` is not a signing secret; `advice` says what to
    /// paste instead.
    #[must_use]
    pub const fn new(prefix: &'static str, advice: &'static str) -> Self {
        Self { text: Pasted::Beginning(prefix), advice }
    }

    /// A secret that the sender publishes, such as the one that its test button signs with: whoever
    /// has read the page could sign with it. Compared whole.
    #[must_use]
    pub const fn published(secret: &'static str, advice: &'static str) -> Self {
        Self { text: Pasted::Published(secret), advice }
    }

    pub(crate) fn is_made_by(&self, pasted: &str) -> bool {
        match self.text {
            Pasted::Beginning(prefix) => pasted.starts_with(prefix),
            Pasted::Published(secret) => pasted == secret,
        }
    }

    pub(crate) const fn kind(&self) -> ConfigErrorKind {
        match self.text {
            Pasted::Beginning(_) => ConfigErrorKind::NotASecret,
            Pasted::Published(_) => ConfigErrorKind::PublishedSecret,
        }
    }

    /// The secret that the sender publishes.
    pub(crate) const fn published_secret(&self) -> Option<&'static str> {
        match self.text {
            Pasted::Beginning(_) => None,
            Pasted::Published(secret) => Some(secret),
        }
    }
}

impl Provider {
    /// A provider with this name. It signs the body, until [`signs`](Self::signs) says otherwise.
    ///
    /// The name is part of the replay key: changing it makes handled events new again.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            title: name,
            docs: "",
            signatures: [None; MAX_SIGNATURES],
            timestamp: None,
            content: Content::Parts(&[Part::Body]),
            key_name: None,
            requires: &[],
            event_id: &[],
            event_type: &[],
            header_families: &[],
            handshakes: &[],
            methods: Methods::POST,
            document_in: None,
            topics: false,
            never_secrets: &[],
            max_body: None,
            retention: None,
            acknowledgement: Acknowledgement::empty(),
            reactions: Reactions::USUAL,
            identification: Identification::new(),
            known_types: &[],
        }
    }

    /// The name as its own documentation writes it. By default the name.
    #[must_use]
    pub const fn title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// Other names under which [`providers::find`](crate::providers::find) knows it.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The sender's page about its signatures.
    #[must_use]
    pub const fn docs(mut self, url: &'static str) -> Self {
        self.docs = url;
        self
    }

    /// A way of signing: the algorithm, where the signature stands and how it is written. The
    /// secret is pasted as [`SecretFormat::Text`] until [`secret`](Self::secret) says otherwise.
    ///
    /// Called again it adds another way, for keys of another kind. A key only ever verifies
    /// signatures of its own way.
    ///
    /// # Panics
    ///
    /// With more than four ways; in a `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn signature(mut self, algorithm: Algorithm, place: SignaturePlace) -> Self {
        let mut index = 0;
        while index < MAX_SIGNATURES {
            if self.signatures[index].is_none() {
                self.signatures[index] =
                    Some(Signature { algorithm, place, secret: SecretFormat::Text });
                return self;
            }
            index += 1;
        }
        panic!("a provider has at most four ways of signing");
    }

    /// How the secret of the last [`signature`](Self::signature) is pasted.
    #[must_use]
    pub const fn secret(mut self, format: SecretFormat) -> Self {
        let mut index = MAX_SIGNATURES;
        while index > 0 {
            index -= 1;
            if let Some(signature) = self.signatures[index] {
                self.signatures[index] = Some(Signature { secret: format, ..signature });
                break;
            }
        }
        self
    }

    /// What is often pasted in place of the signing secret, and is refused with advice.
    #[must_use]
    pub const fn never_secrets(mut self, mistakes: &'static [Mistake]) -> Self {
        self.never_secrets = mistakes;
        self
    }

    /// Where the signed time stands, and how far it may be from the receiver's clock.
    #[must_use]
    pub const fn timestamp(mut self, place: TimestampPlace, tolerance: Tolerance) -> Self {
        self.timestamp = Some(Timestamp { place, tolerance });
        self
    }

    /// What is signed, in order.
    #[must_use]
    pub const fn signs(mut self, parts: &'static [Part]) -> Self {
        self.content = Content::Parts(parts);
        self
    }

    /// What is signed and by what, where places cannot say it.
    pub(crate) const fn read_by(mut self, reader: &'static dyn Reader) -> Self {
        self.content = Content::Read(reader);
        self
    }

    /// A token that stands in several places, all of which must be right.
    pub(crate) const fn every_token(mut self, code: &'static dyn TokenCode) -> Self {
        self.content = Content::Tokens(code);
        self
    }

    /// Where a request names the key it is signed with, for secrets of
    /// [`SecretFormat::NamedText`].
    #[must_use]
    pub const fn key_name(mut self, place: Place) -> Self {
        self.key_name = Some(place);
        self
    }

    /// What the head of every delivery must have, such as the version of the scheme; without it a
    /// request is refused as [`UnsupportedScheme`](crate::RejectionKind::UnsupportedScheme).
    #[must_use]
    pub const fn requires(mut self, marks: &'static [Mark]) -> Self {
        self.requires = marks;
        self
    }

    /// Where the event's id stands: the first place that has one. It becomes the replay key only
    /// where the signature covers it.
    #[must_use]
    pub const fn event_id(mut self, places: &'static [Place]) -> Self {
        self.event_id = places;
        self
    }

    /// Where the event's type stands: the first place that has one.
    #[must_use]
    pub const fn event_type(mut self, places: &'static [Place]) -> Self {
        self.event_type = places;
        self
    }

    /// A delivery may also come as a form that begins with this field, and its JSON document stands in
    /// there: GitHub's `payload`. Then [`Event::document`](crate::Event::document), what reads JSON,
    /// and members in [`event_id`](Self::event_id) and [`event_type`](Self::event_type) take that
    /// field instead of the body. Whether it is such a form is said by its bytes, never by its
    /// `Content-Type`, which nobody signs. One that has the field twice is refused.
    #[must_use]
    pub const fn document_in(mut self, field: &'static str) -> Self {
        self.document_in = Some(field);
        self
    }

    /// Prefixes under which the same set of headers may come. Headers in this description are
    /// written with the first; a request is read with the first whose signature header it has,
    /// and with that one only.
    #[must_use]
    pub const fn header_families(mut self, prefixes: &'static [&'static str]) -> Self {
        self.header_families = prefixes;
        self
    }

    /// The setup requests that are answered without the handler.
    #[must_use]
    pub const fn handshakes(mut self, handshakes: &'static [Handshake]) -> Self {
        self.handshakes = handshakes;
        self
    }

    /// The methods that deliveries come by, where it is not POST alone. A GET must have an empty
    /// body. Where the method is not among the signed parts, whoever captured a request can send it
    /// again by another of these.
    ///
    /// # Panics
    ///
    /// If there is none, or one that is not among GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS; in
    /// a `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn methods(mut self, methods: &'static [&'static str]) -> Self {
        self.methods = Methods::of(methods);
        self
    }

    /// The sender posts one and the same body under several types, each in an unsigned header:
    /// allows [`topics`](crate::VerifierBuilder::topics).
    #[must_use]
    pub const fn topics(mut self) -> Self {
        self.topics = true;
        self
    }

    /// The largest body the sender is known to send, in bytes; the layer's default cap where it
    /// is more than 2 MiB.
    #[must_use]
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The methods of deliveries and setup requests.
    pub(crate) fn allow(&self) -> Methods {
        let setup = self.handshakes.iter().map(|handshake| handshake.kind.methods());
        setup.fold(self.methods, Methods::and)
    }

    /// What the sender wants to hear when its event was taken. By default 200 without a body.
    #[must_use]
    pub const fn acknowledges(mut self, acknowledgement: Acknowledgement) -> Self {
        self.acknowledgement = acknowledgement;
        self
    }

    /// How long the layer remembers an event of this sender by default, where 7 days are wrong. See
    /// [`usual_retention`](Self::usual_retention).
    #[must_use]
    pub const fn retention(mut self, retention: Duration) -> Self {
        self.retention = Some(retention);
        self
    }

    /// How long a layer remembers an event of this sender, unless told otherwise: 7 days, or what
    /// the sender's retries and repetitions ask for; a minute where deliveries only say "look again".
    #[must_use]
    pub fn usual_retention(&self) -> Duration {
        match self.retention {
            Some(retention) => retention,
            None if self.identity() == Identity::ShortDigest => LOOK_AGAIN,
            None => Duration::from_secs(7 * 24 * 60 * 60),
        }
    }

    /// The name, as in configuration files and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The name as its own documentation writes it.
    #[must_use]
    pub const fn display_name(&self) -> &'static str {
        self.title
    }

    /// The sender's page about its signatures; empty if none was given.
    #[must_use]
    pub const fn docs_url(&self) -> &'static str {
        self.docs
    }

    /// The algorithms it signs with, one for each way of signing.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        self.signatures().map(|way| way.algorithm)
    }

    /// What the sender wants to hear when its event was taken.
    #[must_use]
    pub const fn acknowledgement(&self) -> Acknowledgement {
        self.acknowledgement
    }

    /// Whether the signature covers the time of the delivery. If not, the replay store is the only
    /// protection against replays.
    #[must_use]
    pub fn signs_time(&self) -> bool {
        self.timestamp.is_some_and(|time| self.covers(time.place.place))
    }

    /// Whether the signature covers the place of the event's id, for the first place it may have;
    /// `None` if the sender has no id.
    #[must_use]
    pub fn signs_id(&self) -> Option<bool> {
        self.event_id.first().map(|place| self.covers(*place))
    }

    /// Whether a verifier needs the verify token of the sender's setup request.
    #[must_use]
    pub fn needs_verify_token(&self) -> bool {
        self.handshakes.iter().any(|handshake| handshake.verify_token.is_some())
    }

    /// Whether digits could be moved between the signed time and what stands beside it.
    pub(crate) fn time_is_unbordered(&self) -> bool {
        let unit = self.timestamp.map(|time| time.place.unit);
        if !matches!(unit, Some(TimeUnit::Seconds | TimeUnit::Millis)) {
            return false;
        }
        let Content::Parts(parts) = self.content else {
            return matches!(self.content, Content::Read(reader) if !reader.borders_time());
        };
        let is_sure = |part: &Part| matches!(part, Part::Text(_) | Part::Method | Part::Secret);
        parts.windows(2).any(|pair| match pair {
            [Part::Timestamp, other] | [other, Part::Timestamp] => !is_sure(other),
            _ => false,
        })
    }

    /// Whether a verifier needs the public URL, because the sender signs it.
    #[must_use]
    pub fn needs_public_url(&self) -> bool {
        match self.content {
            Content::Parts(parts) => parts.iter().any(Part::is_url),
            Content::Read(reader) => reader.needs_url(),
            Content::Tokens(_) => false,
        }
    }

    /// Whether more than headers and body is read of a request: its method, path or query, or its
    /// URL where that is not known.
    pub(crate) fn reads_request_line(&self, has_url: bool) -> bool {
        let is_of_line = |part: &Part| match part {
            Part::Method | Part::Path | Part::Query => true,
            part => part.is_url() && !has_url,
        };
        let content = match self.content {
            Content::Parts(parts) => parts.iter().any(is_of_line),
            // Where a query is signed, the path before it is.
            Content::Read(reader) => {
                reader.needs_url() && !has_url || reader.covers(Place::Query(""))
            }
            Content::Tokens(_) => false,
        };
        content || self.places().any(|place| matches!(place, Place::Query(_)))
    }

    /// Whether the value at this place cannot be changed without breaking the signature.
    pub(crate) fn covers(&self, place: Place) -> bool {
        self.content.signs(place, self.timestamp.map(|time| time.place.place))
    }

    pub(crate) fn signature_places(&self) -> impl Iterator<Item = Place> {
        self.signatures().map(|way| way.place.place)
    }

    pub(crate) fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.signatures.iter().flatten()
    }

    /// Every place the description names.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let parts = match self.content {
            Content::Parts(parts) => parts,
            Content::Read(_) | Content::Tokens(_) => &[],
        };
        let signed = parts.iter().filter_map(|part| match part {
            Part::Value(place) => Some(*place),
            _ => None,
        });
        let signatures: [Option<Place>; MAX_SIGNATURES] =
            self.signatures.map(|way| way.map(|way| way.place.place));
        signatures
            .into_iter()
            .flatten()
            .chain(self.timestamp.map(|time| time.place.place))
            .chain(signed)
            .chain(self.key_name)
            .chain(self.requires.iter().flat_map(Mark::places))
            .chain(self.event_id.iter().copied())
            .chain(self.event_type.iter().copied())
    }
}
