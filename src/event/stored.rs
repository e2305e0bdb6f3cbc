//! An event put down in a table, and taken up again: what a verification found, without the means
//! to verify it once more.

#![cfg_attr(
    not(any(feature = "store-sqlite", feature = "store-postgres")),
    allow(dead_code, reason = "the inbox uses it, and is kept in a database")
)]

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::field::{Metadata, Text};
use super::{Assurance, Event, EventParts, InRun, Inner, Raw};
use crate::plan::Plan;
use crate::store::{Fingerprint, Key};
use crate::wire::timestamp::UnixMillis;

/// A value and whether the signature covers its place.
pub(crate) type StoredField = Option<(Box<str>, bool)>;

/// What a table keeps of a verified event. It is read back from a table of our own: the row is the
/// memory of a verification, and is believed as the code is.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) key: Key,
    pub(crate) provider: Box<str>,
    pub(crate) principal: Box<str>,
    pub(crate) key_label: Box<str>,
    pub(crate) id: StoredField,
    pub(crate) kind: StoredField,
    /// In milliseconds since 1970.
    pub(crate) time: Option<i64>,
    pub(crate) assurance: Assurance,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) body: Bytes,
}

impl Event {
    pub(crate) fn to_stored(&self) -> Stored {
        let field = |field: super::Field<'_>| (storable(field.as_str()), field.is_signed());
        Stored {
            key: self.replay_key(),
            provider: self.provider().name().into(),
            principal: storable(self.principal()),
            key_label: storable(self.key_label()),
            id: self.id().map(field),
            kind: self.kind().map(field),
            time: self.inner.verified.time.map(UnixMillis::get),
            assurance: self.assurance(),
            fingerprint: self.body_mark(),
            body: self.body().clone(),
        }
    }

    /// The event that was put down, as received under the plan of the same provider.
    pub(crate) fn restored(stored: Stored, plan: Arc<Plan>, endpoint: Arc<str>) -> Self {
        let Stored { key, principal, key_label, id, kind, time, assurance, body, .. } = stored;
        let text = |(text, signed): (Box<str>, bool)| (Text::Owned(text), signed);
        let metadata = Metadata::of(id.map(text), kind.map(text));
        let verified = EventParts {
            plan,
            id: None,
            kind: None,
            signed_id: None,
            delivery: None,
            time: time.map(UnixMillis::new),
            key_label: Some(key_label.into()),
            principal: Some(principal.into()),
            assurance,
            context: None,
            names: None,
            fingerprint: None,
            body,
        };
        Self {
            inner: Arc::new(Inner {
                verified,
                metadata: OnceLock::from(metadata),
                fingerprint: OnceLock::new(),
                document: OnceLock::new(),
                endpoint: Some(endpoint),
                replay_key: OnceLock::from(key),
                run: InRun::None,
                is_restored: true,
            }),
            payload: Raw,
        }
    }
}

/// A text that every database takes: Postgres has no NUL in texts, JSON has.
fn storable(text: &str) -> Box<str> {
    text.replace('\0', "\u{fffd}").into()
}

#[cfg(all(test, feature = "testing", feature = "tokio"))]
mod tests {
    use super::*;
    use crate::Verifier;
    use crate::providers::{GITHUB, MAILGUN, STRIPE};
    use crate::store::Fence;
    use crate::store::run::Attempt;
    use crate::testing::Signer;

    fn again(event: &Event, verifier: Verifier) -> Event {
        Event::restored(event.to_stored(), Arc::clone(verifier.plan()), "tests".into())
    }

    #[test]
    fn a_restored_event_says_what_the_verified_one_said() {
        let json = r#"{"id":"evt_1","type":"charge.succeeded"}"#;
        for provider in [GITHUB, STRIPE, MAILGUN] {
            let signer = Signer::demo(&provider).unwrap();
            let event = signer.event(json).kind("push").to_event().at_endpoint("tests");
            let restored = again(&event, signer.verifier().build().unwrap());
            assert_eq!(restored.id(), event.id(), "{}", provider.name());
            assert_eq!(restored.kind(), event.kind());
            assert_eq!(restored.time(), event.time());
            assert_eq!(restored.body(), event.body());
            assert_eq!(restored.assurance(), event.assurance());
            assert_eq!(restored.key_label(), event.key_label());
            assert_eq!(restored.principal(), event.principal());
            assert_eq!(restored.fingerprint(), event.fingerprint());
            assert_eq!(restored.replay_key(), event.replay_key());
            assert_eq!(format!("{restored:?}"), format!("{event:?}"));
        }
    }

    #[test]
    fn the_document_in_a_form_is_read_from_a_restored_event_too() {
        let signer = Signer::demo(&GITHUB).unwrap();
        let event = signer.form([("payload", r#"{"ref":"main"}"#)]).to_event();
        let restored = again(&event, signer.verifier().build().unwrap());
        assert_eq!(restored.json_at::<String>("/ref").unwrap(), "main");
    }

    #[test]
    fn what_is_changed_of_a_restored_event_leaves_the_rest_and_the_key() {
        let signer = Signer::demo(&GITHUB).unwrap();
        let event = signer.event("{}").kind("push").to_event().at_endpoint("tests");
        let restored = again(&event, signer.verifier().build().unwrap());
        let shared = restored.clone();
        let run = restored.in_run(Attempt { number: 3, fence: Some(Fence::new(7)), claim: None });
        let moved = run.at_endpoint("elsewhere");
        assert_eq!((moved.attempt(), moved.kind()), (3, shared.kind()));
        assert_eq!((moved.replay_key(), moved.key_label()), (event.replay_key(), "1"));
        assert_eq!(shared.attempt(), 1);
    }

    #[test]
    fn a_text_that_postgres_would_refuse_is_changed_and_the_key_is_not() {
        let signer = Signer::demo(&STRIPE).unwrap();
        let event =
            signer.event(r#"{"id":"evt\u0000","type":"t"}"#).to_event().at_endpoint("tests");
        let restored = again(&event, signer.verifier().build().unwrap());
        assert_eq!(restored.id().unwrap().as_str(), "evt\u{fffd}");
        assert_eq!(restored.replay_key(), event.replay_key());
    }

    #[test]
    fn an_assurance_has_a_name_of_its_own() {
        for assurance in [Assurance::WholeBody, Assurance::PartOfBody, Assurance::SenderOnly] {
            assert_eq!(Assurance::from_stored(assurance.to_stored()), Some(assurance));
        }
        assert_eq!(Assurance::from_stored("nothing"), None);
    }
}
