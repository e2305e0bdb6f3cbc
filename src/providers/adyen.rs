use crate::assurance::Assurance;
use crate::encoding::list;
#[cfg(feature = "testing")]
use crate::provider::reader::Unsigned;
use crate::provider::reader::{Found, Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{
    Acknowledgement, Algorithm::Hmac, Hash::Sha256, Place, Provider, SecretFormat, json,
};
use crate::rejection::RejectionKind;
use crate::wire::json::{self as json_text, Member};

/// [Adyen](https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures/): standard
/// webhooks in JSON. Those of Adyen for Platforms are signed in another way.
///
/// - **Signed**: eight fields of each item, joined with colons: `pspReference`,
///   `originalReference`, `merchantAccountCode`, `merchantReference`, `amount.value`,
///   `amount.currency`, `eventCode` and `success`, with HMAC-SHA256 in base64, in the item's own
///   `additionalData.hmacSignature`. **Everything else is unsigned**: `live`, `reason`,
///   `eventDate`, `paymentMethod`, `operations`, all other `additionalData`
///   ([`Event::assurance`](crate::Event::assurance) says `PartOfBody`). Every item must verify.
///   Colons are not escaped, so only `merchantReference` may have them, and of a
///   `REPORT_AVAILABLE`, which names a file, only `pspReference`, if both other references are empty:
///   then there is one way to read the eight.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `pspReference` and `eventCode`, both signed, where there is one item, as Adyen
///   sends it in JSON. One `pspReference` may come under several codes, so the replay key is a
///   digest of the eight fields. A second body under the same eight is refused
///   ([`ReusedSignature`](crate::RejectionKind::ReusedSignature)), also where Adyen itself sends an
///   event again with other details.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Several items** are each signed, but **nothing binds them together**: whoever has captured
///   some can send them again in combinations that never came. If you handle such batches, let
///   `pspReference` with `eventCode` name each item in your own database.
/// - **Secret**: the *HMAC key* of the webhook, 64 hexadecimal digits: Customer Area, Developers,
///   Webhooks, the webhook, *Security*. Basic authentication usually comes on top.
/// - **Retries**: for up to 7 days, when there was no 2xx within 10 s.
pub static ADYEN: Provider = Provider::new("adyen")
    .title("Adyen")
    .docs("https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures/")
    .signature(Hmac(Sha256), json(SIGNATURE).base64())
    .secret(SecretFormat::Hex)
    .read_by(&AdyenItems)
    .event_id(&[json(REFERENCE)])
    .event_type(&[json(CODE)])
    .acknowledges(Acknowledgement::text("[accepted]"));

const SIGNATURE: &str = "/notificationItems/0/NotificationRequestItem/additionalData/hmacSignature";
const REFERENCE: &str = "/notificationItems/0/NotificationRequestItem/pspReference";
const CODE: &str = "/notificationItems/0/NotificationRequestItem/eventCode";

/// The code of the events whose reference is the name of a file.
const REPORT: &str = "REPORT_AVAILABLE";

/// More items than signatures in any other request are not looked at.
const MAX_ITEMS: usize = 16;

/// Every item with its own signature.
#[derive(Debug)]
struct AdyenItems;

impl Reader for AdyenItems {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let items = json_text::elements(request.body, "/notificationItems");
        if items.len() > MAX_ITEMS {
            return Err(RejectionKind::MalformedSignature);
        }
        let items: Vec<Item> = items.into_iter().map(Item::read).collect::<Result<_, _>>()?;
        // Neither the order of items nor their number may make a new event.
        let mut names: Vec<&[u8]> = items.iter().map(|item| item.content.as_bytes()).collect();
        names.sort_unstable();
        names.dedup();
        let fault = (names.len() != items.len()).then_some(RejectionKind::BodyMismatch);
        let identity = Identity::Fixed(list(names));
        let only = match items.as_slice() {
            [only] => Some((only.reference.clone(), only.code.clone())),
            _ => None,
        };
        let (id, kind) = only.unzip();
        let sign = |item: Item| Signed {
            by: Signatures::Found(item.signature.into_iter().map(Found::unnamed).collect()),
            contents: vec![item.content.into_bytes()],
        };
        let signed = items.into_iter().map(sign).collect();
        let assurance = Assurance::PartOfBody;
        Ok(Reading { signed, identity, assurance, id, kind, time: None, fault })
    }

    fn covers(&self, place: Place) -> bool {
        matches!(place, Place::Json(REFERENCE | CODE))
    }

    fn finds_signatures(&self) -> bool {
        true
    }

    #[cfg(feature = "testing")]
    fn dress(&self, draft: &mut Unsigned<'_>) {
        use serde_json::{Value, json};
        let given: Value = serde_json::from_slice(draft.body).unwrap_or_default();
        let reference = list([&**draft.body])
            .iter()
            .fold(7_u64, |sum, byte| sum.wrapping_mul(1_000_003).wrapping_add(u64::from(*byte)));
        let mut body = if given.is_object() { given } else { json!({}) };
        if body.get("notificationItems").is_none()
            && let Some(members) = body.as_object_mut()
        {
            let item = json!({
                "pspReference": format!("{reference:020}"),
                "merchantAccountCode": "DemoAccount",
                "merchantReference": "demo",
                "amount": {"value": 1130, "currency": "EUR"},
                "eventCode": "AUTHORISATION",
                "success": "true",
                "additionalData": {},
            });
            members
                .insert("notificationItems".into(), json!([{ "NotificationRequestItem": item }]));
        }
        if let Some(item) = body.pointer_mut("/notificationItems/0/NotificationRequestItem") {
            for (name, text) in [("pspReference", draft.id), ("eventCode", draft.kind)] {
                if let (Some(members), Some(text)) = (item.as_object_mut(), text) {
                    members.insert(name.into(), text.into());
                }
            }
        }
        *draft.body = body.to_string().into();
    }

    #[cfg(feature = "testing")]
    fn put_signature(&self, draft: &mut Unsigned<'_>, signature: Option<&str>) {
        let mut body: serde_json::Value = serde_json::from_slice(draft.body).unwrap_or_default();
        let data = body.pointer_mut("/notificationItems/0/NotificationRequestItem");
        if let Some(data) = data.and_then(|item| item.as_object_mut()) {
            let data = data.entry("additionalData").or_insert_with(|| serde_json::json!({}));
            if let Some(members) = data.as_object_mut() {
                members.remove("hmacSignature");
                members.extend(signature.map(|text| ("hmacSignature".into(), text.into())));
            }
        }
        *draft.body = body.to_string().into();
    }
}

struct Item {
    content: String,
    signature: Option<Vec<u8>>,
    reference: String,
    code: String,
}

impl Item {
    fn read(wrapped: &[u8]) -> Result<Self, RejectionKind> {
        let [reference, original, account, merchant, value, currency, code, success, signature] =
            json_text::read_all(
                wrapped,
                [
                    "/NotificationRequestItem/pspReference",
                    "/NotificationRequestItem/originalReference",
                    "/NotificationRequestItem/merchantAccountCode",
                    "/NotificationRequestItem/merchantReference",
                    "/NotificationRequestItem/amount/value",
                    "/NotificationRequestItem/amount/currency",
                    "/NotificationRequestItem/eventCode",
                    "/NotificationRequestItem/success",
                    "/NotificationRequestItem/additionalData/hmacSignature",
                ],
            );
        let (reference, code) = (text(reference)?, text(code)?);
        let (original, merchant) = (text(original)?, text(merchant)?);
        if code == REPORT {
            // A report's name has colons; then nothing else that is free may have one.
            let is_one_reading = original.is_empty() && merchant.is_empty();
            if !is_one_reading && [&reference, &merchant].into_iter().any(|text| text.contains(':'))
            {
                return Err(RejectionKind::AmbiguousSignedValue);
            }
        } else {
            plain(reference.clone())?;
        }
        let fields = [
            reference.clone(),
            plain(original)?,
            plain(text(account)?)?,
            merchant,
            plain(text(value)?)?,
            plain(text(currency)?)?,
            plain(code.clone())?,
            plain(text(success)?)?,
        ];
        let signature = match signature {
            Member::Absent => None,
            signature => Some(text(signature)?.into_bytes()),
        };
        Ok(Self { content: fields.join(":"), signature, reference, code })
    }
}

/// An absent field is signed as an empty one; a list or an object in its place is not.
fn text(member: Member) -> Result<String, RejectionKind> {
    match member {
        Member::Absent => Ok(String::new()),
        Member::Text(text) => Ok(text),
        Member::Other => Err(RejectionKind::AmbiguousSignedValue),
    }
}

fn plain(text: String) -> Result<String, RejectionKind> {
    if text.contains(':') { Err(RejectionKind::AmbiguousSignedValue) } else { Ok(text) }
}
