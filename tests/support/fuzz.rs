//! What must hold whatever a stranger sends: run by the fuzz targets on inputs that they invent, and
//! by `tests/it/fuzz_seeds.rs` on those that are kept.
//!
//! Inputs are text, so that a kept one can be read: a first line that chooses, and the rest.

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use tower_webhooks::handshake::Answer;
use tower_webhooks::providers::{self, META};
use tower_webhooks::testing::Signer;
use tower_webhooks::{Verified, Verifier};

/// A provider's demo signer, and the verifier for what it signs.
struct Pair {
    signer: Signer,
    verifier: Verifier,
    /// Whether signature and signed values stand in the body, which must then be of their form.
    writes_body: bool,
}

impl Pair {
    fn name(&self) -> &'static str {
        self.signer.provider().name()
    }
}

const BODY: &str = r#"{"id":"1"}"#;

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let pair = |provider| {
        let signer = Signer::demo(provider).expect("every provider has a demo");
        let verifier = signer.verifier().build().expect("and a verifier for it");
        let writes_body = signer.event(BODY).request().body() != BODY;
        Pair { signer, verifier, writes_body }
    };
    providers::ALL.iter().copied().map(pair).collect()
});

/// The first line, and what stands behind it.
fn split(input: &[u8]) -> (&[u8], &[u8]) {
    match input.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, b""),
    }
}

/// The provider that a line names, or one that its bytes choose.
fn chosen<'a>(line: &[u8], pairs: &[&'a Pair]) -> &'a Pair {
    let named = pairs.iter().find(|pair| pair.name().as_bytes() == line);
    let number = line.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte));
    named.copied().unwrap_or_else(|| pairs[number % pairs.len()])
}

/// Any value in the signature's place: no panic, and nothing but a right signature is accepted.
pub(crate) fn signature(input: &[u8]) {
    let (line, text) = split(input);
    let Ok(value) = HeaderValue::from_bytes(text) else { return };
    let pair = chosen(line, &PAIRS.iter().collect::<Vec<_>>());
    let signed = pair.signer.event(BODY).request();
    let unsigned = pair.signer.event(BODY).without_signature().request();
    // The header that the signature stands in: the one that is gone, or changed, without it.
    let is_it = |name: &&HeaderName| unsigned.headers().get(*name) != signed.headers().get(*name);
    let Some(name) = signed.headers().keys().find(is_it).cloned() else { return };

    let (mut head, body) = signed.into_parts();
    let right = head.headers.insert(&name, value.clone());
    if pair.verifier.verify(&head, body, pair.signer.now()).is_ok() {
        // Other ways to write it: upper case, white space, further entries of the list.
        let (right, text) = (right.expect("it was there"), text.to_ascii_lowercase());
        let bytes = right.as_bytes().to_ascii_lowercase();
        let signature = bytes.rsplit(|byte| b",= ".contains(byte)).find(|part| part.len() >= 16);
        let signature = signature.expect("a signature");
        let is_there = text.windows(signature.len()).any(|window| window == signature);
        assert!(is_there, "{}: {value:?}", pair.name());
    }
}

/// Any text as the time, rightly signed: no panic, and only what is within the tolerance is
/// accepted.
pub(crate) fn timestamp(input: &[u8]) {
    let (line, text) = split(input);
    // What no header can hold is not a stranger's to send.
    let is_visible = text.iter().all(|byte| (0x20..0x7f).contains(byte));
    let Some(text) = std::str::from_utf8(text).ok().filter(|_| is_visible) else { return };
    let signs_time = |pair: &&Pair| pair.signer.provider().signs_time();
    let pair = chosen(line, &PAIRS.iter().filter(signs_time).collect::<Vec<_>>());
    let request = pair.signer.event(BODY).with_timestamp_text(text).request();
    let (head, body) = request.into_parts();
    let verified = pair.verifier.verify(&head, body, pair.signer.now());
    let (Ok(Verified::Event(event)), Some(tolerance)) = (verified, pair.verifier.tolerance())
    else {
        return;
    };
    let time = event.time().expect("its time is signed");
    let now = pair.signer.now();
    let off = time.duration_since(now).unwrap_or_else(|early| early.duration());
    assert!(off <= tolerance, "{}: {text:?} is {off:?} off", pair.name());
}

/// Any request, to every provider: no panic, and nothing is accepted that nobody signed.
///
/// Method and URL, headers, an empty line, the body; lines end as files' do.
pub(crate) fn request(input: &[u8]) {
    let end = input.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (input, &b""[..]),
    };
    let (first, headers) = split(head);
    let Ok(first) = std::str::from_utf8(first) else { return };
    let (method, uri) = first.split_once(' ').unwrap_or(("POST", first));
    let mut request = Request::builder().method(method).uri(uri);
    for line in headers.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default().trim_ascii_start();
        request = request.header(&line[..colon], value);
    }
    let Ok(request) = request.body(Bytes::copy_from_slice(body)) else { return };
    let (head, body) = request.into_parts();
    for pair in PAIRS.iter() {
        match pair.verifier.verify(&head, body.clone(), pair.signer.now()) {
            Ok(Verified::Event(event)) => panic!("nobody signed {event:?}"),
            Ok(Verified::Handshake(answer)) => check(pair.name(), answer),
            Err(rejection) => assert!(rejection.status().is_client_error(), "{}", pair.name()),
        }
    }
    // What strangers send is also what the doctor is asked about.
    let pair = chosen(first.as_bytes(), &PAIRS.iter().collect::<Vec<_>>());
    let diagnosis = pair.verifier.diagnose(&head, body, pair.signer.now());
    assert!(diagnosis.rejection().is_some() || diagnosis.findings().is_empty());
}

/// Any rightly signed body, and any challenge of a setup request: no panic, and an answer is short
/// and never HTML.
///
/// The first line is the name of a provider, a blank, and the challenge.
pub(crate) fn handshake(input: &[u8]) {
    let (line, body) = split(input);
    let blank = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let challenge = line.get(blank + 1..).unwrap_or_default();
    let takes_any_body = |pair: &&Pair| !pair.writes_body;
    let pair = chosen(&line[..blank], &PAIRS.iter().filter(takes_any_body).collect::<Vec<_>>());
    let request = pair.signer.event(body.to_vec()).request();
    let (head, body) = request.into_parts();
    if let Ok(Verified::Handshake(answer)) = pair.verifier.verify(&head, body, pair.signer.now()) {
        check(pair.name(), answer);
    }
    let Ok(challenge) = std::str::from_utf8(challenge) else { return };
    let meta = PAIRS.iter().find(|pair| pair.name() == META.name()).expect("it is known");
    let setup = meta
        .signer
        .event("")
        .get()
        .query("hub.mode", "subscribe")
        .query("hub.challenge", challenge)
        .query("hub.verify_token", Signer::VERIFY_TOKEN);
    let (head, body) = setup.request().into_parts();
    if let Ok(Verified::Handshake(answer)) = meta.verifier.verify(&head, body, meta.signer.now()) {
        assert_eq!(answer.body(), challenge.as_bytes());
        check(meta.name(), answer);
    }
}

fn check(provider: &str, answer: Answer) {
    assert!(answer.body().len() <= 4096, "{provider}: {} bytes", answer.body().len());
    let response = answer.into_response();
    assert!(response.status().is_success(), "{provider}: {}", response.status());
    if let Some(content_type) = response.headers().get("content-type") {
        assert!(!content_type.as_bytes().starts_with(b"text/html"), "{provider}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{provider}");
    }
}
