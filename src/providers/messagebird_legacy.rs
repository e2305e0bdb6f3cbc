use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::assurance::Assurance;
use crate::encoding::list;
use crate::provider::reader::{Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Place, Provider, Tolerance, header};
use crate::rejection::RejectionKind;
use crate::wire::form;
use crate::wire::url::original_uri;

/// [MessageBird](https://developers.messagebird.com/api/#verifying-http-requests): the older
/// signature, before the JWT in `MessageBird-Signature-JWT`, which is the one to verify where it is
/// sent.
///
/// - **Signed**: the time, the query's parameters sorted by name, and SHA-256 of the body, with
///   line feeds between, with HMAC-SHA256 in base64, in `MessageBird-Signature`. The path is not
///   signed. A parameter that comes twice is refused.
/// - **Time**: `MessageBird-Request-Timestamp`, signed; 100 s, as in MessageBird's SDK; here to
///   both sides.
/// - **Event**: neither id nor type. The replay key is a digest of parameters and body. It may come
///   as a GET.
/// - **Secret**: the *signing key* under Developer settings, as text.
pub static MESSAGEBIRD_LEGACY: Provider = Provider::new("messagebird-legacy")
    .title("MessageBird (older signature)")
    .docs("https://developers.messagebird.com/api/#verifying-http-requests")
    .signature(Hmac(Sha256), header("messagebird-signature").base64())
    .timestamp(header(TIME).seconds(), Tolerance::secs(100))
    .read_by(&MessageBirdRequest)
    .methods(&["POST", "GET"]);

const TIME: &str = "messagebird-request-timestamp";
/// What is not escaped in a query: as forms have it, and as JavaScript has it.
const IN_FORMS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b' ');
const IN_URLS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Time, sorted query and body hash.
#[derive(Debug)]
struct MessageBirdRequest;

impl Reader for MessageBirdRequest {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let query = original_uri(request.head).query().unwrap_or_default();
        let mut parameters = BTreeMap::new();
        for (name, value) in form::pairs(query.as_bytes()) {
            if parameters.insert(name, value).is_some() {
                return Err(RejectionKind::AmbiguousSignedValue);
            }
        }
        let time = request.head.headers.get(TIME).map_or(&b""[..], |time| time.as_bytes());
        let hash = request.body_sha256();
        let written = |encode: &dyn Fn(&[u8]) -> String| {
            let pair = |(name, value): (&_, &_)| format!("{}={}", encode(name), encode(value));
            let query = parameters.iter().map(|(name, value)| pair((&**name, &**value)));
            let query = query.collect::<Vec<_>>().join("&");
            [time, b"\n", query.as_bytes(), b"\n", &hash].concat()
        };
        let in_forms = |text: &[u8]| percent_encode(text, IN_FORMS).to_string().replace(' ', "+");
        let in_urls = |text: &[u8]| percent_encode(text, IN_URLS).to_string();
        let names = parameters.iter().flat_map(|(name, value)| [&**name, &**value]);
        Ok(Reading {
            signed: vec![Signed {
                by: Signatures::InPlace,
                contents: vec![written(&in_forms), written(&in_urls)],
            }],
            identity: list(names.chain([hash.as_slice()])),
            assurance: Assurance::WholeBody,
            id: None,
            kind: None,
            time: None,
            fault: None,
        })
    }

    fn covers(&self, place: Place) -> bool {
        match place {
            Place::Header(name) => name == TIME,
            Place::Entry(_) => false,
            _ => true,
        }
    }
}
