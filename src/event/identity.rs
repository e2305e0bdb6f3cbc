//! The replay key: what names an event among all of its endpoint. Made of signed bytes, and of an
//! unsigned delivery id only beside them, where the sender signs the same for different events.

use bytes::Bytes;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

use super::{Assurance, Event, payload};
use crate::provider::{Identity, LooksAgain};
use crate::store::{Fingerprint, Key};
use crate::wire::timestamp::UnixMillis;

/// Changing this makes every handled event new again.
const VERSION: &[u8] = b"tower-webhooks/1";

pub(super) fn fingerprint(body: &Bytes) -> Fingerprint {
    Fingerprint::from_bytes(Sha256::digest(body).into())
}

/// What the key of this event is made of.
pub(super) fn of<T>(event: &Event<T>) -> Identity {
    if signed_id(event).is_some() {
        return Identity::SignedId;
    }
    let chosen = &event.inner.verified.plan.chosen;
    let tells = &event.provider().identification;
    // Where the signature covers less than the body, a used one must be known again under any
    // delivery id: that is how another body under it is found out.
    let is_weak = event.assurance() == Assurance::PartOfBody;
    if !tells.delivery.is_empty() && !is_weak && !chosen.is_strict {
        return Identity::DigestWithDelivery;
    }
    match tells.looks_again {
        LooksAgain::Always => Identity::ShortDigest,
        LooksAgain::WhenEmpty(pointer) if has_empty_list(event.body(), pointer) => {
            Identity::ShortDigest
        }
        LooksAgain::WhenEmpty(_) | LooksAgain::Never => Identity::Digest,
    }
}

/// The key of the event.
pub(super) fn replay_key<T>(event: &Event<T>) -> Key {
    key_by(event, of(event))
}

/// The key that all deliveries of the same signed content share, whatever their delivery ids.
#[cfg(feature = "tokio")]
pub(super) fn content_key<T>(event: &Event<T>) -> Key {
    key_by(event, Identity::Digest)
}

/// SHA-256 over endpoint, provider, principal, and the identity with its kind; each with its
/// length in front, so that none can lend a byte to its neighbour.
fn key_by<T>(event: &Event<T>, identity: Identity) -> Key {
    let mut digest = Sha256::new();
    digest.update(VERSION);
    let mut add = |value: &[u8]| {
        let len = u64::try_from(value.len()).unwrap_or(u64::MAX);
        digest.update(len.to_be_bytes());
        digest.update(value);
    };
    add(event.endpoint().as_bytes());
    add(event.provider().name().as_bytes());
    add(event.principal().as_bytes());
    add(identity.as_str().as_bytes());
    match identity {
        Identity::SignedId => add(signed_id(event).unwrap_or_default().as_bytes()),
        Identity::DigestWithDelivery => {
            add(&content_digest(event));
            // An id is never empty: a delivery without one has a value of its own.
            add(event.delivery_id().unwrap_or_default().as_bytes());
        }
        Identity::Digest | Identity::ShortDigest => {
            add(&content_digest(event));
            if event.inner.verified.plan.chosen.has_topics {
                add(event.kind().map_or("", |kind| kind.as_str()).as_bytes());
            }
        }
    }
    Key::from_bytes(digest.finalize().into())
}

fn signed_id<T>(event: &Event<T>) -> Option<&str> {
    // What names an event that code reads is more than its id.
    if event.provider().is_read_by_code() {
        return None;
    }
    event.metadata().signed_id(event.body()).map(|id| id.as_str())
}

/// What tells two bodies of one replay key apart, where they can differ: not where the body was
/// signed whole and is named by its id. No digest is then made of it.
#[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only the layer claims events"))]
pub(super) fn body_mark<T>(event: &Event<T>) -> Fingerprint {
    match event.assurance() {
        Assurance::WholeBody if signed_id(event).is_some() => {
            Fingerprint::from_bytes(*event.replay_key().as_bytes())
        }
        _ => event.fingerprint(),
    }
}

fn has_empty_list(body: &[u8], pointer: &str) -> bool {
    payload::json_at::<Vec<IgnoredAny>>(body, pointer).is_ok_and(|list| list.is_empty())
}

/// What tells the signed content from that of other events. Its time is left out, since a retry is
/// signed anew, unless the sender makes it once for an event. The body stands in it by its
/// fingerprint, so that it is hashed once for both.
fn content_digest<T>(event: &Event<T>) -> [u8; 32] {
    let verified = &event.inner.verified;
    let times_events = event.provider().identification.time_is_the_events;
    let time = verified.time.filter(|_| times_events).map(UnixMillis::get);
    let context = match (verified.context, time) {
        (context, None) => context,
        (context, Some(time)) => Some(
            Sha256::new()
                .chain_update(context.unwrap_or_default())
                .chain_update(time.to_be_bytes())
                .finalize()
                .into(),
        ),
    };
    let body = || *event.fingerprint().as_bytes();
    match (context, verified.plan.covers_body()) {
        (None, _) => body(),
        (Some(context), false) => context,
        (Some(context), true) => {
            Sha256::new().chain_update(context).chain_update(body()).finalize().into()
        }
    }
}
