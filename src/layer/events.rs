//! The event mounting: the wrapped service takes events, and HTTP is out of sight.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use super::body::{FullBody, VerifiedBody};
use super::{WebhookLayer, WebhookService};
use crate::config_error::{ConfigError, ConfigErrorKind};
use crate::event::{Event, Failure, Payload};
use crate::provider::check_names;
use crate::rejection::RejectionKind;
use crate::verifier::Verifier;

/// [`WebhookLayer`] for a service that takes `Event<T>`. Made by [`WebhookLayer::events`].
pub struct EventLayer<T> {
    pub(super) layer: WebhookLayer,
    pub(super) wanted: Wanted,
    payload: PhantomData<fn() -> T>,
}

/// The service that [`EventLayer`] makes: a [`WebhookService`] around a [`HandleEvent`].
pub type EventService<S, T> = WebhookService<HandleEvent<S, T>>;

/// The types of events that are run; all, if none are named.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted(Option<Arc<[Box<str>]>>);

impl Wanted {
    pub(super) fn has(&self, event: &Event) -> bool {
        self.0.as_ref().is_none_or(|types| {
            event.kind().is_some_and(|kind| types.iter().any(|wanted| **wanted == *kind))
        })
    }
}

impl<T> EventLayer<T> {
    pub(super) const fn new(layer: WebhookLayer) -> Self {
        Self { layer, wanted: Wanted(None), payload: PhantomData }
    }

    /// Runs these types only. Others, and events without a type, are acknowledged: neither parsed,
    /// nor run, nor remembered.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], whose text says what to do, where every event would be acknowledged and none
    /// run: the events of a sender have no type, nothing is named, or a name is blank or has another
    /// case or separator than the sender writes. A name of the right form that is not known of the
    /// sender is told by a warning.
    pub fn only<K: Into<Box<str>>>(
        mut self,
        types: impl IntoIterator<Item = K>,
    ) -> Result<Self, ConfigError> {
        let types: Arc<[Box<str>]> = types.into_iter().map(Into::into).collect();
        let providers = self.layer.shared.verifiers.iter().map(Verifier::provider);
        let providers: Vec<_> = providers.collect();
        if let Some(provider) = providers.iter().find(|provider| !provider.names_types()) {
            return Err(ConfigError::new(
                ConfigErrorKind::Types,
                format!(
                    "events of `{}` have no type, so that none would be run: leave out `only`, and look into the event",
                    provider.name()
                ),
            ));
        }
        check_names(&providers, &types, "only", ConfigErrorKind::Types)?;
        self.wanted = Wanted(Some(types));
        Ok(self)
    }
}

impl<S, T> Layer<S> for EventLayer<T> {
    type Service = EventService<S, T>;

    fn layer(&self, inner: S) -> Self::Service {
        let handle = HandleEvent { inner, not_ready: None, payload: PhantomData };
        self.layer.layer(handle).wanting(self.wanted.clone())
    }
}

impl<T> Clone for EventLayer<T> {
    fn clone(&self) -> Self {
        Self { layer: self.layer.clone(), wanted: self.wanted.clone(), payload: PhantomData }
    }
}

impl<T> fmt::Debug for EventLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLayer")
            .field("layer", &self.layer)
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}

/// Turns a service of events into a service of verified requests: `Ok` is the provider's
/// [`Acknowledgement`](crate::provider::Acknowledgement), `Err` is 500.
///
/// A failure to become ready is an `Err` too. Errors are logged, never sent.
pub struct HandleEvent<S, T> {
    inner: S,
    /// What the wrapped service said when it was asked for readiness.
    not_ready: Option<BoxError>,
    payload: PhantomData<fn() -> T>,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type EventFuture = Pin<Box<dyn Future<Output = Result<Response<FullBody>, Infallible>> + Send>>;

impl<S, T> Service<Request<VerifiedBody>> for HandleEvent<S, T>
where
    S: Service<Event<T>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    T: Payload,
{
    type Response = Response<FullBody>;
    type Error = Infallible;
    type Future = EventFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx).map(|ready| {
            self.not_ready = ready.err().map(Into::into);
            Ok(())
        })
    }

    fn call(&mut self, request: Request<VerifiedBody>) -> EventFuture {
        // Only the layer makes requests with a verified body, and it puts the event in.
        let Some(event) = request.extensions().get::<Event>().cloned() else {
            let usual = RejectionKind::HandlerFailed.status();
            return ready(failed("the request has no event", usual));
        };
        let provider = event.provider();
        let if_it_fails = provider.status_of(RejectionKind::HandlerFailed);
        if let Some(error) = self.not_ready.take() {
            return ready(failed(error, if_it_fails));
        }
        let acknowledges = provider.acknowledgement();
        let unusable = provider.status_of(RejectionKind::UnusablePayload);
        match event.parse::<T>() {
            Ok(event) => {
                let handler = self.inner.call(event);
                Box::pin(async move {
                    Ok(match handler.await {
                        Ok(_) => FullBody::acknowledgement(acknowledges),
                        Err(error) => failed(error, if_it_fails),
                    })
                })
            }
            Err(error) => {
                let failure = Failure::Payload(Arc::new(error));
                ready(refused(RejectionKind::UnusablePayload, unusable, failure))
            }
        }
    }
}

fn ready(response: Response<FullBody>) -> EventFuture {
    Box::pin(std::future::ready(Ok(response)))
}

/// A status on which the sender tries again; the layer around it tells why.
fn refused(kind: RejectionKind, status: StatusCode, failure: Failure) -> Response<FullBody> {
    let mut response = FullBody::refusal(kind, status);
    response.extensions_mut().insert(failure);
    response
}

fn failed(error: impl Into<BoxError>, status: StatusCode) -> Response<FullBody> {
    let failure = Failure::Handler(Arc::from(error.into()));
    refused(RejectionKind::HandlerFailed, status, failure)
}

impl<S: Clone, T> Clone for HandleEvent<S, T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), not_ready: None, payload: PhantomData }
    }
}

impl<S, T> fmt::Debug for HandleEvent<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandleEvent").finish_non_exhaustive()
    }
}
