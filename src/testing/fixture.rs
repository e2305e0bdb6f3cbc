//! [`Fixture`]: one signed request, and the ways to break it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderName, HeaderValue, Method, Request};
use sha2::{Digest, Sha256};
use tower_service::Service;

use super::Signer;
use super::draft::Draft;
use super::sign;
use crate::body_digest::BodyDigest;
use crate::event::Event;
use crate::handshake::Mark;
use crate::provider::reader::Unsigned;
use crate::provider::reader::Whole;
use crate::provider::{Content, Part, Place, SignaturePlace, TimeUnit, Timestamp};
use crate::rejection::Rejection;
use crate::scheme::content::Values;
use crate::verifier::Verified;
use crate::wire::fields::Head;
use crate::wire::form;

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// One request as the sender would make it: valid, until one of its methods breaks it. Made by
/// [`Signer::event`], [`Signer::json`] and [`Signer::form`].
///
/// Methods that set something are signed with the rest. Methods that break something break that
/// one thing, and say what the verifier answers.
///
/// # Example
///
/// ```
/// use tower_webhooks::{RejectionKind, providers::GITHUB, testing::Signer};
///
/// let push = Signer::new(&GITHUB, "It's a Secret to Everybody")?
///     .event(r#"{"ref":"refs/heads/main"}"#)
///     .id("72d3162e-cc78-11e3-81ab-4c9367dc0958")
///     .kind("push")
///     .uri("/webhooks/github");
///
/// let event = push.to_event();
/// assert!(event.kind().is_some_and(|kind| kind == "push" && !kind.is_signed()));
///
/// let request: http::Request<bytes::Bytes> = push.clone().request();
/// assert_eq!(request.headers()["x-github-event"], "push");
///
/// let refused = push.with_changed_body().verify().unwrap_err();
/// assert_eq!(refused.kind(), RejectionKind::BadSignature);
/// # Ok::<_, tower_webhooks::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is signed until `request`, `send`, `verify` or `to_event` is called"]
pub struct Fixture {
    signer: Signer,
    method: Method,
    uri: String,
    headers: HeaderMap,
    content_type: Option<String>,
    body: Bytes,
    time: SystemTime,
    time_text: Option<String>,
    id: Option<String>,
    kind: Option<String>,
    signature: SignatureIs,
    broken: Vec<Break>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SignatureIs {
    Right,
    Wrong,
    ByAnotherKey,
    Missing,
}

/// What is changed after the request was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    Body,
    Url,
    Id(Change),
    Time(Change),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Replace,
    Remove,
}

/// What is set of a request.
impl Fixture {
    pub(super) fn new(signer: Signer, body: Bytes) -> Self {
        Self {
            method: Method::POST,
            uri: format!("/webhooks/{}", signer.provider().name()),
            headers: HeaderMap::new(),
            content_type: None,
            body,
            time: signer.now(),
            time_text: None,
            id: None,
            kind: None,
            signature: SignatureIs::Right,
            broken: Vec::new(),
            signer,
        }
    }

    /// Signed at this time, instead of [`Signer::now`].
    pub const fn at(mut self, time: SystemTime) -> Self {
        self.time = time;
        self
    }

    /// With this id at the first place where the provider has it: a header (`webhook-id`,
    /// `X-GitHub-Delivery`), or a member of a JSON body, which is then written anew.
    ///
    /// Without it, an id in a header is made of the body, so that a repeated event has the same id
    /// and another event another one; a body is left alone.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// With this type at the first place where the provider has it: a header
    /// (`X-GitHub-Event`), or a member of a JSON body, which is then written anew. Without it, a
    /// header for the type is left out.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// To this path and query, or whole URL. By default `/webhooks/` and the provider's name.
    pub fn uri(mut self, uri: impl Into<String>) -> Self {
        self.uri = uri.into();
        self
    }

    /// With one more query parameter.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let separator = if self.uri.contains('?') { '&' } else { '?' };
        self.uri = format!("{}{separator}{}", self.uri, form::write_pair(name, value));
        self
    }

    /// With this header, over one that the signer would make.
    ///
    /// # Panics
    ///
    /// If name or value is not one of a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name);
        let value = HeaderValue::from_bytes(value.as_bytes());
        match (name, value) {
            (Ok(name), Ok(value)) => self.headers.append(name, value),
            (name, value) => panic!("no header: {name:?}, {value:?}"),
        };
        self
    }

    /// With this `Content-Type`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// As a GET without a body: a setup request, or a delivery where the sender makes such.
    pub fn get(mut self) -> Self {
        self.method = Method::GET;
        self.body = Bytes::new();
        self
    }

    /// With another method: [`MethodNotAllowed`](crate::RejectionKind::MethodNotAllowed), unless
    /// the sender uses it.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// With a time that is written like this, and signed:
    /// [`MalformedTimestamp`](crate::RejectionKind::MalformedTimestamp), unless it is one.
    pub fn with_timestamp_text(mut self, text: impl Into<String>) -> Self {
        self.time_text = Some(text.into());
        self
    }
}

/// What is broken: one thing each.
impl Fixture {
    /// Signed one second longer ago than the provider's tolerance:
    /// [`StaleTimestamp`](crate::RejectionKind::StaleTimestamp).
    ///
    /// # Panics
    ///
    /// If the provider signs no time, or takes any: there is nothing to be stale.
    pub fn stale(mut self) -> Self {
        let off = self.tolerance().saturating_add(Duration::from_secs(1));
        self.time = self.time.checked_sub(off).unwrap_or(UNIX_EPOCH);
        self
    }

    /// Signed one second further in the future than the provider's tolerance:
    /// [`FutureTimestamp`](crate::RejectionKind::FutureTimestamp).
    ///
    /// # Panics
    ///
    /// If the provider signs no time, or takes any.
    pub fn from_the_future(mut self) -> Self {
        let off = self.tolerance().saturating_add(Duration::from_secs(1));
        self.time = self.time.checked_add(off).unwrap_or(self.time);
        self
    }

    /// The body is changed after it was signed, by a space behind it (a form: by a field in
    /// front): [`BadSignature`](crate::RejectionKind::BadSignature), or
    /// [`BodyMismatch`](crate::RejectionKind::BodyMismatch) where the URL carries the body's hash
    /// or the request is a GET.
    ///
    /// A sender that does not sign its body (Mailgun) is believed: the store is what tells
    /// ([`ReusedSignature`](crate::RejectionKind::ReusedSignature)).
    pub fn with_changed_body(self) -> Self {
        self.broken(Break::Body)
    }

    /// A query parameter is added after signing: where the sender signs its URL,
    /// [`BadSignature`](crate::RejectionKind::BadSignature); elsewhere it is not noticed.
    pub fn with_changed_url(self) -> Self {
        self.broken(Break::Url)
    }

    /// The event's id is another one than was signed:
    /// [`BadSignature`](crate::RejectionKind::BadSignature). An unsigned id is believed, and the
    /// replay key stays the same.
    ///
    /// # Panics
    ///
    /// If the provider has no id.
    pub fn with_changed_id(self) -> Self {
        self.id_place();
        self.broken(Break::Id(Change::Replace))
    }

    /// The event's id is taken out after signing:
    /// [`MissingSignedValue`](crate::RejectionKind::MissingSignedValue) where it is a part of the
    /// signed content, [`BadSignature`](crate::RejectionKind::BadSignature) where it stands in a
    /// signed body. Where it is unsigned it is not missed, and the replay key stays the same.
    ///
    /// # Panics
    ///
    /// If the provider has no id.
    pub fn without_id(self) -> Self {
        self.id_place();
        self.broken(Break::Id(Change::Remove))
    }

    /// The time is one second later than was signed:
    /// [`BadSignature`](crate::RejectionKind::BadSignature).
    ///
    /// # Panics
    ///
    /// If the provider signs no time.
    pub fn with_changed_timestamp(self) -> Self {
        self.timestamp();
        self.broken(Break::Time(Change::Replace))
    }

    /// The time is taken out after signing:
    /// [`MissingTimestamp`](crate::RejectionKind::MissingTimestamp), or
    /// [`BadSignature`](crate::RejectionKind::BadSignature) where it stands in a signed body.
    ///
    /// # Panics
    ///
    /// If the provider signs no time.
    pub fn without_timestamp(self) -> Self {
        self.timestamp();
        self.broken(Break::Time(Change::Remove))
    }

    /// One bit of the signature is wrong: [`BadSignature`](crate::RejectionKind::BadSignature).
    pub const fn with_bad_signature(mut self) -> Self {
        self.signature = SignatureIs::Wrong;
        self
    }

    /// A whole signature, by a key that no verifier knows:
    /// [`BadSignature`](crate::RejectionKind::BadSignature).
    pub const fn signed_by_another_key(mut self) -> Self {
        self.signature = SignatureIs::ByAnotherKey;
        self
    }

    /// The signature is left out, with all that stands in one list with it:
    /// [`MissingSignature`](crate::RejectionKind::MissingSignature).
    pub const fn without_signature(mut self) -> Self {
        self.signature = SignatureIs::Missing;
        self
    }

    fn broken(mut self, what: Break) -> Self {
        self.broken.push(what);
        self
    }

    fn timestamp(&self) -> Timestamp {
        let provider = self.signer.provider();
        provider.timestamp.unwrap_or_else(|| panic!("`{}` signs no time", provider.name()))
    }

    fn tolerance(&self) -> Duration {
        let tolerance = self.timestamp().tolerance.duration();
        tolerance.unwrap_or_else(|| panic!("`{}` takes any time", self.signer.provider().name()))
    }

    fn id_place(&self) -> Place {
        let provider = self.signer.provider();
        let first = provider.event_id.first().copied();
        first.unwrap_or_else(|| panic!("the events of `{}` have no id", provider.name()))
    }
}

/// What becomes of it.
impl Fixture {
    /// The request.
    ///
    /// # Panics
    ///
    /// If a value cannot stand in its place: an id that is no header value; a body that is no JSON
    /// object, where the sender keeps its signature in one; a URI that is none.
    #[must_use]
    pub fn request(self) -> Request<Bytes> {
        let mut draft = self.draft();
        self.fill(&mut draft);
        let signature = self.sign(&mut draft);
        self.change(&mut draft);
        match signature {
            Some(signature) => self.place_signature(&mut draft, Some(&signature)),
            None => self.remove_signature(&mut draft),
        }
        if self.broken.contains(&Break::Body) {
            let body = &*draft.body;
            draft.body = if is_form(&draft.headers) {
                [b"changed=1&", body].concat().into()
            } else {
                [body, b" "].concat().into()
            };
        }
        Request::from_parts(draft.head(), draft.body)
    }

    /// Sends the request to a service and awaits its answer: `poll_ready`, then `call`.
    ///
    /// # Errors
    ///
    /// The service's.
    ///
    /// # Panics
    ///
    /// As [`request`](Self::request).
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is done, it drops the service's future.
    pub async fn send<S, B>(self, service: &mut S) -> Result<S::Response, S::Error>
    where
        S: Service<Request<B>>,
        B: From<Bytes>,
    {
        std::future::poll_fn(|context| service.poll_ready(context)).await?;
        service.call(self.request().map(B::from)).await
    }

    /// What a verifier with the signer's secret answers at [`Signer::now`].
    ///
    /// # Errors
    ///
    /// [`Rejection`] with the exact reason.
    ///
    /// # Panics
    ///
    /// As [`request`](Self::request).
    pub fn verify(&self) -> Result<Verified, Rejection> {
        let verifier = self.signer.verifier().build();
        let verifier =
            verifier.unwrap_or_else(|error| panic!("the signer has a verifier: {error}"));
        let (head, body) = self.clone().request().into_parts();
        verifier.verify(&head, body, self.signer.now())
    }

    /// The verified event, to call a handler with, as in its first run.
    ///
    /// What a handler commits with [`Event::commit`] is committed, whatever database the
    /// transaction is on: no store, and no table of one, is needed.
    ///
    /// # Panics
    ///
    /// As [`request`](Self::request); if it is refused; if it is a setup request.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use tower_webhooks::{Event, providers::STRIPE, testing::Signer};
    ///
    /// #[derive(Deserialize)]
    /// struct Charge { amount: u64 }
    ///
    /// fn handler(event: Event<Charge>) -> u64 { event.payload().amount }
    ///
    /// let signer = Signer::demo(&STRIPE)?;
    /// let event = signer.event(r#"{"id":"evt_1","type":"charge","amount":700}"#).to_event();
    /// assert_eq!(handler(event.parse()?), 700);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_event(&self) -> Event {
        match self.verify() {
            Ok(Verified::Event(event)) => in_first_run(event),
            other => {
                panic!("the fixture of {} is no event: {other:?}", self.signer.provider().name())
            }
        }
    }

    fn draft(&self) -> Draft<'_> {
        let mut headers = self.headers.clone();
        if let Some(text) = self.written_content_type() {
            let value = HeaderValue::from_bytes(text.as_bytes());
            headers.insert(CONTENT_TYPE, value.unwrap_or_else(|_| panic!("{text:?} is no type")));
        }
        Draft {
            plan: &self.signer.plan,
            method: self.method.clone(),
            uri: self.uri.clone(),
            headers,
            body: self.body.clone(),
            entries: Vec::new(),
        }
    }

    fn written_content_type(&self) -> Option<&str> {
        if let Some(content_type) = &self.content_type {
            return Some(content_type);
        }
        if self.headers.contains_key(CONTENT_TYPE) || self.method == Method::GET {
            return None;
        }
        let in_form = |place| matches!(place, Place::Form(_) | Place::FormJson(..));
        let in_json = |place| matches!(place, Place::Json(_));
        let place = self.signature_place().place;
        match self.body.trim_ascii_start().first() {
            _ if in_form(place) => Some(FORM),
            _ if in_json(place) => Some(JSON),
            None => None,
            Some(b'{' | b'[') => Some(JSON),
            Some(_) => Some(FORM),
        }
    }

    /// Writes what the sender adds to a body: id, type, time, and whatever else is signed.
    fn fill(&self, draft: &mut Draft<'_>) {
        let provider = self.signer.provider();
        if let Content::Read(reader) = provider.content {
            self.with_unsigned(draft, |unsigned| reader.dress(unsigned));
        }
        // Code that finds signature, time and type itself has written them where they belong.
        if !self.signer.plan.found_by_code {
            self.fill_places(draft);
        }
        if let (Some(place), Some(name)) = (provider.key_name, &self.signer.key.name) {
            draft.put(place, name);
        }
        for mark in provider.requires {
            match mark {
                Mark::Equals(place, text) | Mark::Lists(place, text) => draft.put(*place, text),
                Mark::Present(place) => draft.put(*place, "present"),
                Mark::Absent(place) => draft.remove(*place),
                Mark::Number(place) => draft.put(*place, "1"),
                // The form is the caller's.
                Mark::Same(place, other) => {
                    draft.put(*place, "same");
                    draft.put(*other, "same");
                }
                Mark::OnlyField(_) | Mark::OnlyMember(_) | Mark::EmptyBody => {}
            }
        }
        let parts = self.signer.plan.parts().iter();
        let signed = parts.filter_map(|part| match part {
            Part::Value(place) => Some(*place),
            _ => None,
        });
        let id = provider.event_id.first().copied();
        let id = id.filter(|place| !matches!(place, Place::Json(_) | Place::Form(_)));
        for place in signed.chain(id) {
            if !draft.has(place) {
                draft.put(place, &self.made_of_the_body(b""));
            }
        }
    }

    /// Writes id, type and time to their places.
    fn fill_places(&self, draft: &mut Draft<'_>) {
        let provider = self.signer.provider();
        if let (Some(id), Some(place)) = (&self.id, provider.event_id.first()) {
            draft.put(*place, id);
        }
        if let (Some(kind), Some(place)) = (&self.kind, provider.event_type.first()) {
            draft.put(*place, kind);
        }
        if let Some(Timestamp { place, .. }) = provider.timestamp
            && (self.time_text.is_some() || !draft.has(place.place))
        {
            draft.put(place.place, &self.written_time(self.time));
        }
    }

    /// A value that is the same for the same body, with nothing in it that could be a border.
    fn made_of_the_body(&self, more: &[u8]) -> String {
        let digest = Sha256::new().chain_update(more).chain_update(&self.body).finalize();
        sign::hex(digest.get(..16).unwrap_or_default())
    }

    fn written_time(&self, time: SystemTime) -> String {
        if let Some(text) = &self.time_text {
            return text.clone();
        }
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        match self.timestamp().place.unit {
            TimeUnit::Seconds => since.as_secs().to_string(),
            TimeUnit::Millis => since.as_millis().to_string(),
            TimeUnit::Rfc3339 => {
                let form = &time::format_description::well_known::Rfc3339;
                let date = time::OffsetDateTime::UNIX_EPOCH
                    .checked_add(time::Duration::try_from(since).unwrap_or_default());
                date.and_then(|date| date.format(form).ok())
                    .unwrap_or_else(|| panic!("{time:?} is beyond RFC 3339"))
            }
        }
    }

    fn sign(&self, draft: &mut Draft<'_>) -> Option<Vec<u8>> {
        // The elements that stand in one list with the signature are read from there.
        self.place_signature(draft, None);
        let by_another = self.signature == SignatureIs::ByAnotherKey;
        let mut content = self.content(draft, by_another);
        if !matches!(self.signer.provider().content, Content::Parts(_)) {
            content.extend(self.signer.key.secret(by_another));
        }
        let mut signature = self.signer.key.sign(&content, by_another);
        match self.signature {
            SignatureIs::Missing => return None,
            SignatureIs::Wrong => signature.iter_mut().take(1).for_each(|byte| *byte ^= 1),
            SignatureIs::Right | SignatureIs::ByAnotherKey => {}
        }
        Some(signature)
    }

    /// The signed content, joined as the verifier joins it, but also where it would refuse to.
    fn content(&self, draft: &Draft<'_>, by_another: bool) -> Vec<u8> {
        let head = draft.head();
        let url = self.signer.url.of(&head);
        match self.signer.provider().content {
            Content::Read(reader) => {
                let digest = BodyDigest::default();
                let reading = reader.read(&Whole {
                    head: &head,
                    url: &url,
                    body: &draft.body,
                    digest: &digest,
                });
                let signed = reading.ok().and_then(|reading| reading.signed.into_iter().next());
                let content = signed.and_then(|signed| signed.contents.into_iter().next());
                content.unwrap_or_default()
            }
            Content::Tokens(_) => Vec::new(),
            Content::Parts(parts) => {
                let fields =
                    Head::new(&draft.plan.layout, &head).with_body(&draft.body, &draft.body);
                let timestamp = self.signer.provider().timestamp;
                let values = Values { fields: &fields, timestamp, time: None, url: Some(&url) };
                parts
                    .iter()
                    .flat_map(|part| match part {
                        Part::Secret => self.signer.key.secret(by_another),
                        part => values.of(*part).unwrap_or_default().into_owned(),
                    })
                    .collect()
            }
        }
    }

    /// What is changed after signing.
    fn change(&self, draft: &mut Draft<'_>) {
        for what in &self.broken {
            match what {
                Break::Body => {}
                Break::Url => draft.put(Place::Query("changed"), "1"),
                Break::Id(Change::Replace) => {
                    draft.put(self.id_place(), &self.made_of_the_body(b"changed"));
                }
                Break::Id(Change::Remove) => draft.remove(self.id_place()),
                Break::Time(Change::Replace) => {
                    let later = self.time.checked_add(Duration::from_secs(1));
                    let later = self.written_time(later.unwrap_or(self.time));
                    draft.put(self.timestamp().place.place, &later);
                }
                Break::Time(Change::Remove) => draft.remove(self.timestamp().place.place),
            }
        }
    }

    fn remove_signature(&self, draft: &mut Draft<'_>) {
        match self.signer.provider().content {
            Content::Read(reader) if reader.finds_signatures() => {
                self.with_unsigned(draft, |draft| reader.put_signature(draft, None));
            }
            _ => draft.remove_signature(self.signature_place()),
        }
    }

    /// Of a sender that has its signature in forms and in JSON, the place that this body has.
    fn signature_place(&self) -> SignaturePlace {
        let own = self.signer.key.way;
        let in_form = |place| matches!(place, Place::Form(_) | Place::FormJson(..));
        if !in_form(own.place.place) || !form::begins_as_json(&self.body) {
            return own.place;
        }
        let mut others = self.signer.provider().signatures();
        let in_json = others.find(|way| {
            way.algorithm == own.algorithm && matches!(way.place.place, Place::Json(_))
        });
        in_json.unwrap_or(&own).place
    }

    /// What code may change of a request that is not signed yet.
    fn with_unsigned(&self, draft: &mut Draft<'_>, change: impl FnOnce(&mut Unsigned<'_>)) {
        let signs_time = self.signer.provider().timestamp.is_some();
        let time = if signs_time { self.written_time(self.time) } else { String::new() };
        change(&mut Unsigned {
            method: &draft.method,
            uri: &mut draft.uri,
            headers: &mut draft.headers,
            body: &mut draft.body,
            id: self.id.as_deref(),
            kind: self.kind.as_deref(),
            time: &time,
            key: self.signer.key.name.as_deref().unwrap_or_default(),
        });
    }

    fn place_signature(&self, draft: &mut Draft<'_>, signature: Option<&[u8]>) {
        let place = self.signature_place();
        if let Content::Read(reader) = self.signer.provider().content
            && reader.finds_signatures()
        {
            let text = sign::write(place, &draft.entries, signature);
            self.with_unsigned(draft, |draft| reader.put_signature(draft, text.as_deref()));
            return;
        }
        match sign::write(place, &draft.entries, signature) {
            Some(text) => draft.put_signature(place, &text),
            None => draft.remove_signature(place),
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(FORM.as_bytes()))
}

#[cfg(feature = "tokio")]
fn in_first_run(event: Event) -> Event {
    use crate::store::run::{Attempt, HeldClaim};

    let claim = HeldClaim::of_a_test(event.replay_key(), event.provider().usual_retention());
    event.in_run(Attempt { number: 1, fence: None, claim: Some(claim) })
}

#[cfg(not(feature = "tokio"))]
const fn in_first_run(event: Event) -> Event {
    event
}
