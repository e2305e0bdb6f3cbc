//! The replay key: what names an event among all of its endpoint. Made of signed bytes only.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{Assurance, Event, Field};
use crate::store::{Fingerprint, Key};

/// Changing this makes every handled event new again.
const VERSION: &[u8] = b"tower-webhooks/1";

pub(super) fn fingerprint(body: &Bytes) -> Fingerprint {
    Fingerprint::from_bytes(Sha256::digest(body).into())
}

/// SHA-256 over endpoint, provider, principal, and the identity with its kind; each with its
/// length in front, so that none can lend a byte to its neighbour.
pub(super) fn replay_key<T>(event: &Event<T>) -> Key {
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
    match naming_id(event) {
        Some(id) => {
            add(b"signed-id");
            add(id.as_bytes());
        }
        None => {
            add(b"digest");
            add(&content_digest(event));
            if event.inner.verified.verifier.has_topics() {
                add(event.kind().map_or("", |kind| kind.as_str()).as_bytes());
            }
        }
    }
    Key::from_bytes(digest.finalize().into())
}

/// The signed id, where it alone names the event: not where code says what does.
fn naming_id<T>(event: &Event<T>) -> Option<Field<'_>> {
    let by_code = event.inner.verified.names.is_some();
    event.metadata().signed_id(event.body()).filter(|_| !by_code)
}

/// What tells two bodies of one replay key apart, where they can differ: not where the body was
/// signed whole and is named by its id. No digest is then made of it.
#[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only the layer claims events"))]
pub(super) fn body_mark<T>(event: &Event<T>) -> Fingerprint {
    match event.assurance() {
        Assurance::WholeBody if naming_id(event).is_some() => {
            Fingerprint::from_bytes(*event.replay_key().as_bytes())
        }
        _ => event.fingerprint(),
    }
}

/// What tells the signed content from that of other events, its time left out: a retry is signed
/// anew. The body stands in it by its fingerprint, so that it is hashed once for both.
fn content_digest<T>(event: &Event<T>) -> [u8; 32] {
    let verified = &event.inner.verified;
    let body = || *event.fingerprint().as_bytes();
    match (verified.context, verified.verifier.plan().covers_body()) {
        (None, _) => body(),
        (Some(context), false) => context,
        (Some(context), true) => {
            Sha256::new().chain_update(context).chain_update(body()).finalize().into()
        }
    }
}
