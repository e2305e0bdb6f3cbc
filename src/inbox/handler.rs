//! The user's service of events, with its types out of sight.

use std::future::{Future, poll_fn};
use std::pin::Pin;

use tower_service::Service;

use crate::event::{Event, Payload, PayloadError};

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(super) type Handling = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// Makes a run of each event it is given, which does nothing until it is polled.
pub(super) type Handler = Box<dyn FnMut(Event) -> Handling + Send>;

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It may go well another time.
    Failed(String),
    /// The payload is not a `T`, and no other run will find it to be one.
    Unusable(String),
}

/// What of an error's text is kept, in bytes.
const LONGEST_TEXT: usize = 2000;

pub(super) fn erase<S, T>(service: S) -> Handler
where
    S: Service<Event<T>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    T: Payload + Send + 'static,
{
    Box::new(move |event| {
        let mut service = service.clone();
        Box::pin(async move {
            let event = event.parse::<T>().map_err(|error| unusable(&error))?;
            // The clone that is called is the one that was driven to readiness:
            // https://docs.rs/tower-service/latest/tower_service/trait.Service.html#be-careful-when-cloning-inner-services
            poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
            service.call(event).await.map(|_| ()).map_err(failed)
        })
    })
}

fn failed(error: impl Into<BoxError>) -> Failure {
    Failure::Failed(text_of(&*error.into()))
}

fn unusable(error: &PayloadError) -> Failure {
    Failure::Unusable(text_of(error))
}

/// An error with its causes, as long as a row may have it and as every database takes it.
fn text_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut error = error;
    while let Some(cause) = error.source() {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        error = cause;
    }
    kept(&text)
}

pub(super) fn kept(text: &str) -> String {
    let mut kept = text.replace('\0', "\u{fffd}");
    let fits = |end: &usize| *end <= LONGEST_TEXT;
    if let Some(end) = kept.char_indices().map(|(at, _)| at).take_while(fits).last()
        && kept.len() > LONGEST_TEXT
    {
        kept.truncate(end);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_has_no_nul() {
        assert_eq!(kept("a\0b"), "a\u{fffd}b");
        let long = "é".repeat(3_000);
        let cut = kept(&long);
        assert!(cut.len() <= LONGEST_TEXT && cut.len() > LONGEST_TEXT - 4, "{}", cut.len());
        assert!(long.starts_with(&cut));
        assert_eq!(kept("short"), "short");
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        let error = PayloadError::new("missing").format("JSON").at("data.id");
        assert_eq!(text_of(&error), "the payload is not the expected JSON at `data.id`: missing");
    }
}
