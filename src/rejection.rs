//! Why a request did not reach the handler: for the operator in full, for the sender a status.

use std::fmt;

use http::StatusCode;

/// Why a request was refused, or its event not handled.
///
/// The sender learns a status and nothing else. The operator finds the rejection in one `warn!`
/// line (target `tower_webhooks`), in `on_rejection`, and in the response's extensions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rejection {
    kind: RejectionKind,
    hint: HintName,
    /// Where the sender is to get another status than the kind's.
    status: Option<StatusCode>,
    /// Of [`Hint::ClockOff`] and [`Hint::BodyCap`]. Beside its name, so that a rejection is one word.
    number: u32,
}

/// Which hint there is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HintName {
    None,
    SecretLooksBase64,
    SecretIsText,
    SecretHasWhiteSpace,
    SignatureTwice,
    ClockOff,
    BodyCap,
}

/// What the operator may want to look at first. Never shown to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hint {
    /// The signature matches if the secret is base64-decoded first: the sender uses the decoded
    /// bytes as its key. Looked for in bodies up to 16 KiB.
    SecretLooksBase64,
    /// The signature matches if the secret is used as text, without decoding it. Looked for in
    /// bodies up to 16 KiB.
    SecretIsText,
    /// The configured secret has white space inside.
    SecretHasWhiteSpace,
    /// The place of the signature is there more than once, and none is taken: something between the
    /// sender and this service, or whoever sent the request, added one.
    SignatureTwice,
    /// The signed time is this many seconds from this machine's clock; positive if it lies in the
    /// past.
    ClockOff(i32),
    /// The cap on bodies is this many bytes. If the sender sends more, raise it with
    /// [`max_body`](crate::layer::WebhookLayerBuilder::max_body).
    BodyCap(u32),
}

/// The kinds of [`Rejection`], and the status each one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// The place of the signature is absent: 401.
    MissingSignature,
    /// There is a value but no signature in it: wrong prefix, length or alphabet, only unknown
    /// versions, a duplicate header, more than 16 signatures, more than 8 KiB: 401.
    MalformedSignature,
    /// A well-formed signature that no configured key made over these bytes: 401. Look at the
    /// secret first, then at what stands between the sender and this service.
    BadSignature,
    /// The place of the signed time is absent: 401.
    MissingTimestamp,
    /// The signed time is not a valid timestamp: 401.
    MalformedTimestamp,
    /// The signed time is older than the tolerance: 401.
    StaleTimestamp,
    /// The signed time lies further in the future than the tolerance: 401.
    FutureTimestamp,
    /// A value that the signature covers is absent, such as `webhook-id`: 401.
    MissingSignedValue,
    /// A value that the signature covers comes twice, or could be read in two ways: 401.
    AmbiguousSignedValue,
    /// The body is not the one that the signed content names, or stands where the signature covers
    /// none: 401.
    BodyMismatch,
    /// A form or query has more than 1,000 parameters, which no sender's has: 413.
    TooManyParameters,
    /// The request carries the signatures of several senders, and the route takes each of them: 401.
    AmbiguousSender,
    /// A version or algorithm of the scheme that is not supported, or not named: 401.
    UnsupportedScheme,
    /// No key is known for this request's tenant, or the key it names is not configured: 401.
    UnknownKey,
    /// A signature that was used before, with another body: 401. Only where the signature does not
    /// cover the whole body. Look at it as an attack.
    ReusedSignature,
    /// The verifier names topics, and the delivery has none: 400.
    MissingTopic,
    /// The same signed content came under more delivery ids in a minute than any sender is known to
    /// send: 503. The id is not signed, so look at it as an attack; `strict_identity` ends it.
    TooManyDeliveries,
    /// A setup request that does not know the verify token, or is not a whole one: 403.
    HandshakeRefused,
    /// A method the sender does not use: 405, with `Allow`.
    MethodNotAllowed,
    /// The body did not arrive within the body timeout: 408.
    BodyTimeout,
    /// The body is, or says it is, larger than the cap: 413.
    BodyTooLarge,
    /// The connection broke while the body was read: 400.
    BodyUnreadable,
    /// The payload of a verified event does not parse into the type the service takes: 500, so
    /// that the sender tries again.
    UnusablePayload,
    /// The wrapped service of an event layer failed: 500. The claim was released.
    HandlerFailed,
    /// The handler did not finish within its timeout: 503. The claim was released.
    HandlerTimeout,
    /// Another delivery of the same event is being handled: 503, with the rest of its lease in
    /// `Retry-After`.
    InFlight,
    /// The idempotency store did not answer: 503; the handler was not run.
    StoreUnavailable,
    /// The database of the inbox cannot hold this event, such as a text outside of its encoding: 500,
    /// so that the sender tries again. Other events are kept.
    Unstorable,
    /// The handler completed the event in a transaction of its own, answered 2xx, and the store does
    /// not know of a commit: 503. The claim was released.
    NotCommitted,
    /// The key source did not answer: 503.
    KeysUnavailable,
    /// The limit of buffered bytes or of running handlers is reached: 503.
    Overloaded,
    /// The layer is draining: 503.
    ShuttingDown,
}

impl Rejection {
    pub(crate) const fn new(kind: RejectionKind) -> Self {
        Self { kind, hint: HintName::None, status: None, number: 0 }
    }

    /// The same, with the status that this provider's sender gets, unless it has one of its own.
    #[cfg(any(feature = "tokio", feature = "axum"))]
    pub(crate) fn or_status(self, status: StatusCode) -> Self {
        Self { status: self.status.or(Some(status)), ..self }
    }

    /// The same, with another status for the sender than the kind's.
    pub(crate) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) const fn with_hint(kind: RejectionKind, hint: Option<Hint>) -> Self {
        let (hint, number) = match hint {
            None => (HintName::None, 0),
            Some(Hint::SecretLooksBase64) => (HintName::SecretLooksBase64, 0),
            Some(Hint::SecretIsText) => (HintName::SecretIsText, 0),
            Some(Hint::SecretHasWhiteSpace) => (HintName::SecretHasWhiteSpace, 0),
            Some(Hint::SignatureTwice) => (HintName::SignatureTwice, 0),
            Some(Hint::ClockOff(seconds)) => {
                (HintName::ClockOff, u32::from_ne_bytes(seconds.to_ne_bytes()))
            }
            Some(Hint::BodyCap(bytes)) => (HintName::BodyCap, bytes),
        };
        Self { kind, hint, status: None, number }
    }

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> RejectionKind {
        self.kind
    }

    /// What to look at first, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<Hint> {
        match self.hint {
            HintName::None => None,
            HintName::SecretLooksBase64 => Some(Hint::SecretLooksBase64),
            HintName::SecretIsText => Some(Hint::SecretIsText),
            HintName::SecretHasWhiteSpace => Some(Hint::SecretHasWhiteSpace),
            HintName::SignatureTwice => Some(Hint::SignatureTwice),
            HintName::ClockOff => {
                Some(Hint::ClockOff(i32::from_ne_bytes(self.number.to_ne_bytes())))
            }
            HintName::BodyCap => Some(Hint::BodyCap(self.number)),
        }
    }

    /// The status the sender gets.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.status {
            Some(status) => status,
            None => self.kind.status(),
        }
    }
}

impl From<RejectionKind> for Rejection {
    fn from(kind: RejectionKind) -> Self {
        Self::new(kind)
    }
}

impl RejectionKind {
    /// The status the sender gets.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.table().0
    }

    /// Whether it passes by itself, so that the sender should deliver again: everything of 5xx, and a
    /// body that did not arrive.
    #[must_use]
    pub const fn is_temporary(self) -> bool {
        self.status().as_u16() >= 500 || matches!(self, Self::BodyTimeout | Self::BodyUnreadable)
    }

    /// The kind in `snake_case`, as the field `reason` of a log line has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.table().1
    }

    /// The one table from kind to status, name and text.
    const fn table(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::MissingSignature => {
                (S::UNAUTHORIZED, "missing_signature", "the signature is missing")
            }
            Self::MalformedSignature => (
                S::UNAUTHORIZED,
                "malformed_signature",
                "there is no signature in the signature's place",
            ),
            Self::BadSignature => {
                (S::UNAUTHORIZED, "bad_signature", "no configured key made this signature")
            }
            Self::MissingTimestamp => {
                (S::UNAUTHORIZED, "missing_timestamp", "the signed time is missing")
            }
            Self::MalformedTimestamp => {
                (S::UNAUTHORIZED, "malformed_timestamp", "the signed time is not a valid timestamp")
            }
            Self::StaleTimestamp => {
                (S::UNAUTHORIZED, "stale_timestamp", "the signed time is too old")
            }
            Self::FutureTimestamp => {
                (S::UNAUTHORIZED, "future_timestamp", "the signed time lies in the future")
            }
            Self::MissingSignedValue => (
                S::UNAUTHORIZED,
                "missing_signed_value",
                "a value that the signature covers is missing",
            ),
            Self::AmbiguousSignedValue => (
                S::UNAUTHORIZED,
                "ambiguous_signed_value",
                "a value that the signature covers can be read in two ways",
            ),
            Self::BodyMismatch => {
                (S::UNAUTHORIZED, "body_mismatch", "the body is not the one the signature is for")
            }
            Self::TooManyParameters => (
                S::PAYLOAD_TOO_LARGE,
                "too_many_parameters",
                "the form or query has more parameters than any sender's",
            ),
            Self::AmbiguousSender => (
                S::UNAUTHORIZED,
                "ambiguous_sender",
                "the request carries the signatures of several senders",
            ),
            Self::UnsupportedScheme => (
                S::UNAUTHORIZED,
                "unsupported_scheme",
                "the request names a scheme that is not supported",
            ),
            Self::UnknownKey => {
                (S::UNAUTHORIZED, "unknown_key", "no key is known for this request")
            }
            Self::ReusedSignature => (
                S::UNAUTHORIZED,
                "reused_signature",
                "the signature was used before with another body",
            ),
            Self::MissingTopic => {
                (S::BAD_REQUEST, "missing_topic", "the delivery does not say which topic it is of")
            }
            Self::TooManyDeliveries => (
                S::SERVICE_UNAVAILABLE,
                "too_many_deliveries",
                "the same signed content came under many delivery ids",
            ),
            Self::HandshakeRefused => {
                (S::FORBIDDEN, "handshake_refused", "the setup request is not ours to answer")
            }
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method_not_allowed", "the sender does not use this method")
            }
            Self::BodyTimeout => {
                (S::REQUEST_TIMEOUT, "body_timeout", "the body did not arrive in time")
            }
            Self::BodyTooLarge => {
                (S::PAYLOAD_TOO_LARGE, "body_too_large", "the body is larger than the cap")
            }
            Self::BodyUnreadable => {
                (S::BAD_REQUEST, "body_unreadable", "the body could not be read to its end")
            }
            Self::UnusablePayload => (
                S::INTERNAL_SERVER_ERROR,
                "unusable_payload",
                "the payload does not parse into the handler's type",
            ),
            Self::HandlerFailed => {
                (S::INTERNAL_SERVER_ERROR, "handler_failed", "the handler failed")
            }
            Self::HandlerTimeout => {
                (S::SERVICE_UNAVAILABLE, "handler_timeout", "the handler did not finish in time")
            }
            Self::InFlight => (
                S::SERVICE_UNAVAILABLE,
                "in_flight",
                "another delivery of the event is being handled",
            ),
            Self::StoreUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "the idempotency store did not answer",
            ),
            Self::Unstorable => {
                (S::INTERNAL_SERVER_ERROR, "unstorable", "the database cannot hold the event")
            }
            Self::NotCommitted => (
                S::SERVICE_UNAVAILABLE,
                "not_committed",
                "the handler's transaction was not committed",
            ),
            Self::KeysUnavailable => {
                (S::SERVICE_UNAVAILABLE, "keys_unavailable", "the key source did not answer")
            }
            Self::Overloaded => {
                (S::SERVICE_UNAVAILABLE, "overloaded", "a limit of the layer is reached")
            }
            Self::ShuttingDown => {
                (S::SERVICE_UNAVAILABLE, "shutting_down", "the layer is draining")
            }
        }
    }
}

impl fmt::Display for RejectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.table().2)
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretLooksBase64 => {
                f.write_str("secret looks base64-encoded: the signature matches its decoded bytes")
            }
            Self::SecretIsText => {
                f.write_str("secret is text: the signature matches it without decoding")
            }
            Self::SecretHasWhiteSpace => f.write_str("secret has white space"),
            Self::SignatureTwice => f.write_str("the signature came more than once"),
            Self::ClockOff(seconds) => write!(f, "clock off by {seconds} s"),
            Self::BodyCap(bytes) => {
                write!(f, "the cap is {bytes} bytes: if this sender sends more, raise `max_body`")
            }
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection").field("kind", &self.kind).field("hint", &self.hint()).finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        match self.hint() {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Rejection {}
