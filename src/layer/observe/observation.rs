//! What there is to tell.

use std::error::Error;
use std::time::Duration;

use http::{Method, StatusCode};

use crate::event::{Assurance, Event, PayloadError};
use crate::provider::Identity;
use crate::rejection::Rejection;
use crate::store::StoreError;

/// Something that happened to a request, an event, or the store of a layer.
///
/// Durations are `Some` where they were measured: whenever an observer of your own is set. Errors
/// may quote what your database says; payloads are never quoted.
#[derive(Debug)]
#[non_exhaustive]
pub enum Observation<'a> {
    /// Another layer of this process serves an endpoint of this name over the same store, for the
    /// same provider: **an event that one has run is a duplicate to the other, and is not run
    /// there**. Told when the layer, or the inbox, is built, unless it
    /// [shares](crate::WebhookLayerBuilder::shares_endpoint) on purpose.
    #[non_exhaustive]
    EndpointShared {},
    /// A request came in.
    #[non_exhaustive]
    Received {
        /// Its method.
        method: &'a Method,
    },
    /// A request was refused, or its event could not be handled.
    #[non_exhaustive]
    Refused {
        /// The exact reason. The sender learns its status.
        rejection: Rejection,
    },
    /// A setup request was answered.
    #[non_exhaustive]
    SetupAnswered {
        /// With this status.
        status: StatusCode,
    },
    /// A request was verified: it is an event.
    #[non_exhaustive]
    Verified {
        /// From its head to the verdict, the arrival of the body included.
        took: Option<Duration>,
    },
    /// An event was acknowledged that this endpoint does not run.
    #[non_exhaustive]
    Skipped {
        /// What decided it.
        because: Skipped,
    },
    /// An event was acknowledged that is known already, and was not run again.
    #[non_exhaustive]
    Duplicate {
        /// Whether its body is that of the first delivery; `None` where that is not known, because
        /// the whole body is signed and named by its id, and no digest of it is made.
        same_body: Option<bool>,
    },
    /// An event was claimed; its run begins.
    #[non_exhaustive]
    Claimed {
        /// How long the store took.
        took: Option<Duration>,
    },
    /// The handler ended.
    #[non_exhaustive]
    Ran {
        /// How.
        ended: Ended<'a>,
        /// How long it took.
        took: Option<Duration>,
    },
    /// The service of events returned an error. The claim is released.
    #[non_exhaustive]
    HandlerFailed {
        /// Its error.
        error: &'a (dyn Error + Send + Sync + 'static),
    },
    /// The payload of a verified event does not parse into the type the handler takes. The claim is
    /// released.
    #[non_exhaustive]
    PayloadUnusable {
        /// Where and why.
        error: &'a PayloadError,
    },
    /// The store recorded how a run ended.
    #[non_exhaustive]
    Settled {
        /// What it recorded.
        settled: Settled,
        /// How long the store took.
        took: Option<Duration>,
    },
    /// The lease of a run ended before its event was completed, and another run took over: **the
    /// event may have run twice**.
    #[non_exhaustive]
    Overtaken {},
    /// An event that was run and acknowledged could not be recorded before its lease ended: **a
    /// later delivery will run it again**.
    #[non_exhaustive]
    Unrecorded {},
    /// The store, or the database of the inbox, did not do what it was asked.
    #[non_exhaustive]
    StoreFailed {
        /// What it was asked.
        operation: &'a str,
        /// What it said.
        error: &'a StoreError,
    },
    /// The store failed several times in a row: until it answers again, one claim a second asks it,
    /// and all others are refused at once.
    #[non_exhaustive]
    StoreDown {},
    /// A store that was down answers again.
    #[non_exhaustive]
    StoreBack {},
    /// The key source failed.
    #[non_exhaustive]
    KeySourceFailed {
        /// Why; `None` if it did not answer within the layer's `key_timeout`.
        cause: Option<&'a (dyn Error + Send + Sync + 'static)>,
    },
    /// An event was committed to the inbox, and will be acknowledged.
    #[non_exhaustive]
    Kept {},
    /// A run of the inbox failed, and its event will be tried again.
    #[non_exhaustive]
    Retried {
        /// How many runs were begun since it was last replayed.
        tries: u32,
        /// What went wrong.
        error: &'a str,
        /// How long it waits.
        delay: Duration,
    },
    /// An event of the inbox is dead: it is kept, and not run until the operator replays it.
    #[non_exhaustive]
    Died {
        /// How many runs were begun since it was last replayed; `None` if the last one vanished
        /// with its process.
        tries: Option<u32>,
        /// What went wrong.
        error: &'a str,
    },
}

impl Observation<'_> {
    /// A duplicate, of which the store says whether its body is the same.
    pub(crate) fn duplicate(event: &Event, same_body: bool) -> Self {
        let is_named_whole =
            event.assurance() == Assurance::WholeBody && event.identity() == Identity::SignedId;
        Self::Duplicate { same_body: (!is_named_whole).then_some(same_body) }
    }
}

/// Why an event is not run that nothing is wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skipped {
    /// Its type is not among those of [`EventLayer::only`](crate::layer::EventLayer::only).
    Type,
    /// Its topic is not among those of
    /// [`VerifierBuilder::topics`](crate::VerifierBuilder::topics).
    Topic,
}

/// How a handler ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended<'a> {
    /// It answered with this status; a service of events that returned `Ok` or `Err` with the
    /// acknowledgement's or 500.
    Answered(StatusCode),
    /// It returned `Ok`, run by an inbox.
    Done,
    /// The wrapped service returned an error of its own.
    Failed,
    /// It panicked, with this text.
    Panicked(&'a str),
    /// It did not end within the layer's `handler_timeout`.
    TimedOut,
}

/// What a store recorded of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settled {
    /// The event is handled: later deliveries are duplicates.
    Completed,
    /// The handler's own transaction completed the event, and was committed.
    Committed,
    /// The handler answered 2xx and completed the event in a transaction that was not committed:
    /// the claim was released.
    NotCommitted,
    /// The claim was given back: the next delivery runs.
    Released,
}
