use std::borrow::Cow;

use crate::assurance::Assurance;
use crate::encoding::list;
#[cfg(feature = "testing")]
use crate::provider::reader::Unsigned;
use crate::provider::reader::{Found, Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Place, Provider, Tolerance, json};
use crate::rejection::RejectionKind;
use crate::wire::form;
use crate::wire::json::{self as json_text, Member};
use crate::wire::multipart;

/// [Mailgun](https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
///
/// - **Signed**: only the time and a random token, both in the body's `signature` object, with
///   HMAC-SHA256 in hex. **The event itself is not signed**: whoever sees one delivery can put
///   another event under its signature until the token is remembered. So the token is the replay
///   key, a second body under one token is refused
///   ([`ReusedSignature`](crate::RejectionKind::ReusedSignature)), and
///   [`Event::assurance`](crate::Event::assurance) says `PartOfBody`. Rely on TLS.
/// - **Routes** post inbound mail as a form, with attachments as multipart: `timestamp`, `token` and
///   `signature` are fields of it. Which of the three a body is, its own first bytes say.
/// - **Time**: `signature.timestamp`, signed. Mailgun leaves the window to you; 300 s to both
///   sides here, as Symfony has it. Nothing stands between it and the token, so it cannot be more
///   than a year.
/// - **Event**: `event-data.id` and `event-data.event`, both **unsigned**; a route has neither.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *HTTP webhook signing key* under API security.
/// - **Body**: JSON; of a route a form, `event.form()`, or multipart, for a parser of your own.
/// - Subaccounts' `parent-signature` is not covered.
/// - **Retries**: for 8 h (unconfirmed).
/// - **Statuses**: after 406 it gives up (unconfirmed).
pub static MAILGUN: Provider = Provider::new("mailgun")
    .title("Mailgun")
    .docs("https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks")
    .never_secrets(&[Mistake::new(
        "pubkey-",
        "this is the public validation key: paste the *HTTP webhook signing key*",
    )])
    .signature(Hmac(Sha256), json(SIGNATURE).hex())
    .timestamp(json(TIME).seconds(), Tolerance::secs(300))
    .read_by(&MailgunDelivery)
    .event_id(&[json("/event-data/id")])
    .event_type(&[json("/event-data/event")])
    .gives_up_after(&[406]);

const TIME: &str = "/signature/timestamp";
const TOKEN: &str = "/signature/token";
const SIGNATURE: &str = "/signature/signature";

/// Time, token and signature out of JSON, a form, or a multipart form.
#[derive(Debug)]
struct MailgunDelivery;

impl Reader for MailgunDelivery {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let [time, token, signature] = values(request)?;
        if signature.is_some() && time.is_none() {
            return Err(RejectionKind::MissingTimestamp);
        }
        let token = token.filter(|token| !token.is_empty());
        if signature.is_some() && token.is_none() {
            return Err(RejectionKind::MissingSignedValue);
        }
        let token = token.unwrap_or_default();
        let content = [time.as_deref().unwrap_or_default(), &*token].concat();
        Ok(Reading {
            signed: vec![Signed {
                by: Signatures::Found(signature.into_iter().map(Found::unnamed).collect()),
                contents: vec![content],
            }],
            identity: Identity::Fixed(list([&*token])),
            assurance: Assurance::PartOfBody,
            id: None,
            kind: None,
            time,
            fault: None,
        })
    }

    fn covers(&self, place: Place) -> bool {
        matches!(place, Place::Json(TIME | TOKEN))
    }

    fn borders_time(&self) -> bool {
        false
    }

    fn reads_names(&self) -> bool {
        false
    }

    fn finds_signatures(&self) -> bool {
        true
    }

    #[cfg(feature = "testing")]
    fn dress(&self, draft: &mut Unsigned<'_>) {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(&*draft.body);
        let token: String = digest.iter().take(25).map(|byte| format!("{byte:02x}")).collect();
        let Some(mut body) = object(draft.body) else {
            if !is_multipart(draft.body) {
                for (name, value) in [("timestamp", draft.time), ("token", &*token)] {
                    put_field(draft, name, Some(value));
                }
            }
            return;
        };
        let signature = body.entry("signature").or_insert_with(|| serde_json::json!({}));
        for (name, value) in [("timestamp", draft.time), ("token", &*token)] {
            if let Some(members) = signature.as_object_mut() {
                members.entry(name).or_insert_with(|| value.into());
            }
        }
        let data = [("id", draft.id), ("event", draft.kind)];
        for (name, value) in data.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            let data = body.entry("event-data").or_insert_with(|| serde_json::json!({}));
            if let Some(members) = data.as_object_mut() {
                members.insert(name.into(), value.into());
            }
        }
        *draft.body = serde_json::Value::Object(body).to_string().into();
    }

    #[cfg(feature = "testing")]
    fn put_signature(&self, draft: &mut Unsigned<'_>, text: Option<&str>) {
        let Some(mut body) = object(draft.body) else {
            if !is_multipart(draft.body) {
                put_field(draft, "signature", text);
            }
            return;
        };
        if let Some(members) = body.get_mut("signature").and_then(|it| it.as_object_mut()) {
            members.remove("signature");
            members.extend(text.map(|text| ("signature".into(), text.into())));
        }
        *draft.body = serde_json::Value::Object(body).to_string().into();
    }
}

/// Time, token and signature. The first bytes of a body say what it is, and no unsigned header does:
/// no text is read in two of the three ways.
fn values<'a>(request: &Whole<'a>) -> Result<[Option<Cow<'a, [u8]>>; 3], RejectionKind> {
    let body = request.body;
    if matches!(json_text::without_bom(body).trim_ascii_start().first(), Some(b'{' | b'[')) {
        let [time, token, signature] = json_text::read_all(body, [TIME, TOKEN, SIGNATURE]);
        return Ok([
            text(time, RejectionKind::MalformedTimestamp)?,
            text(token, RejectionKind::AmbiguousSignedValue)?,
            text(signature, RejectionKind::MalformedSignature)?,
        ]);
    }
    let field = |name| match is_multipart(body) {
        true => multipart::field(&request.head.headers, body, name)
            .map(|value| value.map(Cow::Borrowed)),
        false => form::single(body, name),
    };
    let read = |name| field(name).map_err(|_| RejectionKind::AmbiguousSignedValue);
    Ok([read("timestamp")?, read("token")?, read("signature")?])
}

fn text<'a>(member: Member, wrong: RejectionKind) -> Result<Option<Cow<'a, [u8]>>, RejectionKind> {
    match member {
        Member::Text(text) => Ok(Some(text.into_bytes().into())),
        Member::Absent => Ok(None),
        Member::Other => Err(wrong),
    }
}

fn is_multipart(body: &[u8]) -> bool {
    body.starts_with(b"--")
}

#[cfg(feature = "testing")]
fn object(body: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    let text: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(text).ok()
}

#[cfg(feature = "testing")]
fn put_field(draft: &mut Unsigned<'_>, name: &str, value: Option<&str>) {
    let body = String::from_utf8_lossy(draft.body).into_owned();
    let pairs = body.split('&').filter(|pair| !pair.is_empty());
    let others = pairs.filter(|pair| pair.split('=').next() != Some(name)).map(str::to_owned);
    let pair = value.map(|value| form::write_pair(name, value));
    *draft.body = others.chain(pair).collect::<Vec<_>>().join("&").into();
}
