//! What goes back to a setup request.

use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{Response, StatusCode};

/// The answer to a setup request.
///
/// Its `Debug` shows no header and no body: what a sender wants back may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    kind: Option<Box<str>>,
}

impl Answer {
    pub(super) const fn new(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), kind: None }
    }

    /// Plain text: an echo must never be read as HTML.
    pub(super) fn text(self, body: Bytes) -> Self {
        self.body_of("text/plain; charset=utf-8", body)
    }

    pub(super) fn json(self, body: Bytes) -> Self {
        self.body_of("application/json", body)
    }

    fn body_of(mut self, content_type: &'static str, body: Bytes) -> Self {
        self.body = body;
        self.header(CONTENT_TYPE, HeaderValue::from_static(content_type))
            .header(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn with_kind(mut self, kind: Option<&str>) -> Self {
        self.kind = kind.map(Into::into);
        self
    }

    /// The status to answer with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The body to answer with.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The type of the setup request, where the sender's events have one:
    /// Slack's `url_verification`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The whole answer: status, headers and body. A body comes with its `Content-Type` and with
    /// `X-Content-Type-Options: nosniff`.
    #[must_use]
    pub fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
