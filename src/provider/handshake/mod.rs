//! Setup requests as a description has them: how they are told, and how they are answered.

mod challenge;
mod mark;
mod reply;

pub(crate) use challenge::MAX_TOKEN;
pub use challenge::{Challenge, Piece};
pub use mark::Mark;
pub(crate) use reply::{HeaderEcho, Reply, ReplyBody};

use super::{Methods, Place};

/// One kind of setup request and its answer.
///
/// ```
/// use tower_webhooks::provider::{header, json, query};
/// use tower_webhooks::handshake::{Handshake, Mark};
///
/// // Slack: a signed POST, recognised by a member of its body.
/// static SLACK: &[Handshake] = &[Handshake::signed(&[Mark::Equals(json("/type"), "url_verification")])
///     .echoes(json("/challenge"))];
///
/// // Meta: every GET, answered only if it knows the verify token.
/// static META: &[Handshake] = &[Handshake::unsigned_get()
///     .requires(&[Mark::Equals(query("hub.mode"), "subscribe")])
///     .verify_token(query("hub.verify_token"))
///     .echoes(query("hub.challenge"))];
///
/// // Trello: a HEAD. Okta: a GET whose header comes back as JSON.
/// static TRELLO: &[Handshake] = &[Handshake::unsigned_head()];
/// static OKTA: &[Handshake] = &[Handshake::unsigned_get()
///     .echoes_json("verification", header("x-okta-verification-challenge"))];
/// # assert_eq!((SLACK.len(), META.len(), TRELLO.len(), OKTA.len()), (1, 1, 1, 1));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Handshake {
    pub(crate) kind: Kind,
    pub(crate) when: &'static [Mark],
    pub(crate) requires: &'static [Mark],
    pub(crate) verify_token: Option<Place>,
    pub(crate) expects: Option<Place>,
    pub(crate) even_signed: bool,
    pub(crate) learns: Option<Challenge>,
    pub(crate) refused_with: u16,
    pub(crate) reply: Reply,
}

/// How a setup request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By POST, signed like a delivery.
    Signed,
    /// Without a signature, and by a method that has no body.
    Bodiless(Methods),
    /// By POST, without a signature.
    UnsignedPost,
}

impl Kind {
    pub(crate) const fn methods(self) -> Methods {
        match self {
            Self::Signed | Self::UnsignedPost => Methods::POST,
            Self::Bodiless(methods) => methods,
        }
    }
}

impl Handshake {
    /// A signed POST with all these marks; without them it is an ordinary delivery. It is answered
    /// with an empty 200 until told otherwise.
    #[must_use]
    pub const fn signed(when: &'static [Mark]) -> Self {
        Self::new(Kind::Signed, when)
    }

    /// A GET without a signature, for senders that deliver by other methods. It is answered with an
    /// empty 200 until told otherwise.
    #[must_use]
    pub const fn unsigned_get() -> Self {
        Self::new(Kind::Bodiless(Methods::of(&["GET"])), &[])
    }

    /// A HEAD without a signature, for senders that probe with one before they save an endpoint. It
    /// is answered with an empty 200.
    #[must_use]
    pub const fn unsigned_head() -> Self {
        Self::new(Kind::Bodiless(Methods::of(&["HEAD"])), &[])
    }

    /// An OPTIONS without a signature. It is answered with an empty 200 until told otherwise. Tell
    /// it from the preflight of a browser with [`when`](Self::when).
    #[must_use]
    pub const fn unsigned_options() -> Self {
        Self::new(Kind::Bodiless(Methods::of(&["OPTIONS"])), &[])
    }

    /// A POST without any signature, of at most 8 KiB, with all these marks; without them it is
    /// refused as a delivery whose signature is missing. Anybody can send one, so let the marks
    /// leave no room for a delivery. It is answered with an empty 200 until told otherwise.
    ///
    /// ```
    /// use tower_webhooks::handshake::{Handshake, Mark};
    /// use tower_webhooks::provider::form;
    ///
    /// // WooCommerce: the form `webhook_id=12`, and nothing else.
    /// static WOOCOMMERCE: &[Handshake] = &[Handshake::unsigned_post(&[
    ///     Mark::OnlyField("webhook_id"),
    ///     Mark::Number(form("webhook_id")),
    /// ])];
    /// # assert_eq!(WOOCOMMERCE.len(), 1);
    /// ```
    #[must_use]
    pub const fn unsigned_post(when: &'static [Mark]) -> Self {
        Self::new(Kind::UnsignedPost, when)
    }

    const fn new(kind: Kind, when: &'static [Mark]) -> Self {
        Self {
            kind,
            when,
            requires: &[],
            verify_token: None,
            expects: None,
            even_signed: false,
            learns: None,
            refused_with: 403,
            reply: Reply::EMPTY,
        }
    }

    /// The marks by which it is recognised: without all of them the request is something else. In
    /// place of those that were given before.
    #[must_use]
    pub const fn when(mut self, marks: &'static [Mark]) -> Self {
        self.when = marks;
        self
    }

    /// What the request must also have; it is refused otherwise.
    #[must_use]
    pub const fn requires(mut self, marks: &'static [Mark]) -> Self {
        self.requires = marks;
        self
    }

    /// Where the request carries the verify token that you chose; a wrong one is refused. A verifier
    /// for such a provider needs `verify_token`.
    #[must_use]
    pub const fn verify_token(mut self, place: Place) -> Self {
        self.verify_token = Some(place);
        self
    }

    /// Where the request says what it is about; anything that was not given with
    /// [`expect_setup`](crate::VerifierBuilder::expect_setup) is refused.
    #[must_use]
    pub const fn expects(mut self, place: Place) -> Self {
        self.expects = Some(place);
        self
    }

    /// It may also carry a signature, which nobody looks at: for a sender that signs its test with a
    /// key that everybody knows. Let the marks leave no room for a delivery.
    #[must_use]
    pub const fn even_signed(mut self) -> Self {
        self.even_signed = true;
        self
    }

    /// The request hands over the secret that deliveries will be signed with. It is answered only
    /// while a registration is pending, of a verifier of
    /// [`Registrations`](crate::handshake::Registrations), and is refused as any other delivery without
    /// a signature otherwise. Anything else in the place of the secret is refused.
    #[must_use]
    pub const fn learns(mut self, secret: Challenge) -> Self {
        self.learns = Some(secret);
        self
    }

    /// The status of a request that is refused, where the sender asks for another one than 403.
    ///
    /// # Panics
    ///
    /// If it is not from 400 to 499; in a `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn refused_with(mut self, status: u16) -> Self {
        assert!(400 <= status && status <= 499, "a handshake is refused with a status of 4xx");
        self.refused_with = status;
        self
    }

    /// Answers with the value at this place as `text/plain`. A missing value, or one longer than
    /// 1,024 bytes, is refused.
    #[must_use]
    pub const fn echoes(mut self, place: Place) -> Self {
        self.reply.body = ReplyBody::Echo(place);
        self
    }

    /// Answers with a JSON object that has the value at this place under this name. A missing
    /// value, one longer than 1,024 bytes, or one that is no UTF-8, is refused.
    #[must_use]
    pub const fn echoes_json(mut self, name: &'static str, place: Place) -> Self {
        self.reply.body = ReplyBody::JsonEcho(name, place);
        self
    }

    /// Answers with the value at this place in a header, named in lower case, beside the body. A
    /// missing value, or one longer than 1,024 bytes, is refused.
    ///
    /// # Panics
    ///
    /// With more than two headers; in a `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn echoes_header(mut self, name: &'static str, place: Place) -> Self {
        self.reply = self.reply.header(HeaderEcho { name, place, is_required: true });
        self
    }

    /// As [`echoes_header`](Self::echoes_header), where there is such a value.
    ///
    /// # Panics
    ///
    /// As there.
    #[must_use]
    pub const fn may_echo_header(mut self, name: &'static str, place: Place) -> Self {
        self.reply = self.reply.header(HeaderEcho { name, place, is_required: false });
        self
    }

    /// Answers with this JSON.
    #[must_use]
    pub const fn json(mut self, body: &'static str) -> Self {
        self.reply.body = ReplyBody::Json(body);
        self
    }

    /// Answers with these pieces as `text/plain`, among them the HMAC of the token, under the key
    /// that the request was signed with; of an unsigned one, under the first of the keys that
    /// deliveries are signed with. A missing token, or anything else in its place, is refused.
    ///
    /// Anybody can have a token signed. So a delivery whose whole signed content could be one is
    /// refused as [`BodyMismatch`](crate::RejectionKind::BodyMismatch).
    ///
    /// ```
    /// use tower_webhooks::handshake::{Challenge, Handshake, Piece};
    /// use tower_webhooks::provider::query;
    ///
    /// // Braintree: the public key, a bar, and the HMAC of the challenge.
    /// static BRAINTREE: &[Handshake] = &[Handshake::unsigned_get().signs(
    ///     Challenge::new(query("bt_challenge"), "0123456789abcdef", 20, 32),
    ///     &[Piece::KeyName, Piece::Text("|"), Piece::Hex],
    /// )];
    /// # assert_eq!(BRAINTREE.len(), 1);
    /// ```
    #[must_use]
    pub const fn signs(mut self, token: Challenge, pieces: &'static [Piece]) -> Self {
        self.reply.body = ReplyBody::Signed { token, pieces, json: false };
        self
    }

    /// As [`signs`](Self::signs), as JSON: the pieces joined must be some. A token needs no
    /// escaping there.
    #[must_use]
    pub const fn signs_json(mut self, token: Challenge, pieces: &'static [Piece]) -> Self {
        self.reply.body = ReplyBody::Signed { token, pieces, json: true };
        self
    }

    /// Answers with this status.
    ///
    /// # Panics
    ///
    /// If it is not from 200 to 299; in a `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        assert!(
            200 <= status && status <= 299,
            "a handshake is answered with a status from 200 to 299"
        );
        self.reply.status = status;
        self
    }

    /// Whether its answer has the name of a key in it.
    pub(crate) fn names_key(&self) -> bool {
        matches!(self.reply.body, ReplyBody::Signed { pieces, .. } if pieces.contains(&Piece::KeyName))
    }

    /// The token that it has signed for anybody, if its answer holds the HMAC of one.
    pub(crate) const fn token(&self) -> Option<&Challenge> {
        match &self.reply.body {
            ReplyBody::Signed { token, .. } => Some(token),
            _ => None,
        }
    }

    /// Whether its answer needs a key.
    pub(crate) const fn needs_key(&self) -> bool {
        matches!(self.reply.body, ReplyBody::Signed { .. })
    }

    /// Every place it looks at.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.when
            .iter()
            .chain(self.requires)
            .flat_map(Mark::places)
            .chain(self.verify_token)
            .chain(self.expects)
            .chain(self.learns.map(|secret| secret.place))
            .chain(self.reply.places())
    }
}
