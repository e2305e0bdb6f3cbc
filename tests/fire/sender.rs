//! Senders as they are: they repeat an event until it is acknowledged, and sometimes after.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::support::layer::github;

/// How long a sender waits for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 2xx of the handler.
    Handled,
    /// 2xx of the layer: it was handled before.
    Duplicate,
    /// 503 with `Retry-After`.
    Later,
    /// 500 of the handler.
    Failed,
    /// No answer: the receiver is gone, or its machine stands still.
    Nothing,
}

impl Answer {
    /// What the history calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Duplicate => "duplicate",
            Self::Later => "later",
            Self::Failed => "failed",
            Self::Nothing => "nothing",
        }
    }

    pub const fn is_acknowledged(self) -> bool {
        matches!(self, Self::Handled | Self::Duplicate)
    }
}

/// Posts events, and counts the answers.
#[derive(Debug)]
pub struct Post {
    client: Client<HttpConnector, Full<Bytes>>,
    pub attempts: AtomicUsize,
    pub refused: AtomicUsize,
}

impl Post {
    pub fn new() -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, attempts: AtomicUsize::new(0), refused: AtomicUsize::new(0) }
    }

    /// Posts an event once.
    pub async fn post(&self, event: &str, to: SocketAddr) -> Answer {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let answer = self.answer(event, to).await;
        if answer == Answer::Later {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    async fn answer(&self, event: &str, to: SocketAddr) -> Answer {
        let mut request = github(event.to_owned());
        *request.uri_mut() = format!("http://{to}/").parse().expect("it is a URL");
        let waiting = tokio::time::timeout(PATIENCE, self.client.request(request));
        let Ok(Ok(response)) = waiting.await else { return Answer::Nothing };
        let (head, body) = response.into_parts();
        let Ok(body) = body.collect().await else { return Answer::Nothing };
        let is_the_handlers = !body.to_bytes().is_empty();
        match head.status {
            StatusCode::OK if is_the_handlers => Answer::Handled,
            StatusCode::OK => Answer::Duplicate,
            StatusCode::INTERNAL_SERVER_ERROR if is_the_handlers => Answer::Failed,
            StatusCode::SERVICE_UNAVAILABLE if head.headers.contains_key("retry-after") => {
                Answer::Later
            }
            _ => panic!("{event}: no sender expects {head:?}"),
        }
    }
}
