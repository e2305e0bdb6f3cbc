//! What happens when nothing fails.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use tower_webhooks::RejectionKind::{ReusedSignature, StoreUnavailable};
use tower_webhooks::event::Raw;
use tower_webhooks::layer::Drained;
use tower_webhooks::provider::Identity;
use tower_webhooks::providers::{DROPBOX, GITHUB, MAILGUN, STRIPE};

use crate::databases::Database;
use crate::support::layer::{
    NOW, SECRET, builder, github, hex, hmac_sha256, mailgun, stripe, stripe_at,
};
use crate::world::{
    Handler, WEEK, a_while, built, counts, github_inbox, inbox_of, layer, receive, stripe_inbox,
    tuned, until_counts, until_runs,
};

pub(crate) async fn an_event_is_acknowledged_before_its_handler_runs<D: Database>() {
    let database = D::start().await;
    let (handler, gate) = Handler::at_a_gate();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("{}")).await.acknowledges();
    assert_eq!((counts(&workers.inbox()).await, handler.runs()), ([1, 0, 0, 0], 0));

    let running = workers.start();
    gate.arrived().await;
    assert_eq!(counts(&running.inbox()).await, [0, 1, 0, 0]);
    gate.let_pass(1);
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    receive(&receiver, github("{}")).await.acknowledges();
    a_while().await;
    assert_eq!(handler.runs(), 1);
}

pub(crate) async fn the_handler_sees_what_was_verified<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = stripe_inbox(database.open().await, &handler);
    let plain = crate::support::layer::Handler::ok();
    crate::support::layer::deliver(&layer(&STRIPE), &plain, stripe("evt_1")).await;
    receive(&receiver, stripe("evt_1")).await.acknowledges();
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;

    let (plain, event) = (&plain.events()[0], &handler.events()[0]);
    assert_eq!(event.body(), plain.body());
    assert_eq!((event.id(), event.kind()), (plain.id(), plain.kind()));
    assert_eq!((event.time(), event.assurance()), (plain.time(), plain.assurance()));
    assert_eq!((event.principal(), event.key_label()), (plain.principal(), plain.key_label()));
    assert_eq!(event.replay_key(), plain.replay_key());
    assert_eq!((event.attempt(), event.fence().is_some()), (1, true));
}

pub(crate) async fn what_was_acknowledged_survives_a_restart<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    for body in ["1", "2", "3"] {
        receive(&receiver, github(body)).await.acknowledges();
    }
    drop((receiver, workers));

    let (receiver, workers) = github_inbox(database.open().await, &handler);
    receive(&receiver, github("2")).await.acknowledges();
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 3]).await;
    let mut bodies: Vec<_> = handler.events().iter().map(|event| event.body().clone()).collect();
    bodies.sort();
    assert_eq!(bodies, ["1", "2", "3"]);
}

pub(crate) async fn simultaneous_duplicates_are_kept_and_run_once<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    // The receivers of two processes, which wait in line for a file's one writer.
    let patient = builder(&GITHUB).store_timeout(Duration::from_secs(20)).build().unwrap();
    let (receiver, workers) = built(tuned::<Raw>(&patient, database.open().await), &handler);
    let (other, _unused) = built(tuned::<Raw>(&patient, database.open().await), &handler);
    let running = workers.start();
    let mut acknowledged = 0;
    let mut requests = tokio::task::JoinSet::new();
    let mut left = 1_000_usize;
    while left > 0 || !requests.is_empty() {
        while left > 0 && requests.len() < 64 {
            left -= 1;
            let receiver = if left.is_multiple_of(2) { receiver.clone() } else { other.clone() };
            requests.spawn(async move { receive(&receiver, github("{}")).await });
        }
        let answer = requests.join_next().await.expect("one is under way").unwrap();
        // A busy file may refuse one; it is not acknowledged then.
        acknowledged += usize::from(answer.status() == 200);
        assert!(matches!(answer.status(), 200 | 503), "{answer:?}");
    }
    assert!(acknowledged >= 900, "{acknowledged}");
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.runs(), 1);
}

pub(crate) async fn two_pools_never_run_one_event_at_the_same_time<D: Database>() {
    const EVENTS: usize = 60;
    let database = D::start().await;
    let at_work = Arc::new(Mutex::new(HashMap::new()));
    let theirs = Arc::clone(&at_work);
    let handler = Handler::new(move |_, event| {
        let at_work = Arc::clone(&theirs);
        async move {
            let key = event.replay_key();
            let change = |by: i32| {
                let mut at_work = at_work.lock().unwrap();
                let runs: &mut i32 = at_work.entry(key).or_default();
                *runs += by;
                *runs
            };
            assert_eq!(change(1), 1, "it is being run elsewhere");
            tokio::time::sleep(Duration::from_millis(5)).await;
            change(-1);
            Ok(())
        }
    });
    let (receiver, first) = github_inbox(database.open().await, &handler);
    let (_, second) = github_inbox(database.open().await, &handler);
    for event in 0..EVENTS {
        receive(&receiver, github(event.to_string())).await.acknowledges();
    }
    let (first, _second) = (first.start(), second.start());
    until_counts(&first.inbox(), [0, 0, 0, EVENTS as u64]).await;
    assert_eq!(handler.attempts(), [1; EVENTS]);
}

pub(crate) async fn types_that_are_not_wanted_are_acknowledged_and_not_kept<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let only = layer(&STRIPE).events::<Raw>().only(["invoice.paid"]).unwrap();
    let (receiver, workers) =
        only.inbox(database.open().await).build(handler.clone()).expect("it is in order");
    receive(&receiver, stripe("evt_1")).await.acknowledges();
    assert_eq!(counts(&workers.inbox()).await, [0; 4]);
    let paid = stripe_at(NOW, r#"{"id":"evt_2","type":"invoice.paid"}"#);
    receive(&receiver, paid).await.acknowledges();
    assert_eq!(counts(&workers.inbox()).await, [1, 0, 0, 0]);
}

pub(crate) async fn a_signature_over_less_than_the_body_is_refused_with_another_body<
    D: Database,
>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = built(inbox_of(&MAILGUN, database.open().await), &handler);
    receive(&receiver, mailgun("token-1", "event-1")).await.acknowledges();
    receive(&receiver, mailgun("token-1", "event-1")).await.acknowledges();
    let forged = receive(&receiver, mailgun("token-1", "another")).await;
    forged.refuses(ReusedSignature, 401, None);
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    let forged = receive(&receiver, mailgun("token-1", "another")).await;
    forged.refuses(ReusedSignature, 401, None);
    assert!(handler.events()[0].body().ends_with(br#""event-1","event":"delivered"}}"#));
}

pub(crate) async fn a_body_that_the_sender_renders_anew_is_a_duplicate<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = stripe_inbox(database.open().await, &handler);
    receive(&receiver, stripe_at(NOW, r#"{"id":"evt_1","n":1}"#)).await.acknowledges();
    receive(&receiver, stripe_at(NOW, r#"{"id":"evt_1","n":2}"#)).await.acknowledges();
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    assert_eq!(handler.events()[0].body(), r#"{"id":"evt_1","n":1}"#);
}

pub(crate) async fn a_handled_event_is_remembered_for_its_retention_and_then_dropped<
    D: Database,
>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    let running = workers.start();
    receive(&receiver, github("1")).await.acknowledges();
    receive(&receiver, github("2")).await.acknowledges();
    until_counts(&running.inbox(), [0, 0, 0, 2]).await;
    database.later(WEEK - Duration::from_secs(60)).await;
    receive(&receiver, github("1")).await.acknowledges();
    a_while().await;
    assert_eq!(handler.runs(), 2);

    database.later(Duration::from_secs(120)).await;
    // Expired, it counts as none, whether or not it was dropped.
    receive(&receiver, github("1")).await.acknowledges();
    until_runs(&handler, 3).await;
    until_counts(&running.inbox(), [0, 0, 0, 2]).await;
    assert_eq!(handler.attempts(), [1, 1, 1]);
    // A pool that starts drops what has expired.
    let (_, workers) = github_inbox(database.open().await, &handler);
    until_counts(&workers.start().inbox(), [0, 0, 0, 1]).await;
}

pub(crate) async fn what_only_says_look_again_is_remembered_for_a_minute<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = built(inbox_of(&DROPBOX, database.open().await), &handler);
    let changed = || {
        http::Request::post("/")
            .header("x-dropbox-signature", hex(&hmac_sha256(SECRET, &[b"{}"])))
            .body(Full::new(Bytes::from_static(b"{}")))
            .unwrap()
    };
    receive(&receiver, changed()).await.acknowledges();
    receive(&receiver, changed()).await.acknowledges();
    assert_eq!(counts(&workers.inbox()).await, [1, 0, 0, 0], "it waits already");
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    receive(&receiver, changed()).await.acknowledges();
    a_while().await;
    assert_eq!(handler.runs(), 1);
    database.later(Duration::from_secs(60)).await;
    receive(&receiver, changed()).await.acknowledges();
    until_runs(&handler, 2).await;
    assert_eq!(handler.events()[1].identity(), Identity::ShortDigest);
}

pub(crate) async fn an_event_that_is_forgotten_is_new<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = github_inbox(database.open().await, &handler);
    let running = workers.start();
    receive(&receiver, github("{}")).await.acknowledges();
    until_counts(&running.inbox(), [0, 0, 0, 1]).await;
    let key = handler.events()[0].replay_key();
    assert!(running.inbox().forget(&key).await.unwrap());
    assert!(!running.inbox().forget(&key).await.unwrap());
    receive(&receiver, github("{}")).await.acknowledges();
    until_runs(&handler, 2).await;
    let fences: Vec<_> = handler.events().iter().map(|event| event.fence()).collect();
    assert!(fences[0] < fences[1], "fences grow all the same: {fences:?}");
}

pub(crate) async fn a_shutdown_waits_for_what_runs_and_takes_no_more<D: Database>() {
    let database = D::start().await;
    let (handler, gate) = Handler::at_a_gate();
    let inbox = inbox_of(&GITHUB, database.open().await).workers(2);
    let (receiver, workers) = built(inbox, &handler);
    for body in ["1", "2", "3"] {
        receive(&receiver, github(body)).await.acknowledges();
    }
    let running = workers.start();
    let inbox = running.inbox();
    gate.arrived().await;
    gate.arrived().await;
    let shutdown = tokio::spawn(running.shutdown(Duration::from_secs(30)));
    a_while().await;
    assert!(!shutdown.is_finished());
    gate.let_pass(3);
    assert_eq!(shutdown.await.unwrap(), Drained::All);
    assert_eq!((handler.runs(), counts(&inbox).await), (2, [1, 0, 0, 2]));

    // What is received now waits for the next start.
    receive(&receiver, github("4")).await.acknowledges();
    assert_eq!(counts(&inbox).await, [2, 0, 0, 2]);
}

pub(crate) async fn what_is_received_wakes_the_workers_of_the_process<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let never = Duration::from_secs(60 * 60);
    let inbox = inbox_of(&GITHUB, database.open().await).poll_interval(never);
    let (receiver, workers) = built(inbox, &handler);
    let running = workers.start();
    a_while().await;
    for event in 0..20 {
        receive(&receiver, github(event.to_string())).await.acknowledges();
    }
    until_counts(&running.inbox(), [0, 0, 0, 20]).await;
}

pub(crate) async fn texts_and_bodies_of_any_kind_come_back_as_they_were<D: Database>() {
    let database = D::start().await;
    let handler = Handler::ok();
    let (receiver, workers) = stripe_inbox(database.open().await, &handler);
    let quoted = r#"{"id":"evt'$1\"\\","type":"Ω; DROP TABLE webhook_inbox --"}"#;
    let nul = r#"{"id":"evt\u0000","type":"t"}"#;
    let large = format!(r#"{{"id":"evt_large","type":"t","x":"{}"}}"#, "x".repeat(1_000_000));
    for body in [quoted, nul, &large, "\u{fe}\0 no JSON"] {
        receive(&receiver, stripe_at(NOW, body.to_owned())).await.acknowledges();
        receive(&receiver, stripe_at(NOW, body.to_owned())).await.acknowledges();
    }
    let running = workers.start();
    until_counts(&running.inbox(), [0, 0, 0, 4]).await;
    let events = handler.events();
    let of = |body: &str| events.iter().find(|event| event.body() == body).expect(body);
    assert_eq!(of(quoted).id().unwrap().as_str(), r#"evt'$1"\"#);
    assert_eq!(of(quoted).kind().unwrap().as_str(), "Ω; DROP TABLE webhook_inbox --");
    assert_eq!(of(nul).id().unwrap().as_str(), "evt\u{fffd}", "no database has it otherwise");
    assert_eq!(of(&large).id().unwrap().as_str(), "evt_large");
    assert!(of("\u{fe}\0 no JSON").id().is_none());
}

pub(crate) async fn a_table_of_a_later_release_is_left_alone<D: Database>() {
    let database = D::start().await;
    let store = database.open().await;
    store.migrate().await.unwrap();
    let (receiver, _workers) = github_inbox(store, &Handler::ok());
    receive(&receiver, github("1")).await.acknowledges();
    database.make_newer().await;
    let store = database.open().await;
    let error = store.migrate().await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("webhook_inbox") && cause.contains("version 2"), "{cause}");
    let (receiver, _workers) = github_inbox(store, &Handler::ok());
    receive(&receiver, github("2")).await.refuses(StoreUnavailable, 503, Some(5));
}

#[tokio::test]
async fn settings_that_could_not_work_are_refused() {
    let database = crate::databases::Sqlite::start().await;
    let store = database.open().await;
    let inbox = || inbox_of(&GITHUB, store.clone());
    let second = Duration::from_secs(1);
    let zero = Duration::ZERO;
    let refused = [
        (inbox().workers(0), "`workers` is zero: no event would be run"),
        (inbox().max_attempts(0), "`max_attempts` is zero: no event would be run"),
        (inbox().poll_interval(zero), "`poll_interval` is zero: the database would get no rest"),
        (inbox().backoff(zero, second), "`backoff` is zero: what fails would be run without rest"),
        (
            inbox().backoff(second * 2, second),
            "the first wait of `backoff` (2s) is longer than the longest (1s): swap them",
        ),
    ];
    for (inbox, text) in refused {
        assert_eq!(inbox.build(Handler::ok()).map(|_| ()).unwrap_err().to_string(), text);
    }
}
