//! Sign, then verify: accepted. Flip any bit of what is signed: refused. Over every provider, and
//! over descriptions that use what the ten do not.

#![cfg(feature = "testing")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::random::Random;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use tower_webhooks::handshake::{Handshake, Mark};
use tower_webhooks::provider::{
    Algorithm::{Digest, Hmac, Token},
    Hash::{Md5, Sha1, Sha256, Sha384, Sha512},
    Part::{self, Body, Text, Timestamp, Value},
    Provider, SecretFormat, Tolerance, entry, form, header, json, query,
};
use tower_webhooks::store::Key;
use tower_webhooks::testing::{Fixture, Signer};
use tower_webhooks::{Assurance, Event, Rejection, RejectionKind, Verified, Verifier, providers};

/// Signature, id and time in the query; milliseconds; method, path and id under SHA-512.
static IN_QUERY: Provider = Provider::new("in-query")
    .signature(Hmac(Sha512), query("sig").base64())
    .secret(SecretFormat::Base64)
    .timestamp(query("at").millis(), Tolerance::secs(60))
    .signs(&[
        Part::Method,
        Text(" "),
        Part::Path,
        Text("\n"),
        Value(query("id")),
        Text("\n"),
        Timestamp,
        Text("\n"),
        Body,
    ])
    .event_id(&[query("id")])
    .event_type(&[header("x-kind")])
    .methods(&["POST", "GET"]);

/// Everything in a form; RFC 3339; MD5; only part of the body signed.
static IN_FORM: Provider = Provider::new("in-form")
    .signature(Hmac(Md5), form("sign").hex())
    .secret(SecretFormat::Hex)
    .timestamp(form("time").rfc3339(), Tolerance::secs(600))
    .signs(&[Timestamp, Text("|"), Value(form("id")), Text("|"), Value(form("amount"))])
    .event_id(&[form("id")])
    .event_type(&[form("kind")]);

/// A list with time and nonce in it; public URL, query and a header under SHA-384.
static IN_LIST: Provider = Provider::new("in-list")
    .signature(Hmac(Sha384), header("x-list-signature").list(";", ':').entry("s1").base64())
    .secret(SecretFormat::MayPrefixBase64("lst_"))
    .timestamp(entry("t").seconds(), Tolerance::secs(300))
    .signs(&[
        Value(header("x-list-app")),
        Text("\n"),
        Value(entry("nonce")),
        Text("\n"),
        Timestamp,
        Text("\n"),
        Part::Url,
        Text("\n"),
        Body,
    ])
    .event_id(&[entry("nonce")])
    .event_type(&[query("kind"), json("/kind")])
    .handshakes(&[
        Handshake::signed(&[Mark::Equals(json("/kind"), "hello")]).echoes(json("/challenge"))
    ]);

/// A plain hash over the secret, in a numbered header; the version of the scheme required.
static HASHED: Provider = Provider::new("hashed")
    .signature(Digest(Sha256), header("x-hash-").prefix("v=").base64url().numbered())
    .timestamp(json("/meta/at").millis(), Tolerance::secs(300))
    .signs(&[Body, Part::Secret])
    .requires(&[Mark::Equals(header("x-hash-version"), "2")])
    .event_id(&[header("x-hash-id"), json("/meta/id")])
    .event_type(&[json("/meta/kind")]);

/// JSON, or a form with the JSON in its one field; the key is named.
static WRAPPED: Provider = Provider::new("wrapped")
    .signature(Hmac(Sha1), header("x-wrapped").hex().repeated())
    .secret(SecretFormat::NamedText)
    .key_name(header("x-wrapped-key"))
    .signs(&[Part::BodyOrField("payload")])
    .event_type(&[header("x-wrapped-kind")]);

/// A token: it proves who sends, and nothing of what is sent.
static KNOWN: Provider = Provider::new("known")
    .signature(Token, header("authorization").prefix("Bearer ").text())
    .signs(&[])
    .event_type(&[json("/kind")]);

/// What of a request is signed, so that a flip must be refused.
struct Subject {
    provider: &'static Provider,
    signer: Signer,
    verifier: Verifier,
    signature: Site,
    time: Option<Site>,
    id: Option<Site>,
    body: bool,
    /// Whether nothing is signed at all.
    token: bool,
    url: bool,
    method_get: bool,
    /// Whether its events have a type.
    typed: bool,
    /// Whether a signed time may be any.
    any_time: bool,
    /// How many seconds the clocks may differ.
    skew: u64,
}

/// Where a value stands in a finished request.
#[derive(Clone, Copy, Debug)]
enum Site {
    /// The first of these elements of a header, its value behind the prefix.
    Header(&'static str, &'static str, Option<char>),
    Query(&'static str),
    Form(&'static str),
    Json(&'static str),
    /// A member of `event`, in the JSON of a multipart field.
    Multipart(&'static str),
    /// A member of the JSON in a field of the form.
    FormJson(&'static str, &'static str),
}

const OWN: [&Provider; 6] = [&IN_QUERY, &IN_FORM, &IN_LIST, &HASHED, &WRAPPED, &KNOWN];

fn subjects() -> Vec<Subject> {
    use Site::{Form, FormJson, Header, Json, Multipart, Query};
    let all = providers::ALL.iter().copied().chain(OWN);
    all.filter(|provider| cfg!(feature = "ed25519") || provider.name() != "discord")
        .map(|provider| {
            let signer = Signer::demo(provider).unwrap();
            // What is unsigned is then no part of the key.
            let verifier = signer.verifier().strict_identity().build().unwrap();
            let family = |id, time, signature| {
                (
                    Header(signature, "v1,", None),
                    Some(Header(time, "", None)),
                    Some(Header(id, "", None)),
                )
            };
            let (signature, time, id) = match provider.name() {
                "discord" => (
                    Header("x-signature-ed25519", "", None),
                    Some(Header("x-signature-timestamp", "", None)),
                    Some(Json("/id")),
                ),
                "github" | "meta" => (Header("x-hub-signature-256", "sha256=", None), None, None),
                "mailgun" => (
                    Json("/signature/signature"),
                    Some(Json("/signature/timestamp")),
                    Some(Json("/signature/token")),
                ),
                "shopify" => (Header("x-shopify-hmac-sha256", "", None), None, None),
                "slack" => (
                    Header("x-slack-signature", "v0=", None),
                    Some(Header("x-slack-request-timestamp", "", None)),
                    Some(Json("/event_id")),
                ),
                "standard-webhooks" => {
                    family("webhook-id", "webhook-timestamp", "webhook-signature")
                }
                "svix" => family("svix-id", "svix-timestamp", "svix-signature"),
                "stripe" => (
                    Header("stripe-signature", "v1=", Some(',')),
                    Some(Header("stripe-signature", "t=", Some(','))),
                    Some(Json("/id")),
                ),
                "twilio" => (Header("x-twilio-signature", "", None), None, None),
                "in-query" => (Query("sig"), Some(Query("at")), Some(Query("id"))),
                "in-form" => (Form("sign"), Some(Form("time")), Some(Form("id"))),
                "in-list" => (
                    Header("x-list-signature", "s1:", Some(';')),
                    Some(Header("x-list-signature", "t:", Some(';'))),
                    Some(Header("x-list-signature", "nonce:", Some(';'))),
                ),
                "hashed" => {
                    (Header("x-hash-1", "v=", None), Some(Json("/meta/at")), Some(Json("/meta/id")))
                }
                "wrapped" => (Header("x-wrapped", "", None), None, None),
                "known" => (Header("authorization", "Bearer ", None), None, None),
                "adyen" => (
                    Json(
                        "/notificationItems/0/NotificationRequestItem/additionalData/hmacSignature",
                    ),
                    None,
                    Some(Json("/notificationItems/0/NotificationRequestItem/pspReference")),
                ),
                "braintree" => (Form("bt_signature"), None, None),
                "dropbox-sign" => (Multipart("event_hash"), None, None),
                name if name.starts_with("vonage-signature") => {
                    (Form("sig"), Some(Form("timestamp")), None)
                }
                "ko-fi" => (FormJson("data", "/verification_token"), None, None),
                "mattermost" => (Form("token"), None, None),
                _ => found(&signer),
            };
            let sent = signer.json(serde_json::json!({"n": 1}));
            let assurance = sent.to_event().assurance();
            let get = signer.event("").get().verify();
            let typed = signer.event("{}").kind("any.kind").to_event();
            let tolerance = verifier.tolerance().unwrap_or(Duration::from_secs(60));
            Subject {
                provider,
                signature,
                time,
                id,
                body: sent.clone().with_changed_body().verify().is_err(),
                token: assurance == Assurance::SenderOnly,
                url: sent.with_changed_url().verify().is_err(),
                method_get: matches!(get, Ok(Verified::Event(_))),
                typed: typed.kind().is_some(),
                any_time: verifier.tolerance().is_none(),
                skew: tolerance.as_secs().min(60),
                signer,
                verifier,
            }
        })
        .collect()
}

/// Where a sender with its signature in a header, or in JSON, has signature, signed time and signed
/// id: found by what of its requests changes with them.
fn found(signer: &Signer) -> (Site, Option<Site>, Option<Site>) {
    let fixture = |n: u64| signer.json(serde_json::json!({"n": n})).id("id");
    let changed_header = |one: &Request<Bytes>, other: &Request<Bytes>| {
        let mut headers = one.headers().iter();
        let (name, _) = headers.find(|(name, value)| other.headers().get(*name) != Some(value))?;
        Some(&*name.as_str().to_owned().leak())
    };
    let text = |request: &Request<Bytes>, name: &str| -> &'static str {
        request.headers()[name].to_str().unwrap().to_owned().leak()
    };
    let first = fixture(0).request();
    let by_another = fixture(0).signed_by_another_key().request();
    let Some(header) = changed_header(&first, &by_another) else {
        let name = signer.provider().name();
        assert!(!signer.provider().signs_time(), "say where the values of `{name}` stand");
        assert_ne!(signer.provider().signs_id(), Some(true), "say where `{name}` has its id");
        return (in_json(&first, &by_another), None, None);
    };
    // What all signatures begin with is not part of them; after eight of them nothing is left to
    // chance.
    let start = (1..8)
        .map(|n| fixture(n).request())
        .chain([by_another])
        .map(|other| common_prefix(text(&first, header), text(&other, header)))
        .min();
    let signature = Site::Header(header, &text(&first, header)[..start.unwrap()], None);
    let time = signer.provider().signs_time().then(|| {
        let later = fixture(0).with_changed_timestamp().request();
        let Some(name) = changed_header(&first, &later) else {
            return in_json(&first, &later);
        };
        if name != header {
            return Site::Header(name, "", None);
        }
        let (one, other) = (text(&first, name), text(&later, name));
        let at = common_prefix(one, other);
        let separators = [',', ';', ' '];
        let element = one[..at].rfind(separators).map_or(0, |before| before + 1);
        let value = one[..at].rfind(['=', ':']).unwrap() + 1;
        let separator = one.chars().find(|char| separators.contains(char));
        Site::Header(name, &one[element..value], separator)
    });
    let id = (signer.provider().signs_id() == Some(true)).then(|| {
        let changed = fixture(0).with_changed_id().request();
        match changed_header(&first, &changed) {
            Some(name) => Site::Header(name, "", None),
            None => in_json(&first, &changed),
        }
    });
    (signature, time, id)
}

/// The member of the body that is not the same in both.
fn in_json(one: &Request<Bytes>, other: &Request<Bytes>) -> Site {
    let json = |request: &Request<Bytes>| -> serde_json::Value {
        serde_json::from_slice(request.body()).unwrap()
    };
    Site::Json(changed_member(&json(one), &json(other)).unwrap().leak())
}

fn common_prefix(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

/// The pointer to the member that is not the same in both.
fn changed_member(one: &serde_json::Value, other: &serde_json::Value) -> Option<String> {
    use serde_json::Value::{Array, Object};
    match (one, other) {
        (Object(one), Object(other)) => one.iter().find_map(|(name, value)| {
            let rest = changed_member(value, other.get(name)?)?;
            Some(format!("/{name}{rest}"))
        }),
        (Array(one), Array(other)) => {
            let mut both = one.iter().zip(other).enumerate();
            both.find_map(|(index, (one, other))| {
                Some(format!("/{index}{}", changed_member(one, other)?))
            })
        }
        _ => (one != other).then(String::new),
    }
}

impl Subject {
    fn name(&self) -> &'static str {
        self.provider.name()
    }

    fn time_in_signed_body(&self) -> bool {
        self.body && matches!(self.time, Some(Site::Json(_)))
    }

    fn fixture(&self, random: &mut Random) -> (Fixture, Option<String>, Option<String>) {
        let name = self.name();
        let id = random.word(8, 30);
        let kind = self.typed.then(|| match name {
            // A letter comes first.
            "dropbox-sign" => format!("kind_{}", random.word(1, 12)),
            // Of two parts, as some senders' types are.
            _ => format!("{}.{}", random.word(1, 6), random.word(1, 6)),
        });
        let in_form = matches!(name, "in-form" | "ko-fi" | "mattermost");
        let mut fixture = if in_form || (name.starts_with("twilio") && random.below(2) == 0) {
            // Twilio's form begins with a name of Twilio's; an empty one has no names.
            let first = name.starts_with("twilio").then(|| ("Body".to_owned(), random.text(12)));
            let fields = (0..random.below(6)).map(|n| (format!("f{n}"), random.text(12)));
            self.signer.form(first.into_iter().chain(fields).collect::<Vec<_>>())
        } else if name == "wrapped" && random.below(2) == 0 {
            let payload = format!(r#"{{"text":"{}"}}"#, random.word(0, 40));
            self.signer.form([("payload", payload)])
        } else {
            self.signer.json(serde_json::json!({
                "event-data": {"id": "kept"}, "meta": {"id": random.word(8, 30)}, "n": random.next(), "text": random.text(40),
            }))
        };
        fixture = fixture.uri(format!("/hooks/{}?q={}", random.word(1, 8), random.word(1, 8)));
        if let Some(kind) = &kind {
            fixture = fixture.kind(kind);
        }
        let id = self.provider.signs_id().is_some().then_some(id);
        if let Some(id) = &id {
            fixture = fixture.id(id);
        }
        (fixture, id, kind)
    }

    fn verify(&self, head: &Parts, body: &Bytes, now: SystemTime) -> Result<Verified, Rejection> {
        self.verifier.verify(head, body.clone(), now)
    }

    fn event(&self, request: Request<Bytes>, now: SystemTime) -> Event {
        let (head, body) = request.into_parts();
        match self.verify(&head, &body, now) {
            Ok(Verified::Event(event)) => event,
            other => panic!("{}: {other:?}\n{head:?}\n{body:?}", self.name()),
        }
    }

    /// A flipped request must be no event.
    #[track_caller]
    fn refuses(&self, request: Request<Bytes>, what: &str) {
        let (head, body) = request.into_parts();
        let verdict = self.verify(&head, &body, self.signer.now());
        assert!(verdict.is_err(), "{} accepts {what}: {head:?}\n{body:?}", self.name());
    }
}

#[test]
fn what_is_signed_is_accepted_with_its_id_type_and_time() {
    let mut random = Random::seeded(1);
    let mut cases = 0;
    for subject in subjects() {
        for _ in 0..800 {
            let seconds = 1_000_000_000 + random.below(3_000_000_000);
            let skew = i64::try_from(random.below(2 * subject.skew)).unwrap()
                - i64::try_from(subject.skew).unwrap();
            let now = UNIX_EPOCH + Duration::from_secs(seconds.saturating_add_signed(skew));
            let (fixture, id, kind) = subject.fixture(&mut random);
            let signed_at = UNIX_EPOCH + Duration::from_secs(seconds);
            let event = subject.event(fixture.at(signed_at).request(), now);
            let name = subject.name();
            assert_eq!(event.id().map(|id| id.to_string()), id, "{name}");
            assert_eq!(event.kind().map(|kind| kind.to_string()), kind, "{name}");
            assert_eq!(event.time(), subject.time.map(|_| signed_at), "{name}");
            cases += 1;
        }
    }
    println!("sign then verify: {cases} cases");
}

#[test]
fn a_flipped_bit_of_the_signature_is_refused() {
    let cases = flip_values(2, 6, |subject| Some(subject.signature), true);
    println!("flipped signatures: {cases} cases");
    assert!(cases > 15_000);
}

#[test]
fn a_flipped_bit_of_the_signed_time_is_refused() {
    let cases = flip_values(3, 30, |subject| subject.time, false);
    println!("flipped times: {cases} cases");
    assert!(cases > 15_000);
}

#[test]
fn a_flipped_bit_of_the_signed_id_is_refused() {
    let cases = flip_values(4, 12, |subject| subject.id, false);
    println!("flipped ids: {cases} cases");
    assert!(cases > 10_000);
}

#[test]
fn a_flipped_bit_of_the_body_is_refused_where_the_body_is_signed() {
    let mut random = Random::seeded(5);
    let mut cases = 0;
    // What Vonage's signature says of a body is tested beside the other odd senders.
    let odd = |subject: &&Subject| subject.name().starts_with("vonage");
    for subject in subjects().iter().filter(|subject| subject.body && !odd(subject)) {
        for _ in 0..5 {
            let request = subject.fixture(&mut random).0.request();
            let (head, body) = request.into_parts();
            for bit in 0..body.len() * 8 {
                let flipped = flip(&body, bit);
                // The form decoding of the sender maps `+` and its escape to one text, so that a
                // flip may spell the same parameters.
                let request = Request::from_parts(head.clone(), Bytes::from(flipped));
                if matches!(subject.name(), "twilio" | "twilio-shared-key" | "mandrill" | "wrapped")
                    && same_form(&body, request.body())
                {
                    continue;
                }
                subject.refuses(request, "a flipped body");
                cases += 1;
            }
        }
    }
    println!("flipped bodies: {cases} cases");
    assert!(cases > 30_000);
}

#[test]
fn a_flipped_bit_of_the_url_is_refused_where_the_url_is_signed() {
    let mut random = Random::seeded(6);
    let mut cases = 0;
    // MessageBird signs the parameters, however they are escaped.
    let odd = |subject: &&Subject| subject.name().starts_with("messagebird");
    for subject in subjects().iter().filter(|subject| subject.url && !odd(subject)) {
        for _ in 0..60 {
            let request = subject.fixture(&mut random).0.request();
            let (head, body) = request.into_parts();
            let uri = head.uri.to_string();
            for bit in 0..uri.len() * 8 {
                let Some(uri) = String::from_utf8(flip(uri.as_bytes(), bit))
                    .ok()
                    .and_then(|uri| uri.parse::<Uri>().ok())
                    .filter(|flipped| flipped.path_and_query() != head.uri.path_and_query())
                else {
                    continue;
                };
                let mut head = head.clone();
                head.uri = uri;
                subject.refuses(Request::from_parts(head, body.clone()), "a flipped URL");
                cases += 1;
            }
        }
    }
    println!("flipped URLs: {cases} cases");
    assert!(cases > 25_000);
}

#[test]
fn what_is_not_signed_never_changes_the_replay_key() {
    let mut random = Random::seeded(7);
    let mut cases = 0;
    for subject in subjects() {
        for _ in 0..300 {
            let (fixture, ..) = subject.fixture(&mut random);
            let now = subject.signer.now();
            let event = subject.event(fixture.clone().request(), now);
            let key = event.replay_key();
            let same = |fixture: Fixture, what: &str| {
                let again = subject.event(fixture.request(), now);
                assert_eq!(again.replay_key(), key, "{}: {what}", subject.name());
                again
            };
            // Where nothing is signed, the body names the event, and an id in it with the rest.
            if !subject.token && event.id().is_some_and(|id| !id.is_signed()) {
                let changed = same(fixture.clone().with_changed_id(), "another unsigned id");
                assert_ne!(changed.id().unwrap().as_str(), event.id().unwrap().as_str());
                same(fixture.clone().without_id(), "no unsigned id");
                cases += 2;
            }
            if !subject.body && !subject.token {
                let changed = same(fixture.clone().with_changed_body(), "another unsigned body");
                assert_ne!(changed.fingerprint(), event.fingerprint(), "{}", subject.name());
                cases += 1;
            }
            if !subject.url {
                same(fixture.clone().with_changed_url(), "another unsigned URL");
                cases += 1;
            }
            // With the time in it, and no signed id, the body of a retry is another body.
            // Ghost's time is the event's: no retry has another.
            let tells_retries = (subject.id.is_some() || !subject.time_in_signed_body())
                && subject.name() != "ghost";
            if subject.time.is_some() && tells_retries {
                let retry = fixture.clone().at(now - Duration::from_secs(subject.skew / 2));
                same(retry, "a retry that is signed anew");
                cases += 1;
            }
            same(fixture.header("x-forwarded-host", &random.word(1, 9)), "another header");
            cases += 1;
        }
    }
    println!("unsigned changes: {cases} cases");
}

#[test]
fn a_flip_in_mailguns_event_is_believed_and_keeps_the_replay_key() {
    let mut random = Random::seeded(8);
    let subject = subjects().into_iter().find(|subject| subject.name() == "mailgun").unwrap();
    let body =
        |id: &str| serde_json::json!({"event-data": {"id": id}, "signature": {"token": "t"}});
    let key = |id: &str| -> Key {
        let event = subject.signer.json(body(id)).to_event();
        assert!(event.id().is_some_and(|shown| shown == id && !shown.is_signed()));
        event.replay_key()
    };
    let first = key("first");
    for _ in 0..500 {
        assert_eq!(key(&random.word(1, 20)), first);
    }
}

#[test]
fn signed_gets_are_accepted_and_a_body_on_one_is_not() {
    let mut random = Random::seeded(9);
    for subject in subjects().iter().filter(|subject| subject.method_get) {
        for _ in 0..200 {
            let fixture = subject.signer.event("").get().query("n", &random.word(1, 9));
            subject.event(fixture.clone().request(), subject.signer.now());
            let refused = fixture.with_changed_body().verify().unwrap_err();
            assert_eq!(refused.kind(), RejectionKind::BodyMismatch);
        }
    }
}

#[test]
fn every_way_to_break_a_fixture_is_refused_for_its_reason() {
    use RejectionKind as Kind;
    let mut random = Random::seeded(10);
    for subject in subjects() {
        let kind = |fixture: Fixture| fixture.verify().map(|_| ()).map_err(|no| no.kind());
        let name = subject.name();
        for _ in 0..20 {
            let fixture = || subject.fixture(&mut Random::seeded(10)).0;
            assert_eq!(kind(fixture()), Ok(()), "{name}");
            assert_eq!(kind(fixture().without_signature()), Err(Kind::MissingSignature), "{name}");
            assert_eq!(kind(fixture().with_bad_signature()), Err(Kind::BadSignature), "{name}");
            assert_eq!(kind(fixture().signed_by_another_key()), Err(Kind::BadSignature), "{name}");
            if subject.time.is_some() {
                if !subject.any_time {
                    assert_eq!(kind(fixture().stale()), Err(Kind::StaleTimestamp), "{name}");
                    let early = kind(fixture().from_the_future());
                    assert_eq!(early, Err(Kind::FutureTimestamp), "{name}");
                }
                // Out of a signed body it cannot be taken without breaking the signature.
                let gone = match subject.time_in_signed_body() {
                    true => Kind::BadSignature,
                    false => Kind::MissingTimestamp,
                };
                assert_eq!(kind(fixture().without_timestamp()), Err(gone), "{name}");
                let changed = fixture().with_changed_timestamp();
                assert_eq!(kind(changed), Err(Kind::BadSignature), "{name}");
                let word = random.word(1, 9);
                let text = fixture().with_timestamp_text(format!("x{word}"));
                assert_eq!(kind(text), Err(Kind::MalformedTimestamp), "{name}");
            }
            if subject.body {
                let no = kind(fixture().with_changed_body()).unwrap_err();
                assert!(matches!(no, Kind::BadSignature | Kind::BodyMismatch), "{name}: {no:?}");
            }
            if subject.url {
                let changed = fixture().with_changed_url();
                assert_eq!(kind(changed), Err(Kind::BadSignature), "{name}");
            }
            if subject.provider.signs_id() == Some(true) {
                let changed = kind(fixture().with_changed_id());
                assert_eq!(changed, Err(Kind::BadSignature), "{name}");
                let missing = kind(fixture().without_id()).unwrap_err();
                assert!(
                    matches!(missing, Kind::BadSignature | Kind::MissingSignedValue),
                    "{name}: {missing:?}"
                );
            }
        }
    }
}

#[test]
fn no_request_makes_a_verifier_panic() {
    let mut random = Random::seeded(11);
    let mut cases = 0;
    for subject in subjects() {
        for _ in 0..1_500 {
            let (fixture, ..) = subject.fixture(&mut random);
            let (mut head, mut body) = fixture.request().into_parts();
            for _ in 0..=random.below(3) {
                spoil(&mut head, &mut body, &mut random);
            }
            let now = match random.below(4) {
                0 => UNIX_EPOCH,
                1 => UNIX_EPOCH - Duration::from_secs(random.next() >> 20),
                2 => UNIX_EPOCH + Duration::from_secs(random.next() >> 4),
                _ => subject.signer.now(),
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                if let Ok(Verified::Event(event)) = subject.verify(&head, &body, now) {
                    let _ = (event.replay_key(), format!("{event:?}"));
                    let _ = (event.json::<serde_json::Value>(), event.json_at::<String>("/a/0"));
                    let _ = event.form::<Vec<(String, String)>>();
                }
            }));
            assert!(outcome.is_ok(), "{}: {head:?}\n{body:?}", subject.name());
            cases += 1;
        }
    }
    println!("spoiled requests: {cases} cases");
    assert!(cases > 15_000);
}

type Encode = fn(&[u8]) -> Vec<u8>;

/// Flips each bit of a value in `rounds` requests of each subject.
fn flip_values(
    seed: u64,
    rounds: usize,
    site: impl Fn(&Subject) -> Option<Site>,
    decoded: bool,
) -> usize {
    let mut random = Random::seeded(seed);
    let mut cases = 0;
    for subject in subjects() {
        let Some(site) = site(&subject) else { continue };
        for _ in 0..rounds {
            let request = subject.fixture(&mut random).0.request();
            let (head, body) = request.into_parts();
            let value = site.read(&head, &body);
            let (bytes, encode): (_, Encode) = match decoded {
                true if subject.name() == "hashed" => {
                    let encode: Encode = |bytes| URL_SAFE_NO_PAD.encode(bytes).into();
                    (URL_SAFE_NO_PAD.decode(&value).unwrap(), encode)
                }
                // A token stands there as it is.
                true if subject.name() == "known" => (value.clone(), |bytes| bytes.to_vec()),
                false => (value.clone(), |bytes| bytes.to_vec()),
                true if value.iter().all(u8::is_ascii_hexdigit) => (unhex(&value), hex),
                true => match STANDARD.decode(&value) {
                    Ok(bytes) => (bytes, |bytes| STANDARD.encode(bytes).into()),
                    // A token that is sent as it is.
                    Err(_) => (value.clone(), |bytes| bytes.to_vec()),
                },
            };
            for bit in 0..bytes.len() * 8 {
                let flipped = encode(&flip(&bytes, bit));
                // A digit in upper case is the same digit.
                let in_text = decoded && matches!(subject.name(), "braintree");
                if in_text && flipped.eq_ignore_ascii_case(&value) {
                    continue;
                }
                let mut request = (head.clone(), body.clone());
                if !site.write(&mut request.0, &mut request.1, &value, &flipped) {
                    continue;
                }
                subject.refuses(Request::from_parts(request.0, request.1), "a flipped value");
                cases += 1;
            }
        }
    }
    cases
}

impl Site {
    fn read(self, head: &Parts, body: &Bytes) -> Vec<u8> {
        let pairs = |text: &[u8], name: &str| {
            let pairs: Vec<(String, String)> = serde_html_form::from_bytes(text).unwrap();
            let found = pairs.into_iter().find(|(known, _)| known == name);
            found.unwrap().1.into_bytes()
        };
        match self {
            Self::Header(name, prefix, separator) => {
                let text = head.headers[name].to_str().unwrap();
                let mut elements = match separator {
                    Some(separator) => text.split(separator).collect(),
                    None => vec![text],
                }
                .into_iter();
                elements.find_map(|each| each.strip_prefix(prefix)).unwrap().into()
            }
            Self::Query(name) => pairs(head.uri.query().unwrap().as_bytes(), name),
            Self::Form(name) => pairs(body, name),
            Self::FormJson(name, pointer) => {
                let json: serde_json::Value = serde_json::from_slice(&pairs(body, name)).unwrap();
                json.pointer(pointer).unwrap().as_str().unwrap().into()
            }
            Self::Json(pointer) => {
                let body: serde_json::Value = serde_json::from_slice(body).unwrap();
                body.pointer(pointer).unwrap().as_str().unwrap().into()
            }
            Self::Multipart(name) => multipart_member(body, name).to_vec(),
        }
    }

    /// Writes the new value over the old one; `false` if it cannot stand there.
    fn write(self, head: &mut Parts, body: &mut Bytes, old: &[u8], new: &[u8]) -> bool {
        let percent = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect()
        };
        match self {
            Self::Header(name, prefix, _) => {
                let text = head.headers[name].as_bytes();
                let (old, new) =
                    ([prefix.as_bytes(), old].concat(), [prefix.as_bytes(), new].concat());
                let Ok(value) = HeaderValue::from_bytes(&replace(text, &old, &new)) else {
                    return false;
                };
                head.headers.insert(name, value);
            }
            Self::Query(name) => {
                let query = head.uri.query().unwrap();
                let others = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}=")));
                let all = others
                    .map(str::to_owned)
                    .chain([format!("{name}={}", String::from_utf8(percent(new)).unwrap())]);
                let all: Vec<_> = all.collect();
                head.uri = format!("{}?{}", head.uri.path(), all.join("&")).parse().unwrap();
            }
            Self::Form(name) => {
                let pairs = body.split(|byte| *byte == b'&').map(|pair| {
                    if pair.starts_with(format!("{name}=").as_bytes()) {
                        [name.as_bytes(), b"=", &percent(new)].concat()
                    } else {
                        pair.to_vec()
                    }
                });
                *body = pairs.collect::<Vec<_>>().join(&b'&').into();
            }
            Self::Multipart(name) => {
                let start = multipart_member(body, name).as_ptr() as usize - body.as_ptr() as usize;
                let rest = &body[start + old.len()..];
                *body = [&body[..start], new, rest].concat().into();
            }
            Self::FormJson(name, pointer) => {
                let mut json: Bytes = Self::Form(name).read(head, body).into();
                let old_json = json.clone();
                if !Self::Json(pointer).write(head, &mut json, old, new) {
                    return false;
                }
                return Self::Form(name).write(head, body, &old_json, &json);
            }
            Self::Json(pointer) => {
                let Ok(new) = String::from_utf8(new.to_vec()) else { return false };
                let mut json: serde_json::Value = serde_json::from_slice(body).unwrap();
                *json.pointer_mut(pointer).unwrap() = new.into();
                *body = json.to_string().into();
            }
        }
        true
    }
}

/// The text of a member, in JSON that stands somewhere in a body.
fn multipart_member<'b>(body: &'b [u8], name: &str) -> &'b [u8] {
    let before = format!(r#""{name}":""#);
    let at = body.windows(before.len()).position(|window| window == before.as_bytes()).unwrap();
    body[at + before.len()..].split(|byte| *byte == b'"').next().unwrap()
}

/// Changes a request in ways that strangers do.
fn spoil(head: &mut Parts, body: &mut Bytes, random: &mut Random) {
    match random.below(8) {
        0 => *body = random.bytes(200).into(),
        1 => *body = random.json(6).into(),
        2 => {
            *body = flip(&if body.is_empty() { vec![0] } else { body.to_vec() }, random.index(64))
                .into()
        }
        3 => {
            let names: Vec<HeaderName> = head.headers.keys().cloned().collect();
            if let Some(name) = names.get(random.index(names.len().max(1))) {
                let old = head.headers[name].as_bytes().to_vec();
                let text = match random.below(5) {
                    0 => random.bytes(80),
                    1 => [&old[..], b",", &old[..]].concat(),
                    2 => old[..random.index(old.len() + 1)].to_vec(),
                    3 => b"9223372036854775807"[random.index(3)..].to_vec(),
                    _ => flip(&if old.is_empty() { vec![1] } else { old }, random.index(256)),
                };
                if let Ok(value) = HeaderValue::from_bytes(&text) {
                    if random.below(4) == 0 {
                        head.headers.append(name, value);
                    } else {
                        head.headers.insert(name, value);
                    }
                }
            }
        }
        4 => {
            let text: Vec<u8> = random.bytes(60);
            let text = format!("/{}", String::from_utf8_lossy(&text));
            if let Ok(uri) = text.parse() {
                head.uri = uri;
            }
        }
        5 => {
            let fields = ["sig", "at", "id", "hub.mode", "bodySHA256", "kind"];
            let pairs: Vec<_> = (0..random.below(5))
                .map(|_| format!("{}={}", fields[random.index(fields.len())], random.word(0, 20)))
                .collect();
            head.uri = format!("/x?{}", pairs.join("&")).parse().unwrap();
        }
        6 => {
            let methods = [Method::GET, Method::HEAD, Method::PUT, Method::POST];
            head.method = methods[random.index(methods.len())].clone();
        }
        _ => {
            let fields = ["sign", "time", "id", "amount", "kind", "%", "%FF"];
            let pairs: Vec<_> = (0..random.below(6))
                .map(|_| format!("{}={}", fields[random.index(fields.len())], random.text(9)))
                .collect();
            *body = pairs.join("&").into();
        }
    }
}

fn flip(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let index = (bit / 8) % bytes.len();
    bytes[index] ^= 1 << (bit % 8);
    bytes
}

fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = text.windows(old.len()).position(|window| window == old).unwrap();
    [&text[..at], new, &text[at + old.len()..]].concat()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn unhex(text: &[u8]) -> Vec<u8> {
    let digit = |digit: u8| (digit as char).to_digit(16).unwrap();
    text.chunks(2).map(|pair| u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).unwrap()).collect()
}

/// Whether two forms have the same sorted characters, which is all that Twilio signs of them.
fn same_form(one: &[u8], other: &[u8]) -> bool {
    let joined = |form: &[u8]| {
        let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = form
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
                let decode = |text: &[u8]| -> Vec<u8> {
                    let spaced: Vec<u8> =
                        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
                    percent_encoding::percent_decode(&spaced).collect()
                };
                (decode(&pair[..at]), decode(pair.get(at + 1..).unwrap_or_default()))
            })
            .collect();
        pairs.sort();
        pairs.dedup();
        pairs.into_iter().flat_map(|(name, value)| [name, value].concat()).collect::<Vec<u8>>()
    };
    joined(one) == joined(other)
}
