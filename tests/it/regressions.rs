//! One test for each known way in which webhook receivers failed.

#![cfg(feature = "testing")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, Request};
use serde_json::json;
use tower_webhooks::provider::{
    Algorithm::{Ed25519, Hmac},
    Hash::Sha256,
    Part::{self, Body, Text, Timestamp, Value},
    Provider, SecretFormat, Tolerance, entry, form, header, json as member, query,
};
use tower_webhooks::providers::{
    self, GITHUB, LINEAR, MAILGUN, META, SHOPIFY, SLACK, STANDARD_WEBHOOKS, STRIPE, SVIX, TWILIO,
};
use tower_webhooks::store::Key;
use tower_webhooks::testing::{Fixture, Signer};
use tower_webhooks::{
    ConfigErrorKind, Event, Hint, KeySource, KeySourceError, Keys, Rejection,
    RejectionKind as Kind, Secret, Verified, Verifier,
};

const BODY: &str = r#"{"id":"evt_1","type":"charge.succeeded"}"#;
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn demo(provider: &Provider) -> Signer {
    Signer::demo(provider).unwrap()
}

/// The providers that this build can verify.
fn all() -> impl Iterator<Item = &'static Provider> {
    let all = providers::ALL.iter().copied();
    all.filter(|provider| cfg!(feature = "ed25519") || provider.name() != "discord")
}

fn verifier(signer: &Signer) -> Verifier {
    signer.verifier().build().unwrap()
}

fn verify(signer: &Signer, request: Request<Bytes>) -> Result<Verified, Rejection> {
    let (head, body) = request.into_parts();
    verifier(signer).verify(&head, body, signer.now())
}

fn kind(signer: &Signer, request: Request<Bytes>) -> Result<(), Kind> {
    verify(signer, request).map(|_| ()).map_err(|rejection| rejection.kind())
}

fn event(verified: Result<Verified, Rejection>) -> Event {
    match verified {
        Ok(Verified::Event(event)) => event,
        other => panic!("no event: {other:?}"),
    }
}

fn config(provider: &Provider, secret: &str) -> Option<ConfigErrorKind> {
    let keys = provider.keys(Secret::new(secret));
    keys.err().map(|error| error.kind())
}

/// Changes the signature header.
fn with_signature(
    mut request: Request<Bytes>,
    name: &'static str,
    change: impl Fn(&str) -> String,
) -> Request<Bytes> {
    let changed = change(request.headers()[name].to_str().unwrap());
    request.headers_mut().insert(name, HeaderValue::try_from(changed).unwrap());
    request
}

// Configuration.

#[test]
fn an_empty_or_blank_secret_is_refused_for_every_provider() {
    for provider in all() {
        for blank in ["", " ", "\t \n", "\u{a0}", "whsec_"] {
            let refused = config(provider, blank);
            assert_eq!(
                refused,
                Some(ConfigErrorKind::EmptySecret),
                "{} {blank:?}",
                provider.name()
            );
        }
    }
}

#[test]
fn no_secret_at_all_and_too_many_are_refused() {
    let none = GITHUB.keys(Vec::<Secret>::new()).unwrap_err();
    assert_eq!(none.kind(), ConfigErrorKind::SecretCount);
    let nine = GITHUB.keys(vec!["secret"; 9]).unwrap_err();
    assert_eq!(nine.kind(), ConfigErrorKind::SecretCount);
    assert!(GITHUB.keys(vec!["secret"; 8]).is_ok());
}

#[test]
fn one_empty_secret_among_good_ones_is_refused() {
    let error = STRIPE.verifier(["whsec_good", ""]).build().unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::EmptySecret);
}

#[test]
fn a_padded_secret_is_refused() {
    for padded in [" secret", "secret\n", "secret\r\n", "\tsecret", "secret\u{a0}"] {
        assert_eq!(config(&GITHUB, padded), Some(ConfigErrorKind::PaddedSecret), "{padded:?}");
    }
    assert_eq!(config(&GITHUB, "white space inside"), None);
}

#[test]
fn what_is_mis_pasted_is_refused_with_what_to_paste() {
    let versioned = format!("v1,{WHSEC}");
    let private = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    for (provider, pasted, refused) in [
        (&STANDARD_WEBHOOKS, &*versioned, ConfigErrorKind::MalformedSecret),
        (&SVIX, &*versioned, ConfigErrorKind::MalformedSecret),
        (&STANDARD_WEBHOOKS, private, ConfigErrorKind::NotASecret),
        (&SVIX, private, ConfigErrorKind::MalformedSecret),
        (&STANDARD_WEBHOOKS, "whsec_not base64!", ConfigErrorKind::MalformedSecret),
        (
            &STANDARD_WEBHOOKS,
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
            ConfigErrorKind::MalformedSecret,
        ),
        (&STRIPE, "sk_live_123", ConfigErrorKind::NotASecret),
        (&STRIPE, "sk_test_123", ConfigErrorKind::NotASecret),
        (&STRIPE, "rk_live_123", ConfigErrorKind::NotASecret),
        (&STRIPE, "pk_live_123", ConfigErrorKind::NotASecret),
        (&STRIPE, "we_123", ConfigErrorKind::NotASecret),
    ] {
        assert_eq!(config(provider, pasted), Some(refused), "{} {pasted}", provider.name());
    }
}

#[cfg(not(feature = "ed25519"))]
#[test]
fn a_public_key_without_the_feature_is_refused_and_never_taken_for_an_hmac_secret() {
    let public = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    assert_eq!(config(&STANDARD_WEBHOOKS, public), Some(ConfigErrorKind::MissingFeature));
}

#[cfg(feature = "ed25519")]
#[test]
fn public_keys_that_are_none_or_verify_anything_are_refused() {
    for weak in [format!("01{}", "00".repeat(31)), "ab".repeat(31), "zz".repeat(32)] {
        let refused = config(&providers::DISCORD, &weak);
        assert_eq!(refused, Some(ConfigErrorKind::MalformedSecret), "{weak}");
    }
    // Zeros are refused before they are taken for a point of the curve.
    let zero = format!("whpk_{}", STANDARD.encode([0; 32]));
    assert_eq!(config(&STANDARD_WEBHOOKS, &zero), Some(ConfigErrorKind::EmptySecret));
    let hex = "00".repeat(32);
    assert_eq!(config(&providers::DISCORD, &hex), Some(ConfigErrorKind::EmptySecret));
}

#[test]
fn secrets_stand_in_no_debug_and_no_error() {
    let secret = "hunter2-and-more";
    let signer = Signer::new(&GITHUB, secret).unwrap();
    let built = verifier(&signer);
    let padded = GITHUB.verifier(format!(" {secret}")).build().unwrap_err();
    let mistaken = STRIPE.verifier(format!("sk_live_{secret}")).build().unwrap_err();
    let malformed = STANDARD_WEBHOOKS.verifier(format!("whsec_!{secret}")).build().unwrap_err();
    let token = META.verifier(secret).verify_token(secret);
    let tokened = META.verifier(secret).verify_token(secret).build().unwrap();
    let fixture = signer.event(BODY);
    let refused = fixture.clone().with_bad_signature().verify().unwrap_err();
    let event = fixture.to_event();
    for shown in [
        format!("{:?}", Secret::new(secret)),
        format!("{:?}", tower_webhooks::Secrets::from([secret, secret])),
        format!("{:?}", GITHUB.keys(secret).unwrap()),
        format!("{:?}", GITHUB.verifier(secret)),
        format!("{built:?} {tokened:?} {token:?}"),
        format!("{padded:?} {padded} {mistaken:?} {mistaken} {malformed:?} {malformed}"),
        format!("{event:?} {refused:?} {refused}"),
        format!("{signer:?} {fixture:?}"),
    ] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let personal = format!("{:?}", signer.event(r#"{"mail":"someone@example.org"}"#).to_event());
    assert!(!personal.contains("someone"), "{personal}");
}

#[test]
fn a_description_that_nobody_can_meet_is_refused() {
    static IN_URL: Provider = Provider::new("in-url")
        .signature(Hmac(Sha256), query("sig").hex())
        .signs(&[Part::Url, Body]);
    static IN_QUERY: Provider = Provider::new("in-query")
        .signature(Hmac(Sha256), query("sig").hex())
        .signs(&[Part::Query, Body]);
    static IN_BODY: Provider =
        Provider::new("in-body").signature(Hmac(Sha256), member("/sig").hex()).signs(&[Body]);
    static UNNAMED: Provider =
        Provider::new("unnamed").signature(Hmac(Sha256), header("sig").list(",", '=').hex());
    for provider in [&IN_URL, &IN_QUERY, &IN_BODY, &UNNAMED] {
        let error = provider.verifier("secret").public_url("https://a.example").build();
        assert_eq!(error.unwrap_err().kind(), ConfigErrorKind::Description, "{}", provider.name());
    }
}

#[test]
fn one_exact_url_never_vouches_for_the_query_of_a_request() {
    static ACME: Provider = Provider::new("acme")
        .signature(Hmac(Sha256), header("x-sig").hex())
        .signs(&[Part::Url, Body])
        .event_id(&[query("id")]);
    let exact = ACME.verifier("secret").exact_url("https://a.example/?id=1").build();
    assert_eq!(exact.unwrap_err().kind(), ConfigErrorKind::PublicUrl);
    let based = Signer::new(&ACME, "secret").unwrap().event(BODY).id("7").to_event();
    assert!(based.id().is_some_and(|id| id == "7" && id.is_signed()));
}

// Signatures.

#[test]
fn a_missing_signature_is_refused_for_every_provider() {
    for provider in all() {
        let signer = demo(provider);
        let name = provider.name();
        let missing = signer.event(BODY).without_signature().request();
        assert_eq!(kind(&signer, missing), Err(Kind::MissingSignature), "{name}");
        // Where the body is not a form or JSON of the sender's, its time is not there either. A
        // sender that names its scheme has not named it here.
        let bare = Request::post("/webhooks").body(Bytes::from(BODY)).unwrap();
        let kind = kind(&signer, bare).unwrap_err();
        assert!(matches!(kind, Kind::MissingSignature | Kind::UnsupportedScheme), "{name}");
    }
}

#[test]
fn a_body_that_was_parsed_and_written_again_is_refused() {
    let signer = demo(&GITHUB);
    for (sent, again) in [
        (r#"{"a": 1,  "b": [1, 2]}"#, r#"{"a":1,"b":[1,2]}"#),
        (r#"{"name":"Ren\u00e9"}"#, r#"{"name":"René"}"#),
        (r#"{"a":1.0}"#, r#"{"a":1}"#),
        (r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#),
        ("{}\n", "{}"),
        ("{}", "\u{feff}{}"),
    ] {
        assert_eq!(kind(&signer, signer.event(sent).request()), Ok(()));
        let request = signer.event(sent).request().map(|_| Bytes::from(again));
        assert_eq!(kind(&signer, request), Err(Kind::BadSignature), "{again}");
    }
}

#[test]
fn a_body_that_is_no_utf8_is_verified_as_it_is() {
    let signer = demo(&SHOPIFY);
    let sent = signer.event(&b"\xff\xfe\x00"[..]);
    assert_eq!(sent.to_event().body().as_ref(), b"\xff\xfe\x00");
    for other in [&b"\xff\xff\x00"[..], "\u{fffd}\u{fffd}\0".as_bytes(), b"\xff\xfe"] {
        let request = sent.clone().request().map(|_| Bytes::from(other));
        assert_eq!(kind(&signer, request), Err(Kind::BadSignature));
    }
}

#[test]
fn a_weaker_hash_beside_or_instead_of_the_right_one_is_never_enough() {
    for (provider, name) in [(&GITHUB, "x-hub-signature-256"), (&META, "x-hub-signature-256")] {
        let signer = demo(provider);
        let sha1 = "sha1=7b4e8e3bd5f5e5b7d3e54f5e3e3cc6d2b2d4b2a1";
        let mut only = signer.event(BODY).without_signature().request();
        only.headers_mut().insert("x-hub-signature", HeaderValue::from_static(sha1));
        assert_eq!(kind(&signer, only), Err(Kind::MissingSignature));
        for text in [sha1, "sha256=", "", "sha256", "md5=00", "SHA256=00"] {
            let inside = with_signature(signer.event(BODY).request(), name, |_| text.to_owned());
            assert_eq!(kind(&signer, inside), Err(Kind::MalformedSignature), "{text:?}");
        }
    }
}

#[test]
fn stripes_v0_is_never_enough() {
    let signer = demo(&STRIPE);
    let request = signer.event(BODY).request();
    let only_v0 = with_signature(request, "stripe-signature", |text| text.replace("v1=", "v0="));
    assert_eq!(kind(&signer, only_v0), Err(Kind::MalformedSignature));
    let beside = with_signature(signer.event(BODY).request(), "stripe-signature", |text| {
        format!("{text},v0={}", "00".repeat(32))
    });
    assert_eq!(kind(&signer, beside), Ok(()), "and does not disturb");
}

#[test]
fn an_unknown_version_of_standard_webhooks_is_never_enough() {
    let signer = demo(&STANDARD_WEBHOOKS);
    for version in ["v2,", "v1a,", "v1,v1,", "V1,", "v1=", ""] {
        let request = signer.event(BODY).request();
        let other =
            with_signature(request, "webhook-signature", |text| text.replace("v1,", version));
        assert_eq!(kind(&signer, other), Err(Kind::MalformedSignature), "{version:?}");
    }
}

#[cfg(feature = "ed25519")]
#[test]
fn a_public_key_never_verifies_an_hmac_keyed_with_it() {
    let seed = format!("whsk_{}", STANDARD.encode([7; 32]));
    let sender = Signer::new(&STANDARD_WEBHOOKS, seed).unwrap();
    assert!(sender.event(BODY).verify().is_ok());
    let public = sender.verifying_secret().strip_prefix("whpk_").unwrap();
    // Everybody knows the public key, and can key an HMAC with it.
    let forger = Signer::new(&STANDARD_WEBHOOKS, format!("whsec_{public}")).unwrap();
    let forged = forger.event(BODY).request();
    assert_eq!(kind(&forger, forger.event(BODY).request()), Ok(()));
    assert_eq!(kind(&sender, forged), Err(Kind::MalformedSignature), "no key for this version");
    let relabelled = with_signature(forger.event(BODY).request(), "webhook-signature", |text| {
        text.replace("v1,", "v1a,")
    });
    assert_eq!(kind(&sender, relabelled), Err(Kind::MalformedSignature), "32 bytes are no Ed25519");
}

#[cfg(feature = "ed25519")]
#[test]
fn a_public_key_that_could_be_taken_for_a_shared_secret_is_a_description_error() {
    static CONFUSED: Provider = Provider::new("confused")
        .signature(Hmac(Sha256), header("x-hmac").hex())
        .signature(Ed25519, header("x-ed25519").hex())
        .secret(SecretFormat::Hex);
    let public = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
    let error = CONFUSED.verifier(public).build().unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::Description);
}

#[test]
fn truncated_and_over_long_signatures_are_refused() {
    let cases: [(&Provider, &str); 5] = [
        (&GITHUB, "x-hub-signature-256"),
        (&SHOPIFY, "x-shopify-hmac-sha256"),
        (&SLACK, "x-slack-signature"),
        (&STANDARD_WEBHOOKS, "webhook-signature"),
        (&TWILIO, "x-twilio-signature"),
    ];
    for (provider, name) in cases {
        let name: &'static str = name;
        let signer = demo(provider);
        let whole = signer.event(BODY).request();
        let length = whole.headers()[name].len();
        for cut in 0..length {
            let cut = with_signature(signer.event(BODY).request(), name, |text| text[..cut].into());
            let refused = kind(&signer, cut);
            assert_eq!(refused, Err(Kind::MalformedSignature), "{}", provider.name());
        }
        for more in ["0", "00", "=", "A", "AAAA", " ", "\t"] {
            let long =
                with_signature(signer.event(BODY).request(), name, |text| format!("{text}{more}"));
            let verdict = kind(&signer, long);
            // White space between the elements of a list is no part of one.
            let in_list = provider.name() == "standard-webhooks" && more.trim().is_empty();
            let wanted = if in_list { Ok(()) } else { Err(Kind::MalformedSignature) };
            assert_eq!(verdict, wanted, "{} {more:?}", provider.name());
        }
    }
}

#[test]
fn what_comes_twice_is_not_guessed_at() {
    let signer = demo(&STANDARD_WEBHOOKS);
    for (name, refused) in [
        ("webhook-signature", Kind::MalformedSignature),
        ("webhook-timestamp", Kind::MalformedTimestamp),
        ("webhook-id", Kind::AmbiguousSignedValue),
    ] {
        for first in [true, false] {
            let mut request = signer.event(BODY).request();
            let own = request.headers()[name].clone();
            let other = HeaderValue::from_static("1");
            let (one, two) = if first { (other, own) } else { (own, other) };
            request.headers_mut().insert(name, one);
            request.headers_mut().append(name, two);
            assert_eq!(kind(&signer, request), Err(refused), "{name}");
        }
    }
    let stripe = demo(&STRIPE);
    let twice = with_signature(stripe.event(BODY).request(), "stripe-signature", |text| {
        format!("t=1,{text}")
    });
    assert_eq!(kind(&stripe, twice), Err(Kind::MalformedTimestamp));
    let mailgun = demo(&MAILGUN);
    let request = mailgun.event(r#"{"event-data":{}}"#).request();
    let doubled = request.map(|body| {
        let text = String::from_utf8(body.to_vec()).unwrap();
        Bytes::from(text.replacen("\"token\":", "\"token\":\"0\",\"token\":", 1))
    });
    assert_eq!(kind(&mailgun, doubled), Err(Kind::MissingSignature), "and reads nothing of it");
}

#[test]
fn more_than_sixteen_signatures_are_refused_whatever_they_are() {
    let signer = demo(&STRIPE);
    let wrong = format!("v1={},", "00".repeat(32));
    let with = |count: usize| {
        let many = wrong.repeat(count);
        with_signature(signer.event(BODY).request(), "stripe-signature", |text| {
            format!("{many}{text}")
        })
    };
    assert_eq!(kind(&signer, with(15)), Ok(()));
    assert_eq!(kind(&signer, with(16)), Err(Kind::MalformedSignature));
}

#[test]
fn a_signature_header_of_more_than_8_kib_is_refused_unread() {
    let signer = demo(&STANDARD_WEBHOOKS);
    let padded = |total: usize| {
        with_signature(signer.event(BODY).request(), "webhook-signature", |text| {
            format!("{text} {}", "x".repeat(total - text.len() - 1))
        })
    };
    assert_eq!(kind(&signer, padded(8 * 1024)), Ok(()));
    assert_eq!(kind(&signer, padded(8 * 1024 + 1)), Err(Kind::MalformedSignature));
}

#[test]
fn methods_that_the_sender_does_not_use_are_refused() {
    // HubSpot signs the method, and Zendesk lets a webhook have any.
    let any = ["hubspot", "hubspot-v2", "zendesk"];
    for provider in all().filter(|provider| !any.contains(&provider.name())) {
        let signer = demo(provider);
        let is_probed = ["intercom", "mandrill", "trello"].contains(&provider.name());
        for method in [Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS] {
            if method == Method::HEAD && is_probed {
                continue; // a setup request
            }
            let request = signer.event(BODY).method(method).request();
            assert_eq!(kind(&signer, request), Err(Kind::MethodNotAllowed), "{}", provider.name());
        }
    }
    let github = demo(&GITHUB);
    assert_eq!(kind(&github, github.event("").get().request()), Err(Kind::MethodNotAllowed));
}

// Times.

#[test]
fn a_time_that_is_no_plain_number_is_refused_though_it_is_signed() {
    for provider in all().filter(|provider| provider.signs_time()) {
        let signer = demo(provider);
        let sent = |text| kind(&signer, signer.event(BODY).with_timestamp_text(text).request());
        for text in [
            "-9223372036854775808",
            "9223372036854775807",
            "9999999999999999999",
            "18446744073709551615",
            "18446744073709551616",
            "1767225600.0",
            "1767225600.5",
            "1.7672256e9",
            "+1767225600",
            "-1767225600",
            " 1767225600",
            "0x6955b900",
            "1_767_225_600",
            "2026-01-01T00:00:00Z",
            "NaN",
            "x",
        ] {
            let expected = match text {
                // Far away, in milliseconds.
                "9223372036854775807" if sent("1767225600000").is_ok() => {
                    // Of a sender whose deliveries may be of any age even that is taken.
                    let Some(_) = verifier(&signer).tolerance() else { continue };
                    Kind::FutureTimestamp
                }
                // What such a sender writes.
                "2026-01-01T00:00:00Z" if sent(text).is_ok() => continue,
                _ => Kind::MalformedTimestamp,
            };
            assert_eq!(sent(text), Err(expected), "{} {text:?}", provider.name());
        }
    }
}

#[test]
fn a_time_is_bounded_on_both_sides_and_a_longer_tolerance_moves_both() {
    for provider in all().filter(|provider| provider.signs_time()) {
        let signer = demo(provider);
        let Some(tolerance) = verifier(&signer).tolerance() else { continue };
        let longer = signer.verifier().tolerance(tolerance * 2).build().unwrap();
        let beyond = tolerance + Duration::from_secs(1);
        let clock_off = i32::try_from(beyond.as_secs()).unwrap();
        let refused = |at: SystemTime| signer.event(BODY).at(at).verify().map(|_| ());
        let now = signer.now();
        assert_eq!(refused(now - tolerance), Ok(()));
        assert_eq!(refused(now + tolerance), Ok(()));
        let stale = refused(now - beyond).unwrap_err();
        assert_eq!(
            (stale.kind(), stale.hint()),
            (Kind::StaleTimestamp, Some(Hint::ClockOff(clock_off)))
        );
        let early = refused(now + beyond).unwrap_err();
        assert_eq!(
            (early.kind(), early.hint()),
            (Kind::FutureTimestamp, Some(Hint::ClockOff(-clock_off)))
        );
        for at in [now - tolerance * 2, now + tolerance * 2] {
            let (head, body) = signer.event(BODY).at(at).request().into_parts();
            assert!(longer.verify(&head, body, now).is_ok(), "{}", provider.name());
        }
    }
}

#[test]
fn a_clock_at_the_epoch_or_far_beyond_does_not_panic_or_accept() {
    let bounded = |provider: &&Provider| verifier(&demo(provider)).tolerance().is_some();
    for provider in all().filter(bounded) {
        let signer = demo(provider);
        let (head, body) = signer.event(BODY).request().into_parts();
        for now in [UNIX_EPOCH, UNIX_EPOCH - Duration::from_secs(1 << 40)] {
            let refused = verifier(&signer).verify(&head, body.clone(), now).unwrap_err();
            assert_eq!(refused.kind(), Kind::FutureTimestamp);
        }
        let far = UNIX_EPOCH + Duration::from_secs(1 << 60);
        let refused = verifier(&signer).verify(&head, body, far).unwrap_err();
        assert_eq!(refused.hint(), Some(Hint::ClockOff(i32::MAX)));
    }
}

#[test]
fn a_zero_moved_from_a_nonce_to_the_time_behind_it_is_no_new_event() {
    let signer = demo(&providers::QUICKNODE);
    let mut request = signer.event("{}").header("x-qn-nonce", "a0").request();
    assert_eq!(kind(&signer, request.clone()), Ok(()));
    let time = format!("0{}", request.headers()["x-qn-timestamp"].to_str().unwrap());
    request.headers_mut().insert("x-qn-nonce", HeaderValue::from_static("a"));
    request.headers_mut().insert("x-qn-timestamp", HeaderValue::try_from(time).unwrap());
    assert_eq!(kind(&signer, request), Err(Kind::MalformedTimestamp));
}

// Ids and replay keys.

#[test]
fn an_unsigned_id_that_is_changed_or_removed_keeps_the_replay_key() {
    for provider in [&LINEAR, &MAILGUN] {
        let fixture = demo(provider).event("{}").id("first");
        let key = fixture.to_event().replay_key();
        let changed = fixture.clone().with_changed_id().to_event();
        assert!(changed.id().is_some_and(|id| id != "first" && !id.is_signed()));
        assert_eq!(changed.replay_key(), key, "{}", provider.name());
        let removed = fixture.without_id().to_event();
        assert_eq!((removed.id(), removed.replay_key()), (None, key), "{}", provider.name());
    }
}

#[test]
fn an_unsigned_id_before_a_signed_one_cannot_hide_it_from_the_replay_key() {
    static IN_BODY: Provider = Provider::new("mixed")
        .signature(Hmac(Sha256), header("x-sig").hex())
        .event_id(&[header("x-delivery"), member("/id")]);
    static IN_HEADER: Provider = Provider::new("mixed")
        .signature(Hmac(Sha256), header("x-sig").hex())
        .signs(&[Value(header("x-id")), Text("."), Body])
        .event_id(&[header("x-delivery"), header("x-id")]);
    for provider in [&IN_BODY, &IN_HEADER] {
        let signer = Signer::new(provider, "secret").unwrap();
        let fixture = signer.event(r#"{"id":"signed"}"#);
        let with = fixture.clone().id("stranger's").to_event();
        let other = fixture.clone().id("stranger's").with_changed_id().to_event();
        let without = fixture.clone().without_id().to_event();
        assert!(with.id().is_some_and(|id| id == "stranger's" && !id.is_signed()));
        assert_eq!(with.replay_key(), other.replay_key());
        assert_eq!(with.replay_key(), without.replay_key());
        let next = signer.event(r#"{"id":"next"}"#).to_event();
        assert_ne!(with.replay_key(), next.replay_key());
    }
}

#[test]
fn an_id_in_the_signatures_list_names_the_event_where_the_body_is_unsigned() {
    static IN_LIST: Provider = Provider::new("listed")
        .signature(Hmac(Sha256), header("x-sig").list(",", '=').entry("v1").hex())
        .timestamp(entry("t").seconds(), Tolerance::secs(300))
        .signs(&[Timestamp, Text("."), Value(entry("nonce"))])
        .event_id(&[entry("nonce")]);
    let signer = Signer::new(&IN_LIST, "secret").unwrap();
    let fixture = signer.event("{}").id("n-1");
    let first = fixture.to_event();
    assert!(first.id().is_some_and(|id| id == "n-1" && id.is_signed()));
    let forged = fixture.with_changed_body().to_event();
    assert_ne!(forged.fingerprint(), first.fingerprint());
    assert_eq!(forged.replay_key(), first.replay_key(), "a second body is the same event");
    let next = signer.event("{}").id("n-2").to_event();
    assert_ne!(next.replay_key(), first.replay_key());
}

#[test]
fn a_signed_id_that_is_no_text_does_not_make_the_unsigned_body_name_the_event() {
    static ID_ONLY: Provider = Provider::new("id-only")
        .signature(Hmac(Sha256), header("x-sig").hex())
        .signs(&[Value(header("x-id"))])
        .event_id(&[header("x-id")]);
    let signer = Signer::new(&ID_ONLY, "secret").unwrap();
    let mut keys = Vec::new();
    for body in ["one", "two"] {
        let mut request = signer.event(body).id("x").request();
        let id = HeaderValue::from_bytes(b"\xff").unwrap();
        request.headers_mut().insert("x-id", id);
        // HMAC-SHA-256 of the byte ff under the key `secret`.
        let mac = "877164fcec3e98076451fb62279a6d04f54fb286cd61f72d7ffc3bb000f5badf";
        request.headers_mut().insert("x-sig", HeaderValue::from_static(mac));
        keys.push(event(verify(&signer, request)).replay_key());
    }
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn a_signature_list_in_a_query_or_form_is_read_with_its_entries() {
    static IN_QUERY: Provider = Provider::new("listed-query")
        .signature(Hmac(Sha256), query("s").list(",", '=').entry("v1").hex())
        .timestamp(entry("t").seconds(), Tolerance::secs(300))
        .signs(&[Timestamp, Text("."), Body]);
    static IN_FORM: Provider = Provider::new("listed-form")
        .signature(Hmac(Sha256), form("s").list(",", '=').entry("v1").base64())
        .timestamp(entry("t").seconds(), Tolerance::secs(300))
        .signs(&[Timestamp, Text("."), Value(form("token"))]);
    for provider in [&IN_QUERY, &IN_FORM] {
        let fixture = Signer::new(provider, "secret").unwrap().form([("a", "b")]);
        assert!(fixture.verify().is_ok(), "{}", provider.name());
        assert_eq!(fixture.stale().verify().unwrap_err().kind(), Kind::StaleTimestamp);
    }
}

#[test]
fn an_id_with_a_point_cannot_lend_its_tail_to_the_time() {
    let signer = demo(&STANDARD_WEBHOOKS);
    for id in ["a.1760000000", "a.", ".", "..", "msg.1767225600.{"] {
        let request = signer.event(BODY).id(id).request();
        assert_eq!(kind(&signer, request), Err(Kind::AmbiguousSignedValue), "{id}");
    }
    // The same bytes signed, the border moved: `a` + `.` + time + `.` + body.
    let mut moved = signer.event("1767225600.{}").id("a").at(signer.now()).request();
    moved.headers_mut().insert("webhook-id", HeaderValue::from_static("a.1767225600"));
    let moved = moved.map(|_| Bytes::from_static(b"{}"));
    assert_eq!(kind(&signer, moved), Err(Kind::AmbiguousSignedValue));
}

#[test]
fn an_empty_signed_id_is_a_missing_one() {
    let signer = demo(&SVIX);
    let request = signer.event(BODY).id("").request();
    assert_eq!(kind(&signer, request), Err(Kind::MissingSignedValue));
}

/// Keys that are the same for every request.
#[derive(Debug)]
struct Fixed(Keys);

impl KeySource for Fixed {
    async fn keys(&self, _: &Parts) -> Result<Option<Keys>, KeySourceError> {
        Ok(Some(self.0.clone()))
    }
}

#[test]
fn the_replay_key_is_of_endpoint_provider_and_principal_and_not_of_the_secret() {
    let key =
        |provider: &Provider, secret: &str, both: [&str; 2], principal: &str, at: &str| -> Key {
            let signer = Signer::new(provider, secret).unwrap();
            let keys = provider.keys(both).unwrap().principal(principal);
            let verifier = provider.verifier_with(Fixed(keys.clone())).build().unwrap();
            let (head, body) = signer.event(BODY).id("id-1").request().into_parts();
            let mut verification = verifier.begin(&head, &keys, signer.now()).unwrap();
            verification.update(body);
            event(verification.finish()).at_endpoint(at).replay_key()
        };
    let (old, new) = ("whsec_b2xkLW9sZC1vbGQ=", "whsec_bmV3LW5ldy1uZXc=");
    for provider in [&GITHUB, &STRIPE, &SVIX] {
        let first = key(provider, old, [old, new], "acme", "billing");
        assert_eq!(first, key(provider, new, [new, old], "acme", "billing"), "another secret");
        assert_ne!(first, key(provider, old, [old, new], "acme", "shipping"), "another endpoint");
        assert_ne!(first, key(provider, old, [old, new], "other", "billing"), "another principal");
        assert_ne!(first, key(provider, old, [old, new], "acmeb", "illing"), "a moved border");
    }
    let github = key(&GITHUB, old, [old, new], "acme", "billing");
    let shopify = key(&SHOPIFY, old, [old, new], "acme", "billing");
    assert_ne!(github, shopify, "another provider");
}

#[test]
fn the_label_tells_which_secret_matched() {
    let secrets = || [Secret::new("whsec_new").label("may"), Secret::new("whsec_old")];
    let built = STRIPE.verifier(secrets()).build().unwrap();
    for (secret, label) in [("whsec_new", "may"), ("whsec_old", "2")] {
        let signer = Signer::new(&STRIPE, secret).unwrap();
        let (head, body) = signer.event(BODY).request().into_parts();
        assert_eq!(event(built.verify(&head, body, signer.now())).key_label(), label);
    }
}

#[test]
fn keys_of_another_provider_verify_nothing() {
    let signer = demo(&GITHUB);
    let built = verifier(&signer);
    let keys = META.keys(signer.verifying_secret()).unwrap();
    let (head, _) = signer.event(BODY).request().into_parts();
    let refused = built.begin(&head, &keys, signer.now()).map(|_| ()).unwrap_err();
    assert_eq!(refused.kind(), Kind::UnknownKey);
}

#[test]
fn a_body_or_a_field_of_it_is_one_event_and_lets_nothing_stand_beside_it() {
    static WRAPPED: Provider = Provider::new("wrapped")
        .signature(Hmac(Sha256), header("x-sig").hex())
        .signs(&[Part::BodyOrField("payload")])
        .event_id(&[member("/id")]);
    let signer = Signer::new(&WRAPPED, "secret").unwrap();
    let (as_json, as_form) = (signer.event(BODY), signer.form([("payload", BODY)]));
    let key = as_json.to_event().replay_key();
    assert_eq!(as_form.to_event().replay_key(), key, "in another dress it is the same event");
    let captured = as_form.request();
    let beside = |body: String| kind(&signer, captured.clone().map(|_| Bytes::from(body)));
    let field = std::str::from_utf8(captured.body()).unwrap();
    assert_eq!(beside(format!("{field}&other=1")), Err(Kind::BodyMismatch));
    let forged = format!(r#"{{"id":"forged","x":"&{field}&"}}"#);
    assert!(serde_json::from_str::<serde_json::Value>(&forged).is_ok(), "both form and JSON");
    assert_eq!(beside(forged), Err(Kind::BadSignature));
    assert_eq!(beside(format!("&{field}")), Err(Kind::BadSignature), "it begins otherwise");
    assert_eq!(beside(format!("{field}&{field}")), Err(Kind::AmbiguousSignedValue));
    assert_eq!(beside("payload=".into()), Err(Kind::MissingSignedValue));
    assert_eq!(beside(format!("{field}&")), Ok(()));
    assert_eq!(beside(field.replacen("evt", "evx", 1)), Err(Kind::BadSignature));
}

// Setup requests.

#[test]
fn an_unsigned_challenge_is_not_answered() {
    let signer = demo(&SLACK);
    let setup = || signer.json(json!({"type": "url_verification", "challenge": "c-1"}));
    let answer = setup().verify();
    assert!(matches!(answer, Ok(Verified::Handshake(answer)) if answer.body() == "c-1"));
    for (forged, refused) in [
        (setup().without_signature(), Kind::MissingSignature),
        (setup().with_bad_signature(), Kind::BadSignature),
        (setup().signed_by_another_key(), Kind::BadSignature),
        (setup().stale(), Kind::StaleTimestamp),
        (setup().with_changed_body(), Kind::BadSignature),
    ] {
        assert_eq!(forged.verify().unwrap_err().kind(), refused);
    }
}

fn meta_setup(token: Option<&str>) -> Fixture {
    let setup = demo(&META).event("").get();
    let setup = setup.query("hub.mode", "subscribe").query("hub.challenge", "1158201444");
    match token {
        Some(token) => setup.query("hub.verify_token", token),
        None => setup,
    }
}

#[test]
fn a_setup_request_without_the_verify_token_is_refused_whatever_its_length() {
    let token = Signer::VERIFY_TOKEN;
    assert!(matches!(meta_setup(Some(token)).verify(), Ok(Verified::Handshake(_))));
    let refused = |setup: Fixture| {
        let rejection = setup.verify().unwrap_err();
        assert_eq!(rejection.kind(), Kind::HandshakeRefused);
        assert_eq!(rejection.status(), 403);
        assert!(!format!("{rejection} {rejection:?}").contains(token));
    };
    refused(meta_setup(None));
    for length in 0..200 {
        let cut: String = token.chars().cycle().take(length).collect();
        if cut != token {
            refused(meta_setup(Some(&cut)));
        }
    }
    refused(meta_setup(Some(&token.to_uppercase())));
    refused(meta_setup(Some(&format!("{token}\0"))));
    refused(meta_setup(Some(token)).query("hub.verify_token", "other"));
    refused(meta_setup(Some(token)).query("hub.challenge", "other"));
}

#[test]
fn a_setup_request_that_is_not_whole_is_refused() {
    let setup = demo(&META).event("").get().query("hub.verify_token", Signer::VERIFY_TOKEN);
    assert_eq!(setup.verify().unwrap_err().kind(), Kind::HandshakeRefused);
    let long = setup.query("hub.mode", "subscribe").query("hub.challenge", &"1".repeat(1025));
    assert_eq!(long.verify().unwrap_err().kind(), Kind::HandshakeRefused);
}

#[test]
fn a_signed_event_that_quotes_a_challenge_is_an_event() {
    let signer = demo(&SLACK);
    let text = json!({"event_id": "Ev1", "type": "event_callback", "text": "url_verification"});
    assert!(matches!(signer.json(text).verify(), Ok(Verified::Event(_))));
}

// Tokens in the body.

#[test]
fn every_notification_of_a_batch_needs_a_token_and_any_active_one_will_do() {
    let secrets = ["may", "june"].map(Secret::new);
    let verifier = providers::MICROSOFT_GRAPH.verifier(secrets).build().unwrap();
    let head = Request::post("/graph").body(()).unwrap().into_parts().0;
    let sent = |states: &[Option<&str>]| {
        let value =
            states.iter().map(|state| json!({"changeType": "updated", "clientState": state}));
        let body = json!({"value": value.collect::<Vec<_>>()}).to_string();
        let verified = verifier.verify(&head, body, UNIX_EPOCH);
        verified.map(|verified| event(Ok(verified)).key_label().to_owned()).map_err(|no| no.kind())
    };
    assert_eq!(sent(&[Some("may")]), Ok("1".into()));
    assert_eq!(sent(&[Some("june"), Some("may"), Some("june")]), Ok("2".into()));
    assert_eq!(sent(&[Some("may"), Some("july")]), Err(Kind::BadSignature));
    assert_eq!(sent(&[Some("may"), None]), Err(Kind::MissingSignature));
    assert_eq!(sent(&[]), Err(Kind::MissingSignature));
    let many = [vec![Some("may"); 40], vec![Some("july")]].concat();
    assert_eq!(sent(&many), Err(Kind::BadSignature));
}

#[test]
fn a_token_is_not_looked_for_in_what_somebody_wrote_in_a_chat() {
    let verifier = providers::MATTERMOST.verifier("right").build().unwrap();
    let sent = |content_type: &'static str, body: &str| {
        let head = Request::post("/").header(CONTENT_TYPE, content_type).body(()).unwrap();
        let verified = verifier.verify(&head.into_parts().0, body.to_owned(), UNIX_EPOCH);
        verified.map(|_| ()).map_err(|no| no.kind())
    };
    let (form, json) = ("application/x-www-form-urlencoded", "application/json; charset=utf-8");
    assert_eq!(sent(form, "text=hello&token=right"), Ok(()));
    assert_eq!(sent(json, r#"{"token":"right","text":"a&token=x&token=y"}"#), Ok(()));
    assert_eq!(sent(json, r#"{"text":"a&token=right&b"}"#), Err(Kind::MissingSignature));
    assert_eq!(sent(form, r#"text={"token":"right"}"#), Err(Kind::MissingSignature));
    assert_eq!(sent(form, "token=right&token=right"), Err(Kind::MalformedSignature));
}

// Twilio.

fn twilio() -> Signer {
    demo(&TWILIO)
}

#[test]
fn a_twilio_body_that_neither_form_nor_hash_binds_is_refused() {
    let signer = twilio();
    // Captured: a signed form without fields, or a signed GET; its signature covers the URL alone.
    let captured = signer.event("").uri("/sms").request();
    for content_type in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let mut request = captured.clone().map(|_| Bytes::from(BODY));
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        assert_eq!(kind(&signer, request), Err(Kind::BodyMismatch), "{content_type}");
    }
    let untyped = captured.map(|_| Bytes::from(BODY));
    assert_eq!(kind(&signer, untyped), Err(Kind::BodyMismatch));
}

#[test]
fn a_twilio_url_with_a_body_hash_takes_no_other_body() {
    let signer = twilio();
    let captured = signer.event(BODY).uri("/voice").request();
    assert!(captured.uri().query().is_some_and(|query| query.starts_with("bodySHA256=")));
    assert_eq!(kind(&signer, captured.clone()), Ok(()));
    let with = |content_type: &'static str, body: &'static str| {
        let mut request = captured.clone().map(|_| Bytes::from_static(body.as_bytes()));
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        kind(&signer, request)
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(with("application/json", ""), Err(Kind::BodyMismatch));
    assert_eq!(with("application/json", "{}"), Err(Kind::BodyMismatch));
    assert_eq!(with(form, ""), Err(Kind::BodyMismatch));
    assert_eq!(with(form, "&"), Err(Kind::BodyMismatch));
    assert_eq!(with(form, "From=%2B1"), Err(Kind::BadSignature));
    assert_eq!(with(form, BODY), Err(Kind::BadSignature));
}

#[test]
fn a_body_on_a_get_is_refused() {
    let signer = twilio();
    let captured = signer.event("").get().uri("/sms").request();
    assert_eq!(kind(&signer, captured.clone()), Ok(()));
    let loaded = captured.map(|_| Bytes::from_static(b"From=%2B1"));
    assert_eq!(kind(&signer, loaded), Err(Kind::BodyMismatch));
}

#[test]
fn twilio_bytes_that_are_no_utf8_stay_apart() {
    let signer = twilio();
    let form = |body: &'static [u8]| {
        signer.event(body).content_type("application/x-www-form-urlencoded").request()
    };
    assert_eq!(kind(&signer, form(b"Body=%FF")), Ok(()));
    let moved = form(b"Body=%FF").map(|_| Bytes::from_static(b"Body=%FE"));
    assert_eq!(kind(&signer, moved), Err(Kind::BadSignature));
    let key = |request| event(verify(&signer, request)).replay_key();
    assert_ne!(key(form(b"Body=%FF")), key(form(b"Body=%FE")));
}

#[test]
fn twilio_signs_with_or_without_the_port_and_one_event_stays_one() {
    let request = twilio().public_url("https://example.com:443").event("Body=b").request();
    let (head, body) = request.into_parts();
    let key = |url: &str| {
        let built = twilio().public_url(url).verifier().build().unwrap();
        event(built.verify(&head, body.clone(), UNIX_EPOCH)).replay_key()
    };
    assert_eq!(key("https://example.com"), key("https://example.com/"));
    let other = twilio().public_url("https://example.org").verifier().build().unwrap();
    assert_eq!(other.verify(&head, body, UNIX_EPOCH).unwrap_err().kind(), Kind::BadSignature);
}

// What the head says of the scheme.

#[test]
fn a_header_that_is_not_signed_never_lowers_the_algorithm() {
    let signer = demo(&providers::TWILIO_SHARED_KEY);
    let with = |settings: Option<&str>| {
        let mut request = signer.form([("Body", "hello")]).request();
        let headers = request.headers_mut();
        match settings.map(|text| HeaderValue::from_str(text).unwrap()) {
            Some(value) => headers.insert("x-twilio-webhooks-signature-settings", value),
            None => headers.remove("x-twilio-webhooks-signature-settings"),
        };
        kind(&signer, request)
    };
    assert_eq!(with(Some("key=k,algorithm=HMAC_SHA256")), Ok(()));
    assert_eq!(with(Some("algorithm=HMAC_SHA256 , key=k")), Ok(()));
    for settings in [
        None,
        Some(""),
        Some("key=k"),
        Some("key=k,algorithm=HMAC_SHA1"),
        Some("key=k,algorithm=HMAC_SHA2567"),
        Some("key=k;algorithm=HMAC_SHA256"),
    ] {
        assert_eq!(with(settings), Err(Kind::UnsupportedScheme), "{settings:?}");
    }
}

#[test]
fn the_older_hashes_of_hubspot_are_asked_for_by_version() {
    for (provider, version) in [(&providers::HUBSPOT_V1, "v2"), (&providers::HUBSPOT_V2, "v1")] {
        let signer = demo(provider);
        let mut request = signer.event(BODY).request();
        assert_eq!(kind(&signer, request.clone()), Ok(()));
        let version = HeaderValue::from_static(version);
        request.headers_mut().insert("x-hubspot-signature-version", version);
        assert_eq!(kind(&signer, request), Err(Kind::UnsupportedScheme));
    }
}

// Forms under a signature.

#[test]
fn fields_are_signed_by_name_whatever_their_order() {
    let signer = demo(&TWILIO);
    let signed = signer.form([("From", "2 +"), ("Body", "1")]).request();
    let (head, _) = signed.into_parts();
    let sent = |body: &'static str| {
        kind(&signer, Request::from_parts(head.clone(), Bytes::from_static(body.as_bytes())))
    };
    assert_eq!(sent("Body=1&From=2+%2B"), Ok(()));
    assert_eq!(sent("From=2%20%2b&Body=1"), Ok(()));
    assert_eq!(sent("Body=1&From=2++"), Err(Kind::BadSignature));
    assert_eq!(sent("Body=1&From=2+%2B&c=3"), Err(Kind::BadSignature));
}

// Hints.

#[test]
fn a_secret_that_should_have_been_decoded_is_hinted_at() {
    let encoded = "c2VjcmV0LXNlY3JldA==";
    static DECODED: Provider = Provider::new("slack")
        .signature(Hmac(Sha256), header("x-slack-signature").prefix("v0=").hex())
        .secret(SecretFormat::Base64)
        .timestamp(header("x-slack-request-timestamp").seconds(), Tolerance::secs(300))
        .signs(&[Text("v0:"), Timestamp, Text(":"), Body]);
    let sender = Signer::new(&DECODED, encoded).unwrap();
    let receiver = Signer::new(&SLACK, encoded).unwrap();
    let refused = verify(&receiver, sender.event(BODY).request()).unwrap_err();
    assert_eq!(refused.hint(), Some(Hint::SecretLooksBase64));
    // The other way round.
    let refused = verify(&sender, receiver.event(BODY).request()).unwrap_err();
    assert_eq!(refused.hint(), Some(Hint::SecretIsText));
    // Neither: no hint.
    let refused = receiver.event(BODY).signed_by_another_key().verify().unwrap_err();
    assert_eq!((refused.kind(), refused.hint()), (Kind::BadSignature, None));
    // A large body is not hashed again for a stranger.
    let large = sender.event("x".repeat(16 * 1024 + 1)).request();
    assert_eq!(verify(&receiver, large).unwrap_err().hint(), None);
}

#[test]
fn white_space_in_the_secret_is_hinted_at_only_when_it_does_not_match() {
    let signer = Signer::new(&GITHUB, "pasted with spaces").unwrap();
    assert!(signer.event(BODY).verify().is_ok());
    let refused = signer.event(BODY).with_bad_signature().verify().unwrap_err();
    assert_eq!(refused.hint(), Some(Hint::SecretHasWhiteSpace));
    let missing = signer.event(BODY).without_signature().verify().unwrap_err();
    assert_eq!(missing.hint(), None);
}
