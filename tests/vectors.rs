//! Every vector through the `Verifier`, and again through the layer.

mod support;

use std::process::ExitCode;

use support::vectors::{self, Case, Expect, File};
use tower_webhooks::{Provider, Rejection, RejectionKind, Verified};

fn main() -> ExitCode {
    let directory = vectors::directory("WEBHOOK_VECTORS", "tests/vectors");
    let mut tally = Tally::default();
    for file in vectors::read::<File<Case>>(&directory) {
        let Some(provider) = tower_webhooks::providers::find(&file.provider) else {
            println!("skipped: {} is not a provider", file.provider);
            tally.skipped += 1;
            continue;
        };
        tally.providers += 1;
        for case in &file.cases {
            tally.run(provider, &file.provider, case);
        }
    }
    tally.close()
}

#[derive(Default)]
struct Tally {
    providers: usize,
    accepted: usize,
    refused: usize,
    wrong: usize,
    skipped: usize,
}

impl Tally {
    fn run(&mut self, provider: &'static Provider, file: &str, case: &Case) {
        let verdict = verify(provider, case)
            .and_then(|outcome| judge(case, &outcome))
            .and_then(|()| through_layer(provider, case))
            .and_then(|outcome| judge(case, &outcome).map_err(|why| format!("layer: {why}")));
        match (verdict, case.expect) {
            (Err(reason), _) => {
                println!("wrong: {file} / {}: {reason}\n    source: {}", case.name, case.source);
                self.wrong += 1;
            }
            (Ok(()), Expect::Accept) => self.accepted += 1,
            (Ok(()), Expect::Reject) => self.refused += 1,
        }
    }

    fn close(&self) -> ExitCode {
        let Self { providers, accepted, refused, wrong, skipped } = self;
        println!(
            "vectors: {providers} providers, {accepted} accepted, {refused} refused, {wrong} wrong, {skipped} skipped"
        );
        if *wrong == 0 && accepted + refused > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// What came out: id and type, or a kind.
type Outcome = Result<(Option<String>, Option<String>), RejectionKind>;

fn verify(provider: &'static Provider, case: &Case) -> Result<Outcome, String> {
    let verifier = case.verifier(provider)?;
    let (head, body) = case.request.to_http().into_parts();
    let verified = verifier.verify(&head, body, case.now());
    Ok(verified.map_err(|rejection: Rejection| rejection.kind()).map(|verified| match verified {
        Verified::Event(event) => {
            (event.id().map(|id| id.to_string()), event.kind().map(|kind| kind.to_string()))
        }
        // A setup request is no event: its id names nothing, and the answer does not tell it.
        Verified::Handshake(answer) => (case.event_id.clone(), answer.kind().map(str::to_owned)),
    }))
}

/// `ts=x;h1=y` is printed by Paddle's Go library: neither is well-formed, and either reason is
/// right.
fn has_two_faults(case: &Case, kind: RejectionKind) -> bool {
    case.name == "go-sdk-invalid-format" && kind == RejectionKind::MalformedSignature
}

/// The same request through a layer around a service that notes what it is given.
fn through_layer(provider: &'static Provider, case: &Case) -> Result<Outcome, String> {
    let layer = vectors::layer(case.verifier(provider)?, case.now());
    let answered = vectors::send(&layer, case.request.to_http());
    let status = answered.response.status();
    match (answered.rejection(), answered.event) {
        (Some(rejection), None) if rejection.status() == status => Ok(Err(rejection.kind())),
        (None, Some(event)) if status.is_success() => {
            Ok(Ok((event.id().map(|id| id.to_string()), event.kind().map(|kind| kind.to_string()))))
        }
        // A setup request was answered. Its type is the verifier's to tell.
        (None, None) if status.is_success() => verify(provider, case),
        (rejection, event) => Err(format!("layer: {status}, {rejection:?}, {event:?}")),
    }
}

fn judge(case: &Case, outcome: &Outcome) -> Result<(), String> {
    match (case.expect, outcome) {
        (Expect::Accept, Ok((id, kind))) => {
            if (id, kind) == (&case.event_id, &case.event_type) {
                Ok(())
            } else {
                Err(format!(
                    "id {id:?}, type {kind:?}, wanted {:?}, {:?}",
                    case.event_id, case.event_type
                ))
            }
        }
        (Expect::Reject, Err(kind)) => {
            let reason = case.reason.as_deref().unwrap_or("other");
            if vectors::stands_for(*kind, reason) || has_two_faults(case, *kind) {
                Ok(())
            } else {
                Err(format!("refused as {}, wanted {reason}", kind.as_str()))
            }
        }
        (Expect::Accept, Err(kind)) => Err(format!("refused as {}", kind.as_str())),
        (Expect::Reject, Ok(_)) => Err("accepted".into()),
    }
}
