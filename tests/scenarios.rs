//! What people reported, as requests with the right outcome, step by step through one layer.
//!
//! A file has a `provider`, `secrets`, `params`, a `mode`, and `steps`: each is a request at a time,
//! and what must come of it. All steps of a file meet one layer, one store and one clock; `runs`
//! counts the runs of the handler from the first step on. Where a file has `build_may_refuse`, a
//! configuration that is refused is right as well.

mod support;

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use http_body_util::{BodyExt, Full};
use serde::Deserialize;
use serde_json::{Map, Value};
use support::vectors::{self, Request};
use tower::util::BoxCloneService;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_webhooks::event::Raw;
use tower_webhooks::layer::VerifiedBody;
use tower_webhooks::testing::ManualClock;
use tower_webhooks::{Event, Provider, Verifier, WebhookLayer};

/// What the crate is known not to do yet, with the reason. One of these that passes is a failure
/// too, so that none stays here for longer than it is true.
const KNOWN_TO_MISS: &[(&str, &str)] = &[];

#[derive(Deserialize)]
struct Scenario {
    name: String,
    why: String,
    provider: String,
    secrets: Vec<String>,
    params: Map<String, Value>,
    handler_body: String,
    mode: String,
    steps: Vec<Step>,
    #[serde(default)]
    build_may_refuse: bool,
}

#[derive(Deserialize)]
struct Step {
    at: u64,
    request: Request,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    status: Option<u16>,
    runs: Option<usize>,
    body_contains: Option<String>,
    event_id: Option<String>,
    event_type: Option<String>,
    event_json: Option<Value>,
    finding: Option<bool>,
    not_finding: Option<String>,
}

fn main() -> ExitCode {
    let own = std::env::var_os("WEBHOOK_SCENARIOS").is_none();
    let directory = vectors::directory("WEBHOOK_SCENARIOS", "tests/scenarios");
    let scenarios: Vec<Scenario> = vectors::read(&directory);
    let mut tally = Tally { files: scenarios.len(), ..Tally::default() };
    for scenario in &scenarios {
        let known = KNOWN_TO_MISS.iter().find(|(name, _)| own && *name == scenario.name);
        tally.note(scenario, scenario.run(), known.map(|(_, reason)| *reason));
    }
    if own {
        for (name, _) in KNOWN_TO_MISS {
            if !scenarios.iter().any(|scenario| scenario.name == *name) {
                println!("wrong: {name} is known to miss, and there is no such scenario");
                tally.unexpected += 1;
            }
        }
    }
    tally.close()
}

#[derive(Default)]
struct Tally {
    files: usize,
    passed: usize,
    missed: usize,
    skipped: usize,
    /// Missed and not known to, or known to and passed.
    unexpected: usize,
}

impl Tally {
    fn note(&mut self, scenario: &Scenario, verdict: Verdict, known: Option<&str>) {
        let name = &scenario.name;
        match (verdict, known) {
            (Verdict::Skipped, _) => {
                println!("skipped: {name}: {} is not a provider", scenario.provider);
                self.skipped += 1;
            }
            (Verdict::Passed, None) => self.passed += 1,
            (Verdict::Passed, Some(_)) => {
                println!("wrong: {name} passes: take it off the list of those known to miss");
                self.passed += 1;
                self.unexpected += 1;
            }
            (Verdict::Missed(what), Some(reason)) => {
                println!("known to miss: {name}: {what} ({reason})");
                self.missed += 1;
            }
            (Verdict::Missed(what), None) => {
                println!("missed: {name}: {what}\n    {}", scenario.why);
                self.missed += 1;
                self.unexpected += 1;
            }
        }
    }

    fn close(&self) -> ExitCode {
        let Self { files, passed, missed, skipped, unexpected } = self;
        println!("scenarios: {files} files, {passed} passed, {missed} missed, {skipped} skipped");
        if *unexpected == 0 && *files > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

enum Verdict {
    Passed,
    Missed(String),
    Skipped,
}

impl Scenario {
    fn run(&self) -> Verdict {
        let Some(provider) = tower_webhooks::providers::find(&self.provider) else {
            return Verdict::Skipped;
        };
        match self.built(provider) {
            Err(_) if self.build_may_refuse => Verdict::Passed,
            Err(refusal) => Verdict::Missed(format!("not built: {refusal}")),
            Ok(subject) => match self.walk(&subject) {
                Ok(()) => Verdict::Passed,
                Err(what) => Verdict::Missed(what),
            },
        }
    }

    fn built(&self, provider: &'static Provider) -> Result<Subject, String> {
        let verifier = vectors::verifier(provider, &self.secrets, &self.params)?;
        match self.mode.as_str() {
            "diagnose" => return Ok(Subject::Doctor(verifier)),
            "build" => return Ok(Subject::OnlyBuilt),
            _ => {}
        }
        let clock = ManualClock::at(UNIX_EPOCH);
        let layer = WebhookLayer::builder("scenarios", verifier).clock(clock.clone()).build();
        let layer = layer.map_err(|error| error.to_string())?;
        let events = Events::default();
        let app = match self.mode.split_once(':') {
            None if self.mode == "layer" => {
                app(layer.layer(answering(&events, &self.handler_body)))
            }
            None if self.mode == "events" => app(layer.events::<Raw>().layer(taking(&events))),
            Some(("events-only", kind)) => {
                let only = layer.events::<Raw>().only([kind]).map_err(|error| error.to_string())?;
                app(only.layer(taking(&events)))
            }
            _ => return Err(format!("the mode {} is not known", self.mode)),
        };
        Ok(Subject::App { app, clock, events })
    }

    fn walk(&self, subject: &Subject) -> Result<(), String> {
        if matches!(subject, Subject::OnlyBuilt) {
            return Err("it builds".into());
        }
        for (index, step) in self.steps.iter().enumerate() {
            subject.take(step).map_err(|what| format!("step {}: {what}", index + 1))?;
        }
        Ok(())
    }
}

type App = BoxCloneService<http::Request<Full<Bytes>>, Response<Bytes>, Infallible>;
/// The events that a handler was given.
type Events = Arc<Mutex<Vec<Event>>>;

/// What the steps are done to.
enum Subject {
    OnlyBuilt,
    Doctor(Verifier),
    App { app: App, clock: ManualClock, events: Events },
}

impl Subject {
    fn take(&self, step: &Step) -> Result<(), String> {
        let at = UNIX_EPOCH + Duration::from_secs(step.at);
        match self {
            Self::OnlyBuilt => Ok(()),
            Self::Doctor(verifier) => diagnosed(verifier, at, step),
            Self::App { app, clock, events } => {
                clock.set(at);
                let response = deliver(app.clone(), step.request.to_http());
                judged(&step.expect, &response, &events.lock().unwrap())
            }
        }
    }
}

fn diagnosed(verifier: &Verifier, at: SystemTime, step: &Step) -> Result<(), String> {
    let (head, body) = step.request.to_http().into_parts();
    let diagnosis = verifier.diagnose(&head, body, at);
    let findings: Vec<String> = diagnosis.findings().iter().map(ToString::to_string).collect();
    let told = || format!("found {findings:?}, refused as {:?}", diagnosis.rejection());
    if step.expect.finding == Some(true) && findings.is_empty() {
        return Err(told());
    }
    match &step.expect.not_finding {
        Some(text) if findings.iter().any(|finding| finding.contains(text)) => Err(told()),
        _ => Ok(()),
    }
}

fn judged(expect: &Expect, response: &Response<Bytes>, events: &[Event]) -> Result<(), String> {
    let reason = response.extensions().get::<tower_webhooks::Rejection>();
    let body = String::from_utf8_lossy(response.body());
    let status = response.status();
    if expect.status.is_some_and(|wanted| wanted != status.as_u16()) {
        return Err(format!("status {status} ({reason:?})"));
    }
    if expect.runs.is_some_and(|wanted| wanted != events.len()) {
        return Err(format!("{} runs so far, status {status} ({reason:?})", events.len()));
    }
    if expect.body_contains.as_ref().is_some_and(|wanted| !body.contains(wanted)) {
        return Err(format!("the answer is {body:?}"));
    }
    let event = events.last();
    let id = event.and_then(Event::id).map(|id| id.to_string());
    if expect.event_id.is_some() && expect.event_id != id {
        return Err(format!("the id is {id:?}"));
    }
    let kind = event.and_then(Event::kind).map(|kind| kind.to_string());
    if expect.event_type.is_some() && expect.event_type != kind {
        return Err(format!("the type is {kind:?}"));
    }
    let json = event.map(|event| event.json::<Value>().map_err(|error| error.to_string()));
    match &expect.event_json {
        Some(wanted) if json != Some(Ok(wanted.clone())) => Err(format!("the JSON is {json:?}")),
        _ => Ok(()),
    }
}

fn deliver(app: App, request: http::Request<Bytes>) -> Response<Bytes> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(app.oneshot(request.map(Full::new))).unwrap_or_else(|never| match never {})
}

/// A handler of requests that answers 200 with this body.
fn answering(
    events: &Events,
    body: &str,
) -> BoxCloneService<http::Request<VerifiedBody>, Response<Full<Bytes>>, Infallible> {
    let (events, body) = (Arc::clone(events), Bytes::from(body.to_owned()));
    BoxCloneService::new(service_fn(move |request: http::Request<VerifiedBody>| {
        events.lock().unwrap().extend(request.extensions().get::<Event>().cloned());
        let response = Response::new(Full::new(body.clone()));
        async { Ok(response) }
    }))
}

/// A service of events.
fn taking(events: &Events) -> BoxCloneService<Event, (), Infallible> {
    let events = Arc::clone(events);
    BoxCloneService::new(service_fn(move |event: Event| {
        events.lock().unwrap().push(event);
        async { Ok(()) }
    }))
}

/// A service whose answers are read to their end.
fn app<S, B>(service: S) -> App
where
    S: Service<http::Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
{
    BoxCloneService::new(service.and_then(whole))
}

async fn whole<B: Body>(response: Response<B>) -> Result<Response<Bytes>, Infallible> {
    let (head, body) = response.into_parts();
    let Ok(body) = body.collect().await else { panic!("a body in memory cannot fail") };
    Ok(Response::from_parts(head, body.to_bytes()))
}
