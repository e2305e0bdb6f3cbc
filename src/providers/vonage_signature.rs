use http::Method;

use crate::assurance::Assurance;
use crate::encoding::list;
#[cfg(feature = "testing")]
use crate::provider::reader::Unsigned;
use crate::provider::reader::{Found, Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{
    Algorithm::{self, Digest, Hmac},
    Hash::{Md5, Sha1, Sha256, Sha512},
    Place, Provider, Tolerance, form,
};
use crate::rejection::RejectionKind;
use crate::wire::form as form_text;
use crate::wire::url::original_uri;

/// [Vonage](https://developer.vonage.com/en/getting-started/concepts/signing-messages) SMS, Nexmo
/// before: signed parameters, with the method *MD5 hash*, which is the default.
///
/// The method is set in the dashboard; pick the provider for it. None takes the signature of
/// another.
///
/// | method | provider |
/// | --- | --- |
/// | MD5 hash | `VONAGE_SIGNATURE` |
/// | MD5 HMAC | [`VONAGE_SIGNATURE_MD5`] |
/// | SHA1 HMAC | [`VONAGE_SIGNATURE_SHA1`] |
/// | SHA-256 HMAC | [`VONAGE_SIGNATURE_SHA256`] |
/// | SHA-512 HMAC | [`VONAGE_SIGNATURE_SHA512`] |
///
/// - **Signed**: every parameter but `sig`, sorted by name, each as `&name=value`, in hex, in
///   `sig`. They stand in the query of a GET or in the form of a POST. In a value `&`, `=` and `_`
///   are signed as one and the same character, so **a stranger can change one into another**
///   ([`Event::assurance`](crate::Event::assurance) says `PartOfBody`). A parameter that comes
///   twice, or has one of the two in its name, is refused. A POST's query is not signed, nor are
///   method and path.
/// - **MD5 hash** is a plain hash with the secret behind, and MD5's collisions are easily made by
///   who chooses the text of a message: switch to SHA-256 HMAC or SHA-512 HMAC.
/// - **Time**: `timestamp`, signed; the 5 minutes that Vonage suggests, to both sides. Whether a
///   retry has a new one is unconfirmed.
/// - **Event**: neither id nor type for all kinds. The replay key is a digest of the signed
///   parameters without `timestamp`, `message-timestamp` and `nonce`.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *signature secret* of the account's API settings, as text. Signed webhooks
///   have to be switched on by Vonage's support.
/// - **POST-JSON** is not covered: no source says how it is signed.
/// - **Retries**: for 24 h, when there was no 200 or 204.
pub static VONAGE_SIGNATURE: Provider =
    signed("vonage-signature", "Vonage (MD5 hash)", Digest(Md5));

/// [Vonage](https://developer.vonage.com/en/getting-started/concepts/signing-messages) SMS: the
/// method *MD5 HMAC*. All else is as at [`VONAGE_SIGNATURE`].
pub static VONAGE_SIGNATURE_MD5: Provider =
    signed("vonage-signature-md5", "Vonage (MD5 HMAC)", Hmac(Md5));

/// [Vonage](https://developer.vonage.com/en/getting-started/concepts/signing-messages) SMS: the
/// method *SHA1 HMAC*. All else is as at [`VONAGE_SIGNATURE`].
pub static VONAGE_SIGNATURE_SHA1: Provider =
    signed("vonage-signature-sha1", "Vonage (SHA-1 HMAC)", Hmac(Sha1));

/// [Vonage](https://developer.vonage.com/en/getting-started/concepts/signing-messages) SMS: the
/// method *SHA-256 HMAC*. All else is as at [`VONAGE_SIGNATURE`].
pub static VONAGE_SIGNATURE_SHA256: Provider =
    signed("vonage-signature-sha256", "Vonage (SHA-256 HMAC)", Hmac(Sha256));

/// [Vonage](https://developer.vonage.com/en/getting-started/concepts/signing-messages) SMS: the
/// method *SHA-512 HMAC*. All else is as at [`VONAGE_SIGNATURE`].
pub static VONAGE_SIGNATURE_SHA512: Provider =
    signed("vonage-signature-sha512", "Vonage (SHA-512 HMAC)", Hmac(Sha512));

const fn signed(name: &'static str, title: &'static str, algorithm: Algorithm) -> Provider {
    Provider::new(name)
        .title(title)
        .docs("https://developer.vonage.com/en/getting-started/concepts/signing-messages")
        .signature(algorithm, form("sig").hex())
        .read_by(&VonageParameters)
        .timestamp(form(TIME).seconds(), Tolerance::secs(300))
        .methods(&["POST", "GET"])
}

const TIME: &str = "timestamp";
/// What differs between two tries of one event.
const OF_A_TRY: [&[u8]; 3] = [b"timestamp", b"message-timestamp", b"nonce"];

/// Sorted parameters of a query or form.
#[derive(Debug)]
struct VonageParameters;

impl Reader for VonageParameters {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let head = request.head;
        let text: &'a [u8] = match head.method {
            Method::GET => original_uri(head).query().unwrap_or_default().as_bytes(),
            _ if form_text::is_form(head) => request.body,
            _ => &[],
        };
        let parameters = form_text::sorted(text)?;
        let value_of = |name: &str| {
            let mut found = parameters.iter().filter(|(known, _)| **known == *name.as_bytes());
            found.next().map(|(_, value)| value.clone())
        };
        let (signature, time) = (value_of("sig"), value_of(TIME));
        let twice =
            parameters.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0));
        let has_border =
            |name: &[u8]| name.is_empty() || name.iter().any(|byte| matches!(byte, b'&' | b'='));
        if twice || parameters.iter().any(|(name, _)| has_border(name)) {
            return Err(RejectionKind::AmbiguousSignedValue);
        }
        if signature.is_some() && time.is_none() {
            return Err(RejectionKind::MissingTimestamp);
        }
        let mut content = Vec::with_capacity(text.len());
        let mut identity = Vec::new();
        for (name, value) in parameters.iter().filter(|(name, _)| **name != *b"sig") {
            let plain = |byte: &u8| if matches!(byte, b'&' | b'=') { b'_' } else { *byte };
            let value: Vec<u8> = value.iter().map(plain).collect();
            for piece in [b"&", &**name, b"=", &*value] {
                content.extend_from_slice(piece);
            }
            if !OF_A_TRY.contains(&&**name) {
                identity.extend(list([&**name, &*value]));
            }
        }
        let by = Signatures::Found(signature.into_iter().map(Found::unnamed).collect());
        Ok(Reading {
            signed: vec![Signed { by, contents: vec![content] }],
            identity: Identity::Fixed(identity),
            assurance: Assurance::PartOfBody,
            id: None,
            kind: None,
            time,
            fault: None,
        })
    }

    fn covers(&self, place: Place) -> bool {
        place == form(TIME)
    }

    fn finds_signatures(&self) -> bool {
        true
    }

    #[cfg(feature = "testing")]
    fn dress(&self, draft: &mut Unsigned<'_>) {
        if *draft.method != Method::GET && !draft.body.is_empty() && !has_pairs(draft.body) {
            let text = String::from_utf8_lossy(draft.body).into_owned();
            *draft.body = form_text::write_pair("text", &text).into();
        }
        put(draft, TIME, Some(draft.time));
    }

    #[cfg(feature = "testing")]
    fn put_signature(&self, draft: &mut Unsigned<'_>, signature: Option<&str>) {
        put(draft, "sig", signature);
    }
}

/// Whether a body is a form already.
#[cfg(feature = "testing")]
fn has_pairs(body: &[u8]) -> bool {
    !matches!(body.first(), Some(b'{' | b'[')) && body.contains(&b'=')
}

/// Writes a parameter to where a request of this method has them, or takes it out.
#[cfg(feature = "testing")]
fn put(draft: &mut Unsigned<'_>, name: &str, value: Option<&str>) {
    let (path, text) = match *draft.method {
        Method::GET => match draft.uri.split_once('?') {
            Some((path, query)) => (path.to_owned(), query.to_owned()),
            None => (draft.uri.clone(), String::new()),
        },
        _ => (String::new(), String::from_utf8_lossy(draft.body).into_owned()),
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let others = pairs.filter(|pair| pair.split('=').next() != Some(name)).map(str::to_owned);
    let all: Vec<String> =
        others.chain(value.map(|value| form_text::write_pair(name, value))).collect();
    match *draft.method {
        Method::GET => *draft.uri = format!("{path}?{}", all.join("&")),
        _ => *draft.body = all.join("&").into(),
    }
}
