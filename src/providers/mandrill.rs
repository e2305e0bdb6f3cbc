use crate::assurance::Assurance;
use crate::provider::reader::{CodedContent, ContentCode, Whole};
use crate::provider::{Algorithm::Hmac, Hash::Sha1, Mistake, Provider, header};
use crate::wire::form;

/// [Mailchimp Transactional](https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests),
/// once Mandrill.
///
/// - **Signed**: the webhook's URL as you configured it, and of each form field its name and
///   decoded value, by name; with HMAC-SHA1 in base64, in `X-Mandrill-Signature`. They are joined
///   without a separator, so that another split of the same characters has the same signature
///   ([`Event::assurance`](crate::Event::assurance) says `PartOfBody`): read `mandrill_events` and
///   no other field.
/// - **URL**: with user and password, port and query, if it has them. Give it with
///   [`exact_url`](crate::VerifierBuilder::exact_url), or
///   [`public_url`](crate::VerifierBuilder::public_url).
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named: `mandrill_events` is a batch, a JSON array. The replay key is a
///   digest of the signed content.
/// - **Secret**: the webhook's *Key* under Settings, Webhooks. An API key (`md-…`) is refused.
/// - **Setup**: before the key exists, a `HEAD` without a signature, then a POST of an empty batch
///   signed with the key `test-webhook`, want a 200. Answer them beside this layer, or add the
///   webhook first. **Never configure `test-webhook`**: everybody knows it.
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
    .signs_with(&MandrillContent)
    .document_in("mandrill_events");

/// The URL and the sorted form.
#[derive(Debug)]
struct MandrillContent;

impl ContentCode for MandrillContent {
    fn content(&self, request: &Whole<'_>) -> CodedContent {
        let sent_form = form::is_form(request.head);
        let mut content = request.url.as_bytes().to_vec();
        if sent_form {
            let mut fields: Vec<_> = form::pairs(request.body).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            for (name, value) in &fields {
                content.extend_from_slice(name);
                content.extend_from_slice(value);
            }
        }
        CodedContent {
            candidates: vec![content],
            body_is_bound: sent_form || request.body.is_empty(),
            assurance: Assurance::PartOfBody,
        }
    }

    #[cfg(feature = "testing")]
    fn content_type(&self) -> Option<&'static str> {
        Some(form::CONTENT_TYPE)
    }
}
