use crate::assurance::Assurance;
use crate::encoding::list;
#[cfg(feature = "testing")]
use crate::provider::reader::Unsigned;
use crate::provider::reader::{Found, Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{Acknowledgement, Algorithm::Hmac, Hash::Sha256, Place, Provider, form_json};
use crate::rejection::RejectionKind;
use crate::wire::json::{self, Member};
use crate::wire::multipart;

/// [Dropbox Sign](https://developers.hellosign.com/docs/guides/events-and-callbacks/walkthrough),
/// HelloSign before.
///
/// - **Signed**: only `event_time` and `event_type`, one behind the other, with HMAC-SHA256 in hex,
///   in `event.event_hash`, all in the JSON of the multipart field `json`. **Everything else is
///   unsigned**, the signature request with its id and status above all
///   ([`Event::assurance`](crate::Event::assurance) says `PartOfBody`): take an event for a hint,
///   and fetch from the API what it is about. Rely on TLS.
/// - **Time**: `event_time`, signed, is when it happened, and stays the same over days of retries.
///   So there is no window. **The replay store is the only protection against replays.**
/// - **Event**: `event.event_type`, signed. There is no id, and time and type are all that is
///   signed; two true events of one type may happen within one second. So **the replay key is time,
///   type, and what the event is about**, which is unsigned: the ids of signature request, signature,
///   template and account. Whoever captured a delivery can have another run under other ids; under
///   the same ones another body is refused
///   ([`ReusedSignature`](crate::RejectionKind::ReusedSignature)). With
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) the key is time and type alone: no
///   forgery runs, and of two true events in one second the second is refused, with a log line, until
///   Dropbox Sign gives up.
/// - **Identity**: a digest of what is signed and of those ids. That no two events have the same is
///   unconfirmed.
/// - **Secret**: the account's *API key*, as text; for events of an app that of the account which
///   owns the app. It also opens the API.
/// - **Body**: multipart, so neither `event.json()` nor `event.form()` reads it: give
///   `event.body()` to a multipart parser. Anything but plain parts is refused.
/// - **Answer**: 200 and the text `Hello API Event Received`, else it is sent again. What the layer
///   itself answers is that; a handler that answers requests gives it too.
/// - **Retries**: with growing pauses, for about 3 days.
pub static DROPBOX_SIGN: Provider = Provider::new("dropbox-sign")
    .title("Dropbox Sign")
    .aliases(&["hellosign"])
    .docs("https://developers.hellosign.com/docs/guides/events-and-callbacks/walkthrough")
    .signature(Hmac(Sha256), form_json("json", "/event/event_hash").hex())
    .read_by(&DropboxSignEvent)
    .event_type(&[form_json("json", KIND)])
    .acknowledges(Acknowledgement::text("Hello API Event Received"));

const KIND: &str = "/event/event_type";

/// Time and type out of the JSON of a multipart field.
#[derive(Debug)]
struct DropboxSignEvent;

impl Reader for DropboxSignEvent {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let field = multipart::field(&request.head.headers, request.body, "json");
        let text = field.map_err(|_| RejectionKind::AmbiguousSignedValue)?.unwrap_or_default();
        let [time, kind, hash, about @ ..] = json::read_all(
            text,
            [
                "/event/event_time",
                KIND,
                "/event/event_hash",
                "/signature_request/signature_request_id",
                "/event/event_metadata/related_signature_id",
                "/template/template_id",
                "/event/event_metadata/reported_for_account_id",
            ],
        );
        let (time, kind) = (text_of(time)?, text_of(kind)?);
        let about = about.map(|member| match member {
            Member::Text(text) => text,
            Member::Absent | Member::Other => String::new(),
        });
        // With digits here and none at the beginning there, nothing can move between the two.
        let is_time = time.bytes().all(|byte| byte.is_ascii_digit());
        let is_kind = !kind.starts_with(|first: char| !first.is_ascii_alphabetic());
        if !is_time || !is_kind {
            return Err(RejectionKind::AmbiguousSignedValue);
        }
        let fault =
            (time.is_empty() || kind.is_empty()).then_some(RejectionKind::MissingSignedValue);
        let found = match hash {
            Member::Text(hash) => vec![Found::unnamed(hash.into_bytes())],
            Member::Absent => Vec::new(),
            Member::Other => return Err(RejectionKind::MalformedSignature),
        };
        Ok(Reading {
            signed: vec![Signed {
                by: Signatures::Found(found),
                contents: vec![[time.as_bytes(), kind.as_bytes()].concat()],
            }],
            identity: Identity::Told {
                strictly: list([time.as_bytes(), kind.as_bytes()]),
                usually: list([&time, &kind].into_iter().chain(&about).map(|text| text.as_bytes())),
            },
            assurance: Assurance::PartOfBody,
            id: None,
            kind: Some(kind),
            time: None,
            fault,
        })
    }

    fn covers(&self, place: Place) -> bool {
        matches!(place, Place::FormJson("json", KIND))
    }

    fn finds_signatures(&self) -> bool {
        true
    }

    #[cfg(feature = "testing")]
    fn dress(&self, draft: &mut Unsigned<'_>) {
        use serde_json::{Value, json};
        let given: Value = serde_json::from_slice(draft.body).unwrap_or_default();
        // Another body is another event, and so of another second.
        let second = draft.body.iter().fold(0_u64, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(*byte)).wrapping_rem(700_000_000)
        });
        let mut body = if given.is_object() { given } else { json!({}) };
        if let Some(members) = body.as_object_mut() {
            let event = json!({
                "event_time": second.wrapping_add(1_000_000_000).to_string(),
                "event_type": draft.kind.unwrap_or("callback_test"),
            });
            members.insert("event".into(), event);
        }
        write(draft, &body);
    }

    #[cfg(feature = "testing")]
    fn put_signature(&self, draft: &mut Unsigned<'_>, signature: Option<&str>) {
        let field = multipart::field(draft.headers, draft.body, "json").ok().flatten();
        let mut body: serde_json::Value =
            serde_json::from_slice(field.unwrap_or_default()).unwrap_or_default();
        if let Some(members) = body.get_mut("event").and_then(|event| event.as_object_mut()) {
            members.remove("event_hash");
            members.extend(signature.map(|text| ("event_hash".into(), text.into())));
        }
        write(draft, &body);
    }
}

fn text_of(member: Member) -> Result<String, RejectionKind> {
    match member {
        Member::Text(text) => Ok(text),
        Member::Absent => Ok(String::new()),
        Member::Other => Err(RejectionKind::AmbiguousSignedValue),
    }
}

#[cfg(feature = "testing")]
fn write(draft: &mut Unsigned<'_>, json: &serde_json::Value) {
    const BOUNDARY: &str = "----demo-boundary";
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    if let Ok(content_type) = http::HeaderValue::from_str(&content_type) {
        draft.headers.insert(http::header::CONTENT_TYPE, content_type);
    }
    *draft.body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{json}\r\n--{BOUNDARY}--\r\n"
    )
    .into();
}
