//! What the table does not say: races, fences, time, `forget` and `sweep`.

use super::StoreTime;
use super::join::join_all;
use super::subject::{State, Subject, fence, token};
use crate::store::{Held, IdempotencyStore, Outcome};

const CLAIMANTS: usize = 32;
const SWEPT: u32 = 5;
/// More calls than it takes to sweep whatever a shared store held before.
const MOST_SWEEPS: u32 = 10_000;

pub(super) async fn one_winner<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    for state in [State::Absent, State::LeaseOver, State::Released, State::ExpiredCompleted] {
        let subject = Subject::reach(store, time, state).await;
        let subject = &subject;
        let tokens: Vec<_> = (0..CLAIMANTS).map(|_| token()).collect();
        let outcomes = join_all(tokens.iter().map(|token| subject.claim(token))).await;
        let new = outcomes.iter().filter(|got| matches!(got, Outcome::New { .. })).count();
        let rest = outcomes.iter().filter(|got| matches!(got, Outcome::InFlight { .. })).count();
        let cell = "32 claims at the same time, expected one New and 31 InFlight";
        subject.check(cell, new == 1 && rest == CLAIMANTS - 1, &outcomes);
    }
    let subject = Subject::new(store, time);
    let repeats = join_all((0..CLAIMANTS).map(|_| subject.claim(&subject.owner))).await;
    let same = repeats.iter().all(|got| Some(got) == repeats.first() && fence(got).is_some());
    let cell = "one claim repeated at the same time with its token, expected one and the same New";
    subject.check(cell, same, &repeats);
}

pub(super) async fn lost_lease<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let subject = Subject::reach(store, time, State::LeaseOver).await;
    let (late, heir) = (&subject.owner, token());
    subject.is_new("`claim` after the lease", &subject.claim(&heir).await, 2);

    let cell = "after a takeover, `complete` by the late owner";
    subject.held(cell, subject.complete(late, 1_000).await, Held::Lost);
    let cell = "after a takeover, `release` by the late owner";
    subject.held(cell, subject.release(late).await, Held::Lost);
    let cell = "after a takeover, `renew` by the late owner";
    subject.held(cell, subject.renew(late, 1_000).await, Held::Lost);
    let cell = "after a takeover, `claim` by the late owner";
    subject.is_in_flight(cell, &subject.claim(late).await, true);

    let cell = "`complete` by the heir";
    subject.held(cell, subject.complete(&heir, 1_000).await, Held::Held);
    let cell = "after the heir has completed, `complete` by the late owner";
    subject.held(cell, subject.complete(late, 1_000).await, Held::Lost);
    let cell = "after the heir has completed, `release` by the late owner";
    subject.held(cell, subject.release(late).await, Held::Lost);
    let cell = "`claim` after the heir has completed";
    subject.is_completed(cell, &subject.claim(&token()).await, true);
}

pub(super) async fn fences_grow<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let subject = Subject::new(store, time);
    let mut last = None;
    for attempt in 1..=5 {
        let owner = token();
        let got = subject.claim(&owner).await;
        let new = matches!(got, Outcome::New { attempt: n, .. } if n == attempt);
        let cell = format!("`claim` after {attempt} - 1 releases, fence over {last:?}");
        subject.check(&cell, new && fence(&got) > last, &got);
        last = fence(&got);
        subject.held("`release`", subject.release(&owner).await, Held::Held);
    }

    let owner = token();
    let got = subject.claim_for(&owner, 1, 2).await;
    subject.check("a sixth `claim`", fence(&got) > last, &got);
    last = fence(&got);
    subject.held("`complete`", subject.complete(&owner, 2).await, Held::Held);
    subject.pass(4).await;
    let got = subject.claim(&token()).await;
    subject.check(&format!("`claim` after expiry, fence over {last:?}"), fence(&got) > last, &got);
    last = fence(&got);

    subject.pass(1).await;
    let _ = subject.forget().await;
    let got = subject.claim(&token()).await;
    subject.check(
        &format!("`claim` after `forget`, fence over {last:?}"),
        fence(&got) > last,
        &got,
    );
}

pub(super) async fn ends_in_time<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let subject = Subject::new(store, time);
    let _ = subject.claim_for(&subject.owner, 20, 1_000).await;
    subject.pass(2).await;
    let got = subject.claim(&token()).await;
    subject.is_in_flight("`claim` 2 units into a lease of 20", &got, true);
    let in_time = matches!(&got, Outcome::InFlight { retry_after, .. }
        if *retry_after <= subject.units(18));
    subject.check("`retry_after` 2 units into a lease of 20, expected at most 18", in_time, &got);

    let subject = Subject::new(store, time);
    let _ = subject.claim_for(&subject.owner, 1, 3).await;
    subject.held("`complete`", subject.complete(&subject.owner, 1_000).await, Held::Held);
    subject.pass(5).await;
    let cell = "`claim` after the claim's own ttl, within that of `complete`";
    subject.is_completed(cell, &subject.claim(&token()).await, true);

    let subject = Subject::new(store, time);
    let _ = subject.claim_for(&subject.owner, 1, 1_000).await;
    subject.held("`complete`", subject.complete(&subject.owner, 2).await, Held::Held);
    subject.is_completed("`claim` within the ttl", &subject.claim(&token()).await, true);
    subject.pass(4).await;
    let cell = "`claim` after the ttl of `complete`, within the claim's own";
    subject.is_new(cell, &subject.claim(&token()).await, 1);
}

pub(super) async fn forgets<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let subject = Subject::reach(store, time, State::Absent).await;
    let known = subject.forget().await;
    subject.check("`forget`, expected false", !known, known);
    for state in [State::LeaseValid, State::LeaseOver, State::Released, State::Completed] {
        let subject = Subject::reach(store, time, state).await;
        let bystander = Subject::reach(store, time, state).await;
        let known = subject.forget().await;
        subject.check("`forget`, expected true", known, known);
        let known = subject.forget().await;
        subject.check("`forget` again, expected false", !known, known);
        let cell = "`complete` after `forget`";
        subject.held(cell, subject.complete(&subject.owner, 1_000).await, Held::Lost);
        let got = subject.claim(&token()).await;
        let new = matches!(got, Outcome::New { attempt: 1, .. });
        subject.check("`claim` after `forget`, expected New of attempt 1", new, &got);
        bystander.is_unchanged("`forget` of another key").await;
    }
}

pub(super) async fn sweeps<S: IdempotencyStore, T: StoreTime>(store: &S, time: &T) {
    let mut kept = Vec::new();
    for state in [State::LeaseValid, State::LeaseOver, State::Released, State::Completed] {
        kept.push(Subject::reach(store, time, state).await);
    }
    let mut expired = Vec::new();
    for _ in 0..SWEPT {
        let subject = Subject::new(store, time);
        let _ = subject.claim_for(&subject.owner, 1, 2).await;
        expired.push(subject);
    }
    let subject = Subject::new(store, time);
    subject.pass(4).await;
    for max in [0, 1, 2] {
        let swept = sweep(store, max).await;
        subject.check(&format!("`sweep({max})`, expected at most {max}"), swept <= max, swept);
    }
    let mut calls = 0;
    while sweep(store, 1_000).await > 0 {
        calls += 1;
        subject.check(
            "`sweep(1000)` again and again, expected 0 in the end",
            calls < MOST_SWEEPS,
            calls,
        );
    }
    for subject in &kept {
        subject.is_unchanged("`sweep`").await;
    }
    for subject in &expired {
        subject.is_new(
            "`claim` after `sweep` of an expired record",
            &subject.claim(&token()).await,
            1,
        );
    }
}

async fn sweep<S: IdempotencyStore>(store: &S, max: u32) -> u32 {
    match store.sweep(max).await {
        Ok(swept) => swept,
        Err(error) => panic!("store contract: `sweep({max})` failed: {error:?}"),
    }
}
