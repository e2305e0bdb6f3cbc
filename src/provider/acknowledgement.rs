//! What a sender wants to hear when its event was taken.

/// The answer that tells a sender that its event was taken: 200 without a body, until a provider
/// says otherwise.
///
/// The layer gives it wherever it answers itself: to a duplicate, to an event that is of no
/// interest, behind [`events`](crate::WebhookLayer::events) and behind an inbox. A handler that
/// answers requests gives it in its own answer.
///
/// ```
/// use tower_webhooks::Provider;
/// use tower_webhooks::provider::Acknowledgement;
///
/// static ACME: Provider = Provider::new("acme").acknowledges(Acknowledgement::text("OK"));
/// assert_eq!(ACME.acknowledgement().body(), "OK");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    status: u16,
    content_type: Option<&'static str>,
    body: &'static str,
}

impl Acknowledgement {
    /// 200 without a body.
    #[must_use]
    pub const fn empty() -> Self {
        Self { status: 200, content_type: None, body: "" }
    }

    /// 200 with this plain text.
    #[must_use]
    pub const fn text(body: &'static str) -> Self {
        Self { status: 200, content_type: Some("text/plain; charset=utf-8"), body }
    }

    /// 200 with this JSON.
    #[must_use]
    pub const fn json(body: &'static str) -> Self {
        Self { status: 200, content_type: Some("application/json"), body }
    }

    /// 200 with this body of another content type.
    #[must_use]
    pub const fn of_type(content_type: &'static str, body: &'static str) -> Self {
        Self { status: 200, content_type: Some(content_type), body }
    }

    /// Another status than 200.
    ///
    /// # Panics
    ///
    /// If it is not one from 200 to 299: on any other the sender would deliver the event again. In a
    /// `static` or `const` that is an error at compile time.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        assert!(status >= 200 && status <= 299, "an acknowledgement is a status from 200 to 299");
        self.status = status;
        self
    }

    /// For a duplicate: the status that the first delivery was answered with, where the body says
    /// nothing.
    #[cfg(feature = "tokio")]
    pub(crate) const fn or_first(mut self, status: u16) -> Self {
        if self.body.is_empty() && status >= 200 && status <= 299 {
            self.status = status;
        }
        self
    }

    /// Its status code.
    #[must_use]
    pub const fn status_code(&self) -> u16 {
        self.status
    }

    /// The value of its `Content-Type`; `None` without a body.
    #[must_use]
    pub const fn content_type(&self) -> Option<&'static str> {
        self.content_type
    }

    /// Its body.
    #[must_use]
    pub const fn body(&self) -> &'static str {
        self.body
    }
}
