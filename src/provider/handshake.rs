//! Setup requests as a description has them: how they are told, and how they are answered.

use super::{Methods, Place};

/// One kind of setup request and its answer.
///
/// ```
/// use tower_webhooks::provider::{json, query};
/// use tower_webhooks::handshake::{Handshake, Mark};
///
/// // Slack: a signed POST, recognised by a member of its body.
/// static SLACK: &[Handshake] = &[Handshake::signed(&[Mark::Equals(json("/type"), "url_verification")])
///     .echoes(json("/challenge"))];
///
/// // Meta: every GET, answered only to who knows the verify token.
/// static META: &[Handshake] = &[Handshake::unsigned_get()
///     .requires(&[Mark::Equals(query("hub.mode"), "subscribe")])
///     .verify_token(query("hub.verify_token"))
///     .echoes(query("hub.challenge"))];
/// # assert_eq!((SLACK.len(), META.len()), (1, 1));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Handshake {
    pub(crate) kind: Kind,
    pub(crate) when: &'static [Mark],
    pub(crate) requires: &'static [Mark],
    pub(crate) verify_token: Option<Place>,
    pub(crate) reply: Reply,
}

/// How a setup request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By POST, signed like a delivery.
    Signed,
    /// By GET, without a signature.
    UnsignedGet,
    /// By POST, without a signature.
    UnsignedPost,
}

impl Kind {
    pub(crate) const fn methods(self) -> Methods {
        match self {
            Self::Signed | Self::UnsignedPost => Methods::POST,
            Self::UnsignedGet => Methods::of(&["GET"]),
        }
    }
}

/// What a setup request looks like at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mark {
    /// The place holds exactly this text.
    Equals(Place, &'static str),
    /// The place holds a list, separated by commas, and this text is one of its elements.
    Lists(Place, &'static str),
    /// There is something at the place.
    Present(Place),
    /// There is nothing at the place.
    Absent(Place),
    /// The place holds a decimal number of 1 to 20 digits.
    Number(Place),
    /// The body is a form with this field, once, and no other.
    OnlyField(&'static str),
}

impl Mark {
    pub(crate) const fn place(&self) -> Place {
        match self {
            Self::Equals(place, _)
            | Self::Lists(place, _)
            | Self::Present(place)
            | Self::Absent(place)
            | Self::Number(place) => *place,
            Self::OnlyField(name) => Place::Form(name),
        }
    }
}

/// How a handshake is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Nothing but a status.
    Status(u16),
    /// 200 and the value at the place, as plain text.
    Echo(Place),
    /// 200 and this JSON.
    Json(&'static str),
    /// 200 and pieces around the HMAC of a token.
    Signed { token: Challenge, pieces: &'static [Piece], json: bool },
}

impl Handshake {
    /// A signed POST with all these marks; without them it is an ordinary delivery. It is answered
    /// with an empty 200 until told otherwise.
    #[must_use]
    pub const fn signed(when: &'static [Mark]) -> Self {
        Self::new(Kind::Signed, when)
    }

    /// Every GET, for senders that deliver by POST only. It is answered with an empty 200 until
    /// told otherwise.
    #[must_use]
    pub const fn unsigned_get() -> Self {
        Self::new(Kind::UnsignedGet, &[])
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
        Self { kind, when, requires: &[], verify_token: None, reply: Reply::Status(200) }
    }

    /// What the request must also have; it is refused with 403 otherwise.
    #[must_use]
    pub const fn requires(mut self, marks: &'static [Mark]) -> Self {
        self.requires = marks;
        self
    }

    /// Where the request carries the verify token that you chose; a wrong one is refused with 403.
    /// A verifier for such a provider needs `verify_token`.
    #[must_use]
    pub const fn verify_token(mut self, place: Place) -> Self {
        self.verify_token = Some(place);
        self
    }

    /// Answers 200 with the value at this place as `text/plain`. A missing value, or one longer
    /// than 1,024 bytes, is refused with 403.
    #[must_use]
    pub const fn echoes(mut self, place: Place) -> Self {
        self.reply = Reply::Echo(place);
        self
    }

    /// Answers 200 with this JSON.
    #[must_use]
    pub const fn json(mut self, body: &'static str) -> Self {
        self.reply = Reply::Json(body);
        self
    }

    /// Answers 200 with these pieces as `text/plain`, among them the HMAC of the token, under the
    /// first of the keys that deliveries are signed with. A missing token, or anything else in its
    /// place, is refused with 403.
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
        self.reply = Reply::Signed { token, pieces, json: false };
        self
    }

    /// As [`signs`](Self::signs), as JSON: the pieces joined must be some. A token needs no
    /// escaping there.
    #[must_use]
    pub const fn signs_json(mut self, token: Challenge, pieces: &'static [Piece]) -> Self {
        self.reply = Reply::Signed { token, pieces, json: true };
        self
    }

    /// Whether its answer has the name of a key in it.
    pub(crate) fn names_key(&self) -> bool {
        matches!(self.reply, Reply::Signed { pieces, .. } if pieces.contains(&Piece::KeyName))
    }

    /// The token that it has signed for anybody, if its answer holds the HMAC of one.
    pub(crate) const fn token(&self) -> Option<&Challenge> {
        match &self.reply {
            Reply::Signed { token, .. } => Some(token),
            Reply::Status(_) | Reply::Echo(_) | Reply::Json(_) => None,
        }
    }

    /// Whether its answer needs a key.
    pub(crate) const fn needs_key(&self) -> bool {
        matches!(self.reply, Reply::Signed { .. })
    }

    /// Answers with this status and nothing else.
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
        self.reply = Reply::Status(status);
        self
    }

    /// Every place it looks at.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let echoed = match self.reply {
            Reply::Echo(place) => Some(place),
            Reply::Signed { token, .. } => Some(token.place),
            Reply::Status(_) | Reply::Json(_) => None,
        };
        self.when
            .iter()
            .chain(self.requires)
            .map(Mark::place)
            .chain(self.verify_token)
            .chain(echoed)
    }
}

/// Longer tokens than this are signed for nobody.
pub(crate) const MAX_TOKEN: usize = 256;

/// A token that is answered with its HMAC: where it stands, and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    pub(crate) place: Place,
    alphabet: &'static str,
    min: usize,
    max: usize,
}

/// A piece of an answer that holds the HMAC of a [`Challenge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// These characters.
    Text(&'static str),
    /// The token itself.
    Token,
    /// The name of the key.
    KeyName,
    /// The HMAC in hexadecimal.
    Hex,
    /// The HMAC in padded standard base64.
    Base64,
}

impl Challenge {
    /// A token at this place, of at least `min` and at most `max` of these characters. Take the
    /// narrowest that the sender's tokens fit in: they must never be the signed content of a
    /// delivery.
    ///
    /// # Panics
    ///
    /// If the characters are not among ASCII letters, digits and `+/=_-`, or the lengths not among
    /// 1 and 256; in a `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn new(place: Place, alphabet: &'static str, min: usize, max: usize) -> Self {
        assert!(1 <= min && min <= max && max <= MAX_TOKEN, "a token has 1 to 256 characters");
        let bytes = alphabet.as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            let is_harmless = bytes[index].is_ascii_alphanumeric()
                || matches!(bytes[index], b'+' | b'/' | b'=' | b'_' | b'-');
            assert!(is_harmless, "a token is made of letters, digits and +/=_-");
            index += 1;
        }
        Self { place, alphabet, min, max }
    }

    /// Whether a value is such a token, and so may be signed.
    pub(crate) fn takes(&self, value: &[u8]) -> bool {
        (self.min..=self.max).contains(&value.len())
            && value.iter().all(|byte| self.alphabet.as_bytes().contains(byte))
    }
}
