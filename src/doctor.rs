//! Why does the signature not match? For the operator, on the operator's machine; never for the
//! sender.
//!
//! Each suspicion is one change to the configuration or to the request. The verifier is run again
//! with that one change, and if it then accepts, the suspicion is a finding. So a finding is never
//! a guess, and two faults at once are not found.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;

use crate::provider::{Algorithm, Encoding, Hash, Provider, SecretFormat, Signature};
use crate::providers;
use crate::rejection::{Hint, Rejection, RejectionKind};
use crate::secret::{Secret, Secrets};
use crate::verifier::{Verifier, VerifierBuilder};
use crate::wire::url::redacted;

/// What [`Verifier::diagnose`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    rejection: Option<Rejection>,
    findings: Vec<Finding>,
}

/// One change after which the request is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The sender uses the secret as text, without decoding it.
    SecretIsText,
    /// The sender decodes the secret from base64.
    SecretIsBase64,
    /// The sender decodes the secret from hexadecimal.
    SecretIsHex,
    /// The sender uses the secret without the prefix in front (`whsec_` and the like).
    SecretPrefix,
    /// The secret has white space that does not belong to it.
    SecretWhiteSpace,
    /// The sender signed with a secret that it publishes: its test button, before the webhook is
    /// saved. What it sends for events is signed with the real one.
    PublishedSecret,
    /// One of the other secrets you gave is the right one: the one with this label.
    OtherSecret(Box<str>),
    /// The sender signs with another hash.
    OtherHash(Hash),
    /// The signature is written in another way: hexadecimal, base64 or base64url.
    OtherEncoding,
    /// The sender calls another URL: this one, shown without user name, password and query.
    OtherUrl(String),
    /// The body was changed on its way: so.
    BodyChanged(BodyChange),
    /// The sender's clock and this machine's differ by so many seconds; positive if the request
    /// looks old.
    ClockOff(i32),
    /// The request has the signature header of this other provider.
    OtherProvider(&'static str),
}

/// What something between the sender and this service did to a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyChange {
    /// A line break at the end was taken off.
    NewlineRemoved,
    /// A line break at the end was added.
    NewlineAdded,
    /// The JSON was parsed and written again with other white space.
    JsonReformatted,
}

impl Diagnosis {
    /// Why the request was refused; `None` if it was not.
    #[must_use]
    pub const fn rejection(&self) -> Option<Rejection> {
        self.rejection
    }

    /// Each change after which the request is accepted. None of them does not mean that there is no
    /// fault: there may be two, or one that is not looked for.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl Verifier {
    /// Finds out why a request is refused: offline, with a request that was kept for that purpose.
    ///
    /// It costs some dozens of verifications. Keep what it says from the sender.
    ///
    /// ```
    /// use tower_webhooks::doctor::Finding;
    /// use tower_webhooks::{providers::SLACK, testing::Signer};
    ///
    /// // Signed by a sender that decodes the secret, which Slack does not.
    /// let verifier = SLACK.verifier("c2VjcmV0IGluIGJhc2U2NA==").build()?;
    /// let signer = Signer::new(&SLACK, "secret in base64")?;
    /// let (head, body) = signer.event("{}").request().into_parts();
    ///
    /// let diagnosis = verifier.diagnose(&head, body, signer.now());
    /// assert_eq!(diagnosis.findings(), [Finding::SecretIsBase64]);
    /// # Ok::<_, tower_webhooks::ConfigError>(())
    /// ```
    #[must_use]
    pub fn diagnose(&self, head: &Parts, body: impl Into<Bytes>, now: SystemTime) -> Diagnosis {
        self.diagnose_with(Secrets(Vec::new()), head, body, now)
    }

    /// As [`diagnose`](Self::diagnose), and tries other secrets as well: the previous one, that of
    /// the sandbox, that of another endpoint.
    #[must_use]
    pub fn diagnose_with(
        &self,
        others: impl Into<Secrets>,
        head: &Parts,
        body: impl Into<Bytes>,
        now: SystemTime,
    ) -> Diagnosis {
        let body = body.into();
        let Err(rejection) = self.verify(head, body.clone(), now) else {
            return Diagnosis { rejection: None, findings: Vec::new() };
        };
        let case = Case { verifier: self, head, body, now };
        let mut findings = Vec::new();
        match rejection.hint() {
            Some(Hint::ClockOff(seconds)) => findings.push(Finding::ClockOff(seconds)),
            _ => {
                case.suspect_secrets(&mut findings);
                case.suspect_published_secrets(&mut findings);
                case.suspect_other_secrets(others.into().0, &mut findings);
                case.suspect_signature(&mut findings);
                case.suspect_url(&mut findings);
                case.suspect_body(&mut findings);
            }
        }
        if findings.is_empty() {
            case.suspect_provider(rejection.kind(), &mut findings);
        }
        findings.dedup();
        Diagnosis { rejection: Some(rejection), findings }
    }
}

/// A request that is refused, and the verifier that refuses it.
struct Case<'a> {
    verifier: &'a Verifier,
    head: &'a Parts,
    body: Bytes,
    now: SystemTime,
}

impl Case<'_> {
    /// Whether the request is accepted by a verifier that is configured otherwise.
    fn passes(&self, changed: VerifierBuilder) -> bool {
        self.passes_as(changed, self.body.clone())
    }

    fn passes_as(&self, changed: VerifierBuilder, body: Bytes) -> bool {
        changed
            .build_trial()
            .is_ok_and(|verifier| verifier.verify(self.head, body, self.now).is_ok())
    }

    /// The same secrets, read in another way.
    fn suspect_secrets(&self, findings: &mut Vec<Finding>) {
        let formats = [
            (SecretFormat::Text, Finding::SecretIsText),
            (SecretFormat::Base64, Finding::SecretIsBase64),
            (SecretFormat::MayPrefixBase64("whsec_"), Finding::SecretIsBase64),
            (SecretFormat::Hex, Finding::SecretIsHex),
        ];
        for (format, finding) in formats {
            let changed = self.with_ways(|way| Signature { secret: format, ..way });
            if changed.is_some_and(|changed| self.passes(changed)) {
                findings.push(finding);
            }
        }
        type Edit = fn(&str) -> String;
        let texts: [(Edit, Finding); 2] = [
            (
                |text| text.split_once('_').map_or(text, |(_, rest)| rest).into(),
                Finding::SecretPrefix,
            ),
            (|text| text.split_whitespace().collect(), Finding::SecretWhiteSpace),
        ];
        for (change, finding) in texts {
            let changed = self.blueprint().map(|each| each.map_secrets(change));
            if changed.is_some_and(|changed| self.passes(changed)) {
                findings.push(finding);
            }
        }
    }

    /// The one that the sender's test button signs with.
    fn suspect_published_secrets(&self, findings: &mut Vec<Finding>) {
        let mistakes = self.verifier.provider().never_secrets.iter();
        for secret in mistakes.filter_map(|mistake| mistake.published_secret()) {
            let changed = self.blueprint().map(|each| each.with_secret(Secret::new(secret)));
            if changed.is_some_and(|changed| self.passes(changed)) {
                findings.push(Finding::PublishedSecret);
            }
        }
    }

    fn suspect_other_secrets(&self, others: Vec<Secret>, findings: &mut Vec<Finding>) {
        for (index, other) in others.into_iter().enumerate() {
            let label = other.label_or_position(index);
            let changed = self.blueprint().map(|each| each.with_secret(other));
            if changed.is_some_and(|changed| self.passes(changed)) {
                findings.push(Finding::OtherSecret(label));
            }
        }
    }

    /// Another hash, or another way of writing the signature.
    fn suspect_signature(&self, findings: &mut Vec<Finding>) {
        for hash in [Hash::Md5, Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let changed = self.with_ways(|way| match way.algorithm {
                Algorithm::Hmac(own) if own != hash => {
                    Signature { algorithm: Algorithm::Hmac(hash), ..way }
                }
                _ => way,
            });
            if changed.is_some_and(|changed| self.passes(changed)) {
                findings.push(Finding::OtherHash(hash));
            }
        }
        for encoding in [Encoding::Hex, Encoding::Base64, Encoding::Base64Url] {
            let changed = self.with_ways(|mut way| {
                way.place.encoding = encoding;
                way
            });
            if changed.is_some_and(|changed| self.passes(changed)) {
                findings.push(Finding::OtherEncoding);
            }
        }
    }

    /// Another scheme, host, port or trailing slash.
    fn suspect_url(&self, findings: &mut Vec<Finding>) {
        let Some(url) = self.verifier.url_of(self.head) else { return };
        for url in similar_urls(&url, self.head) {
            let changed = self.blueprint().map(|each| each.exact_url(url.clone()));
            if changed.is_some_and(|changed| self.passes(changed)) {
                // Some senders are taken with and without their port: one URL is enough.
                findings.push(Finding::OtherUrl(redacted(&url)));
                return;
            }
        }
    }

    /// A body that was rewritten.
    fn suspect_body(&self, findings: &mut Vec<Finding>) {
        let with_newline = |end: &[u8]| [&self.body, end].concat();
        let without_newline = self.body.trim_ascii_end().to_vec();
        let mut suspects = vec![
            (BodyChange::NewlineRemoved, with_newline(b"\n")),
            (BodyChange::NewlineRemoved, with_newline(b"\r\n")),
            (BodyChange::NewlineAdded, without_newline),
        ];
        for (colon, comma) in [(":", ","), (": ", ", ")] {
            suspects.push((BodyChange::JsonReformatted, respaced(&self.body, colon, comma)));
        }
        for (change, body) in suspects {
            let changed = self.blueprint().filter(|_| body != *self.body);
            if changed.is_some_and(|changed| self.passes_as(changed, body.into())) {
                findings.push(Finding::BodyChanged(change));
                return;
            }
        }
    }

    /// The signature header of another provider.
    fn suspect_provider(&self, kind: RejectionKind, findings: &mut Vec<Finding>) {
        if kind != RejectionKind::MissingSignature {
            return;
        }
        let has_header = |provider: &Provider| {
            provider.signature_places().any(|place| match place {
                crate::provider::Place::Header(name) => self.head.headers.contains_key(name),
                _ => false,
            })
        };
        let others = providers::ALL.iter().filter(|provider| has_header(provider));
        findings.extend(others.map(|provider| Finding::OtherProvider(provider.name())));
    }

    fn blueprint(&self) -> Option<VerifierBuilder> {
        self.verifier.blueprint().cloned()
    }

    /// The same configuration for a provider whose ways of signing are changed.
    fn with_ways(&self, change: impl Fn(Signature) -> Signature) -> Option<VerifierBuilder> {
        self.blueprint().map(|each| {
            each.map_provider(|mut provider| {
                provider.signatures = provider.signatures.map(|way| way.map(&change));
                provider
            })
        })
    }
}

/// URLs that a sender may have been told instead.
fn similar_urls(url: &str, head: &Parts) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return Vec::new() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let (only_path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
    let slashed = match only_path.strip_suffix('/') {
        Some(bare) => bare.to_owned(),
        None => format!("{only_path}/"),
    };
    let slashed = query.map_or_else(|| slashed.clone(), |query| format!("{slashed}?{query}"));
    let sent = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let hosts = [Some(authority), Some(host), sent("host"), sent("x-forwarded-host")];
    let mut urls = Vec::new();
    for scheme in ["https", "http", scheme] {
        for authority in hosts.into_iter().flatten() {
            for port in ["", ":443", ":80", ":8080"] {
                for path in [path, &slashed] {
                    let similar = format!("{scheme}://{authority}{port}{path}");
                    if similar != url && !urls.contains(&similar) {
                        urls.push(similar);
                    }
                }
            }
        }
    }
    urls
}

/// A JSON text with other white space between its tokens; everything else as it is.
fn respaced(json: &[u8], colon: &str, comma: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for &byte in json {
        if in_string {
            text.push(byte);
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b':' => text.extend_from_slice(colon.as_bytes()),
            b',' => text.extend_from_slice(comma.as_bytes()),
            byte if byte.is_ascii_whitespace() => {}
            byte => {
                in_string = byte == b'"';
                text.push(byte);
            }
        }
    }
    text
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretIsText => {
                f.write_str("the sender uses the secret as text: do not decode it")
            }
            Self::SecretIsBase64 => f.write_str("the sender decodes the secret from base64"),
            Self::SecretIsHex => f.write_str("the sender decodes the secret from hexadecimal"),
            Self::SecretPrefix => f.write_str("the sender uses the secret without its prefix"),
            Self::SecretWhiteSpace => {
                f.write_str("the secret has white space that does not belong to it")
            }
            Self::PublishedSecret => f.write_str(
                "the sender signed with the secret that its page publishes, as the test button of a webhook that is not saved does: save it and test again",
            ),
            Self::OtherSecret(label) => write!(f, "the secret `{label}` is the right one"),
            Self::OtherHash(hash) => write!(f, "the sender signs with {hash:?}"),
            Self::OtherEncoding => f.write_str("the signature is written in another encoding"),
            Self::OtherUrl(url) => write!(f, "the sender calls {url}"),
            Self::BodyChanged(BodyChange::NewlineRemoved) => {
                f.write_str("something took a line break off the end of the body")
            }
            Self::BodyChanged(BodyChange::NewlineAdded) => {
                f.write_str("something added a line break to the end of the body")
            }
            Self::BodyChanged(BodyChange::JsonReformatted) => {
                f.write_str("something parsed the JSON and wrote it again")
            }
            Self::ClockOff(seconds) => write!(f, "the clocks differ by {seconds} s"),
            Self::OtherProvider(name) => {
                write!(f, "the request has the signature header of `{name}`")
            }
        }
    }
}
