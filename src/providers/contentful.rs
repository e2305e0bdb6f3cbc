use http::HeaderMap;

use crate::assurance::Assurance;
use crate::encoding::list;
#[cfg(feature = "testing")]
use crate::provider::reader::Unsigned;
use crate::provider::reader::{Identity, Reader, Reading, Signatures, Signed, Whole};
use crate::provider::{Algorithm::Hmac, Hash::Sha256, Place, Provider, Tolerance, header};
use crate::rejection::RejectionKind;
use crate::wire::url::{encode_component, encode_uri, path_and_query};

/// [Contentful](https://www.contentful.com/developers/docs/webhooks/request-verification/).
///
/// - **Signed**: method, path, the headers that `X-Contentful-Signed-Headers` names, and the whole
///   body, with line feeds between, with HMAC-SHA256 in hex, in `X-Contentful-Signature`. The list
///   must name itself and the time, no header twice, and the topic if there is one. Headers beside
///   it are unsigned.
/// - **Path**: as Contentful calls it. Behind a proxy that changes the path, give
///   [`public_url`](crate::VerifierBuilder::public_url). It is tried as it stands, and as
///   Contentful's toolkit writes it, with the query escaped twice: `/r/x?x=1` as `/r/x?x%253D1`.
/// - **Time**: `X-Contentful-Timestamp`, milliseconds, signed; 300 s to both sides. Contentful's
///   toolkit takes 30 s.
/// - **Event**: no id. `X-Contentful-Topic` is the type, signed. The replay key is a digest of
///   topic, path and body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *signing secret* of the space's webhook settings, 64 characters, as text.
/// - **Retries**: two or three, 30 s apart, for 429 and 5xx.
pub static CONTENTFUL: Provider = Provider::new("contentful")
    .title("Contentful")
    .docs("https://www.contentful.com/developers/docs/webhooks/request-verification/")
    .signature(Hmac(Sha256), header("x-contentful-signature").hex())
    .timestamp(header(TIME).millis(), Tolerance::secs(300))
    .read_by(&ContentfulRequest)
    .event_type(&[header(TOPIC)])
    .retries_after(&[429..=429, 500..=599]);

const LIST: &str = "x-contentful-signed-headers";
const TIME: &str = "x-contentful-timestamp";
const TOPIC: &str = "x-contentful-topic";
/// More headers than this are signed by nobody.
const MAX_HEADERS: usize = 64;

/// Method, path, listed headers and body.
#[derive(Debug)]
struct ContentfulRequest;

impl Reader for ContentfulRequest {
    fn read<'a>(&self, request: &Whole<'a>) -> Result<Reading<'a>, RejectionKind> {
        let headers = &request.head.headers;
        let list_of_names = single(headers, LIST)?;
        let names = listed(&list_of_names)?;
        let values =
            names.iter().map(|name| single(headers, name)).collect::<Result<Vec<_>, _>>()?;
        let written = |(name, value): (&&str, &String)| format!("{name}:{value}");
        let elements: Vec<String> = names.iter().zip(&values).map(written).collect();
        // A value that looks like the next header could lend its tail to it.
        let borders: Vec<String> = names.iter().map(|name| format!(";{name}:")).collect();
        if values.iter().any(|value| borders.iter().any(|border| value.contains(border))) {
            return Err(RejectionKind::AmbiguousSignedValue);
        }
        let topic = match headers.contains_key(TOPIC) {
            true if names.contains(&TOPIC) => Some(single(headers, TOPIC)?),
            true => return Err(RejectionKind::AmbiguousSignedValue),
            false => None,
        };
        let method = request.head.method.as_str();
        let path = path_and_query(request.head, request.url);
        let mut paths = vec![path.to_owned()];
        paths.extend(normalized(path).filter(|normalized| normalized != path));
        let elements = elements.join(";");
        let content = |path: &String| {
            [[method, path, &elements, ""].join("\n").as_bytes(), request.body].concat()
        };
        let topic_text = topic.as_deref().unwrap_or_default().as_bytes();
        let identity = |path: &String| list([topic_text, path.as_bytes(), request.body]);
        Ok(Reading {
            signed: vec![Signed {
                by: Signatures::InPlace,
                contents: paths.iter().map(content).collect(),
            }],
            identity: Identity::OfEach(paths.iter().map(identity).collect()),
            assurance: Assurance::WholeBody,
            id: None,
            kind: topic,
            time: None,
            fault: None,
        })
    }

    fn covers(&self, place: Place) -> bool {
        match place {
            Place::Header(name) => matches!(name, LIST | TIME | TOPIC),
            Place::Entry(_) => false,
            _ => true,
        }
    }

    #[cfg(feature = "testing")]
    fn dress(&self, draft: &mut Unsigned<'_>) {
        if draft.headers.contains_key(LIST) {
            return;
        }
        let has_topic = draft.kind.is_some() || draft.headers.contains_key(TOPIC);
        let names = if has_topic {
            "x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic"
        } else {
            "x-contentful-signed-headers,x-contentful-timestamp"
        };
        draft.headers.insert(LIST, http::HeaderValue::from_static(names));
    }
}

/// Path and query as Contentful's toolkit signs them: the query escaped as one value, and then the
/// whole as a URI. `None` if its rule would leave something unsigned: a second question mark and
/// what stands behind it.
fn normalized(path_and_query: &str) -> Option<String> {
    match path_and_query.split_once('?') {
        None | Some((_, "")) => Some(encode_uri(path_and_query.trim_end_matches('?'))),
        Some((_, query)) if query.contains('?') => None,
        Some((path, query)) => {
            Some(encode_uri(&format!("{path}?{}", encode_component(query.as_bytes()))))
        }
    }
}

/// The names in a list of signed headers, sorted.
fn listed(list: &str) -> Result<Vec<&str>, RejectionKind> {
    let mut names: Vec<&str> = list.split(',').map(str::trim).collect();
    names.sort_unstable();
    let is_name = |name: &&str| {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !name.is_empty() && name.bytes().all(is_plain)
    };
    let twice = names.windows(2).any(|pair| matches!(pair, [one, other] if one == other));
    if twice || names.len() > MAX_HEADERS || !names.iter().all(is_name) {
        return Err(RejectionKind::AmbiguousSignedValue);
    }
    if !names.contains(&LIST) || !names.contains(&TIME) {
        return Err(RejectionKind::MissingSignedValue);
    }
    Ok(names)
}

/// The one value of a header, without the white space around it. Bytes stand for characters of
/// Latin-1, as Node has it.
fn single(headers: &HeaderMap, name: &str) -> Result<String, RejectionKind> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => {
            let text: String = value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
            Ok(text.trim().to_owned())
        }
        (None, _) => Err(RejectionKind::MissingSignedValue),
        _ => Err(RejectionKind::AmbiguousSignedValue),
    }
}
