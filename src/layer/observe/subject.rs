//! Whom an observation is about.

use crate::event::{Assurance, Event, Field};
use crate::provider::Identity;
use crate::store::{Fence, Key};

/// What an observation is about: an endpoint, and as much of a request or an event as is known.
///
/// Nothing is computed before it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    endpoint: &'a str,
    provider: Option<&'a str>,
    path: Option<&'a str>,
    event: Option<&'a Event>,
    key: Option<Key>,
}

impl<'a> Subject<'a> {
    pub(crate) const fn endpoint_of(endpoint: &'a str) -> Self {
        Self { endpoint, provider: None, path: None, event: None, key: None }
    }

    pub(crate) const fn provider_of(mut self, provider: Option<&'a str>) -> Self {
        self.provider = provider;
        self
    }

    pub(crate) const fn path_of(mut self, path: &'a str) -> Self {
        self.path = Some(path);
        self
    }

    pub(crate) fn event_of(mut self, event: &'a Event) -> Self {
        self.provider = Some(event.provider().name());
        self.event = Some(event);
        self
    }

    #[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
    pub(crate) const fn key_of(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// The name of the layer's endpoint.
    #[must_use]
    pub const fn endpoint(&self) -> &'a str {
        self.endpoint
    }

    /// The provider's name; `None` while it is not known which of several senders a request is from.
    #[must_use]
    pub const fn provider(&self) -> Option<&'a str> {
        self.provider
    }

    /// The path of the request, without its query: that may hold a secret.
    #[must_use]
    pub const fn path(&self) -> Option<&'a str> {
        self.path
    }

    /// The event, once it is verified. It holds the payload: take care what you write down of it.
    #[must_use]
    pub const fn event(&self) -> Option<&'a Event> {
        self.event
    }

    /// The event's replay key, by which the operator finds it in the store.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        self.key.or_else(|| self.event.map(Event::replay_key))
    }

    /// Whom the secret belongs to that matched; empty with static keys.
    #[must_use]
    pub fn principal(&self) -> Option<&'a str> {
        self.event.map(Event::principal)
    }

    /// The label of the key that matched.
    #[must_use]
    pub fn key_label(&self) -> Option<&'a str> {
        self.event.map(Event::key_label)
    }

    /// The event's id, where the sender gives one; it says whether it
    /// [is signed](Field::is_signed).
    #[must_use]
    pub fn id(&self) -> Option<Field<'a>> {
        self.event.and_then(Event::id)
    }

    /// The id of the delivery, unsigned, where it stands beside the signed bytes in the replay key.
    #[must_use]
    pub fn delivery_id(&self) -> Option<&'a str> {
        self.event.and_then(Event::delivery_id)
    }

    /// What the replay key is made of.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        self.event.map(Event::identity)
    }

    /// The event's type, where the sender gives one.
    #[must_use]
    pub fn kind(&self) -> Option<Field<'a>> {
        self.event.and_then(Event::kind)
    }

    /// What the signature proved.
    #[must_use]
    pub fn assurance(&self) -> Option<Assurance> {
        self.event.map(Event::assurance)
    }

    /// Which run of the event this is, from 1, once it is claimed.
    #[must_use]
    pub fn attempt(&self) -> Option<u32> {
        self.event.map(Event::attempt)
    }

    /// The fence of the run; `None` without a claim.
    #[must_use]
    pub fn fence(&self) -> Option<Fence> {
        self.event.and_then(Event::fence)
    }

    /// The length of the body, in bytes.
    #[must_use]
    pub fn body_len(&self) -> Option<usize> {
        self.event.map(|event| event.body().len())
    }
}
