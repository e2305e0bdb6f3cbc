//! Auto traits and sizes of the public types: part of the contract, and lost without a sound.

#![cfg(feature = "testing")]

use std::fmt::{Debug, Display};
use std::mem::size_of;

use tower_webhooks::event::{Event, Field, Form, PayloadError, Raw};
use tower_webhooks::handshake::{Answer, Handshake, Mark};
use tower_webhooks::provider::{
    Algorithm, Hash, Mistake, Part, Place, SecretFormat, SignaturePlace, TimestampPlace, Tolerance,
};
use tower_webhooks::store::{
    Claim, Completion, Fence, Fingerprint, Held, Key, MemoryStore, MemoryStoreBuilder, Outcome,
    ParseKeyError, StoreError, StoreErrorKind, Token,
};
use tower_webhooks::testing::{FailingStore, Fixture, ManualClock, Signer};
use tower_webhooks::{
    Assurance, ConfigError, ConfigErrorKind, Hint, KeySourceError, Keys, Provider, Rejection,
    RejectionKind, Secret, Secrets, SystemClock, Verification, Verified, Verifier, VerifierBuilder,
};

fn shared<T: Send + Sync + 'static + Debug>() {}
fn cloned<T: Clone>() {}
fn copied<T: Copy + Eq>() {}
fn error<T: std::error::Error + Display + Send + Sync + 'static>() {}
fn unpinned<T: Unpin>() {}

macro_rules! each {
    ($check:ident: $($type:ty),* $(,)?) => { $($check::<$type>();)* };
}

#[test]
fn every_type_goes_between_threads_and_shows_itself() {
    each!(shared:
        Answer, Algorithm, Assurance, ConfigError, ConfigErrorKind, Event, Event<Vec<u8>>, Fence,
        Fingerprint, Fixture, Form<()>, Handshake, Hash, Held, Hint, Key, KeySourceError, Keys,
        ManualClock, Mark, MemoryStore, MemoryStoreBuilder, Mistake, Outcome, ParseKeyError, Part,
        PayloadError, Place, Provider, Raw, Rejection, RejectionKind, Secret, SecretFormat,
        Secrets, SignaturePlace, Signer, StoreError, StoreErrorKind, SystemClock, TimestampPlace,
        Token, Tolerance, Verified, Verifier, VerifierBuilder, FailingStore<MemoryStore>,
        Field<'static>, Verification<'static>, Claim<'static>, Completion,
    );
}

#[test]
fn what_is_shared_or_kept_can_be_cloned() {
    each!(cloned:
        Answer, ConfigError, Event, Event<String>, Fixture, Keys, ManualClock, MemoryStore, Secret,
        Secrets, Signer, Verifier,
    );
    each!(copied:
        Algorithm, Assurance, ConfigErrorKind, Fence, Fingerprint, Hash, Hint, Key, Part, Place,
        Rejection, RejectionKind, SecretFormat, Token, Tolerance,
    );
}

#[test]
fn errors_are_errors() {
    each!(error: ConfigError, KeySourceError, ParseKeyError, PayloadError, Rejection, StoreError);
}

#[test]
fn futures_may_hold_them() {
    each!(unpinned: Event, Rejection, Verified, Verifier, Verification<'static>, Signer, Fixture);
}

#[cfg(feature = "tokio")]
#[test]
fn the_layer_and_its_service_go_between_threads_and_are_cheap_to_clone() {
    use tower_webhooks::layer::{DrainHandle, ResponseFuture, VerifiedBody};
    use tower_webhooks::{WebhookLayer, WebhookLayerBuilder, WebhookService};

    fn sent<T: Send + 'static>() {}
    each!(shared: DrainHandle, VerifiedBody, WebhookLayer, WebhookLayerBuilder, WebhookService<()>);
    each!(cloned: DrainHandle, WebhookLayer, WebhookService<()>);
    each!(sent: ResponseFuture<(), std::convert::Infallible>);
    each!(unpinned: ResponseFuture<(), std::convert::Infallible>);
    assert_eq!(size_of::<WebhookLayer>(), size_of::<usize>(), "one shared allocation");
}

#[test]
fn sizes_are_small() {
    assert!(size_of::<Rejection>() <= size_of::<u64>(), "{}", size_of::<Rejection>());
    assert_eq!(size_of::<Event>(), size_of::<usize>(), "one shared allocation");
    assert_eq!(size_of::<Verifier>(), size_of::<usize>(), "one shared allocation");
    assert!(size_of::<Result<(), Rejection>>() <= 2 * size_of::<u64>());
    assert!(size_of::<Keys>() <= 6 * size_of::<usize>());
}

#[cfg(feature = "store-postgres")]
#[test]
fn postgres_store_goes_between_threads_and_can_be_cloned() {
    use tower_webhooks::store::{PostgresStore, PostgresStoreBuilder};
    each!(shared: PostgresStore, PostgresStoreBuilder);
    each!(cloned: PostgresStore, PostgresStoreBuilder);
    each!(unpinned: PostgresStore);
}

#[cfg(feature = "store-redis")]
#[test]
fn redis_store_goes_between_threads_and_can_be_cloned() {
    use tower_webhooks::store::{RedisStore, RedisStoreBuilder};
    each!(shared: RedisStore, RedisStoreBuilder);
    each!(cloned: RedisStore, RedisStoreBuilder);
    each!(unpinned: RedisStore);
}

#[cfg(any(feature = "store-sqlite", feature = "store-postgres"))]
#[test]
fn an_inbox_goes_between_threads() {
    use tower_webhooks::inbox::{
        Counts, DeadEvent, Deposit, Inbox, InboxBuilder, InboxService, InboxStore, RunningWorkers,
        Workers,
    };

    fn sent<T: Send + 'static + Debug>() {}
    each!(shared: Counts, DeadEvent, Deposit, Inbox, InboxService, InboxStore, RunningWorkers);
    each!(sent: InboxBuilder<Raw>, Workers);
    each!(cloned: DeadEvent, Deposit, Inbox, InboxService, InboxStore);
    each!(copied: Counts);
}
