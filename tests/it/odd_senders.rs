//! What a stranger with one captured delivery can try on each of the senders whose schemes are not
//! a hash of the body: bytes that are not signed, borders that move, values that come twice or not
//! at all.

#![cfg(feature = "testing")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue, Method, Request};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tower_webhooks::RejectionKind as Kind;
use tower_webhooks::provider::Hash;
use tower_webhooks::providers::{
    ADYEN, BOX, BRAINTREE, CLOUDINARY, CLOUDINARY_SHA256, CONTENTFUL, CONVOY, CONVOY_ADVANCED,
    DROPBOX_SIGN, INTERCOM, MAILGUN, MESSAGEBIRD_LEGACY, PUSHER, RECHARGE_LEGACY, SENTRY,
    VONAGE_SIGNATURE, VONAGE_SIGNATURE_MD5, VONAGE_SIGNATURE_SHA256,
};
use tower_webhooks::store::Key;
use tower_webhooks::{Assurance, Event, Provider, Rejection, Verified, Verifier};

const NOW: u64 = 1_767_225_600;
const SECRET: &str = "a-secret-of-the-tests";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

type Answer = Result<Verified, Rejection>;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn verifier(provider: &Provider) -> Verifier {
    provider.verifier(SECRET).build().unwrap()
}

fn request(uri: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request<Bytes> {
    let mut request = Request::post(uri).body(body.into()).unwrap();
    for (name, value) in headers {
        let name = HeaderName::try_from(*name).unwrap();
        request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
    }
    request
}

fn get(uri: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    let mut request = request(uri, headers, "");
    *request.method_mut() = Method::GET;
    request
}

fn ask(verifier: &Verifier, request: Request<Bytes>) -> Answer {
    let (head, body) = request.into_parts();
    verifier.verify(&head, body, at(NOW))
}

#[track_caller]
fn event(answer: Answer) -> Event {
    match answer {
        Ok(Verified::Event(event)) => event,
        other => panic!("no event: {other:?}"),
    }
}

#[track_caller]
fn key(answer: Answer) -> Key {
    event(answer).replay_key()
}

#[track_caller]
fn refuses(answer: Answer, kind: Kind) {
    assert_eq!(answer.map(|_| ()).map_err(|rejection| rejection.kind()), Err(kind));
}

fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

// Cloudinary ----------------------------------------------------------------------------------

fn cloudinary(time: &str, body: &str, signature: &str) -> Request<Bytes> {
    request("/", &[("x-cld-timestamp", time), ("x-cld-signature", signature)], body.to_owned())
}

#[test]
fn cloudinary_neither_lends_digits_between_body_and_time_nor_takes_another_hash() {
    let body = r#"{"notification_type":"upload"}"#;
    let text = format!("{body}{NOW}{SECRET}");
    let (sha1, sha256) = (hex(&Sha1::digest(&text)), hex(&Sha256::digest(&text)));
    let sent = |time: &str, body: &str| ask(&verifier(&CLOUDINARY), cloudinary(time, body, &sha1));
    event(sent(&NOW.to_string(), body));

    let time = NOW.to_string();
    for at in 1..time.len() {
        let (lent, rest) = time.split_at(at);
        // A time is written without zeros in front.
        let zero = rest.len() > 1 && rest.starts_with('0');
        let kind = if zero { Kind::MalformedTimestamp } else { Kind::StaleTimestamp };
        refuses(sent(rest, &format!("{body}{lent}")), kind);
    }
    refuses(sent(&format!("}}{time}"), &body[..body.len() - 1]), Kind::MalformedTimestamp);
    refuses(sent("", &format!("{body}{time}")), Kind::MalformedTimestamp);

    let other = |provider, signature| ask(&verifier(provider), cloudinary(&time, body, signature));
    event(other(&CLOUDINARY_SHA256, &sha256));
    refuses(other(&CLOUDINARY_SHA256, &sha1), Kind::MalformedSignature);
    refuses(other(&CLOUDINARY, &sha256), Kind::MalformedSignature);
}

// Recharge ------------------------------------------------------------------------------------

/// SHA-256 over `secret + body + padding + suffix`, of the hash over `secret + body` alone.
fn extended(hash: &[u8], hashed: usize, suffix: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let padding = |length: usize| {
        let mut padding = vec![0x80];
        padding.resize(1 + (119 - length % 64) % 64, 0);
        padding.extend((length as u64 * 8).to_be_bytes());
        padding
    };
    let mut state: [u32; 8] =
        std::array::from_fn(|n| u32::from_be_bytes(hash[4 * n..4 * n + 4].try_into().unwrap()));
    let first = padding(hashed);
    let length = hashed + first.len();
    assert_eq!(length % 64, 0);
    let rest = [suffix, &padding(length + suffix.len())].concat();
    for block in rest.chunks(64) {
        sha2::block_api::compress256(&mut state, &[block.try_into().unwrap()]);
    }
    let hash = state.iter().flat_map(|word| word.to_be_bytes()).collect();
    ([&first, suffix].concat(), hash)
}

#[test]
fn recharge_cannot_be_hashed_on_from_the_end_of_a_captured_body() {
    let body = r#"{"subscription":{"id":1}}"#;
    let hash = Sha256::digest([SECRET, body].concat());
    let sent = |body: &[u8], hash: &[u8]| {
        let header = [("x-recharge-hmac-sha256", &*hex(hash))];
        ask(&verifier(&RECHARGE_LEGACY), request("/", &header, body.to_vec()))
    };
    event(sent(body.as_bytes(), &hash));

    for suffix in ["", "x", r#"{"subscription":{"id":2}}"#, &" ".repeat(200)] {
        let (more, hash) = extended(&hash, SECRET.len() + body.len(), suffix.as_bytes());
        let body = [body.as_bytes(), &more].concat();
        let whole = Sha256::digest([SECRET.as_bytes(), &body].concat());
        assert_eq!(*whole, *hash, "the attack works against who does not look");
        refuses(sent(&body, &hash), Kind::BodyMismatch);
    }

    let body = "{\"name\":\"Zoë ☃\"}";
    event(sent(body.as_bytes(), &Sha256::digest([SECRET, body].concat())));
}

// Pusher --------------------------------------------------------------------------------------

#[test]
fn pusher_a_token_verifies_only_what_is_said_to_be_its_own() {
    let verifier = PUSHER.verifier(["one:first", "two:second"]).build().unwrap();
    let by = |secret: &str| hex(&hmac_sha256(secret.as_bytes(), &[b"{}"]));
    let sent = |names: &[&str], signature: &str| {
        let mut headers = vec![("x-pusher-signature", signature)];
        headers.extend(names.iter().map(|name| ("x-pusher-key", *name)));
        ask(&verifier, request("/", &headers, "{}"))
    };
    event(sent(&["two"], &by("second")));
    refuses(sent(&["one"], &by("second")), Kind::BadSignature);
    refuses(sent(&["three"], &by("second")), Kind::UnknownKey);
    refuses(sent(&[], &by("second")), Kind::UnknownKey);
    refuses(sent(&["one", "two"], &by("second")), Kind::UnknownKey);
}

// Box -----------------------------------------------------------------------------------------

#[test]
fn box_has_one_border_between_body_and_time_and_one_version() {
    let verifier = BOX.verifier(["primary", "secondary"]).build().unwrap();
    let (time, body) = ("2026-01-01T00:00:00Z", r#"{"id":"1","trigger":"FILE.UPLOADED"}"#);
    let by = |key: &str| {
        STANDARD.encode(hmac_sha256(key.as_bytes(), &[body.as_bytes(), time.as_bytes()]))
    };
    let base = [("box-signature-version", "1"), ("box-signature-algorithm", "HmacSHA256")];
    let send = |time: &str, body: &str, signatures: &[(&str, &str)]| {
        let headers = [&base, signatures, &[("box-delivery-timestamp", time)]].concat();
        ask(&verifier, request("/", &headers, body.to_owned()))
    };
    let right = by("primary");
    let primary = [("box-signature-primary", &*right)];
    let sent = event(send(time, body, &primary));
    assert!(sent.id().is_some_and(|id| id == "1" && id.is_signed()));

    for at in 1..time.len() {
        let (lent, rest) = time.split_at(at);
        refuses(send(rest, &format!("{body}{lent}"), &primary), Kind::MalformedTimestamp);
    }
    for at in 1..body.len() {
        let (rest, lent) = body.split_at(at);
        refuses(send(&format!("{lent}{time}"), rest, &primary), Kind::MalformedTimestamp);
    }
    let (other, wrong) = (by("secondary"), by("of nobody"));
    let secondary = ("box-signature-secondary", &*other);
    event(send(time, body, &[("box-signature-primary", &wrong), secondary]));
    refuses(send(time, body, &[("box-signature-primary", &wrong)]), Kind::BadSignature);
    refuses(send(time, body, &[primary[0], primary[0]]), Kind::MalformedSignature);
    refuses(send(time, body, &[]), Kind::MissingSignature);

    for headers in [
        vec![("box-signature-version", "2"), base[1]],
        vec![base[0], ("box-signature-algorithm", "none")],
        vec![base[0], base[0], base[1]],
        vec![base[0]],
    ] {
        let headers = [&headers[..], &primary, &[("box-delivery-timestamp", time)]].concat();
        refuses(ask(&verifier, request("/", &headers, body)), Kind::UnsupportedScheme);
    }
}

// Convoy --------------------------------------------------------------------------------------

#[test]
fn convoy_takes_no_signature_of_the_other_kind() {
    let simple = hex(&hmac_sha256(SECRET.as_bytes(), &[b"{}"]));
    let timed = hex(&hmac_sha256(SECRET.as_bytes(), &[NOW.to_string().as_bytes(), b",{}"]));
    let sent = |provider, header: &str, body: &str| {
        let headers = [("x-convoy-signature", header)];
        ask(&verifier(provider), request("/", &headers, body.to_owned()))
    };
    event(sent(&CONVOY, &simple, "{}"));
    event(sent(&CONVOY_ADVANCED, &format!("t={NOW},v1={timed}"), "{}"));
    event(sent(&CONVOY_ADVANCED, &format!("t={NOW},v1={simple},v2={timed}"), "{}"));

    refuses(sent(&CONVOY_ADVANCED, &simple, "{}"), Kind::MalformedSignature);
    refuses(sent(&CONVOY_ADVANCED, &format!("t={NOW},v1={simple}"), "{}"), Kind::BadSignature);
    refuses(sent(&CONVOY_ADVANCED, &format!("v1={timed}"), "{}"), Kind::MissingTimestamp);
    let twice = format!("t={NOW},t={},v1={timed}", NOW + 1);
    refuses(sent(&CONVOY_ADVANCED, &twice, "{}"), Kind::MalformedTimestamp);
    // An advanced signature is one of the simple kind over the advanced content. So where one
    // secret was used for both kinds, a capture of the one is a body of the other, and no JSON.
    event(sent(&CONVOY, &timed, &format!("{NOW},{{}}")));
}

// Contentful ----------------------------------------------------------------------------------

const LIST: &str =
    "content-type,x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic";
const MILLIS: &str = "1767225600000";
const ENTRY: &str = r#"{"sys":{"type":"Entry"}}"#;

/// Signed over these headers, and sent with them.
fn contentful(uri: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut signed: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    signed.sort();
    let content = format!("POST\n{uri}\n{}\n{body}", signed.join(";"));
    let signature = hex(&hmac_sha256(SECRET.as_bytes(), &[content.as_bytes()]));
    let headers = [headers, &[("x-contentful-signature", &signature)]].concat();
    request(uri, &headers, body.to_owned())
}

fn entry_published() -> Vec<(&'static str, &'static str)> {
    vec![
        ("content-type", "application/json; charset=utf-8"),
        ("x-contentful-signed-headers", LIST),
        ("x-contentful-timestamp", MILLIS),
        ("x-contentful-topic", "Entry.publish"),
    ]
}

#[test]
fn contentful_signs_the_listed_headers_and_the_list() {
    let verifier = verifier(&CONTENTFUL);
    let right = || contentful("/hook", &entry_published(), ENTRY);
    let sent = event(ask(&verifier, right()));
    assert!(sent.kind().is_some_and(|kind| kind == "Entry.publish" && kind.is_signed()));
    assert_eq!(sent.assurance(), Assurance::WholeBody);

    let with = |name: &'static str, value: Option<&str>| {
        let mut request = right();
        request.headers_mut().remove(name);
        if let Some(value) = value {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        ask(&verifier, request)
    };
    let list = "x-contentful-signed-headers";
    refuses(with("x-contentful-topic", Some("Entry.delete")), Kind::BadSignature);
    refuses(with("x-contentful-topic", None), Kind::MissingSignedValue);
    refuses(with("content-type", None), Kind::MissingSignedValue);
    refuses(with(list, None), Kind::MissingSignedValue);
    refuses(with(list, Some("x-contentful-topic")), Kind::MissingSignedValue);
    refuses(with(list, Some(&format!("{LIST},x-contentful-topic"))), Kind::AmbiguousSignedValue);
    refuses(with(list, Some(&format!("{LIST},"))), Kind::AmbiguousSignedValue);
    refuses(with(list, Some(&format!("{LIST},X-Other"))), Kind::AmbiguousSignedValue);
    refuses(with(list, Some(&format!("{LIST},x-other"))), Kind::MissingSignedValue);
    event(with("x-other", Some("unsigned and unread")));

    let mut twice = right();
    twice.headers_mut().append("x-contentful-topic", "Entry.delete".parse().unwrap());
    refuses(ask(&verifier, twice), Kind::AmbiguousSignedValue);
    for uri in ["/other", "/hook?x=1", "/hook/"] {
        let mut moved = right();
        *moved.uri_mut() = uri.parse().unwrap();
        refuses(ask(&verifier, moved), Kind::BadSignature);
    }
}

#[test]
fn contentful_time_and_topic_must_be_in_the_list() {
    let verifier = verifier(&CONTENTFUL);
    let untimed = [("x-contentful-signed-headers", "x-contentful-signed-headers")];
    let mut request = contentful("/", &untimed, ENTRY);
    request.headers_mut().insert("x-contentful-timestamp", MILLIS.parse().unwrap());
    refuses(ask(&verifier, request), Kind::MissingSignedValue);

    let list = "x-contentful-signed-headers,x-contentful-timestamp";
    let untyped = [("x-contentful-signed-headers", list), ("x-contentful-timestamp", MILLIS)];
    let mut request = contentful("/", &untyped, ENTRY);
    assert!(event(ask(&verifier, request.clone())).kind().is_none());
    request.headers_mut().insert("x-contentful-topic", "of a stranger".parse().unwrap());
    refuses(ask(&verifier, request), Kind::AmbiguousSignedValue);
}

#[test]
fn contentful_a_header_lends_nothing_to_the_next() {
    // Signed as one header `a`, and sent as `a` and `b`: the list would have to be another.
    let verifier = verifier(&CONTENTFUL);
    let list = "x-a,x-contentful-signed-headers,x-contentful-timestamp";
    let one = [
        ("x-a", "1;x-b:2"),
        ("x-contentful-signed-headers", list),
        ("x-contentful-timestamp", MILLIS),
    ];
    event(ask(&verifier, contentful("/", &one, "")));
    let list_of_both = "x-a,x-b,x-contentful-signed-headers,x-contentful-timestamp";
    let mut request = contentful("/", &one, "");
    for (name, value) in [("x-a", "1"), ("x-b", "2"), (LISTED, list_of_both)] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    refuses(ask(&verifier, request), Kind::BadSignature);

    // And where both are listed, neither may look like the other.
    let both = [("x-a", "1;x-b:2"), ("x-b", "3"), (LISTED, list_of_both), one[2]];
    refuses(ask(&verifier, contentful("/", &both, "")), Kind::AmbiguousSignedValue);
}

const LISTED: &str = "x-contentful-signed-headers";

#[test]
fn contentful_behind_a_proxy_signs_the_path_it_calls() {
    let verifier =
        CONTENTFUL.verifier(SECRET).public_url("https://example.com/api").build().unwrap();
    let mut request = contentful("/api/hook", &entry_published(), ENTRY);
    *request.uri_mut() = "/hook".parse().unwrap();
    event(ask(&verifier, request));
    refuses(ask(&verifier, contentful("/hook", &entry_published(), ENTRY)), Kind::BadSignature);
}

#[test]
fn contentful_tries_again_under_one_key() {
    let keyed = |time: &'static str| {
        let mut headers = entry_published();
        headers[2].1 = time;
        key(ask(&verifier(&CONTENTFUL), contentful("/", &headers, ENTRY)))
    };
    assert_eq!(keyed(MILLIS), keyed("1767225610000"));
}

// MessageBird ---------------------------------------------------------------------------------

fn messagebird(uri: &str, query: &str, body: &str) -> Request<Bytes> {
    let time = NOW.to_string();
    let parts = [time.as_bytes(), b"\n", query.as_bytes(), b"\n", &Sha256::digest(body)];
    let signature = STANDARD.encode(hmac_sha256(SECRET.as_bytes(), &parts));
    let headers =
        [("messagebird-signature", &*signature), ("messagebird-request-timestamp", &*time)];
    request(uri, &headers, body.to_owned())
}

#[test]
fn messagebird_parameters_may_come_in_any_order_and_nothing_else_may_change() {
    let verifier = verifier(&MESSAGEBIRD_LEGACY);
    let signed = "id=a%26b&status=on+time";
    let keyed = |uri: &str| key(ask(&verifier, messagebird(uri, signed, "{}")));
    let first = keyed("/?id=a%26b&status=on+time");
    assert_eq!(keyed("/?status=on%20time&id=%61%26b"), first);
    let escaped = messagebird("/?id=a%26b&status=on+time", "id=a%26b&status=on%20time", "{}");
    assert_eq!(key(ask(&verifier, escaped)), first);

    for uri in [
        "/?id=a&b&status=on+time",
        "/?id=a%26b%26status=on+time",
        "/?id=a%26b&status=on+time&x=",
        "/?id=a%26b",
        "/",
        "/?id=a%26bstatus&=on+time",
        "/?ID=a%26b&status=on+time",
    ] {
        refuses(ask(&verifier, messagebird(uri, signed, "{}")), Kind::BadSignature);
    }
    let twice = messagebird("/?id=a%26b&id=a%26b&status=on+time", signed, "{}");
    refuses(ask(&verifier, twice), Kind::AmbiguousSignedValue);
    let mut body = messagebird("/?id=a%26b&status=on+time", signed, "{}");
    *body.body_mut() = "{ }".into();
    refuses(ask(&verifier, body), Kind::BadSignature);
}

// Vonage --------------------------------------------------------------------------------------

fn vonage_signature(content: &str) -> String {
    hex(&hmac_sha256(SECRET.as_bytes(), &[content.as_bytes()]))
}

#[test]
fn vonage_names_are_no_borders_and_values_are_as_good_as_their_signature() {
    let verifier = verifier(&VONAGE_SIGNATURE_SHA256);
    let signature = vonage_signature(&format!("&a=1&b=x_y&timestamp={NOW}"));
    let sent = |query: &str| {
        ask(&verifier, get(&format!("/?{query}&timestamp={NOW}&sig={signature}"), &[]))
    };
    let first = event(sent("a=1&b=x_y"));
    assert_eq!(first.assurance(), Assurance::PartOfBody);
    assert_eq!(key(sent("b=x%5Fy&a=%31")), first.replay_key());

    // Vonage signs these alike, and so do they name one event.
    for alike in ["a=1&b=x%26y", "a=1&b=x%3Dy", "a=1&b=x=y"] {
        assert_eq!(key(sent(alike)), first.replay_key());
    }
    for moved in ["a%3D1%26b=x_y", "a=1&b%3Dx_y", "a=1%26b%3Dx_y", "a=1%26b=x_y&=", "a=1&=&b=x_y"] {
        let kind = sent(moved).map(|_| ()).map_err(|rejection| rejection.kind()).unwrap_err();
        assert!(
            matches!(kind, Kind::AmbiguousSignedValue | Kind::BadSignature),
            "{moved}: {kind:?}"
        );
    }
    refuses(sent("a=1&a=1&b=x_y"), Kind::AmbiguousSignedValue);
    refuses(sent("a=1&b=x_y&sig=00"), Kind::AmbiguousSignedValue);
    refuses(sent("a=1&b=x_y&timestamp=1"), Kind::AmbiguousSignedValue);
    refuses(sent("a=1&b=x_y&c="), Kind::BadSignature);
    refuses(sent("a=1"), Kind::BadSignature);
}

#[test]
fn vonage_signs_query_or_form_and_never_reads_the_other() {
    let verifier = verifier(&VONAGE_SIGNATURE_SHA256);
    let content = format!("&text=hi&timestamp={NOW}");
    let pairs = format!("text=hi&timestamp={NOW}&sig={}", vonage_signature(&content));
    let first = key(ask(&verifier, get(&format!("/?{pairs}"), &[])));
    let posted = event(ask(&verifier, request("/?tenant=1", &[FORM], pairs.clone())));
    assert_eq!(posted.replay_key(), first, "whichever way it comes, it is one event");
    assert_eq!(posted.time(), Some(at(NOW)));

    let in_query = request(&format!("/?{pairs}"), &[FORM], "text=forged");
    refuses(ask(&verifier, in_query), Kind::MissingSignature);
    refuses(ask(&verifier, request("/", &[], pairs.clone())), Kind::MissingSignature);
    let mut with_body = get(&format!("/?{pairs}"), &[FORM]);
    *with_body.body_mut() = "text=forged".into();
    refuses(ask(&verifier, with_body), Kind::BodyMismatch);

    let untimed = format!("text=hi&sig={}", vonage_signature("&text=hi"));
    refuses(ask(&verifier, get(&format!("/?{untimed}"), &[])), Kind::MissingTimestamp);
    let old = NOW - 301;
    let stale = vonage_signature(&format!("&text=hi&timestamp={old}"));
    let stale = get(&format!("/?text=hi&timestamp={old}&sig={stale}"), &[]);
    refuses(ask(&verifier, stale), Kind::StaleTimestamp);
}

#[test]
fn vonage_a_retry_that_is_signed_anew_is_the_same_event() {
    let verifier = verifier(&VONAGE_SIGNATURE_SHA256);
    let keyed = |id: &str, time: u64, nonce: &str| {
        let content = format!("&messageId={id}&nonce={nonce}&timestamp={time}");
        let query = format!("{}&sig={}", &content[1..], vonage_signature(&content));
        key(ask(&verifier, get(&format!("/?{query}"), &[])))
    };
    assert_eq!(keyed("1", NOW, "x"), keyed("1", NOW - 60, "y"));
    assert_ne!(keyed("1", NOW, "x"), keyed("2", NOW, "x"));
}

#[test]
fn vonage_no_method_takes_the_signature_of_another() {
    let content = format!("&a=1&timestamp={NOW}");
    let plain = hex(&Md5::digest(format!("{content}{SECRET}")));
    let mut mac = Hmac::<Md5>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(content.as_bytes());
    let keyed = hex(&mac.finalize().into_bytes());
    let sent = |provider, signature: &str| {
        let uri = format!("/?a=1&timestamp={NOW}&sig={signature}");
        ask(&verifier(provider), get(&uri, &[]))
    };
    event(sent(&VONAGE_SIGNATURE, &plain));
    event(sent(&VONAGE_SIGNATURE, &plain.to_uppercase()));
    event(sent(&VONAGE_SIGNATURE_MD5, &keyed));
    refuses(sent(&VONAGE_SIGNATURE, &keyed), Kind::BadSignature);
    refuses(sent(&VONAGE_SIGNATURE_MD5, &plain), Kind::BadSignature);
    refuses(sent(&VONAGE_SIGNATURE_SHA256, &plain), Kind::MalformedSignature);
}

// Adyen ---------------------------------------------------------------------------------------

const HMAC_KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
const OTHER_KEY: &str = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn adyen_signature(key: &str, fields: [&str; 8]) -> String {
    STANDARD.encode(hmac_sha256(&unhex(key), &[fields.join(":").as_bytes()]))
}

/// One item, signed over these fields; an empty one is left out.
fn item(key: &str, fields: [&str; 8]) -> serde_json::Value {
    let [psp, original, account, merchant, value, currency, code, success] = fields;
    let mut item = serde_json::json!({
        "merchantAccountCode": account, "merchantReference": merchant, "pspReference": psp,
        "amount": {"value": value.parse::<u64>().unwrap(), "currency": currency},
        "eventCode": code, "success": success, "reason": "unsigned",
        "additionalData": {"hmacSignature": adyen_signature(key, fields)},
    });
    if !original.is_empty() {
        item["originalReference"] = original.into();
    }
    item
}

const PAID: [&str; 8] = ["8835", "", "Shop", "order:1", "1130", "EUR", "AUTHORISATION", "true"];
const REFUNDED: [&str; 8] = ["8836", "8835", "Shop", "order:1", "1130", "EUR", "REFUND", "true"];

fn adyen_of(items: &[serde_json::Value]) -> Request<Bytes> {
    let items: Vec<_> =
        items.iter().map(|item| serde_json::json!({"NotificationRequestItem": item})).collect();
    let body = serde_json::json!({"live": "false", "notificationItems": items});
    request("/", &[("content-type", "application/json")], body.to_string())
}

fn adyen(items: &[serde_json::Value]) -> Answer {
    ask(&ADYEN.verifier([HMAC_KEY, OTHER_KEY]).build().unwrap(), adyen_of(items))
}

fn adyen_text(body: String) -> Answer {
    ask(&ADYEN.verifier(HMAC_KEY).build().unwrap(), request("/", &[], body))
}

#[test]
fn adyen_only_the_merchants_reference_may_have_colons() {
    event(adyen(&[item(HMAC_KEY, PAID)]));
    // The same signed text, cut at every other eight places that it can be cut at.
    let text = PAID.join(":");
    let pieces: Vec<&str> = text.split(':').collect();
    let signature = adyen_signature(HMAC_KEY, PAID);
    for joined in 0..7 {
        let mut fields: Vec<String> = pieces.iter().map(|piece| (*piece).to_owned()).collect();
        let next = fields.remove(joined + 1);
        fields[joined] = format!("{}:{next}", fields[joined]);
        let [psp, original, account, merchant, value, currency, code, success] = &fields[..] else {
            panic!("{fields:?}")
        };
        assert_eq!(fields.join(":"), text);
        let moved = serde_json::json!({
            "pspReference": psp, "originalReference": original, "merchantAccountCode": account,
            "merchantReference": merchant, "amount": {"value": value, "currency": currency},
            "eventCode": code, "success": success,
            "additionalData": {"hmacSignature": &signature},
        });
        match joined {
            3 => drop(event(adyen(&[moved]))),
            _ => refuses(adyen(&[moved]), Kind::AmbiguousSignedValue),
        }
    }
}

#[test]
fn adyen_an_absent_field_hides_nothing() {
    let with = |name: &str, value: serde_json::Value| {
        let mut item = item(HMAC_KEY, PAID);
        item[name] = value;
        adyen(&[item])
    };
    event(with("originalReference", serde_json::Value::Null));
    event(with("originalReference", "".into()));
    refuses(with("originalReference", "8000".into()), Kind::BadSignature);
    for hidden in [serde_json::json!({}), serde_json::json!(["8000"]), true.into(), 1.5.into()] {
        refuses(with("originalReference", hidden), Kind::AmbiguousSignedValue);
    }
    refuses(with("amount", serde_json::json!({"value": 1, "currency": "EUR"})), Kind::BadSignature);
    refuses(with("success", "false".into()), Kind::BadSignature);
    refuses(with("success", true.into()), Kind::AmbiguousSignedValue);
}

#[test]
fn adyen_no_member_comes_twice() {
    let body = String::from_utf8(adyen_of(&[item(HMAC_KEY, PAID)]).body().to_vec()).unwrap();
    event(adyen_text(body.clone()));
    for (one, both) in [
        (r#""eventCode":"#, r#""eventCode":"REFUND","eventCode":"#),
        (r#""eventCode":"#, r#""\u0065ventCode":"REFUND","eventCode":"#),
        (r#""amount":"#, r#""amount":{"value":1},"amount":"#),
        (r#""additionalData":"#, r#""additionalData":{},"additionalData":"#),
        (
            r#""NotificationRequestItem":"#,
            r#""NotificationRequestItem":{},"NotificationRequestItem":"#,
        ),
        (r#""notificationItems":"#, r#""notificationItems":[],"notificationItems":"#),
    ] {
        assert!(body.contains(one));
        let twice = body.replace(one, both);
        refuses(adyen_text(twice), Kind::MissingSignature);
    }
}

#[test]
fn adyen_every_item_must_be_signed() {
    let (paid, refunded) = (item(HMAC_KEY, PAID), item(HMAC_KEY, REFUNDED));
    let both = event(adyen(&[paid.clone(), refunded.clone()]));
    assert!(both.id().is_none() && both.kind().is_none(), "no one id names a batch");
    // During a rotation some may be signed with the other key.
    event(adyen(&[paid.clone(), item(OTHER_KEY, REFUNDED)]));

    let mut unsigned = refunded.clone();
    unsigned["additionalData"] = serde_json::json!({});
    refuses(adyen(&[paid.clone(), unsigned]), Kind::MissingSignature);
    let mut changed = refunded.clone();
    changed["amount"]["value"] = 9_999_999.into();
    refuses(adyen(&[paid.clone(), changed.clone()]), Kind::BadSignature);
    refuses(adyen(&[changed, paid.clone()]), Kind::BadSignature);
    let mut swapped = refunded.clone();
    swapped["additionalData"] = paid["additionalData"].clone();
    refuses(adyen(&[paid.clone(), swapped]), Kind::BadSignature);
    let strangers = "00".repeat(32);
    refuses(adyen(&[paid.clone(), item(&strangers, REFUNDED)]), Kind::BadSignature);

    refuses(adyen(&[]), Kind::MissingSignature);
    refuses(adyen_text("{}".into()), Kind::MissingSignature);
    refuses(adyen_text(r#"{"notificationItems":{"0":{}}}"#.into()), Kind::MissingSignature);
    refuses(adyen(&vec![paid; 17]), Kind::MalformedSignature);
}

#[test]
fn adyen_what_is_unsigned_makes_no_new_event() {
    let paid = item(HMAC_KEY, PAID);
    let first = event(adyen(std::slice::from_ref(&paid)));
    assert_eq!(first.assurance(), Assurance::PartOfBody);
    let mut other = paid.clone();
    other["reason"] = "of a stranger".into();
    other["additionalData"]["more"] = "of a stranger".into();
    other["eventDate"] = "2030-01-01".into();
    assert_eq!(key(adyen(&[other])), first.replay_key());
    let body = String::from_utf8(adyen_of(&[paid]).body().to_vec()).unwrap();
    let live = body.replace(r#""live":"false""#, r#""live":"true""#);
    assert_eq!(key(adyen_text(live)), first.replay_key());

    // One reference comes under several codes: it alone must not name the event.
    let mut captured = PAID;
    captured[6] = "CAPTURE";
    let captured = event(adyen(&[item(HMAC_KEY, captured)]));
    assert_eq!(captured.id().unwrap().as_str(), first.id().unwrap().as_str());
    assert_ne!(captured.replay_key(), first.replay_key());
}

#[test]
fn adyen_items_in_another_order_are_the_same_batch_and_no_item_comes_twice() {
    let (paid, refunded) = (item(HMAC_KEY, PAID), item(HMAC_KEY, REFUNDED));
    let batch = key(adyen(&[paid.clone(), refunded.clone()]));
    assert_eq!(key(adyen(&[refunded.clone(), paid.clone()])), batch);
    refuses(adyen(&[paid.clone(), paid.clone()]), Kind::BodyMismatch);
    refuses(adyen(&[paid.clone(), refunded.clone(), paid.clone()]), Kind::BodyMismatch);
    // Nothing that Adyen signs tells a part of a batch from an event of its own. The docs say so.
    assert_ne!(key(adyen(&[paid])), batch);
}

// Dropbox Sign --------------------------------------------------------------------------------

fn dropbox_form(json: &str) -> Request<Bytes> {
    let part =
        format!("--b\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{json}\r\n--b--");
    request("/", &[("content-type", "multipart/form-data; boundary=b")], part)
}

fn dropbox_json(time: &str, kind: &str, signed: &str, more: &str) -> String {
    let hash = hex(&hmac_sha256(SECRET.as_bytes(), &[signed.as_bytes()]));
    format!(
        r#"{{"event":{{"event_time":"{time}","event_type":"{kind}","event_hash":"{hash}"}},"signature_request":{{"id":"{more}"}}}}"#
    )
}

fn dropbox(time: &str, kind: &str, signed: &str, more: &str) -> Answer {
    ask(&verifier(&DROPBOX_SIGN), dropbox_form(&dropbox_json(time, kind, signed, more)))
}

#[test]
fn dropbox_sign_has_one_border_between_time_and_type() {
    let signed = "1525470811signature_request_sent";
    let sent = event(dropbox("1525470811", "signature_request_sent", signed, "1"));
    assert!(sent.kind().is_some_and(|kind| kind == "signature_request_sent" && kind.is_signed()));
    assert_eq!((sent.assurance(), sent.time()), (Assurance::PartOfBody, None));
    for at in 1..signed.len() {
        if at != 10 {
            let (time, kind) = signed.split_at(at);
            refuses(dropbox(time, kind, signed, "1"), Kind::AmbiguousSignedValue);
        }
    }
    refuses(dropbox("", signed, signed, "1"), Kind::AmbiguousSignedValue);
    refuses(dropbox(signed, "", signed, "1"), Kind::AmbiguousSignedValue);
    refuses(dropbox("1525470811", "", "1525470811", "1"), Kind::MissingSignedValue);
    refuses(dropbox("", "sent", "sent", "1"), Kind::MissingSignedValue);
}

#[test]
fn dropbox_sign_a_forged_body_keeps_the_replay_key() {
    let signed = "1525470811signature_request_sent";
    let keyed = |more: &str| key(dropbox("1525470811", "signature_request_sent", signed, more));
    // So the layer refuses the second as a reused signature, be it forged or true.
    assert_eq!(keyed("of the sender"), keyed("of a stranger"));
    let later =
        dropbox("1525470812", "signature_request_sent", "1525470812signature_request_sent", "1");
    assert_ne!(key(later), keyed("1"));
}

#[test]
fn dropbox_sign_reads_one_plain_field() {
    let verifier = verifier(&DROPBOX_SIGN);
    let json = dropbox_json("1", "a", "1a", "1");
    event(ask(&verifier, dropbox_form(&json)));

    let right = String::from_utf8(dropbox_form(&json).body().to_vec()).unwrap();
    let sent = |body: String| {
        let head = [("content-type", "multipart/form-data; boundary=b")];
        ask(&verifier, request("/", &head, body))
    };
    let other = right.replace("--b--", "").replace(r#""id":"1""#, r#""id":"2""#);
    refuses(sent(format!("{other}{right}")), Kind::AmbiguousSignedValue);
    refuses(sent(format!("x\r\n{right}")), Kind::AmbiguousSignedValue);
    refuses(sent(right.replace("name=\"json\"", "name=\"other\"")), Kind::MissingSignature);
    refuses(sent(json.clone()), Kind::AmbiguousSignedValue);
    let plain = request("/", &[("content-type", "application/json")], json.clone());
    refuses(ask(&verifier, plain), Kind::MissingSignature);
    let pairs = request("/", &[FORM], format!("json={json}"));
    refuses(ask(&verifier, pairs), Kind::MissingSignature);

    let twice = json.replace(r#""event_type":"#, r#""event_type":"b","event_type":"#);
    refuses(ask(&verifier, dropbox_form(&twice)), Kind::MissingSignature);
    let list = json.replace(r#""event_type":"a""#, r#""event_type":["a"]"#);
    refuses(ask(&verifier, dropbox_form(&list)), Kind::AmbiguousSignedValue);
}

// Braintree -----------------------------------------------------------------------------------

const CHALLENGE: &str = "20f9f8ed05f77439fe955c977e4c8a53";

fn braintree() -> Verifier {
    BRAINTREE.verifier("public:private").build().unwrap()
}

fn braintree_hmac(private: &str, content: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&Sha1::digest(private)).unwrap();
    mac.update(content.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn notification(pairs: &str, payload: &str) -> Request<Bytes> {
    let body = format!("bt_signature={}&bt_payload={}", escaped(pairs), escaped(payload));
    request("/", &[FORM], body)
}

fn xml(text: &str) -> String {
    STANDARD.encode(text)
}

fn answer(verifier: &Verifier, uri: &str) -> Result<Bytes, Kind> {
    match ask(verifier, get(uri, &[])) {
        Ok(Verified::Handshake(answer)) => Ok(answer.body().clone()),
        Ok(other) => panic!("{other:?}"),
        Err(rejection) => Err(rejection.kind()),
    }
}

#[test]
fn braintree_what_it_signs_for_anybody_is_no_event() {
    let digits = |length: usize| "abcdef0123456789".repeat(2)[..length].to_owned();
    for challenge in (20..=32).map(digits).chain([CHALLENGE.to_owned()]) {
        let pair = answer(&braintree(), &format!("/?bt_challenge={challenge}")).unwrap();
        let pair = String::from_utf8(pair.to_vec()).unwrap();
        assert_eq!(pair, format!("public|{}", braintree_hmac("private", &challenge)));
        refuses(ask(&braintree(), notification(&pair, &challenge)), Kind::BodyMismatch);
        for payload in
            [format!("{challenge}\n"), format!("\n{challenge}"), challenge.to_uppercase()]
        {
            refuses(ask(&braintree(), notification(&pair, &payload)), Kind::BadSignature);
        }
    }
}

#[test]
fn braintree_signs_nothing_but_a_challenge() {
    for query in [
        String::new(),
        "bt_challenge=".into(),
        format!("bt_challenge={}", &CHALLENGE[..19]),
        format!("bt_challenge={CHALLENGE}0"),
        format!("bt_challenge={}", CHALLENGE.to_uppercase()),
        format!("bt_challenge={CHALLENGE}%0A"),
        format!("bt_challenge={}+", &CHALLENGE[..20]),
        format!("bt_challenge={}", escaped(&xml("<notification/>"))),
        format!("bt_challenge={CHALLENGE}&bt_challenge={CHALLENGE}"),
        format!("BT_CHALLENGE={CHALLENGE}"),
    ] {
        assert_eq!(
            answer(&braintree(), &format!("/?{query}")),
            Err(Kind::HandshakeRefused),
            "{query}"
        );
    }
    let posted = request(&format!("/?bt_challenge={CHALLENGE}"), &[FORM], "");
    refuses(ask(&braintree(), posted), Kind::MissingSignature);
}

#[test]
fn braintree_answers_with_the_key_that_was_given_first() {
    let rotating = BRAINTREE.verifier(["new:n", "old:o"]).build().unwrap();
    let wanted = format!("new|{}", braintree_hmac("n", CHALLENGE));
    assert_eq!(answer(&rotating, &format!("/?bt_challenge={CHALLENGE}")).unwrap(), wanted);
    let payload = xml("<notification><kind>check</kind></notification>");
    let old = format!("old|{}", braintree_hmac("o", &payload));
    event(ask(&rotating, notification(&old, &payload)));
}

#[test]
fn braintree_a_line_break_at_the_end_makes_no_new_event() {
    let payload = xml("<notification><kind>check</kind></notification>");
    let keyed = |signed: &str, sent: &str| {
        let pair = format!("public|{}", braintree_hmac("private", signed));
        ask(&braintree(), notification(&pair, sent))
    };
    let first = key(keyed(&payload, &payload));
    for breaks in ["\n", "\n\n", "\n\n\n"] {
        let signed = format!("{payload}{breaks}");
        assert_eq!(key(keyed(&signed, &signed)), first);
        assert_eq!(key(keyed(&signed, &signed[..signed.len() - 1])), first);
    }
    refuses(keyed(&format!("{payload}\n\n"), &payload), Kind::BadSignature);
    refuses(keyed(&payload, &format!("{payload}\n")), Kind::BadSignature);
    refuses(keyed(&payload, &format!("{payload} ")), Kind::AmbiguousSignedValue);
}

#[test]
fn braintree_only_pairs_of_configured_keys_count() {
    let payload = xml("<notification><kind>check</kind></notification>");
    let right = braintree_hmac("private", &payload);
    let sent = |pairs: &str| ask(&braintree(), notification(pairs, &payload));
    let wrong = "0".repeat(40);
    event(sent(&format!("public|{right}")));
    event(sent(&format!("other|{wrong}&public|{right}")));
    event(sent(&format!("public|{wrong}&public|{right}")));
    refuses(sent(&format!("other|{right}")), Kind::UnknownKey);
    refuses(sent(&format!("other|{right}&public|{wrong}")), Kind::BadSignature);
    refuses(sent(&format!("public|{}", &right[..39])), Kind::MalformedSignature);
    refuses(sent(&right), Kind::MalformedSignature);
    refuses(sent(""), Kind::MalformedSignature);
    refuses(sent(&vec![format!("public|{right}"); 17].join("&")), Kind::MalformedSignature);
}

#[test]
fn braintree_fields_beside_the_two_are_nobodys_and_neither_comes_twice() {
    let payload = xml(
        "<notification><kind>check</kind><subject><kind>forged</kind></subject></notification>",
    );
    let pair = format!("public|{}", braintree_hmac("private", &payload));
    let with = |more: &str| {
        let right = notification(&pair, &payload);
        let body = [right.body(), more.as_bytes()].concat();
        ask(&braintree(), request("/", &[FORM], body))
    };
    let first = event(with(""));
    assert!(first.kind().is_some_and(|kind| kind == "check" && kind.is_signed()));
    assert_eq!(first.assurance(), Assurance::PartOfBody);
    assert_eq!(key(with("&of=a+stranger")), first.replay_key());
    refuses(with("&bt_payload=x"), Kind::AmbiguousSignedValue);
    refuses(with("&bt_signature=x"), Kind::MalformedSignature);
    let body = notification(&pair, &payload).into_body();
    let untyped = request("/", &[("content-type", "text/plain")], body);
    refuses(ask(&braintree(), untyped), Kind::MissingSignature);

    // A subject in front of the kind, or none at all, is no type.
    for odd in ["<notification><subject><kind>x</kind></subject></notification>", "<notification/>"]
    {
        let payload = xml(odd);
        let pair = format!("public|{}", braintree_hmac("private", &payload));
        assert!(event(ask(&braintree(), notification(&pair, &payload))).kind().is_none());
    }
}

#[test]
fn a_token_is_signed_only_where_keys_can() {
    use tower_webhooks::handshake::{Challenge, Handshake, Piece};
    use tower_webhooks::provider::{Algorithm, header, query};
    const TOKEN: Challenge = Challenge::new(query("t"), "0123456789", 4, 8);
    static BY_TOKEN: Provider = Provider::new("by-token")
        .signature(Algorithm::Token, header("x-token").text())
        .signs(&[])
        .handshakes(&[Handshake::unsigned_get().signs(TOKEN, &[Piece::Hex])]);
    static UNNAMED: Provider = Provider::new("unnamed")
        .signature(Algorithm::Hmac(Hash::Sha256), header("x-signature").hex())
        .handshakes(&[Handshake::unsigned_get().signs(TOKEN, &[Piece::KeyName])]);
    static IN_JSON: Provider = Provider::new("in-json")
        .signature(Algorithm::Hmac(Hash::Sha256), header("x-signature").hex())
        .handshakes(&[Handshake::unsigned_get().signs_json(
            TOKEN,
            &[
                Piece::Text(r#"{"t":""#),
                Piece::Token,
                Piece::Text(r#"","h":""#),
                Piece::Base64,
                Piece::Text(r#""}"#),
            ],
        )]);
    for wrong in [&BY_TOKEN, &UNNAMED] {
        let error = wrong.verifier(SECRET).build().unwrap_err();
        assert_eq!(error.kind(), tower_webhooks::ConfigErrorKind::Description);
    }
    let answered = ask(&verifier(&IN_JSON), get("/?t=123456", &[]));
    let Ok(Verified::Handshake(answer)) = answered else { panic!("{answered:?}") };
    let hash = STANDARD.encode(hmac_sha256(SECRET.as_bytes(), &[b"123456"]));
    let wanted = serde_json::json!({"t": "123456", "h": hash});
    assert_eq!(serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap(), wanted);
    assert_eq!(answer.into_response().headers()["content-type"], "application/json");
}

// Through the layer ---------------------------------------------------------------------------

#[cfg(feature = "tokio")]
mod through_the_layer {
    use std::convert::Infallible;

    use http::request::Parts;
    use http_body_util::{BodyExt, Full};
    use tower::{Layer, ServiceExt, service_fn};
    use tower_webhooks::layer::VerifiedBody;
    use tower_webhooks::testing::ManualClock;
    use tower_webhooks::{KeySource, KeySourceError, Keys, WebhookLayer};

    use super::*;

    async fn send(layer: &WebhookLayer, request: Request<Bytes>) -> http::Response<Bytes> {
        let handler = service_fn(async |_: Request<VerifiedBody>| {
            Ok::<_, Infallible>(http::Response::new(Full::<Bytes>::from("handled")))
        });
        let answer = layer.layer(handler).oneshot(request.map(Full::new)).await.unwrap();
        let (head, body) = answer.into_parts();
        http::Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }

    fn layer(verifier: Verifier) -> WebhookLayer {
        WebhookLayer::builder("odd", verifier).clock(ManualClock::at_unix(NOW)).build().unwrap()
    }

    fn kind(answer: &http::Response<Bytes>) -> Option<Kind> {
        answer.extensions().get::<Rejection>().map(|rejection| rejection.kind())
    }

    #[tokio::test]
    async fn a_second_body_under_one_signature_is_refused_and_the_same_one_acknowledged() {
        let signed = "1525470811signature_request_sent";
        let sent = |more: &str| {
            dropbox_form(&dropbox_json("1525470811", "signature_request_sent", signed, more))
        };
        let layer = layer(verifier(&DROPBOX_SIGN));
        assert_eq!(send(&layer, sent("1")).await.body(), "handled");
        let again = send(&layer, sent("1")).await;
        assert!(again.status().is_success() && again.body() != "handled");
        assert_eq!(kind(&send(&layer, sent("2")).await), Some(Kind::ReusedSignature));
    }

    /// One tenant, found by path.
    #[derive(Debug)]
    struct Tenants(Keys);

    impl KeySource for Tenants {
        async fn keys(&self, head: &Parts) -> Result<Option<Keys>, KeySourceError> {
            match head.uri.path() {
                "/down" => Err(KeySourceError::new("down")),
                "/acme" => Ok(Some(self.0.clone())),
                _ => Ok(None),
            }
        }
    }

    #[tokio::test]
    async fn a_challenge_is_answered_with_the_key_of_its_tenant() {
        let keys = BRAINTREE.keys("public:private").unwrap().principal("acme");
        let verifier = BRAINTREE.verifier_with(Tenants(keys.clone())).build().unwrap();
        let layer = layer(verifier.clone());
        let ask_for = |path: &str| get(&format!("{path}?bt_challenge={CHALLENGE}"), &[]);
        let answered = send(&layer, ask_for("/acme")).await;
        assert_eq!(*answered.body(), format!("public|{}", braintree_hmac("private", CHALLENGE)));
        assert_eq!(kind(&send(&layer, ask_for("/other")).await), Some(Kind::UnknownKey));
        assert_eq!(kind(&send(&layer, ask_for("/down")).await), Some(Kind::KeysUnavailable));

        let (head, _) = ask_for("/acme").into_parts();
        let alone = verifier.unsigned_handshake(&head).unwrap().unwrap_err();
        assert_eq!(alone.kind(), Kind::UnknownKey);
        assert!(verifier.unsigned_handshake_with(&head, &keys).unwrap().is_ok());
        let strangers = PUSHER.keys("public:private").unwrap();
        let strange = verifier.unsigned_handshake_with(&head, &strangers).unwrap().unwrap_err();
        assert_eq!(strange.kind(), Kind::UnknownKey);
    }
}

#[test]
fn adyen_the_name_of_a_report_has_colons_and_is_read_in_one_way() {
    const REPORT: [&str; 8] = [
        "report_2022-11-01T00:00:00_2022-11-02T23:59:59.csv",
        "",
        "Shop",
        "",
        "0",
        "EUR",
        "REPORT_AVAILABLE",
        "true",
    ];
    let report = event(adyen(&[item(HMAC_KEY, REPORT)]));
    assert!(report.id().is_some_and(|id| id == REPORT[0] && id.is_signed()));
    // The same signed text, cut into eight at every other seven colons.
    let text = REPORT.join(":");
    let colons: Vec<usize> = text.match_indices(':').map(|(at, _)| at).collect();
    let signature = adyen_signature(HMAC_KEY, REPORT);
    let mut readings = 0;
    for chosen in 0_u32..1 << colons.len() {
        if chosen.count_ones() != 7 {
            continue;
        }
        let cuts = colons.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1);
        let mut fields = Vec::new();
        let mut begin = 0;
        for (_, at) in cuts {
            fields.push(&text[begin..*at]);
            begin = at + 1;
        }
        fields.push(&text[begin..]);
        let [psp, original, account, merchant, value, currency, code, success] = fields[..] else {
            panic!("{fields:?}")
        };
        let moved = serde_json::json!({
            "pspReference": psp, "originalReference": original, "merchantAccountCode": account,
            "merchantReference": merchant, "amount": {"value": value, "currency": currency},
            "eventCode": code, "success": success,
            "additionalData": {"hmacSignature": &signature},
        });
        readings += u32::from(adyen(&[moved]).is_ok());
    }
    assert_eq!(readings, 1);
    // Of any other event the reference has none.
    let mut paid = REPORT;
    paid[6] = "AUTHORISATION";
    refuses(adyen(&[item(HMAC_KEY, paid)]), Kind::AmbiguousSignedValue);
}

#[test]
fn dropbox_sign_two_events_of_one_second_are_two_unless_identity_is_strict() {
    let signed = "1525470811signature_request_sent";
    let json = |request: &str, note: &str| {
        let hash = hex(&hmac_sha256(SECRET.as_bytes(), &[signed.as_bytes()]));
        format!(
            r#"{{"event":{{"event_time":"1525470811","event_type":"signature_request_sent","event_hash":"{hash}"}},"signature_request":{{"signature_request_id":"{request}","title":"{note}"}}}}"#
        )
    };
    let usual = verifier(&DROPBOX_SIGN);
    let strict = DROPBOX_SIGN.verifier(SECRET).strict_identity().build().unwrap();
    let keyed = |by: &Verifier, json: &str| key(ask(by, dropbox_form(json)));
    let (first, second) = (json("abc", "x"), json("def", "x"));
    assert_ne!(keyed(&usual, &first), keyed(&usual, &second));
    assert_eq!(keyed(&usual, &first), keyed(&usual, &json("abc", "forged")));
    assert_eq!(keyed(&strict, &first), keyed(&strict, &second));
}

// Mailgun -------------------------------------------------------------------------------------

fn mailgun_fields(token: &str) -> [(&'static str, String); 3] {
    let time = NOW.to_string();
    let tag = hex(&hmac_sha256(SECRET.as_bytes(), &[time.as_bytes(), token.as_bytes()]));
    [("timestamp", time), ("token", token.to_owned()), ("signature", tag)]
}

fn mailgun_multipart(fields: &[(&str, String)]) -> Request<Bytes> {
    let mut body = String::new();
    for (name, value) in fields {
        body +=
            &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--b\r\nContent-Disposition: form-data; name=\"attachment-1\"; filename*=UTF-8''%e4.pdf\r\n\
             Content-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n";
    request("/", &[("content-type", "multipart/form-data; boundary=b")], body)
}

fn mailgun_form(fields: &[(&str, String)]) -> Request<Bytes> {
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    request("/", &[FORM], format!("recipient=a%40example.com&{}", pairs.join("&")))
}

#[test]
fn mailguns_routes_are_forms_with_or_without_attachments() {
    let verifier = verifier(&MAILGUN);
    let fields = mailgun_fields("t1");
    let [form, multipart] = [mailgun_form(&fields), mailgun_multipart(&fields)];
    let event_of = |request: &Request<Bytes>| event(ask(&verifier, request.clone()));
    assert_eq!(event_of(&form).time(), Some(at(NOW)));
    assert_eq!(event_of(&form).assurance(), Assurance::PartOfBody);
    // One token is one event, however it comes.
    assert_eq!(event_of(&form).replay_key(), event_of(&multipart).replay_key());
    let [time, token, _] = fields;
    for broken in [mailgun_form, mailgun_multipart] {
        let with = |fields: &[(&'static str, String)]| ask(&verifier, broken(fields));
        let right = mailgun_fields("t1");
        refuses(with(&[time.clone(), token.clone()]), Kind::MissingSignature);
        refuses(with(&[right[1].clone(), right[2].clone()]), Kind::MissingTimestamp);
        refuses(with(&[right[0].clone(), right[2].clone()]), Kind::MissingSignedValue);
        let other = ("token", "t2".to_owned());
        refuses(with(&[right[0].clone(), other, right[2].clone()]), Kind::BadSignature);
        let twice = [right[0].clone(), right[1].clone(), right[1].clone(), right[2].clone()];
        refuses(with(&twice), Kind::AmbiguousSignedValue);
    }
}

#[test]
fn what_mailguns_body_is_no_unsigned_header_says() {
    let verifier = verifier(&MAILGUN);
    let fields = mailgun_fields("t1");
    for captured in [mailgun_form(&fields), mailgun_multipart(&fields)] {
        for other in ["application/json", "text/plain", "multipart/form-data; boundary=c"] {
            let mut request = captured.clone();
            request.headers_mut().insert("content-type", HeaderValue::from_static(other));
            // The form is the same form; what is multipart needs its boundary.
            if let Ok(Verified::Event(same)) = ask(&verifier, request) {
                assert_eq!(same.replay_key(), key(ask(&verifier, captured.clone())));
            }
        }
    }
}

// Senders with two signature headers ------------------------------------------------------------

#[test]
fn intercom_and_sentry_sign_some_requests_in_another_header() {
    let body = r#"{"app_id":"abc"}"#;
    let sha1 = format!("sha1={}", hex(&hmac_sha1(SECRET.as_bytes(), &[body.as_bytes()])));
    let sha256 = hex(&hmac_sha256(SECRET.as_bytes(), &[body.as_bytes()]));
    let ask_with = |provider, headers: &[(&str, &str)]| {
        ask(&verifier(provider), request("/", headers, body)).map(|_| ()).map_err(|it| it.kind())
    };
    for (provider, name, tag, other) in [
        (&INTERCOM, "x-hub-signature", &sha1, &sha256),
        (&INTERCOM, "x-body-signature", &sha256, &sha1),
        (&SENTRY, "sentry-hook-signature", &sha256, &sha1),
        (&SENTRY, "sentry-app-signature", &sha256, &sha1),
    ] {
        assert_eq!(ask_with(provider, &[(name, tag)]), Ok(()), "{name}");
        assert_eq!(ask_with(provider, &[(name, other)]), Err(Kind::MalformedSignature), "{name}");
        let wrong = tag.replace(|digit: char| digit == tag.chars().last().unwrap(), "0");
        assert_eq!(ask_with(provider, &[(name, &wrong)]), Err(Kind::BadSignature), "{name}");
    }
}
