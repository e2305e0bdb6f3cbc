//! Receivers, workers and handlers of these tests.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tower::{BoxError, Service};
use tower_webhooks::event::{Payload, Raw};
use tower_webhooks::inbox::{Counts, Inbox, InboxBuilder, InboxService, InboxStore, Workers};
use tower_webhooks::providers::{GITHUB, STRIPE};
use tower_webhooks::{Event, Provider, WebhookLayer};

use crate::support::layer::{Answer, Gate, Signed, builder, send};

pub(crate) const SOON: Duration = Duration::from_millis(10);
/// The lease of a layer with default time-outs.
pub(crate) const LEASE: Duration = Duration::from_secs(60);
pub(crate) const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

type Ending = Result<(), BoxError>;
type Handling = Pin<Box<dyn Future<Output = Ending> + Send>>;

/// A service of events that notes what it gets and does as told.
#[derive(Clone)]
pub(crate) struct Handler {
    seen: Arc<Mutex<Vec<Event>>>,
    end: Arc<dyn Fn(usize, Event) -> Handling + Send + Sync>,
}

impl Handler {
    /// Ends each run as the closure says, which gets its number, from 0.
    pub(crate) fn new<F>(end: impl Fn(usize, Event) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Ending> + Send + 'static,
    {
        let end = move |run, event| -> Handling { Box::pin(end(run, event)) };
        Self { seen: Arc::default(), end: Arc::new(end) }
    }

    pub(crate) fn ok() -> Self {
        Self::new(|_, _| ready(Ok(())))
    }

    /// Fails so many times.
    pub(crate) fn fails(times: usize) -> Self {
        Self::new(move |run, _| {
            ready(if run < times { Err(format!("failure {run}").into()) } else { Ok(()) })
        })
    }

    pub(crate) fn at_a_gate() -> (Self, Gate) {
        let gate = Gate::default();
        let theirs = gate.clone();
        let handler = Self::new(move |_, _| {
            let gate = theirs.clone();
            async move {
                gate.pass().await;
                Ok(())
            }
        });
        (handler, gate)
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn runs(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn attempts(&self) -> Vec<u32> {
        self.events().iter().map(Event::attempt).collect()
    }
}

impl<T> Service<Event<T>> for Handler {
    type Response = ();
    type Error = BoxError;
    type Future = Handling;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Ending> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, event: Event<T>) -> Handling {
        let event = event.to_raw();
        let mut seen = self.seen.lock().unwrap();
        let run = seen.len();
        seen.push(event.clone());
        drop(seen);
        (self.end)(run, event)
    }
}

/// The layer of a sender, its times as short as tests have them.
pub(crate) fn layer(provider: &Provider) -> WebhookLayer {
    builder(provider).build().expect("the settings are in order")
}

/// An inbox of a sender that asks often.
pub(crate) fn inbox_of(provider: &Provider, store: InboxStore) -> InboxBuilder<Raw> {
    tuned(&layer(provider), store)
}

pub(crate) fn tuned<T>(layer: &WebhookLayer, store: InboxStore) -> InboxBuilder<T> {
    layer.events::<T>().inbox(store).poll_interval(SOON)
}

/// An inbox of GitHub and one of its handlers.
pub(crate) fn github_inbox(store: InboxStore, handler: &Handler) -> (InboxService, Workers) {
    built(inbox_of(&GITHUB, store), handler)
}

pub(crate) fn stripe_inbox(store: InboxStore, handler: &Handler) -> (InboxService, Workers) {
    built(inbox_of(&STRIPE, store), handler)
}

pub(crate) fn built<T>(inbox: InboxBuilder<T>, handler: &Handler) -> (InboxService, Workers)
where
    T: Payload + Send + 'static,
{
    inbox.build(handler.clone()).expect("the settings are in order")
}

pub(crate) async fn receive(receiver: &InboxService, request: Signed) -> Answer {
    send(receiver, request).await
}

pub(crate) async fn counts(inbox: &Inbox) -> [u64; 4] {
    let Counts { waiting, running, dead, done, .. } = inbox.counts().await.expect("it answers");
    [waiting, running, dead, done]
}

/// Waits until there are so many events waiting, running, dead and done.
#[track_caller]
pub(crate) fn until_counts(inbox: &Inbox, expected: [u64; 4]) -> impl Future<Output = ()> {
    let inbox = inbox.clone();
    let caller = std::panic::Location::caller();
    async move {
        let mut now = [0; 4];
        for _ in 0..2_000 {
            now = match inbox.counts().await {
                Ok(Counts { waiting, running, dead, done, .. }) => [waiting, running, dead, done],
                Err(_) => now,
            };
            if now == expected {
                return;
            }
            tokio::time::sleep(SOON).await;
        }
        panic!("waiting, running, dead, done: {now:?}, not {expected:?} ({caller})");
    }
}

#[track_caller]
pub(crate) fn until_runs(handler: &Handler, expected: usize) -> impl Future<Output = ()> {
    let handler = handler.clone();
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..2_000 {
            if handler.runs() >= expected {
                return;
            }
            tokio::time::sleep(SOON).await;
        }
        panic!("{} runs, not {expected} ({caller})", handler.runs());
    }
}

/// Gives the workers time to do what they shall not do.
pub(crate) async fn a_while() {
    tokio::time::sleep(SOON * 10).await;
}
