//! The verifier over the bare HMAC with a kept key schedule (aims 1 and 2), and reading an event's
//! id over `serde_json` into a struct (aim 13). One run, sides in turns, medians.

mod support;

use std::borrow::Cow;
use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use hmac::Mac;
use serde::Deserialize;
use support::{Bound, KIB, MIB, SENDERS, Sender, in_turns, row, size};
use tower_webhooks::{Event, Verified};

const SPEND: Duration = Duration::from_millis(1_000);

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return println!("measures nothing outside `cargo bench`");
    }
    for sender in &SENDERS {
        for bytes in [256, KIB, 16 * KIB, 64 * KIB, MIB] {
            over_hmac(sender, bytes);
        }
    }
    id_in_the_body();
}

fn over_hmac(sender: &Sender, bytes: usize) {
    let verifier = sender.signer().verifier().build().expect("it is in order");
    let now = sender.signer().now();
    let request = sender.request(bytes, 1);
    let (content, keyed) = (sender.content(&request), sender.keyed());
    let tag = keyed.clone().chain_update(&content).finalize().into_bytes();
    let (head, body) = request.into_parts();
    let body = shared(&body);

    // The body is handed over to either side, as a server does.
    let mut bare = || {
        let _body = black_box(body.clone());
        let mut mac = keyed.clone();
        mac.update(black_box(&content));
        black_box(mac.verify_slice(black_box(&tag))).expect("the tag is right");
    };
    let mut verify = || {
        let verified = verifier.verify(black_box(&head), body.clone(), black_box(now));
        black_box(verified).expect("the signature is right");
    };
    let turns = in_turns(SPEND, [&mut bare, &mut verify]);

    let (aim, bound) = match (bytes, sender.name) {
        (KIB, "GitHub") => (1, Bound::AtMost(1.25)),
        (KIB, "Slack") => (1, Bound::AtMost(1.45)),
        (KIB, _) => (1, Bound::AtMost(1.6)),
        (bytes, _) if bytes >= 64 * KIB => (2, Bound::AtMost(1.03)),
        _ => (1, Bound::None),
    };
    let what = format!(
        "verify over HMAC, {}, {} ({:.0} over {:.0} ns)",
        sender.name,
        size(bytes),
        turns.nanos[1],
        turns.nanos[0]
    );
    row(aim, &what, bound, turns.over_first[1]);
}

/// What a user would read a Stripe event into, to have its id.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    created: u64,
}

/// The id is read when it is first asked for, so the time of a verification with both reads is held
/// against the same verification followed by the user's own parse.
fn id_in_the_body() {
    let sender = &SENDERS[2];
    let verifier = sender.signer().verifier().build().expect("it is in order");
    let now = sender.signer().now();
    let request = sender.signer().event(stripe_event()).request();
    let (head, body) = request.into_parts();
    let body = shared(&body);
    let event = || -> Event {
        match verifier.verify(&head, body.clone(), now) {
            Ok(Verified::Event(event)) => event,
            other => panic!("{other:?}"),
        }
    };

    let mut verify = || drop(black_box(event()));
    let mut read = || {
        let event = event();
        black_box((event.id().expect("it has one").len(), event.kind().expect("too").len()));
    };
    let mut parse = || {
        let event = event();
        let head: Head<'_> = serde_json::from_slice(event.body()).expect("it is an event");
        black_box((head.id.len(), head.r#type.len(), head.created));
    };
    let turns = in_turns(3 * SPEND, [&mut verify, &mut read, &mut parse]);
    let (read, parse) = (turns.nanos[1] - turns.nanos[0], turns.nanos[2] - turns.nanos[0]);
    let what = format!(
        "id and type of a Stripe event of {} B over serde_json ({read:.0} over {parse:.0} ns)",
        body.len()
    );
    row(13, &what, Bound::AtMost(1.1), read / parse);
}

/// A body as a server hands it over: shared, so that a clone does not allocate.
fn shared(body: &Bytes) -> Bytes {
    let shared = Bytes::from(body.to_vec());
    drop(shared.clone());
    shared
}

/// Of the size and shape of `invoice.paid`: the id in front, the type at the end.
fn stripe_event() -> Bytes {
    let line = |number: u32| {
        format!(
            r#"{{"id":"il_{number:024}","object":"line_item","amount":{},"currency":"usd","description":"1 × Standard plan (at $10.00 / month)","discountable":true,"metadata":{{"order":"{number}","note":"none \"at all\""}},"period":{{"end":1767225600,"start":1764547200}},"proration":false,"quantity":1,"tax_amounts":[],"type":"subscription"}}"#,
            number * 1000
        )
    };
    let lines: Vec<_> = (1..9).map(line).collect();
    let event = format!(
        r#"{{"id":"evt_1Pq2rS3tU4vW5xY6zA7bC8dE","object":"event","api_version":"2025-09-30","created":1767225600,"data":{{"object":{{"id":"in_1","object":"invoice","lines":{{"object":"list","data":[{}]}},"livemode":false,"total":1000}}}},"livemode":false,"pending_webhooks":1,"request":{{"id":null,"idempotency_key":null}},"type":"invoice.paid"}}"#,
        lines.join(",")
    );
    Bytes::from(event)
}
