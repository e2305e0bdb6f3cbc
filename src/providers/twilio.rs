use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::{Method, Uri};
#[cfg(feature = "testing")]
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::assurance::Assurance;
use crate::encoding::decode_hex;
use crate::provider::reader::{CodedContent, ContentCode, Whole};
use crate::provider::{Algorithm::Hmac, Hash::Sha1, Provider, header};
use crate::wire::form;

/// [Twilio](https://www.twilio.com/docs/usage/security#validating-requests): voice and messaging.
///
/// - **Signed**: the public URL as you configured it at Twilio, with HMAC-SHA1 in base64, in
///   `X-Twilio-Signature`. For a form post also each parameter's name and value, sorted; joined
///   without a separator, so that another split of the same characters has the same signature
///   ([`Event::assurance`](crate::Event::assurance) says `PartOfBody`). For other bodies the URL
///   carries `bodySHA256`, which is compared with the body. A body that is neither must be empty.
/// - **URL**: give it with [`public_url`](crate::VerifierBuilder::public_url) or
///   [`exact_url`](crate::VerifierBuilder::exact_url). It is tried with and without its standard or
///   given port, since Twilio signs either.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named. The replay key is a digest of the signed content. Twilio
///   legitimately repeats identical forms (a caller who presses the same digit again), so the
///   default retention is 5 minutes: a captured request can be replayed after that. Set more where
///   every form differs.
/// - **Secret**: the account's *primary* auth token, from the console. A secondary token does not
///   sign until it is promoted.
/// - **Answer**: TwiML or any 2xx, within 15 s (unconfirmed).
pub static TWILIO: Provider = Provider::new("twilio")
    .title("Twilio")
    .docs("https://www.twilio.com/docs/usage/security#validating-requests")
    .signature(Hmac(Sha1), header("x-twilio-signature").base64())
    .signs_with(&TwilioContent)
    .methods(&["POST", "GET"])
    .retention(Duration::from_secs(300));

/// URL and sorted form, or URL with a body hash.
#[derive(Debug)]
pub(super) struct TwilioContent;

const BODY_HASH: &str = "bodySHA256";

impl ContentCode for TwilioContent {
    fn content(&self, request: &Whole<'_>) -> CodedContent {
        let sent_form = form::is_form(request.head) && request.head.method != Method::GET;
        let parameters = if sent_form { sorted_parameters(request.body) } else { Vec::new() };
        let with_parameters = |url: &str| [url.as_bytes(), &parameters].concat();
        let hash = url_body_hash(request.url);
        let body_is_bound = match &hash {
            Some(hash) => is_hash_of(hash, request),
            None => sent_form || request.body.is_empty(),
        };
        let whole = hash.is_some() || request.body.is_empty();
        CodedContent {
            candidates: url_forms(request.url).iter().map(|url| with_parameters(url)).collect(),
            body_is_bound,
            assurance: if whole { Assurance::WholeBody } else { Assurance::PartOfBody },
        }
    }

    #[cfg(feature = "testing")]
    fn url_for(&self, url: &str, content_type: &str, body: &[u8]) -> String {
        if form::is_form_type(content_type.as_bytes()) || body.is_empty() {
            return url.to_owned();
        }
        let separator = if url.contains('?') { '&' } else { '?' };
        let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{url}{separator}{BODY_HASH}={hash}")
    }
}

/// Names in byte order; of a repeated name its distinct values, sorted.
fn sorted_parameters(body: &[u8]) -> Vec<u8> {
    let mut parameters: BTreeMap<Cow<'_, [u8]>, BTreeSet<Cow<'_, [u8]>>> = BTreeMap::new();
    for (name, value) in form::pairs(body) {
        parameters.entry(name).or_default().insert(value);
    }
    let mut joined = Vec::with_capacity(body.len());
    for (name, values) in &parameters {
        for value in values {
            joined.extend_from_slice(name);
            joined.extend_from_slice(value);
        }
    }
    joined
}

fn url_body_hash(url: &str) -> Option<Vec<u8>> {
    let (_, query) = url.split_once('?')?;
    let hash = form::single(query.as_bytes(), BODY_HASH);
    // Twice is refused like a wrong one: no body has this hash.
    hash.map_or_else(|_| Some(Vec::new()), |hash| hash.map(Cow::into_owned))
}

fn is_hash_of(hex: &[u8], request: &Whole<'_>) -> bool {
    let mut sent = [0; 32];
    decode_hex(hex, &mut sent).is_some() && sent.ct_eq(&request.body_sha256()).into()
}

/// The URL as given, without its port, and with the standard port of its scheme.
fn url_forms(url: &str) -> Vec<String> {
    let mut forms = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return forms };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let port = url.parse::<Uri>().ok().and_then(|uri| uri.port_u16());
    match port {
        Some(port) => {
            let bare = authority.strip_suffix(&format!(":{port}")).unwrap_or(authority);
            forms.push(format!("{scheme}://{bare}{path}"));
        }
        None => {
            let standard = if scheme == "http" { 80 } else { 443 };
            forms.push(format!("{scheme}://{authority}:{standard}{path}"));
        }
    }
    forms
}
