//! The loop of the workers against a database that fails as it is told.

use std::collections::VecDeque;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::backend::{Backend, Batch, Counts, DeadEvent, InboxStore, Put, Take, Taken};
use super::{InboxBuilder, InboxService, Workers};
use crate::event::{Event, Raw, Stored};
use crate::layer::{Drained, WebhookLayer};
use crate::providers::GITHUB;
use crate::store::erased::StoreFuture;
use crate::store::{Endpoints, Fence, Held, Key, StoreError, StoreErrorKind, Token};
use crate::testing::Signer;

/// What a call is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Well,
    Fails,
    Hangs,
    Panics,
}

/// Notes the calls, and answers as told; the last reply to a call stays.
#[derive(Debug, Clone, Default)]
struct Script(Arc<Mutex<State>>, Endpoints);

#[derive(Default)]
struct State {
    calls: Vec<(&'static str, Instant)>,
    owners: Vec<Token>,
    given_back: Vec<Token>,
    take: VecDeque<Reply>,
    done: VecDeque<Reply>,
    put: VecDeque<Reply>,
    give_back: VecDeque<Reply>,
    begin: VecDeque<Reply>,
    sweep: VecDeque<Reply>,
    limits: Vec<u32>,
    portions: Vec<u32>,
    /// As long as it takes, there is more to drop.
    sweep_takes: Duration,
    /// The time from an answer with events to their runs.
    stands_still: Duration,
    /// What the next call that goes well takes.
    events: Vec<Stored>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl Script {
    fn with(take: &[Reply], done: &[Reply]) -> Self {
        let script = Self::default();
        script.0.lock().unwrap().take = take.iter().copied().collect();
        script.0.lock().unwrap().done = done.iter().copied().collect();
        script
    }

    fn has_an_event(self) -> Self {
        let event = Signer::demo(&GITHUB).unwrap().event("{}").to_event().at_endpoint("tests");
        self.0.lock().unwrap().events.push(event.to_stored());
        self
    }

    fn times(&self, call: &str) -> Vec<Instant> {
        let state = self.0.lock().unwrap();
        state.calls.iter().filter(|(name, _)| *name == call).map(|(_, at)| *at).collect()
    }

    async fn note(&self, call: &'static str) -> Result<(), StoreError> {
        let reply = {
            let mut state = self.0.lock().unwrap();
            state.calls.push((call, Instant::now()));
            let replies = match call {
                "take" => &mut state.take,
                "done" => &mut state.done,
                "put" => &mut state.put,
                "give back" => &mut state.give_back,
                "begin" => &mut state.begin,
                "sweep" => &mut state.sweep,
                _ => return Ok(()),
            };
            match replies.len() {
                0 => Reply::Well,
                1 => replies[0],
                _ => replies.pop_front().unwrap(),
            }
        };
        match reply {
            Reply::Well => Ok(()),
            Reply::Fails => Err(StoreErrorKind::Unavailable.into()),
            Reply::Hangs => pending().await,
            Reply::Panics => panic!("as told"),
        }
    }
}

impl Backend for Script {
    fn migrate(&self) -> StoreFuture<'_, ()> {
        Box::pin(ready(Ok(())))
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a Stored) -> StoreFuture<'a, Put> {
        Box::pin(async move { self.note("put").await.map(|()| Put::New) })
    }

    fn take<'a>(&'a self, take: Take<'a>) -> StoreFuture<'a, Batch> {
        Box::pin(async move {
            self.0.lock().unwrap().owners.push(*take.owner);
            self.0.lock().unwrap().limits.push(take.limit);
            self.note("take").await?;
            let stands_still = self.0.lock().unwrap().stands_still;
            if !stands_still.is_zero() {
                tokio::time::advance(stands_still).await;
            }
            let events = std::mem::take(&mut self.0.lock().unwrap().events);
            let taken = events.into_iter().map(|event| Taken {
                key: event.key,
                fence: Fence::new(1),
                attempt: 1,
                tries: 1,
                event: Ok(event),
            });
            Ok(Batch { taken: taken.collect(), ..Batch::default() })
        })
    }

    fn begin<'a>(&'a self, _: &'a Token, keys: &'a [Key]) -> StoreFuture<'a, Vec<Key>> {
        Box::pin(async move { self.note("begin").await.map(|()| keys.to_vec()) })
    }

    fn give_back<'a>(&'a self, _: &'a str, owner: &'a Token) -> StoreFuture<'a, ()> {
        self.0.lock().unwrap().given_back.push(*owner);
        Box::pin(self.note("give back"))
    }

    fn done<'a>(&'a self, _: &'a Key, _: &'a Token, _: Duration) -> StoreFuture<'a, Held> {
        Box::pin(async move { self.note("done").await.map(|()| Held::Held) })
    }

    fn is_done<'a>(&'a self, _: &'a Key, _: &'a Token) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(false)))
    }

    fn retry<'a>(
        &'a self,
        _: &'a Key,
        _: &'a Token,
        _: Duration,
        _: &'a str,
    ) -> StoreFuture<'a, Held> {
        Box::pin(async move { self.note("retry").await.map(|()| Held::Held) })
    }

    fn bury<'a>(&'a self, _: &'a Key, _: &'a Token, _: &'a str) -> StoreFuture<'a, Held> {
        Box::pin(async move { self.note("bury").await.map(|()| Held::Held) })
    }

    fn sweep<'a>(&'a self, _: &'a str, limit: u32) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let takes = {
                let mut state = self.0.lock().unwrap();
                state.portions.push(limit);
                state.sweep_takes
            };
            tokio::time::sleep(takes).await;
            self.note("sweep").await.map(|()| if takes.is_zero() { 0 } else { limit.into() })
        })
    }

    fn dead<'a>(&'a self, _: &'a str, _: u32) -> StoreFuture<'a, Vec<DeadEvent>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn replay<'a>(&'a self, _: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(true)))
    }

    fn forget<'a>(&'a self, _: &'a Key) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(true)))
    }

    fn counts<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Counts> {
        Box::pin(ready(Ok(Counts::default())))
    }

    fn endpoints(&self) -> &Endpoints {
        &self.1
    }
}

/// A service that has nothing to do.
#[derive(Clone)]
struct Quick;

impl tower_service::Service<Event> for Quick {
    type Response = ();
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<(), Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Event) -> Self::Future {
        ready(Ok(()))
    }
}

fn workers(script: &Script) -> Workers {
    inbox(script).1
}

fn inbox(script: &Script) -> (InboxService, Workers) {
    let verifier = Signer::demo(&GITHUB).unwrap().verifier().build().unwrap();
    let layer = WebhookLayer::new("tests", verifier);
    let inbox: InboxBuilder<Raw> = layer.events().inbox(InboxStore::new(script.clone()));
    inbox.build(Quick).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_down_is_asked_less_and_less_often() {
    let script = Script::with(&[Reply::Fails], &[]);
    let workers = workers(&script);
    let inbox = workers.inbox();
    let running = workers.start();
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        // Nor is it asked more often for being called.
        inbox.signals.wake();
    }
    let takes = script.times("take");
    // After 0, 2, 6, 14 and 30 s, then every 30 s; each after what the last may have taken was
    // given back.
    assert_eq!(takes[4] - takes[0], Duration::from_secs(30));
    assert!((5 + 18..=5 + 19).contains(&takes.len()), "{}", takes.len());
    let state = Arc::clone(&script.0);
    let given_back = state.lock().unwrap().given_back.clone();
    let owners = state.lock().unwrap().owners.clone();
    assert_eq!(given_back, owners[..owners.len() - 1]);
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn what_a_call_without_an_answer_took_is_given_back() {
    let script = Script::with(&[Reply::Hangs, Reply::Well], &[]).has_an_event();
    let running = workers(&script).start();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let names: Vec<_> = script.0.lock().unwrap().calls.iter().map(|(name, _)| *name).collect();
    assert_eq!(&names[..5], ["take", "give back", "take", "begin", "sweep"]);
    assert_eq!(script.times("done").len(), 1);
    assert_eq!(script.times("give back").len(), 1);
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn an_idle_pool_asks_once_per_interval_and_once_per_call() {
    let script = Script::default();
    let workers = workers(&script);
    let inbox = workers.inbox();
    let running = workers.start();
    tokio::time::sleep(Duration::from_millis(10_500)).await;
    assert_eq!(script.times("take").len(), 11);
    inbox.signals.wake();
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(script.times("take").len(), 12);
    assert_eq!(script.times("sweep").len(), 1);
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_recorded_until_the_lease_ends_and_no_longer() {
    let script = Script::with(&[], &[Reply::Fails]).has_an_event();
    let running = workers(&script).start();
    let start = Instant::now();
    tokio::time::sleep(Duration::from_secs(300)).await;
    let done = script.times("done");
    // At once; after 0.1, 0.4, 1.6, 6.4 and 25.6 s more; at the end.
    assert_eq!(done.len(), 7);
    assert_eq!(done[6] - start, Duration::from_secs(60));
    assert!(script.times("retry").is_empty(), "the work is done");
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);

    let script = Script::with(&[], &[Reply::Fails, Reply::Hangs, Reply::Well]).has_an_event();
    let running = workers(&script).start();
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(script.times("done").len(), 3);
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn receivers_leave_a_database_that_is_down_alone() {
    let script = Script::default();
    script.0.lock().unwrap().put.push_back(Reply::Hangs);
    let (mut receiver, _workers) = inbox(&script);
    let signer = Signer::demo(&GITHUB).unwrap();
    for event in 0..20 {
        let start = Instant::now();
        let push = signer.event(event.to_string());
        let answer = push.send::<_, http_body_util::Full<bytes::Bytes>>(&mut receiver).await;
        assert_eq!(answer.unwrap().status(), 503);
        // The first five wait for `store_timeout`; one a second tries again, and no time passes.
        assert_eq!(start.elapsed().as_secs(), u64::from(event < 5), "{event}");
    }
    assert_eq!(script.times("put").len(), 5);
    tokio::time::sleep(Duration::from_secs(1)).await;
    script.0.lock().unwrap().put.clear();
    for _ in 0..2 {
        let push = signer.event("{}");
        let answer = push.send::<_, http_body_util::Full<bytes::Bytes>>(&mut receiver).await;
        assert_eq!(answer.unwrap().status(), 200);
    }
    assert_eq!(script.times("put").len(), 7);
}

#[tokio::test(start_paused = true)]
async fn events_too_large_for_one_call_are_taken_fewer_at_a_time() {
    use Reply::{Hangs, Well};
    let script = Script::with(&[Hangs, Hangs, Hangs, Hangs, Well], &[]);
    let running = workers(&script).start();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let limits = script.0.lock().unwrap().limits.clone();
    assert_eq!(limits[..9], [8, 4, 2, 1, 1, 2, 4, 8, 8]);
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_given_back_holds_the_workers_up_no_longer_than_its_lease() {
    let script = Script::with(&[Reply::Hangs, Reply::Well], &[]).has_an_event();
    script.0.lock().unwrap().give_back.push_back(Reply::Hangs);
    let running = workers(&script).start();
    tokio::time::sleep(Duration::from_secs(60 + 31)).await;
    assert!(script.times("give back").len() > 2);
    assert_eq!(script.times("done").len(), 1);
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn an_interval_without_end_is_no_haste() {
    let script = Script::default();
    let verifier = Signer::demo(&GITHUB).unwrap().verifier().build().unwrap();
    let inbox = WebhookLayer::new("tests", verifier).events::<Raw>();
    let inbox = inbox.inbox(InboxStore::new(script.clone())).poll_interval(Duration::MAX);
    let (_, workers) = inbox.build(Quick).unwrap();
    let running = workers.start();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(script.times("take").len(), 1);
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_would_begin_after_its_lease_does_not() {
    let script = Script::default().has_an_event();
    let running = workers(&script).start();
    // The process stands still between the answer and the run.
    script.0.lock().unwrap().stands_still = Duration::from_secs(60);
    tokio::time::sleep(Duration::from_secs(70)).await;
    assert!(script.times("done").is_empty(), "it may run elsewhere");
    assert_eq!(script.times("retry").len(), 1);
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_panicked_has_not_drained_all() {
    let script = Script::default().has_an_event();
    script.0.lock().unwrap().sweep.push_back(Reply::Panics);
    let running = workers(&script).start();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let drained = running.shutdown(Duration::from_secs(1)).await;
    assert!(matches!(drained, Drained::Remaining(_)), "{drained:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_done_long_ago_is_dropped_fewer_at_a_time_when_that_takes_long() {
    let script = Script::default();
    script.0.lock().unwrap().sweep_takes = Duration::from_millis(200);
    let running = workers(&script).start();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let portions = script.0.lock().unwrap().portions.clone();
    assert_eq!(portions[..4], [8, 2, 1, 1]);
    script.0.lock().unwrap().sweep_takes = Duration::from_millis(1);
    tokio::time::sleep(Duration::from_secs(10)).await;
    // Others get their turn in between, and it is not left to the next minute.
    let portions = script.0.lock().unwrap().portions.clone();
    assert_eq!(portions.last(), Some(&500));
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_counted_as_begun_is_not_run() {
    let script = Script::default().has_an_event();
    script.0.lock().unwrap().begin = [Reply::Fails, Reply::Well].into();
    let running = workers(&script).start();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let names: Vec<_> = script.0.lock().unwrap().calls.iter().map(|(name, _)| *name).collect();
    assert_eq!(&names[..4], ["take", "begin", "give back", "take"]);
    assert!(script.times("done").is_empty());
    assert_eq!(running.shutdown(Duration::from_secs(1)).await, Drained::All);
}
