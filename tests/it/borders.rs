//! Where something is signed next to something else, no piece of the one may be moved into the other.

#![cfg(feature = "testing")]

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};
use tower_webhooks::handshake::{Challenge, Handshake, Piece};
use tower_webhooks::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{self, Body, Text, Timestamp, Url, Value},
    Provider, Tolerance, header, query,
};
use tower_webhooks::providers::{
    self, CONTENTFUL, HUBSPOT, HUBSPOT_V2, MANDRILL, MESSAGEBIRD_LEGACY, SQUARE, TRELLO, TWILIO,
    TWILIO_SHARED_KEY, VONAGE_SIGNATURE,
};
use tower_webhooks::store::Key;
use tower_webhooks::testing::Signer;
use tower_webhooks::{
    Assurance, ConfigErrorKind, Event, Forwarding, Hint, PeerAddr, Rejection,
    RejectionKind as Kind, Verified, Verifier,
};

const FORM: &str = "application/x-www-form-urlencoded";
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

fn demo(provider: &Provider) -> Signer {
    Signer::demo(provider).unwrap()
}

fn verify_at(
    verifier: &Verifier,
    request: Request<Bytes>,
    now: SystemTime,
) -> Result<Verified, Rejection> {
    let (head, body) = request.into_parts();
    verifier.verify(&head, body, now)
}

fn key_of(signer: &Signer, request: Request<Bytes>) -> Result<Key, Kind> {
    let verifier = signer.verifier().build().unwrap();
    match verify_at(&verifier, request, signer.now()) {
        Ok(Verified::Event(event)) => Ok(event.replay_key()),
        Ok(other) => panic!("no event: {other:?}"),
        Err(rejection) => Err(rejection.kind()),
    }
}

fn verdict(signer: &Signer, request: Request<Bytes>) -> Result<(), Kind> {
    key_of(signer, request).map(|_| ())
}

fn event_of(signer: &Signer, request: Request<Bytes>) -> Event {
    let verifier = signer.verifier().build().unwrap();
    match verify_at(&verifier, request, signer.now()) {
        Ok(Verified::Event(event)) => event,
        other => panic!("no event: {other:?}"),
    }
}

/// The same head and signature, with another URL and body.
fn moved(captured: &Request<Bytes>, uri: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let mut request = captured.clone().map(|_| body.into());
    *request.uri_mut() = uri.parse::<Uri>().unwrap();
    request
}

// The end of a URL as a parameter.

#[test]
fn the_end_of_a_twilio_url_does_not_become_a_parameter() {
    let body = format!("AccountSid={ACCOUNT}&Body=hi&From=%2B15005550006");
    for provider in [&TWILIO, &TWILIO_SHARED_KEY] {
        let signer = demo(provider);
        let captured =
            |path: &str| signer.event(body.clone()).content_type(FORM).uri(path).request();
        for (signed, posted, front) in [
            ("/hooks/tenant-12", "/hooks/tenant-1", "2=&"),
            ("/hooks/tenant-12", "/hooks/tenant-", "12=&"),
            ("/hooks/ACME", "/hooks/", "ACME=&"),
            (&*format!("/hooks/{ACCOUNT}"), "/hooks/", &*format!("{ACCOUNT}=&")),
            ("/hooks?A=12", "/hooks?", "A==12&"),
            ("/hooks?tenant=12", "/hooks?tenant=1", "2=&"),
            ("/hooks?tenant=12", "/hooks", "%3Ftenant==12&"),
        ] {
            let captured = captured(signed);
            assert_eq!(verdict(&signer, captured.clone()), Ok(()), "{signed}");
            let elsewhere = moved(&captured, posted, format!("{front}{body}"));
            assert_eq!(verdict(&signer, elsewhere), Err(Kind::AmbiguousSignedValue), "{posted}");
        }
        // Glued to the first name, or with an empty one.
        let captured = captured("/hooks/tenant-12");
        for other in [format!("2{body}"), format!("=2&{body}")] {
            let elsewhere = moved(&captured, "/hooks/tenant-1", other);
            assert_eq!(verdict(&signer, elsewhere), Err(Kind::AmbiguousSignedValue));
        }
    }
}

#[test]
fn a_twilio_form_does_not_become_the_end_of_a_url() {
    let signer = demo(&TWILIO);
    let body = format!("AccountSid={ACCOUNT}&Body=hi");
    let captured = signer.event(body).content_type(FORM).uri("/hooks?tenant=1").request();
    let longer = format!("/hooks?tenant=1AccountSid{ACCOUNT}Bodyhi");
    let mut elsewhere = moved(&captured, &longer, "");
    assert_eq!(verdict(&signer, elsewhere.clone()), Err(Kind::AmbiguousSignedValue));
    *elsewhere.method_mut() = Method::GET;
    assert_eq!(verdict(&signer, elsewhere), Err(Kind::AmbiguousSignedValue));
    // As Twilio writes it in the query of a GET, it is nobody's form.
    let get = signer.event("").get().uri(format!("/hooks?AccountSid={ACCOUNT}&Body=hi")).request();
    assert_eq!(verdict(&signer, get), Ok(()));
}

#[test]
fn a_callback_of_twilio_proxy_in_lower_case_is_accepted() {
    let signer = demo(&TWILIO);
    let callback = [
        ("outboundResourceStatus", "initiated"),
        ("outboundResourceType", "call"),
        ("interactionDateCreated", "2018-03-13T22:42:54Z"),
        ("interactionData", ""),
        ("interactionAccountSid", ACCOUNT),
        ("interactionType", "Voice"),
        ("inboundParticipantSid", "KP0123456789abcdef0123456789abcdef"),
        ("inboundResourceStatus", "completed"),
    ];
    let request = signer.form(callback).uri("/hooks/proxy").request();
    assert_eq!(verdict(&signer, request), Ok(()));
}

#[test]
fn a_custom_parameter_behind_twilios_own_is_accepted() {
    let signer = demo(&TWILIO);
    let request = signer.form([("AccountSid", ACCOUNT), ("agent", "7"), ("Tenant", "x")]).request();
    assert_eq!(verdict(&signer, request), Ok(()));
}

#[test]
fn mandrill_sends_one_field_and_no_other() {
    let signer = demo(&MANDRILL);
    let events = "mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D";
    let captured = signer.event(events).content_type(FORM).uri("/hooks/tenant-12").request();
    assert_eq!(verdict(&signer, captured.clone()), Ok(()));
    for front in ["2=&", "=2&", "2"] {
        let elsewhere = moved(&captured, "/hooks/tenant-1", format!("{front}{events}"));
        assert_eq!(verdict(&signer, elsewhere), Err(Kind::AmbiguousSignedValue), "{front}");
    }
    for body in ["a=1&b=2", "a=1&mandrill_events=%5B%5D", "mandrill_events=%5B%5D&mandrill_events="]
    {
        let signed = signer.event(body).content_type(FORM).request();
        assert_eq!(verdict(&signer, signed), Err(Kind::AmbiguousSignedValue), "{body}");
    }
    let empty = signer.event("&=").content_type(FORM).request();
    assert_eq!(verdict(&signer, moved(&empty, "/webhooks/mandrill", "")), Err(Kind::BodyMismatch));
}

#[test]
fn the_beginning_of_mandrills_events_does_not_become_the_end_of_the_url() {
    let signer = demo(&MANDRILL);
    // What somebody wrote into a mail: the field's name and what they want to be read.
    let events = r#"mandrill_events=[{"text":"xmandrill_events[]"}]"#;
    let captured = signer.event(events).content_type(FORM).uri("/m?a").request();
    assert_eq!(verdict(&signer, captured.clone()), Ok(()));
    let Ok(longer) = r#"/m?amandrill_events[{"text":"x"#.parse::<Uri>() else { return };
    let body = r#"mandrill_events=[]"}]"#;
    let elsewhere = moved(&captured, &longer.to_string(), body);
    assert_eq!(verdict(&signer, elsewhere), Err(Kind::AmbiguousSignedValue));
}

// The hash of a body in a URL.

#[test]
fn the_text_of_an_sms_does_not_become_a_body() {
    let signer = demo(&TWILIO);
    let json = r#"{"admin":true}"#;
    let honest = signer.event(json).uri("/sms?a=1").request();
    let (_, real) = honest.uri().query().unwrap().split_once("bodySHA256=").unwrap();
    // The text names the body's hash; other parameters stand behind it.
    let text = format!("hi&bodySHA256={real}");
    let form = signer.form([("Body", &*text), ("From", "+15005550006")]).uri("/sms?a=1").request();
    assert_eq!(verdict(&signer, form.clone()), Ok(()));
    let uri = format!("/sms?a=1Bodyhi&bodySHA256={real}From+15005550006");
    let mut forged = moved(&form, &uri, json);
    forged.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    assert_eq!(verdict(&signer, forged), Err(Kind::BodyMismatch));
}

#[test]
fn the_hash_of_a_body_is_believed_only_as_the_whole_end_of_the_url() {
    let signer = demo(&TWILIO);
    let json = r#"{"a":1}"#;
    let honest = signer.event(json).uri("/sms?a=1").request();
    let event = event_of(&signer, honest.clone());
    assert_eq!(event.assurance(), Assurance::PartOfBody);
    let (_, hash) = honest.uri().query().unwrap().split_once("bodySHA256=").unwrap();
    for uri in [
        format!("/sms?bodySHA256={hash}&a=1"),
        format!("/sms?bodySHA256={hash}&"),
        format!("/sms?bodySHA256={hash}0"),
        format!("/sms?bodySHA256={}", &hash[1..]),
        format!("/sms?abodySHA256={hash}"),
        format!("/smsbodySHA256={hash}"),
        format!("/sms?bodySHA256={hash}&bodySHA256={hash}"),
    ] {
        // Signed like this, as a GET would be; posted with the body.
        let signed = signer.event("").uri(uri.clone()).request();
        let mut loaded = moved(&signed, &uri, json);
        loaded.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(verdict(&signer, loaded), Err(Kind::BodyMismatch), "{uri}");
    }
    // Beside a form it is no hash of anything.
    let uri = format!("/sms?bodySHA256={hash}");
    let form = signer.form([("Body", "hi")]).uri(uri).request();
    assert_eq!(verdict(&signer, form), Err(Kind::BodyMismatch));
}

// One identity, however the request is spelt.

#[test]
fn a_port_that_the_request_can_vary_makes_no_new_event() {
    let signer = demo(&TWILIO).public_url("https://a.example");
    let captured = signer.form([("Body", "hi")]).uri("/sms").request();
    let built = TWILIO
        .verifier(signer.verifying_secret())
        .public_url("https://a.example")
        .trusted_proxies(Forwarding::XForwarded, ["10.0.0.0/8"])
        .build()
        .unwrap();
    let mut keys = Vec::new();
    for port in (1..=65_535_u16).step_by(127).chain([80, 443, 8443]) {
        let mut request = captured.clone();
        request.extensions_mut().insert(PeerAddr("10.1.2.3:9".parse().unwrap()));
        let headers = request.headers_mut();
        headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
        headers.insert("x-forwarded-host", HeaderValue::from_static("a.example"));
        headers.insert("x-forwarded-port", HeaderValue::from(port));
        match verify_at(&built, request, signer.now()) {
            Ok(Verified::Event(event)) => keys.push(event.replay_key()),
            other => panic!("{port}: {other:?}"),
        }
    }
    keys.dedup();
    assert_eq!(keys.len(), 1);
}

#[test]
fn a_twilio_query_may_be_respelt_and_stays_one_event() {
    let signer = demo(&TWILIO);
    // Signed in the first spelling, sent in any of them: what Twilio's library for Node accepts.
    for (signed, sent) in [
        ("/v?City=COEUR%20D%27ALENE", "/v?City=COEUR%20D'ALENE"),
        ("/v?City=COEUR%20D'ALENE", "/v?City=COEUR+D%27ALENE"),
        ("/v?a=x%20y", "/v?a=x+y"),
        ("/v?a=x%7Cy", "/v?a=x|y"),
        ("/v?x=", "/v?x"),
    ] {
        let captured = signer.event("").get().uri(signed).request();
        let key = key_of(&signer, captured.clone()).unwrap();
        assert_eq!(key_of(&signer, moved(&captured, sent, "")), Ok(key), "{sent}");
    }
    // Another order, or another value, is another request.
    for (signed, sent) in [("/v?a=1&b=2&a=3", "/v?a=1&a=3&b=2"), ("/v?a=x%20y", "/v?a=x%2By")] {
        let captured = signer.event("").get().uri(signed).request();
        assert_eq!(verdict(&signer, moved(&captured, sent, "")), Err(Kind::BadSignature), "{sent}");
    }
}

#[test]
fn a_contentful_query_is_taken_as_its_toolkit_writes_it_and_stays_one_event() {
    let signer = demo(&CONTENTFUL);
    let signed = signer.event("{}").uri("/r/x?x%253D1%2526y%253D2").request();
    let key = key_of(&signer, signed.clone()).unwrap();
    assert_eq!(key_of(&signer, moved(&signed, "/r/x?x=1&y=2", "{}")), Ok(key));
    // The toolkit forgets what stands behind a second question mark: it is never left unsigned.
    let short = signer.event("{}").uri("/r/x?x%253D1").request();
    assert_eq!(verdict(&signer, moved(&short, "/r/x?x=1?y=2", "{}")), Err(Kind::BadSignature));
}

#[test]
fn messagebirds_status_time_may_have_lost_its_plus() {
    let signer = demo(&MESSAGEBIRD_LEGACY);
    let signed =
        signer.event("").get().uri("/m?statusDatetime=2017-09-01T10:39:00%2B00:00").request();
    let key = key_of(&signer, signed.clone()).unwrap();
    for sent in ["+", "%20", "%2b"] {
        let sent = format!("/m?statusDatetime=2017-09-01T10:39:00{sent}00:00");
        assert_eq!(key_of(&signer, moved(&signed, &sent, "")), Ok(key), "{sent}");
    }
    let other = signer.event("").get().uri("/m?text=a%2Bb").request();
    assert_eq!(verdict(&signer, moved(&other, "/m?text=a+b", "")), Err(Kind::BadSignature));
}

// Bounds.

#[test]
fn a_form_of_very_many_names_is_not_collected() {
    let form = "a%41=1&".repeat(150_000) + "sig=00112233445566778899aabbccddeeff";
    for provider in [&TWILIO, &TWILIO_SHARED_KEY, &MANDRILL, &VONAGE_SIGNATURE] {
        let signer = demo(provider);
        let shell = signer.form([("mandrill_events", "[]")]).with_bad_signature().request();
        let request = shell.map(|_| Bytes::from(form.clone()));
        assert_eq!(verdict(&signer, request.clone()), Err(Kind::TooManyParameters));
        let verifier = signer.verifier().build().unwrap();
        let (head, body) = request.into_parts();
        let diagnosis = verifier.diagnose(&head, body, signer.now());
        assert_eq!(diagnosis.rejection().map(|it| it.kind()), Some(Kind::TooManyParameters));
    }
    let query = "a=1&".repeat(1_001);
    let get = Request::get(format!("/m?{query}"))
        .header("messagebird-signature", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        .header("messagebird-request-timestamp", "1767225600");
    let get = get.body(Bytes::new()).unwrap();
    assert_eq!(verdict(&demo(&MESSAGEBIRD_LEGACY), get), Err(Kind::TooManyParameters));
}

// URL and body.

#[test]
fn a_piece_of_the_body_does_not_become_a_piece_of_the_url() {
    for (provider, signed, posted, rest) in [
        (&SQUARE, r#"/hooks/abc{"n":1}"#, "/hooks/abc", r#"{"n":1}"#),
        (&HUBSPOT, r#"/hooks/abc{"n":1}"#, "/hooks/abc", r#"{"n":1}"#),
        (&HUBSPOT_V2, r#"/hooks/abc{"n":1}"#, "/hooks/abc", r#"{"n":1}"#),
    ] {
        let signer = demo(provider);
        let honest = signer.event(rest).uri(posted).request();
        assert_eq!(verdict(&signer, honest.clone()), Ok(()), "{}", provider.name());
        // The beginning of the body in the path.
        let path = format!("{posted}%7B");
        let longer = moved(&honest, &path, &rest[1..]);
        assert!(verdict(&signer, longer).is_err(), "{}: {signed}", provider.name());
        // The end of the path in the body: the signature is right, and the body is no JSON.
        let shorter = moved(&honest, &posted[..posted.len() - 1], format!("c{rest}"));
        assert_eq!(verdict(&signer, shorter), Err(Kind::BodyMismatch), "{}", provider.name());
        // Bodies that are signed as they stand, and are no object or array.
        for body in ["x", "7", "\"text\"", "{} {}", "{", "a=1"] {
            let signed = signer.event(body).content_type("application/json").uri(posted).request();
            let refused = verdict(&signer, signed);
            // Where the body holds the event's id a fixture cannot have such a body.
            assert_eq!(refused, Err(Kind::BodyMismatch), "{}: {body}", provider.name());
        }
        let empty = signer.event("").uri(posted).request();
        assert_eq!(verdict(&signer, empty), Err(Kind::BodyMismatch), "{}", provider.name());
    }
    // Behind the body: what is taken off its end, or put there, is no JSON either.
    let signer = demo(&TRELLO).exact_url("https://example.com/t");
    let honest = signer.event(r#"{"action":{"id":"1"}}"#).request();
    assert_eq!(verdict(&signer, honest.clone()), Ok(()));
    let other = TRELLO.verifier(signer.verifying_secret()).exact_url("https://example.com/t?x");
    assert!(verify_at(&other.build().unwrap(), honest, signer.now()).is_err());
    for body in ["x", "", "{}https"] {
        let signed = signer.event(body).content_type("application/json").request();
        assert_eq!(verdict(&signer, signed), Err(Kind::BodyMismatch), "{body}");
    }
}

#[test]
fn a_get_of_hubspot_has_no_body_and_is_accepted() {
    for provider in [&HUBSPOT, &HUBSPOT_V2] {
        let signer = demo(provider);
        let get = signer.event("").get().uri("/hooks?a=1").request();
        assert_eq!(verdict(&signer, get), Ok(()), "{}", provider.name());
    }
}

// Tokens that are signed for anybody.

const DIGITS: &str = "0123456789abcdef";

static ORACLE: Provider = Provider::new("oracle")
    .signature(Hmac(Sha256), header("x-signature").hex())
    .signs(&[Body])
    .handshakes(&[Handshake::unsigned_get()
        .signs(Challenge::new(query("challenge"), DIGITS, 4, 64), &[Piece::Hex])]);

#[test]
fn a_token_that_was_signed_for_a_stranger_is_no_delivery() {
    let signer = demo(&ORACLE);
    let verifier = signer.verifier().build().unwrap();
    let ask = Request::get("/hook?challenge=00c0ffee").body(Bytes::new()).unwrap();
    let Ok(Verified::Handshake(answer)) = verify_at(&verifier, ask, signer.now()) else {
        panic!("the challenge is answered")
    };
    let tag = std::str::from_utf8(answer.body()).unwrap().to_owned();
    let forged = Request::post("/hook").header("x-signature", tag).body(Bytes::from("00c0ffee"));
    let refused = verify_at(&verifier, forged.unwrap(), signer.now()).unwrap_err();
    assert_eq!(refused.kind(), Kind::BodyMismatch);
    // No token: the sender's own.
    for body in ["00c0ffee\n", "{}", "00c", &"0".repeat(65)] {
        let request = signer.event(body.to_owned()).content_type("text/plain").request();
        assert_eq!(verdict(&signer, request), Ok(()), "{body:?}");
    }
}

// What touches.

fn built(parts: &'static [Part], tolerance: Tolerance) -> Result<Verifier, ConfigErrorKind> {
    let provider = Provider::new("touching")
        .signature(Hmac(Sha256), header("x-signature").hex())
        .timestamp(header("x-time").seconds(), tolerance)
        .signs(parts);
    let built = provider.verifier("a-long-enough-secret").public_url("https://a.example").build();
    built.map_err(|error| error.kind())
}

#[test]
fn values_that_touch_are_refused_when_the_verifier_is_built() {
    const ID: Part = Value(header("x-id"));
    const NONCE: Part = Value(header("x-nonce"));
    let usual = Tolerance::secs(300);
    for parts in [
        &[ID, NONCE, Text("."), Timestamp, Text("."), Body] as &[Part],
        &[Timestamp, Text("."), ID, Body],
        &[Timestamp, Text("."), Body, ID],
        &[Timestamp, Text("."), ID, Url],
        &[Timestamp, Text("."), Part::Path, Part::Query, Text("\n"), Body],
        &[Timestamp, Text("."), ID, Text(""), Body],
        &[Timestamp, Text("."), ID, Part::BodyOrField("payload")],
    ] {
        let refused = built(parts, usual).map(|_| ());
        assert_eq!(refused, Err(ConfigErrorKind::Description), "{parts:?}");
    }
    for parts in [
        &[ID, Text("."), NONCE, Text("."), Timestamp, Text("."), Body] as &[Part],
        &[ID, Timestamp, Body],
        &[Part::Method, Url, Body, Timestamp],
        &[
            Part::Method,
            Part::Path,
            Text("?"),
            Part::Query,
            Text("\n"),
            Timestamp,
            Text("\n"),
            Body,
        ],
    ] {
        assert!(built(parts, usual).is_ok(), "{parts:?}");
    }
}

#[test]
fn a_time_that_touches_something_is_not_tolerated_for_decades() {
    const ID: Part = Value(header("x-id"));
    const YEAR: u64 = 365 * 24 * 60 * 60;
    let touching = &[ID, Timestamp, Body];
    let bordered = &[ID, Text("."), Timestamp, Text("."), Body];
    for tolerance in [Tolerance::any(), Tolerance::secs(YEAR + 1)] {
        assert_eq!(built(touching, tolerance).map(|_| ()), Err(ConfigErrorKind::Tolerance));
        assert!(built(bordered, tolerance).is_ok());
    }
    assert!(built(touching, Tolerance::secs(YEAR)).is_ok());
    // What is set beats what the description says.
    for provider in [&providers::QUICKNODE, &providers::MAILGUN, &providers::DISCORD] {
        let secret = demo(provider).verifying_secret().to_owned();
        let with = |secs| provider.verifier(&*secret).tolerance(Duration::from_secs(secs)).build();
        assert!(with(YEAR).is_ok(), "{}", provider.name());
        assert_eq!(with(YEAR + 1).unwrap_err().kind(), ConfigErrorKind::Tolerance);
    }
    // A time of RFC 3339 has one length that fits.
    let twitch = providers::TWITCH.verifier("a-long-enough-secret");
    assert!(twitch.tolerance(Duration::from_secs(YEAR * 30)).build().is_ok());
}

static DOUBLE: Provider = Provider::new("double")
    .signature(Hmac(Sha256), header("x-signature").hex())
    .signs(&[Value(header("x-id")), Text("::"), Body, Text("--"), Value(header("x-end"))]);

#[test]
fn a_border_that_reaches_into_a_value_is_no_border() {
    let signer = demo(&DOUBLE);
    let with = |id: &str, end: &str| {
        verdict(&signer, signer.event("{}").header("x-id", id).header("x-end", end).request())
    };
    assert_eq!(with("a", "e"), Ok(()));
    assert_eq!(with("a:b", "e-f"), Ok(()));
    for (id, end) in [("a::b", "e"), ("a:", "e"), ("a", "e--f"), ("a", "-e")] {
        assert_eq!(with(id, end), Err(Kind::AmbiguousSignedValue), "{id} {end}");
    }
}

// The public URL.

#[test]
fn a_url_with_a_fragment_is_refused_with_what_to_do() {
    for built in [
        TWILIO
            .verifier("a-long-enough-secret")
            .exact_url("https://a.example/s#rc=2&rp=all")
            .build(),
        TWILIO.verifier("a-long-enough-secret").public_url("https://a.example/#x").build(),
    ] {
        let error = built.unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::PublicUrl);
        assert!(error.to_string().contains("leave out the fragment"), "{error}");
    }
}

#[test]
fn the_path_in_front_is_kept_behind_a_trusted_proxy() {
    let signer = demo(&TWILIO).public_url("https://b.example/api/v1");
    let captured = signer.form([("Body", "hi")]).uri("/sms?a=1").request();
    let built = TWILIO
        .verifier(signer.verifying_secret())
        .public_url("https://a.example/api/v1")
        .trusted_proxies(Forwarding::XForwarded, ["10.0.0.0/8"])
        .build()
        .unwrap();
    let mut request = captured;
    request.extensions_mut().insert(PeerAddr("10.1.2.3:9".parse().unwrap()));
    let headers = request.headers_mut();
    headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
    headers.insert("x-forwarded-host", HeaderValue::from_static("b.example"));
    assert!(verify_at(&built, request, signer.now()).is_ok());
}

// Payloads.

#[test]
fn a_key_of_serde_json_does_not_change_what_is_read() {
    let signer = demo(&providers::GITHUB);
    let read = |body: &'static str| event_of(&signer, signer.event(body).request());
    let forged = r#"{"a":{"$serde_json::private::RawValue":"{\"admin\":true}"}}"#;
    let escaped = r#"{"a":{"\u0024serde_json::private::RawValue":"{\"admin\":true}"}}"#;
    for body in [forged, escaped] {
        let error = read(body).json::<serde_json::Value>().unwrap_err();
        assert!(error.to_string().contains("JSON"), "{error}");
        assert!(read(body).json_at::<serde_json::Value>("/a").is_err());
    }
    let text = r#"{"a":"$serde_json::private::RawValue \u003c"}"#;
    assert!(read(text).json::<serde_json::Value>().is_ok());
}

#[test]
fn a_byte_order_mark_hides_nothing() {
    let signer = demo(&providers::STRIPE);
    let event =
        event_of(&signer, signer.event("\u{feff}{\"id\":\"evt_1\",\"a\":{\"b\":7}}").request());
    assert!(event.id().is_some_and(|id| id == "evt_1" && id.is_signed()));
    assert_eq!(event.json::<serde_json::Value>().unwrap()["a"]["b"], 7);
    assert_eq!(event.json_at::<u8>("/a/b").unwrap(), 7);
    assert!(event.body().starts_with(b"\xef\xbb\xbf"), "the bytes are those that were signed");
}

#[test]
fn a_signature_that_came_twice_says_so() {
    let signer = demo(&providers::GITHUB);
    let mut request = signer.event("{}").request();
    let value = request.headers()["x-hub-signature-256"].clone();
    request.headers_mut().append("x-hub-signature-256", value);
    let refused =
        verify_at(&signer.verifier().build().unwrap(), request, signer.now()).unwrap_err();
    assert_eq!(
        (refused.kind(), refused.hint()),
        (Kind::MalformedSignature, Some(Hint::SignatureTwice))
    );
}
