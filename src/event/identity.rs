//! The replay key: what names an event among all of its endpoint. Made of signed bytes only.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::Event;
use crate::store::{Fingerprint, Key};

/// Changing this makes every handled event new again.
const VERSION: &[u8] = b"tower-webhooks/1";

/// Takes a fingerprint frame by frame.
#[derive(Clone, Default)]
pub(crate) struct Fingerprinter(Sha256);

impl Fingerprinter {
    pub(crate) fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    pub(crate) fn finish(self) -> Fingerprint {
        Fingerprint::from_bytes(self.0.finalize().into())
    }
}

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
    let by_code = event.inner.verified.names.is_some();
    match event.metadata().signed_id(event.body()) {
        Some(id) if !by_code => {
            add(b"signed-id");
            add(id.as_bytes());
        }
        _ => {
            add(b"digest");
            add(&content_digest(event));
            if event.inner.verified.verifier.has_topics() {
                add(event.kind().map_or("", |kind| kind.as_str()).as_bytes());
            }
        }
    }
    Key::from_bytes(digest.finalize().into())
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
