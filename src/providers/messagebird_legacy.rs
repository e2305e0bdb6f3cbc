use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::assurance::Assurance;
use crate::encoding::list;
use crate::provider::reader::{Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Place, Provider, Tolerance, header};
use crate::rejection::RejectionKind;
use crate::wire::form;
use crate::wire::url::{encode_component, original_uri};

/// [MessageBird](https://developers.messagebird.com/api/#verifying-http-requests): the older
/// signature, before the JWT in `MessageBird-Signature-JWT`, which is the one to verify where it is
/// sent.
///
/// - **Signed**: the time, the query's parameters sorted by name, and SHA-256 of the body, with
///   line feeds between, with HMAC-SHA256 in base64, in `MessageBird-Signature`. The path is not
///   signed. A blank is signed as `%20`, or as `+` (both are tried). In `statusDatetime` a blank is
///   also taken for the `+` that it was before it was decoded. A parameter that comes twice is
///   refused.
/// - **Time**: `MessageBird-Request-Timestamp`, signed; 300 s to both sides. MessageBird's SDK
///   takes 100 s.
/// - **Event**: neither id nor type. The replay key is a digest of parameters and body. It may come
///   as a GET.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *signing key* under Developer settings, as text.
pub static MESSAGEBIRD_LEGACY: Provider = Provider::new("messagebird-legacy")
    .title("MessageBird (older signature)")
    .docs("https://developers.messagebird.com/api/#verifying-http-requests")
    .signature(Hmac(Sha256), header("messagebird-signature").base64())
    .timestamp(header(TIME).seconds(), Tolerance::secs(300))
    .read_by(&MessageBirdRequest)
    .methods(&["POST", "GET"]);

const TIME: &str = "messagebird-request-timestamp";
/// The parameter whose blanks MessageBird's SDK turns back into `+`.
const STATUS_TIME: &[u8] = b"statusDatetime";
/// What is not escaped in a query, as forms have it.
const IN_FORMS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b' ');

/// Time, sorted query and body hash.
#[derive(Debug)]
struct MessageBirdRequest;

impl Reader for MessageBirdRequest {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let query = original_uri(request.head).query().unwrap_or_default();
        let parameters = form::sorted(query.as_bytes())?;
        if parameters.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0)) {
            return Err(RejectionKind::AmbiguousSignedValue);
        }
        // A zone such as `+01:00` may come unescaped, and then reads as a blank.
        let mut zoned = parameters.clone();
        for (_, value) in zoned.iter_mut().filter(|(name, _)| **name == *STATUS_TIME) {
            value.to_mut().iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = b'+');
        }
        let time = request.head.headers.get(TIME).map_or(&b""[..], |time| time.as_bytes());
        let hash = request.body_sha256();
        let written = |parameters: &[form::Pair<'_>], encode: fn(&[u8]) -> String| {
            let pair =
                |(name, value): &form::Pair<'_>| format!("{}={}", encode(name), encode(value));
            let query = parameters.iter().map(pair).collect::<Vec<_>>().join("&");
            [time, b"\n", query.as_bytes(), b"\n", &hash].concat()
        };
        let mut contents = Vec::new();
        for parameters in [&parameters, &zoned] {
            for encode in [encode_component, as_form] {
                let content = written(parameters, encode);
                if !contents.contains(&content) {
                    contents.push(content);
                }
            }
        }
        let names = zoned.iter().flat_map(|(name, value)| [&**name, &**value]);
        Ok(Reading {
            signed: vec![Signed { by: Signatures::InPlace, contents }],
            identity: Identity::Fixed(list(names.chain([hash.as_slice()]))),
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

fn as_form(text: &[u8]) -> String {
    percent_encode(text, IN_FORMS).to_string().replace(' ', "+")
}
