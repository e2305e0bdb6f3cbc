use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::assurance::Assurance;
use crate::handshake::{Challenge, Handshake, Piece};
#[cfg(feature = "testing")]
use crate::provider::reader::Unsigned;
use crate::provider::reader::{Found, Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{Algorithm::Hmac, Hash::Sha1, Place, Provider, SecretFormat, form, query};
use crate::rejection::RejectionKind;
use crate::wire::form as form_text;

/// [Braintree](https://developer.paypal.com/braintree/docs/guides/webhooks/overview).
///
/// - **Signed**: the form field `bt_payload`, base64 of XML, with its line breaks, with HMAC-SHA1
///   in hex. `bt_signature` has a pair `public_key|signature` for each of the account's keys; only
///   those of configured keys count. As in Braintree's libraries the payload may have lost its last
///   line break. Other fields are unsigned, and nobody's.
/// - **Time**: none outside the payload. **The replay store is the only protection against
///   replays.**
/// - **Event**: no id. `kind` of the XML is the type, signed. The replay key is a digest of the
///   payload without line breaks at its end.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: public and private key of the API, with a colon between: `public_key:private_key`.
///   They also open the API.
/// - **Body**: a form: `event.form()`, then decode `bt_payload`.
/// - **Setup**: `GET ?bt_challenge=…`, unsigned, 20 to 32 lower-case hexadecimal digits; answered
///   with the public key and the HMAC of the challenge, by the key given first. Anybody can have
///   such a challenge signed, so a payload that could be one is no event
///   ([`BodyMismatch`](crate::RejectionKind::BodyMismatch)).
/// - **Retries**: hourly for 24 h, when there was no 2xx within 30 s.
pub static BRAINTREE: Provider = Provider::new("braintree")
    .title("Braintree")
    .docs("https://developer.paypal.com/braintree/docs/guides/webhooks/overview")
    .signature(Hmac(Sha1), form("bt_signature").hex())
    .secret(SecretFormat::NamedSha1)
    .read_by(&BraintreePayload)
    .handshakes(&[Handshake::unsigned_get().signs(
        Challenge::new(query("bt_challenge"), "0123456789abcdef", 20, 32),
        &[Piece::KeyName, Piece::Text("|"), Piece::Hex],
    )]);

/// A payload of base64 and the pairs of keys and signatures.
#[derive(Debug)]
struct BraintreePayload;

impl Reader for BraintreePayload {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let body: &'a [u8] = if form_text::is_form(request.head) { request.body } else { &[] };
        let field = |name| form_text::single(body, name);
        let pairs = field("bt_signature").map_err(|_| RejectionKind::MalformedSignature)?;
        let payload = field("bt_payload").map_err(|_| RejectionKind::AmbiguousSignedValue)?;
        let payload = payload.unwrap_or_default();
        let is_plain =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n');
        if !payload.iter().all(is_plain) {
            return Err(RejectionKind::AmbiguousSignedValue);
        }
        let found = match &pairs {
            Some(pairs) => pairs.split(|byte| *byte == b'&').filter_map(pair).collect(),
            None => Vec::new(),
        };
        if pairs.is_some() && found.is_empty() {
            return Err(RejectionKind::MalformedSignature);
        }
        let xml = decoded(&payload);
        // A stranger can have a challenge signed. It decodes to no XML.
        let fault = xml.is_none().then_some(RejectionKind::BodyMismatch);
        let identity = trimmed(&payload).to_vec();
        let with_newline = [&*payload, b"\n"].concat();
        Ok(Reading {
            signed: vec![Signed {
                by: Signatures::Found(found),
                contents: vec![payload.into_owned(), with_newline],
            }],
            identity: Identity::Fixed(identity),
            assurance: Assurance::PartOfBody,
            id: None,
            kind: xml.as_deref().and_then(kind).map(str::to_owned),
            time: None,
            fault,
        })
    }

    fn covers(&self, place: Place) -> bool {
        place == form("bt_payload")
    }

    fn finds_signatures(&self) -> bool {
        true
    }

    fn names_types(&self) -> bool {
        true
    }

    #[cfg(feature = "testing")]
    fn dress(&self, draft: &mut Unsigned<'_>) {
        let subject = STANDARD.encode(&*draft.body);
        let kind = draft.kind.unwrap_or("check");
        let xml = format!(
            "<notification><kind>{kind}</kind><subject><demo>{subject}</demo></subject></notification>"
        );
        *draft.body =
            format!("bt_payload{}", form_text::write_pair("", &(STANDARD.encode(xml) + "\n")))
                .into();
        let content_type = http::HeaderValue::from_static(form_text::CONTENT_TYPE);
        draft.headers.insert(http::header::CONTENT_TYPE, content_type);
    }

    #[cfg(feature = "testing")]
    fn put_signature(&self, draft: &mut Unsigned<'_>, signature: Option<&str>) {
        let body = String::from_utf8_lossy(draft.body).into_owned();
        let others = body.split('&').filter(|pair| !pair.starts_with("bt_signature="));
        let pair = signature.map(|text| format!("{}|{text}", draft.key));
        let pair = pair.map(|pair| format!("bt_signature{}", form_text::write_pair("", &pair)));
        let all: Vec<String> = pair.into_iter().chain(others.map(str::to_owned)).collect();
        *draft.body = all.join("&").into();
    }
}

/// A public key and a signature.
fn pair(pair: &[u8]) -> Option<Found<'static>> {
    let at = pair.iter().position(|byte| *byte == b'|')?;
    let (key, text) = pair.split_at_checked(at)?;
    let text = text.get(1..)?.to_vec();
    Some(Found { key: Some(Cow::Owned(key.to_vec())), text: text.into() })
}

fn trimmed(payload: &[u8]) -> &[u8] {
    let end = payload.iter().rposition(|byte| *byte != b'\n');
    end.and_then(|end| payload.get(..=end)).unwrap_or_default()
}

/// The XML of a payload.
fn decoded(payload: &[u8]) -> Option<String> {
    let plain: Vec<u8> = payload.iter().copied().filter(|byte| *byte != b'\n').collect();
    let xml = String::from_utf8(STANDARD.decode(plain).ok()?).ok()?;
    xml.trim_start().starts_with('<').then_some(xml)
}

/// The type of a notification: its `kind`, which stands before its subject.
fn kind(xml: &str) -> Option<&str> {
    let head = xml.split("<subject").next()?;
    let (kind, _) = head.split_once("<kind>")?.1.split_once("</kind>")?;
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<&".contains(&byte);
    (!kind.is_empty() && kind.len() <= 64 && kind.bytes().all(is_plain)).then_some(kind)
}
