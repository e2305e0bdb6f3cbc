//! Every handshake vector through the `Verifier`, and again through the layer.

mod support;

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Map, Value};
use support::vectors::{self, File, Request};
use tower_webhooks::handshake::{Registration, Registrations};
use tower_webhooks::{Provider, RejectionKind, Verified, Verifier};

#[derive(Deserialize)]
struct Case {
    name: String,
    source: String,
    secrets: Vec<String>,
    params: Map<String, Value>,
    now: u64,
    request: Request,
    expect: Expect,
    reason: Option<String>,
    expected_response: Option<Expected>,
    must_not_contain: Option<String>,
    learned_secret: Option<String>,
    #[serde(default)]
    status_any_of: Vec<u16>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Respond,
    Refuse,
    Pass,
}

#[derive(Deserialize)]
struct Expected {
    status: Option<u16>,
    #[serde(default)]
    status_any_of: Vec<u16>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_match: String,
}

fn main() -> ExitCode {
    let directory = vectors::directory("WEBHOOK_HANDSHAKES", "tests/vectors/handshakes");
    let mut tally = Tally::default();
    for file in vectors::read::<File<Case>>(&directory) {
        let Some(provider) = tower_webhooks::providers::find(&file.provider) else {
            println!("skipped: {} is not a provider", file.provider);
            tally.skipped += 1;
            continue;
        };
        tally.providers += 1;
        for case in &file.cases {
            match case.run(provider) {
                Ok(()) => match case.expect {
                    Expect::Respond => tally.answered += 1,
                    Expect::Refuse => tally.refused += 1,
                    Expect::Pass => tally.passed += 1,
                },
                Err(why) => {
                    println!(
                        "wrong: {} / {}: {why}\n    source: {}",
                        file.provider, case.name, case.source
                    );
                    tally.wrong += 1;
                }
            }
        }
    }
    tally.close()
}

#[derive(Default)]
struct Tally {
    providers: usize,
    answered: usize,
    refused: usize,
    passed: usize,
    wrong: usize,
    skipped: usize,
}

impl Tally {
    fn close(&self) -> ExitCode {
        let Self { providers, answered, refused, passed, wrong, skipped } = self;
        println!(
            "handshakes: {providers} providers, {answered} answered, {refused} refused, {passed} passed on, {wrong} wrong, {skipped} skipped"
        );
        if *wrong == 0 && answered + refused + passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// What came out of a handshake, without what only one of the two ways knows.
enum Outcome {
    Answered(http::Response<bytes::Bytes>),
    Refused(RejectionKind, http::Response<bytes::Bytes>),
    PassedOn,
}

impl Case {
    fn run(&self, provider: &'static Provider) -> Result<(), String> {
        self.judge(&self.verify(provider)?)?;
        self.judge(&self.through_layer(provider)?).map_err(|why| format!("layer: {why}"))
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.now)
    }

    /// The pending registration, where the case is about one.
    fn registrations(&self, provider: &Provider) -> Option<(Registrations, Registration)> {
        let is_awaited = |name| self.params.get(name).and_then(Value::as_bool) == Some(true);
        if !is_awaited("awaiting_handshake") && !is_awaited("awaiting_verification") {
            return None;
        }
        let wanted = self.learned_secret.clone();
        let sink = move |secret: &str| match wanted.as_deref() == Some(secret) {
            true => Ok(()),
            false => Err("another secret was learned".into()),
        };
        let registrations = Registrations::new(provider, [], sink).unwrap();
        let registration = registrations.begin();
        Some((registrations, registration))
    }

    fn verifier(&self, provider: &'static Provider) -> Result<Verifier, String> {
        // An unsigned handshake comes without a secret, and a verifier is never built without one.
        let mut params = self.params.clone();
        params.retain(|name, _| !name.starts_with("awaiting_"));
        if let Some(topics) = params.remove("topics") {
            params.insert("expect_setup".into(), topics);
        }
        let state = params.remove("client_state");
        let secret = state.as_ref().and_then(Value::as_str).unwrap_or("a throw-away secret");
        let secrets = match self.secrets.is_empty() {
            true => vec![secret.to_owned()],
            false => self.secrets.clone(),
        };
        vectors::verifier(provider, &secrets, &params)
    }

    fn verify(&self, provider: &'static Provider) -> Result<Outcome, String> {
        let (head, body) = self.request.to_http().into_parts();
        let pending = self.registrations(provider);
        let verifier = match &pending {
            Some((registrations, _)) => registrations.verifier().build().unwrap(),
            None => self.verifier(provider)?,
        };
        let verdict = verifier.verify(&head, body, self.now());
        self.check_learned(pending)?;
        Ok(match verdict {
            Ok(Verified::Handshake(answer)) => Outcome::Answered(answer.into_response()),
            Ok(Verified::Event(_)) => Outcome::PassedOn,
            Err(rejection) => {
                let mut response = http::Response::default();
                *response.status_mut() = rejection.status();
                Outcome::Refused(rejection.kind(), response)
            }
        })
    }

    fn through_layer(&self, provider: &'static Provider) -> Result<Outcome, String> {
        let pending = self.registrations(provider);
        let verifier = match &pending {
            Some((registrations, _)) => registrations.verifier().build().unwrap(),
            None => self.verifier(provider)?,
        };
        let layer = vectors::layer(verifier, self.now());
        let answered = vectors::send(&layer, self.request.to_http());
        self.check_learned(pending)?;
        Ok(match (answered.rejection(), answered.event) {
            (None, Some(_)) => Outcome::PassedOn,
            (None, None) => Outcome::Answered(answered.response),
            (Some(rejection), None) => Outcome::Refused(rejection.kind(), answered.response),
            (Some(rejection), Some(_)) => return Err(format!("{rejection} after the handler ran")),
        })
    }

    fn check_learned(&self, pending: Option<(Registrations, Registration)>) -> Result<(), String> {
        let Some((_, registration)) = pending else { return Ok(()) };
        match (registration.has_learned(), &self.learned_secret) {
            (true, Some(_)) => registration.keep().map_err(|error| error.to_string()),
            (false, None) => Ok(()),
            (learned, _) => Err(format!("a secret was learned: {learned}")),
        }
    }

    fn judge(&self, outcome: &Outcome) -> Result<(), String> {
        match (self.expect, outcome) {
            // Xero's is an ordinary delivery, whose right answer is an empty 200: the handler's.
            (Expect::Respond, Outcome::PassedOn) if self.name == "intent-to-receive" => Ok(()),
            (Expect::Respond, Outcome::Answered(response)) => self.compare(response),
            (Expect::Refuse, Outcome::Refused(kind, response)) => {
                let reason = self.reason.as_deref().unwrap_or("other");
                if !vectors::stands_for(*kind, reason) {
                    return Err(format!("refused as {}, wanted {reason}", kind.as_str()));
                }
                self.compare(response)
            }
            // Not a handshake; as a delivery it may still be refused.
            (Expect::Pass, Outcome::PassedOn) => Ok(()),
            (Expect::Pass, Outcome::Refused(kind, _))
                if *kind != RejectionKind::HandshakeRefused =>
            {
                Ok(())
            }
            (_, Outcome::Answered(response)) => Err(format!("answered {}", response.status())),
            (_, Outcome::Refused(kind, _)) => Err(format!("refused as {}", kind.as_str())),
            (_, Outcome::PassedOn) => Err("passed on as an event".into()),
        }
    }

    fn compare(&self, response: &http::Response<bytes::Bytes>) -> Result<(), String> {
        let body = String::from_utf8_lossy(response.body());
        if let Some(text) = &self.must_not_contain {
            let mut headers = response.headers().values().map(|value| value.as_bytes());
            let leaks = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(text.as_str());
            if body.contains(text.as_str()) || headers.any(leaks) {
                return Err(format!("the answer holds {text:?}"));
            }
        }
        let Some(expected) = &self.expected_response else { return Ok(()) };
        let status = response.status().as_u16();
        let wanted = expected.status.iter().chain(&expected.status_any_of);
        let wanted = wanted.chain(&self.status_any_of);
        // A wrong signature is answered 401 to every sender, also where one's own samples say 403.
        let by_signature = self.reason.as_deref().is_some_and(|why| why.ends_with("_signature"));
        let is_wanted =
            |wanted: &u16| *wanted == status || (by_signature && (*wanted, status) == (403, 401));
        if wanted.clone().count() > 0 && !wanted.clone().any(is_wanted) {
            return Err(format!("answered {status}"));
        }
        for (name, value) in &expected.headers {
            let sent = response.headers().get(name).and_then(|sent| sent.to_str().ok());
            if !sent.is_some_and(|sent| sent.starts_with(value.as_str())) {
                return Err(format!("header {name} is {sent:?}, wanted {value:?}"));
            }
        }
        let wanted = expected.body.as_deref().unwrap_or_default();
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        let same_json = || json(&body).is_some() && json(&body) == json(wanted);
        let fits = match expected.body_match.as_str() {
            "any" => true,
            "exact" => body == wanted,
            "empty" => body.is_empty(),
            "json" => same_json(),
            "json_or_any" => body.is_empty() || same_json(),
            text_or_json => match text_or_json.strip_prefix("text_or_json:") {
                Some(member) => {
                    body == wanted || json(&body).is_some_and(|json| json[member] == *wanted)
                }
                None => return Err(format!("unknown body_match {text_or_json}")),
            },
        };
        if fits { Ok(()) } else { Err(format!("answered the body {body:?}, wanted {wanted:?}")) }
    }
}
