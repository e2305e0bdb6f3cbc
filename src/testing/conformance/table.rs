//! Every cell of the table, a row a function.

use super::StoreTime;
use super::subject::{State, Subject, fence, token};
use crate::store::{Held, IdempotencyStore};

use State::{
    Absent, Completed, ExpiredCompleted, ExpiredInFlight, LeaseOver, LeaseValid, Released,
};

/// What a foreign token, or one without a record, must find unchanged. What the owner of an expired
/// record may still do is the store's own affair, so that column is left to the claims.
const UNEXPIRED: [State; 5] = [Absent, LeaseValid, LeaseOver, Released, Completed];

pub(super) async fn run<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    claim_with_a_new_token(store, time).await;
    claim_with_the_same_token(store, time).await;
    complete_by_the_owner(store, time).await;
    release_by_the_owner(store, time).await;
    renew_by_the_owner(store, time).await;
    calls_by_others(store, time).await;
}

async fn claim_with_a_new_token<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let cell = "`claim` with a new token";
    for (state, attempt) in
        [(Absent, 1), (ExpiredInFlight, 1), (ExpiredCompleted, 1), (LeaseOver, 2), (Released, 2)]
    {
        let subject = Subject::reach(store, time, state).await;
        subject.is_new(cell, &subject.claim(&token()).await, attempt);
    }
    let other_body = "`claim` with a new token and another body";
    let subject = Subject::reach(store, time, LeaseValid).await;
    subject.is_in_flight(cell, &subject.claim(&token()).await, true);
    subject.is_in_flight(other_body, &subject.claim_other_body(&token()).await, false);
    let subject = Subject::reach(store, time, Completed).await;
    subject.is_completed(cell, &subject.claim(&token()).await, true);
    subject.is_completed(other_body, &subject.claim_other_body(&token()).await, false);
}

async fn claim_with_the_same_token<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let cell = "`claim` with the same token";
    for (state, attempt) in
        [(Absent, 1), (ExpiredInFlight, 1), (ExpiredCompleted, 1), (LeaseOver, 2), (Released, 2)]
    {
        let subject = Subject::reach(store, time, state).await;
        subject.is_new(cell, &subject.claim(&subject.owner).await, attempt);
    }
    let subject = Subject::reach(store, time, LeaseValid).await;
    for _ in 0..2 {
        let again = Some(subject.claim(&subject.owner).await);
        let expected = format!("{cell}, expected the same New again, {:?}", subject.first);
        subject.check(&expected, again == subject.first, &again);
    }
    subject.is_unchanged(cell).await;
    let subject = Subject::reach(store, time, Completed).await;
    subject.is_completed(cell, &subject.claim(&subject.owner).await, true);
}

async fn complete_by_the_owner<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let cell = "`complete` by the owner";
    for state in [LeaseValid, LeaseOver, Released, Completed] {
        let subject = Subject::reach(store, time, state).await;
        subject.held(cell, subject.complete(&subject.owner, 1_000).await, Held::Held);
        let after = "`claim` after `complete` by the owner";
        subject.is_completed(after, &subject.claim(&token()).await, true);
        subject.is_completed(after, &subject.claim(&subject.owner).await, true);
    }
}

async fn release_by_the_owner<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let cell = "`release` by the owner";
    for state in [LeaseValid, LeaseOver, Released] {
        let subject = Subject::reach(store, time, state).await;
        subject.held(cell, subject.release(&subject.owner).await, Held::Held);
        let after = "`claim` after `release` by the owner";
        subject.is_new(after, &subject.claim(&token()).await, 2);
    }
    let subject = Subject::reach(store, time, Completed).await;
    subject.held(cell, subject.release(&subject.owner).await, Held::Lost);
    subject.is_unchanged(cell).await;
}

async fn renew_by_the_owner<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let cell = "`renew` by the owner";
    for state in [LeaseOver, Released] {
        let subject = Subject::reach(store, time, state).await;
        subject.held(cell, subject.renew(&subject.owner, 1_000).await, Held::Held);
        let after = "`claim` after `renew` by the owner";
        subject.is_in_flight(after, &subject.claim(&token()).await, true);
    }
    let subject = Subject::new(store, time);
    let first = subject.claim_for(&subject.owner, 2, 10_000).await;
    subject.held(cell, subject.renew(&subject.owner, 1_000).await, Held::Held);
    subject.pass(3).await;
    let after = "`claim` when the lease would be over but for `renew`";
    subject.is_in_flight(after, &subject.claim(&token()).await, true);
    let again = subject.claim(&subject.owner).await;
    let expected = "`claim` with the same token after `renew`, expected the same fence";
    subject.check(expected, fence(&again) == fence(&first), &again);

    let subject = Subject::reach(store, time, LeaseValid).await;
    subject.held("`renew` to a shorter lease", subject.renew(&subject.owner, 1).await, Held::Held);
    subject.pass(2).await;
    let after = "`claim` when the lease that `renew` gave is over";
    subject.is_new(after, &subject.claim(&token()).await, 2);

    let subject = Subject::reach(store, time, Completed).await;
    subject.held(cell, subject.renew(&subject.owner, 1_000).await, Held::Lost);
    subject.is_unchanged(cell).await;
}

async fn calls_by_others<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    for state in UNEXPIRED {
        let subject = Subject::reach(store, time, state).await;
        let other = token();
        let cell = "`complete` by another token";
        subject.held(cell, subject.complete(&other, 1_000).await, Held::Lost);
        let cell = "`release` by another token";
        subject.held(cell, subject.release(&other).await, Held::Lost);
        let cell = "`renew` by another token";
        subject.held(cell, subject.renew(&other, 1_000).await, Held::Lost);
        subject.is_unchanged("a call by another token").await;
    }
}
