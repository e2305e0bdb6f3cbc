use crate::assurance::Assurance;
use crate::handshake::{Handshake, Mark};
#[cfg(feature = "testing")]
use crate::provider::reader::Unsigned;
use crate::provider::reader::{Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{
    Algorithm::Hmac, Hash::Sha1, Mistake, Place, Provider, form as form_field, header,
};
use crate::rejection::RejectionKind;
use crate::wire::form;
use crate::wire::json::is_container;

/// [Mailchimp Transactional](https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests),
/// once Mandrill.
///
/// - **Signed**: the webhook's URL as you configured it, and name and decoded value of the form's
///   one field, `mandrill_events`; with HMAC-SHA1 in base64, in `X-Mandrill-Signature`. They are
///   joined without a separator, so a form with any other field is refused, and so is a value that is
///   not whole JSON: neither can be moved into the URL or out of it
///   ([`Event::assurance`](crate::Event::assurance) says `PartOfBody`: what is signed is the field,
///   not the bytes that spell it).
/// - **URL**: with user and password, port and query, if it has them. Give it with
///   [`exact_url`](crate::VerifierBuilder::exact_url), or
///   [`public_url`](crate::VerifierBuilder::public_url).
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named: `mandrill_events` is a batch, a JSON array. The replay key is a
///   digest of the signed content.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the webhook's *Key* under Settings, Webhooks. An API key (`md-…`) is refused.
/// - **Setup**: before the key exists, a `HEAD` without a signature, then a POST of an empty batch
///   signed with the key `test-webhook`. Both are answered 200, an empty batch whatever its
///   signature: nothing is in it. **Never configure `test-webhook`**: everybody knows it.
/// - **Bodies** may be larger than 2 MiB, for inbound mail (unconfirmed): raise the layer's cap.
/// - **Retries**: unconfirmed.
pub static MANDRILL: Provider = Provider::new("mandrill")
    .title("Mailchimp Transactional (Mandrill)")
    .docs("https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests")
    .signature(Hmac(Sha1), header("x-mandrill-signature").base64())
    .never_secrets(&[Mistake::new(
        "md-",
        "this is an API key: paste the webhook's *Key*, from Settings, Webhooks",
    )])
    .read_by(&MandrillRequest)
    .document_in(EVENTS)
    .handshakes(&[
        Handshake::unsigned_head(),
        Handshake::unsigned_post(&[
            Mark::OnlyField(EVENTS),
            Mark::Equals(form_field(EVENTS), "[]"),
        ])
        .even_signed(),
    ]);

/// The URL and the one field of the form.
#[derive(Debug)]
struct MandrillRequest;

/// The only field that Mandrill sends.
const EVENTS: &str = "mandrill_events";

impl Reader for MandrillRequest {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let is_form = form::is_form(request.head);
        let fields = if is_form { form::sorted(request.body)? } else { Vec::new() };
        let fault = match fields.as_slice() {
            // A value that is whole JSON has not lent its beginning to the URL.
            [(name, events)] if **name == *EVENTS.as_bytes() && is_container(events) => None,
            [] => Some(RejectionKind::BodyMismatch),
            _ => Some(RejectionKind::AmbiguousSignedValue),
        };
        let mut content = request.url.as_bytes().to_vec();
        for (name, value) in &fields {
            content.extend_from_slice(name);
            content.extend_from_slice(value);
        }
        Ok(Reading {
            signed: vec![Signed { by: Signatures::InPlace, contents: vec![content] }],
            identity: Identity::Content,
            assurance: Assurance::PartOfBody,
            id: None,
            kind: None,
            time: None,
            fault,
        })
    }

    fn covers(&self, _: Place) -> bool {
        false
    }

    fn needs_url(&self) -> bool {
        true
    }

    #[cfg(feature = "testing")]
    fn dress(&self, draft: &mut Unsigned<'_>) {
        if !draft.body.contains(&b'=') || matches!(draft.body.first(), Some(b'{' | b'[')) {
            let events = String::from_utf8_lossy(draft.body).into_owned();
            *draft.body = form::write_pair(EVENTS, &events).into();
        }
        let content_type = http::HeaderValue::from_static(form::CONTENT_TYPE);
        draft.headers.insert(http::header::CONTENT_TYPE, content_type);
    }
}
