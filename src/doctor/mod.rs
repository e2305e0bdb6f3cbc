//! Why does the signature not match? For the operator, on the operator's machine; never for the
//! sender.
//!
//! A suspicion is one change to the configuration or to the request. The verifier is run again with
//! that one change, and if it then accepts, the suspicion is a finding: not a guess. Two faults at
//! once are not found that way. Only where no change helps, what the head of the request says is a
//! finding too: a body that is shorter than its `Content-Length`, a signature in other headers.

mod body;
mod case;
mod finding;
mod head;
mod json;
mod secret;
mod sender;
mod signature;
mod url;

pub use finding::{BodyChange, Finding};

use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;

use crate::rejection::{Hint, Rejection, RejectionKind};
use crate::secret::Secrets;
use crate::verifier::Verifier;
use case::Case;

/// What [`Verifier::diagnose`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    rejection: Option<Rejection>,
    findings: Vec<Finding>,
    url: Option<String>,
    is_complete: bool,
}

impl Diagnosis {
    /// Why the request was refused; `None` if it was not.
    #[must_use]
    pub const fn rejection(&self) -> Option<Rejection> {
        self.rejection
    }

    /// Each change after which the request is accepted, else what its head gives away. None of them
    /// does not mean that there is no fault: there may be two, or one that is not looked for.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The URL that the signature was checked over, for a sender that signs it, without user name,
    /// password and query: compare it with the one in the sender's dashboard.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Whether everything was tried. With a body of megabytes it is not.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.is_complete
    }
}

impl Verifier {
    /// Finds out why a request is refused: offline, with a request that was kept for that purpose.
    ///
    /// It costs some dozens of verifications, and hashes 64 MiB at most. Keep what it says from the
    /// sender.
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
        let case = Case::new(self, head, body.into(), now);
        let rejection = case.rejection();
        let findings = match rejection {
            Some(rejection) => examine(&case, rejection, others.into()),
            None => Vec::new(),
        };
        Diagnosis { rejection, findings, url: case.shown_url(), is_complete: case.is_complete() }
    }
}

/// The findings of the first check that has any.
fn examine(case: &Case<'_>, rejection: Rejection, others: Secrets) -> Vec<Finding> {
    if let Some(Hint::ClockOff(seconds)) = rejection.hint() {
        return vec![Finding::ClockOff(seconds)];
    }
    let checks: &[&dyn Fn() -> Vec<Finding>] = match rejection.kind() {
        RejectionKind::MethodNotAllowed => &[&|| head::method(case)],
        RejectionKind::MissingSignature => {
            &[&|| signature::elsewhere(case), &|| sender::headers(case)]
        }
        _ => &[
            &|| secret::readings(case),
            &|| secret::texts(case),
            &|| secret::published(case),
            &|| secret::others(case, &others),
            &|| url::others(case),
            &|| body::changes(case),
            &|| signature::forms(case),
            &|| head::body(case),
        ],
    };
    checks.iter().map(|check| check()).find(|found| !found.is_empty()).unwrap_or_default()
}
