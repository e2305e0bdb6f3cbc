//! What a fixture holds: the request as the sender makes it.

#![cfg(feature = "testing")]

use std::convert::Infallible;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::json;
use tower::service_fn;
use tower_webhooks::providers::{
    DISCORD, GITHUB, MAILGUN, SHOPIFY, STANDARD_WEBHOOKS, STRIPE, SVIX, TWILIO,
};
use tower_webhooks::testing::{ManualClock, Signer};
use tower_webhooks::{Clock, ConfigErrorKind, RejectionKind, SystemClock, providers};

#[test]
fn it_signs_as_the_senders_own_library_does() {
    // Published: GitHub's documentation, and the tests of the Standard Webhooks libraries.
    let github = Signer::new(&GITHUB, "It's a Secret to Everybody").unwrap();
    let request = github.event("Hello, World!").request();
    assert_eq!(
        request.headers()["x-hub-signature-256"],
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    );
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let request = Signer::new(&STANDARD_WEBHOOKS, secret)
        .unwrap()
        .event(r#"{"test": 2432232314}"#)
        .id("msg_p5jXN8AQM9LWM0D4loKWxJek")
        .at(UNIX_EPOCH + Duration::from_secs(1_614_265_330))
        .request();
    let signature = &request.headers()["webhook-signature"];
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_body_is_sent_byte_for_byte_unless_the_sender_writes_in_it() {
    let body = "{ \"b\": 1.10,\n \"a\": \"\\u00e9\" }";
    for provider in [&GITHUB, &STRIPE, &SHOPIFY, &SVIX, &TWILIO] {
        let request = Signer::demo(provider).unwrap().event(body).request();
        assert_eq!(request.body(), body, "{}", provider.name());
        assert_eq!(request.headers()["content-type"], "application/json");
    }
    let mailgun = Signer::demo(&MAILGUN).unwrap();
    let request = mailgun.json(json!({"event-data": {"event": "opened"}, "x": 1})).request();
    let sent: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(sent["signature"]["timestamp"], "1767225600");
    assert_eq!((&sent["event-data"]["event"], &sent["x"]), (&json!("opened"), &json!(1)));
    let own = mailgun.json(json!({"signature": {"token": "mine", "timestamp": "1767225599"}}));
    let sent: serde_json::Value = serde_json::from_slice(own.request().body()).unwrap();
    assert_eq!(sent["signature"]["token"], "mine", "what the body has is left there");
    assert_eq!(sent["signature"]["timestamp"], "1767225599");
}

#[test]
fn an_id_follows_the_body_so_that_a_retry_keeps_it() {
    let signer = Signer::demo(&SVIX).unwrap();
    let key = |body: &'static str, at: u64| {
        let time = signer.now() + Duration::from_secs(at);
        signer.event(body).at(time).to_event().replay_key()
    };
    assert_eq!(key("{}", 0), key("{}", 60));
    assert_ne!(key("{}", 0), key("[]", 0));
}

#[test]
fn url_and_prefix_are_the_verifiers_too() {
    let signer = Signer::demo(&TWILIO).unwrap().public_url("https://a.example:8443/base");
    let event = signer.form([("Body", "b c&d=é")]).uri("/sms?x=%2F").to_event();
    assert_eq!(event.form::<Vec<(String, String)>>().unwrap()[0].1, "b c&d=é");
    let exact = Signer::demo(&TWILIO).unwrap().exact_url("https://b.example/other?q=1");
    assert!(exact.form([("Body", "b")]).verify().is_ok());
    let crossed = exact.verifier().build().unwrap();
    let (head, body) = signer.form([("a", "b")]).request().into_parts();
    let refused = crossed.verify(&head, body, signer.now()).unwrap_err();
    assert_eq!(refused.kind(), RejectionKind::BadSignature);

    let branded = Signer::demo(&STANDARD_WEBHOOKS).unwrap().header_prefix("acme").unwrap();
    let fixture = branded.event("{}").id("m1");
    assert_eq!(fixture.clone().request().headers()["acme-id"], "m1");
    assert!(fixture.to_event().id().is_some_and(|id| id == "m1" && id.is_signed()));
}

#[test]
fn a_header_of_the_users_own_stays() {
    let signer = Signer::demo(&SVIX).unwrap();
    let request = signer.event("{}").header("svix-id", "mine").header("x-other", "1").request();
    assert_eq!(request.headers()["svix-id"], "mine");
    assert_eq!(request.headers()["x-other"], "1");
}

#[test]
fn what_cannot_sign_is_refused_as_a_verifier_would() {
    let kind = |result: Result<Signer, tower_webhooks::ConfigError>| result.unwrap_err().kind();
    assert_eq!(kind(Signer::new(&STRIPE, "")), ConfigErrorKind::EmptySecret);
    assert_eq!(kind(Signer::new(&STRIPE, "sk_live_1")), ConfigErrorKind::NotASecret);
    assert_eq!(kind(Signer::new(&SVIX, "whsec_?")), ConfigErrorKind::MalformedSecret);
    let public = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    assert_eq!(kind(Signer::new(&STANDARD_WEBHOOKS, public)), ConfigErrorKind::MalformedSecret);
    assert_eq!(
        kind(Signer::new(&DISCORD, "00ff")),
        match cfg!(feature = "ed25519") {
            true => ConfigErrorKind::MalformedSecret,
            false => ConfigErrorKind::MissingFeature,
        }
    );
}

#[test]
#[should_panic(expected = "signs no time")]
fn a_sender_without_a_time_cannot_be_stale() {
    let _ = Signer::demo(&GITHUB).unwrap().event("{}").stale();
}

#[tokio::test]
async fn it_drives_a_service_with_any_body() {
    let signer = Signer::demo(&STRIPE).unwrap();
    let verifier = signer.verifier().build().unwrap();
    let now = signer.now();
    let mut service = service_fn(move |request: Request<Full<Bytes>>| {
        let verifier = verifier.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let verdict = verifier.verify(&head, body, now);
            Ok::<_, Infallible>(verdict.map_or_else(|no| no.status(), |_| StatusCode::OK))
        }
    });
    let paid = signer.json(json!({"id": "evt_1"}));
    assert_eq!(paid.clone().send(&mut service).await, Ok(StatusCode::OK));
    assert_eq!(paid.stale().send(&mut service).await, Ok(StatusCode::UNAUTHORIZED));
}

#[test]
fn a_signer_signs_at_the_time_of_its_clock() {
    let clock = ManualClock::at(UNIX_EPOCH + Duration::from_secs(1_000_000));
    let signer = Signer::demo(&providers::SLACK).unwrap().clock(clock.clone());
    let before = signer.event("{}").to_event().time();
    clock.advance(Duration::from_secs(60));
    let after = signer.event("{}").to_event().time();
    assert_eq!((before, after), (Some(clock.now() - Duration::from_secs(60)), Some(clock.now())));

    let live = Signer::demo(&providers::SLACK).unwrap().clock(SystemClock);
    let verifier = live.verifier().build().unwrap();
    let (head, body) = live.event("{}").request().into_parts();
    assert!(verifier.verify(&head, body, SystemTime::now()).is_ok());
}

#[cfg(feature = "store-sqlite")]
#[tokio::test]
async fn a_handler_that_commits_is_tested_with_an_event_alone() {
    async fn pay(
        pool: &sqlx::SqlitePool,
        event: tower_webhooks::Event,
    ) -> Result<(), tower_webhooks::store::CompleteError> {
        let mut transaction = pool.begin().await.unwrap();
        sqlx::query("INSERT INTO paid VALUES (7)").execute(&mut *transaction).await.unwrap();
        event.commit(transaction).await
    }
    // No layer, no store, and none of its tables.
    let one = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = one.connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql("CREATE TABLE paid (amount)").execute(&pool).await.unwrap();

    let event = Signer::demo(&providers::STRIPE).unwrap().event("{}").to_event();
    assert_eq!(event.attempt(), 1);
    pay(&pool, event).await.unwrap();
    let paid: i64 =
        sqlx::query_scalar("SELECT sum(amount) FROM paid").fetch_one(&pool).await.unwrap();
    assert_eq!(paid, 7);
}

#[test]
fn headers_and_body_are_enough_where_the_sender_signs_nothing_else() {
    let (mut taken, mut refused) = (0, 0);
    for provider in providers::ALL {
        let signer = Signer::demo(provider).unwrap();
        let verifier = signer.verifier().build().unwrap();
        let (head, body) = signer.event(r#"{"id":"1"}"#).request().into_parts();
        let whole = verifier.verify(&head, body.clone(), signer.now()).is_ok();
        match verifier.verify_headers(&head.headers, body, signer.now()) {
            Err(rejection) if rejection.kind() == RejectionKind::MissingSignedValue => refused += 1,
            verified => {
                assert_eq!(verified.is_ok(), whole, "{}", provider.name());
                taken += 1;
            }
        }
        let exact = signer.clone().exact_url("https://example.com/hook");
        let (Ok(verifier), false) = (exact.verifier().build(), head.uri.query().is_some()) else {
            continue;
        };
        let (head, body) = exact.event(r#"{"id":"1"}"#).request().into_parts();
        let whole = verifier.verify(&head, body.clone(), signer.now()).is_ok();
        let verified = verifier.verify_headers(&head.headers, body, signer.now());
        let signs_more = ["hubspot", "hubspot-v2", "contentful", "messagebird-legacy"];
        assert_eq!(
            verified.is_ok(),
            whole && !signs_more.contains(&provider.name()),
            "{}",
            provider.name()
        );
    }
    assert!(taken > 120 && refused > 5, "{taken} taken, {refused} refused");
}

#[test]
fn fixtures_are_written_as_the_sender_writes_them() {
    let header = |provider, name: &str| {
        let request = Signer::demo(provider).unwrap().event(r#"{"id":"1"}"#).request();
        request.headers()[name].to_str().unwrap().to_owned()
    };
    assert!(header(&providers::WORKOS, "workos-signature").contains(", v1="));
    assert!(!header(&STRIPE, "stripe-signature").contains(' '));
    // A blank is signed as JavaScript escapes it: the same request, signed with `+`, has another
    // signature.
    let messagebird = Signer::demo(&providers::MESSAGEBIRD_LEGACY).unwrap();
    let tag = |uri: &str| {
        let request = messagebird.event("").get().uri(uri).request();
        request.headers()["messagebird-signature"].clone()
    };
    assert_eq!(tag("/m?a=x%20y"), tag("/m?a=x+y"));
    let content = b"1767225600\na=x%20y\n";
    let mut mac = <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(
        messagebird.verifying_secret().as_bytes(),
    )
    .unwrap();
    hmac::Mac::update(&mut mac, content);
    hmac::Mac::update(&mut mac, &<sha2::Sha256 as sha2::Digest>::digest(b""));
    let tag_of_blank = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        hmac::Mac::finalize(mac).into_bytes(),
    );
    assert_eq!(tag("/m?a=x%20y"), tag_of_blank);
}
