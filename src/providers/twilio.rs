use std::time::Duration;

use http::{Method, Uri};
#[cfg(feature = "testing")]
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::twilio_parameters;
use crate::assurance::Assurance;
use crate::encoding::decode_hex;
#[cfg(feature = "testing")]
use crate::provider::reader::Unsigned;
use crate::provider::reader::{Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{
    Acknowledgement, Algorithm::Hmac, Hash::Sha1, Mistake, Place, Provider, header,
};
use crate::rejection::RejectionKind;
use crate::wire::form;
use crate::wire::url::encode_component;

/// [Twilio](https://www.twilio.com/docs/usage/security#validating-requests): voice and messaging.
///
/// - **Signed**: the public URL as you configured it at Twilio, with HMAC-SHA1 in base64, in
///   `X-Twilio-Signature`. For a form post also each parameter's name and value, sorted. For other
///   bodies the URL ends with `bodySHA256` and the body's hash, which is compared. A body that is
///   neither must be empty.
/// - **No borders**: URL, names and values are joined without a separator, so that the same
///   characters may be split in another way under the same signature
///   ([`Event::assurance`](crate::Event::assurance) always says `PartOfBody`). What is refused: a
///   form whose first name, in byte order, is not one that Twilio documents, which is how the end of
///   one URL becomes a parameter at another; a hash of the body anywhere but at the URL's end, or
///   beside a form; a URL in which the account's parameter stands as in a form. **What remains**: a
///   sender of an SMS can write into its text what then reads as a further parameter (`yesFrom+1555…`
///   as `Body=yes` and `From=+1555…`), and an endpoint whose URL ends with a parameter's name
///   (`/hooks/Body`) can be taken for the one without. So give endpoints no such names, and look a
///   call or message up by its SID before anything that matters. A custom parameter that comes before
///   all of Twilio's own (`ACME`, `1st`, in byte order) is refused: write it in lower case.
/// - **URL**: give it with [`public_url`](crate::VerifierBuilder::public_url) or
///   [`exact_url`](crate::VerifierBuilder::exact_url), without a fragment (`#rc=2`). It is tried with
///   and without its standard or given port, and its query as Twilio's own library re-spells it
///   (`'` and `%27`, `+` and `%20`, `|` and `%7C`, `?x` and `?x=`), since Twilio signs any of these.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named. `I-Twilio-Idempotency-Token` is not signed, and not looked at.
/// - **Identity**: a digest of the signed content, for 5 s after it was handled, whatever the
///   layer's retention is. A caller who presses the same digit again sends the same form, and the
///   call ends if it is not answered (by public reports): a repeated form is a new question. A
///   captured request can be replayed after that.
/// - **Secret**: the account's *primary* auth token, from the console. A secondary token does not
///   sign until it is promoted.
/// - **Answer**: TwiML or any 2xx, within 15 s (unconfirmed).
/// - **Acknowledgement**: what the layer answers itself is TwiML that does nothing. A call whose form
///   comes again within the time that it is remembered ends by it.
pub static TWILIO: Provider = Provider::new("twilio")
    .title("Twilio")
    .docs("https://www.twilio.com/docs/usage/security#validating-requests")
    .signature(Hmac(Sha1), header("x-twilio-signature").base64())
    .never_secrets(&[
        Mistake::new(
            "AC",
            "this is the account's SID: paste its *Auth Token*, which stands below it",
        ),
        Mistake::new("SK", "this is the SID of an API key: paste the account's *Auth Token*"),
    ])
    .read_by(&TwilioRequest)
    .methods(&["POST", "GET"])
    .looks_again()
    .retention(Duration::from_secs(5))
    .acknowledges(Acknowledgement::of_type("text/xml", "<Response/>"));

/// URL and sorted form, or URL with a body hash.
#[derive(Debug)]
pub(super) struct TwilioRequest;

const BODY_HASH: &str = "bodySHA256=";
/// How the account's parameter stands in a form that was moved into the URL.
const ACCOUNT: &str = "AccountSidAC";
/// With more content than this a query is not re-spelt: a stranger must not have it hashed again
/// for each spelling.
const MAX_RESPELT: usize = 64 * 1024;

impl Reader for TwilioRequest {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let Whole { head, url, body, .. } = *request;
        let is_form = form::is_form(head) && head.method != Method::GET;
        let mut parameters = if is_form { form::sorted(body)? } else { Vec::new() };
        // Of a repeated name its distinct values are signed.
        parameters.dedup();
        let is_bound = match body_hash(url) {
            Ok(Some(hash)) => !is_form && is_hash_of(hash, request),
            Ok(None) => is_form || body.is_empty(),
            Err(Moved) => false,
        };
        let fault = if !is_bound {
            Some(RejectionKind::BodyMismatch)
        } else if url.contains(ACCOUNT) || !has_border(url, &parameters) {
            Some(RejectionKind::AmbiguousSignedValue)
        } else {
            None
        };
        let mut joined = Vec::with_capacity(body.len());
        for (name, value) in &parameters {
            joined.extend_from_slice(name);
            joined.extend_from_slice(value);
        }
        let urls = if joined.len() > MAX_RESPELT { with_ports(url) } else { spellings(url) };
        let contents = urls.iter().map(|url| [url.as_bytes(), &joined].concat()).collect();
        Ok(Reading {
            signed: vec![Signed { by: Signatures::InPlace, contents }],
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
        let content_type = draft.headers.get(http::header::CONTENT_TYPE);
        let is_form = content_type.is_some_and(|sent| form::is_form_type(sent.as_bytes()));
        if is_form || draft.body.is_empty() {
            return;
        }
        let separator = if draft.uri.contains('?') { '&' } else { '?' };
        let digest = Sha256::digest(&*draft.body);
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        *draft.uri = format!("{}{separator}{BODY_HASH}{hash}", draft.uri);
    }
}

/// Whether it is certain where the URL ends and the form begins: there one of Twilio's own names
/// begins, which is no end of a sensible URL. Behind the question mark of an empty query, which
/// keeps the path apart, a form may do without any of Twilio's names, if it cannot be the query of
/// another URL.
fn has_border(url: &str, parameters: &[form::Pair<'_>]) -> bool {
    let Some((first, _)) = parameters.first() else { return true };
    let assigns = |text: &[u8]| text.contains(&b'=');
    let is_foreign = |(name, value): &form::Pair<'_>| {
        !(name.is_empty() || twilio_parameters::has(name) || assigns(name) || assigns(value))
    };
    twilio_parameters::has(first) || (url.ends_with('?') && parameters.iter().all(is_foreign))
}

/// The hash of the body stands in the URL, but not at its end: text of a form could be that.
struct Moved;

/// The hash of the body that the URL ends with.
fn body_hash(url: &str) -> Result<Option<&str>, Moved> {
    let Some((before, hash)) = url.split_once(BODY_HASH) else { return Ok(None) };
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash && before.ends_with(['?', '&']) { Ok(Some(hash)) } else { Err(Moved) }
}

fn is_hash_of(hex: &str, request: &Whole<'_>) -> bool {
    let mut sent = [0; 32];
    decode_hex(hex.as_bytes(), &mut sent).is_some() && sent.ct_eq(&request.body_sha256()).into()
}

/// The URL as given, without its port, and with the standard port of its scheme.
fn with_ports(url: &str) -> Vec<String> {
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

/// The URL with and without port, each with its query as it is, as a browser writes it, and as
/// Node's `querystring` does. All of them have the same parameters.
fn spellings(url: &str) -> Vec<String> {
    let mut all = with_ports(url);
    let Some((_, query)) = url.split_once('?') else { return all };
    let respelt = [query.contains('\'').then(|| query.replace('\'', "%27")), stringified(query)];
    for other in respelt.into_iter().flatten().filter(|other| *other != query) {
        for form in with_ports(url) {
            let spelt = form.strip_suffix(query).map(|before| format!("{before}{other}"));
            all.extend(spelt.filter(|spelt| !all.contains(spelt)));
        }
    }
    all
}

/// A query decoded and written again; `None` if that would change more than its spelling: the order
/// of a name that comes twice, or bytes that are no text.
fn stringified(query: &str) -> Option<String> {
    let mut pairs = form::sorted(query.as_bytes()).ok()?;
    pairs.dedup_by(|one, other| one.0 == other.0);
    let in_order: Vec<_> = form::pairs(query.as_bytes()).collect();
    let is_text = |text: &[u8]| std::str::from_utf8(text).is_ok();
    if pairs.len() != in_order.len() || !pairs.iter().all(|(n, v)| is_text(n) && is_text(v)) {
        return None;
    }
    let written = |(name, value): &form::Pair<'_>| {
        format!("{}={}", encode_component(name), encode_component(value))
    };
    Some(in_order.iter().map(written).collect::<Vec<_>>().join("&"))
}
