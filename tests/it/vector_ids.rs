//! One byte of the event's id is changed in every accepted vector that has one: refused where the
//! id is signed; where it is not, still the same event, unless it tells deliveries apart.

use crate::support::vectors::{self, Case, File};
use bytes::Bytes;
use http::HeaderValue;
use tower_webhooks::provider::Identity;
use tower_webhooks::{Assurance, Event, Provider, RejectionKind, Verified, providers};

#[test]
fn a_changed_id_is_refused_or_changes_nothing() {
    let (mut refused, mut unchanged, mut unproved) = (0, 0, 0);
    let directory = vectors::directory("WEBHOOK_VECTORS", "tests/vectors");
    for file in vectors::read::<File<Case>>(&directory) {
        let Some(provider) = providers::find(&file.provider) else { continue };
        for case in file.cases.iter().filter(|case| case.event_id.is_some()) {
            let Ok(Some(event)) = verify(provider, case, case.request.to_http()) else { continue };
            let Some(changed) = with_changed_id(case) else { continue };
            let what = format!("{} / {}", file.provider, case.name);
            match verify(provider, case, changed) {
                Err(_) if event.id().is_some_and(|id| id.is_signed()) => refused += 1,
                Err(kind) => panic!("{what}: an unsigned id was refused as {kind:?}"),
                Ok(_) if event.id().is_some_and(|id| id.is_signed()) => {
                    panic!("{what}: a signed id was changed and accepted")
                }
                // Who sends a token signs nothing: a changed body is another event.
                Ok(_) if event.assurance() == Assurance::SenderOnly => unproved += 1,
                Ok(changed) => {
                    let changed = changed.unwrap_or_else(|| panic!("{what}: no event any more"));
                    assert_ne!(changed.id(), event.id(), "{what}");
                    let is_part = event.identity() == Identity::DigestWithDelivery;
                    assert_eq!(changed.replay_key() != event.replay_key(), is_part, "{what}");
                    unchanged += 1;
                }
            }
        }
    }
    println!("{refused} refused, {unchanged} the same event, {unproved} of a mere token");
    assert!(refused > 100 && unchanged > 20, "{refused} refused, {unchanged} unchanged");
}

fn verify(
    provider: &'static Provider,
    case: &Case,
    request: http::Request<Bytes>,
) -> Result<Option<Event>, RejectionKind> {
    let (head, body) = request.into_parts();
    match case.verifier(provider).unwrap().verify(&head, body, case.now()) {
        Ok(Verified::Event(event)) => Ok(Some(event)),
        // A setup request names no event.
        Ok(_) => Ok(None),
        Err(rejection) => Err(rejection.kind()),
    }
}

/// The request with another last character of the id, in the header or in the body that has it.
fn with_changed_id(case: &Case) -> Option<http::Request<Bytes>> {
    let id = case.event_id.as_deref().filter(|id| !id.is_empty())?;
    let last = if id.ends_with('0') { "1" } else { "0" };
    let other = format!("{}{last}", &id[..id.len() - 1]);
    let mut request = case.request.to_http();
    if let Some(header) = request.headers_mut().values_mut().find(|value| *value == id) {
        *header = HeaderValue::from_str(&other).unwrap();
        return Some(request);
    }
    let body = request.body().clone();
    let at = body.windows(id.len()).position(|bytes| bytes == id.as_bytes())?;
    let changed = [&body[..at], other.as_bytes(), &body[at + id.len()..]].concat();
    Some(request.map(|_| changed.into()))
}
