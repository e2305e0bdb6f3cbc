//! What goes back to a setup request.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{Response, StatusCode};

/// The answer to a setup request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    content_type: Option<&'static str>,
    body: Bytes,
    kind: Option<Box<str>>,
}

impl Answer {
    pub(super) const fn status_only(status: StatusCode) -> Self {
        Self { status, content_type: None, body: Bytes::new(), kind: None }
    }

    /// Plain text: an echo must never be read as HTML.
    pub(super) const fn text(body: Bytes) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: Some("text/plain; charset=utf-8"),
            body,
            kind: None,
        }
    }

    pub(super) const fn json(body: Bytes) -> Self {
        Self { status: StatusCode::OK, content_type: Some("application/json"), body, kind: None }
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

    /// The whole answer: status, `Content-Type`, `X-Content-Type-Options: nosniff` and body.
    #[must_use]
    pub fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        if let Some(content_type) = self.content_type {
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        response
    }
}
