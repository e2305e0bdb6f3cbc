//! What is printed: the welcome, each event, each refusal, each duplicate.

use std::cell::Cell;

use axum::Extension;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_webhooks::event::Field;
use tower_webhooks::layer::Refused;
use tower_webhooks::layer::observe::{Observation, Observer, Subject};
use tower_webhooks::{Assurance, Event};

use crate::arguments::{Arguments, Show};
use crate::demo::quoted;
use crate::endpoint::{Endpoint, secret_setting};
use crate::samples;

/// The endpoints that were asked for, and at the end, where it stays on the screen, what matters.
pub(crate) fn welcome(url: &str, endpoints: &[Endpoint], place: &str, arguments: &Arguments) {
    println!("listening on {url}\n");
    let only = match &arguments.show {
        Show::All => None,
        Show::Provider(name) => Some(name.as_str()),
        Show::One => Some("stripe"),
    };
    let is_shown = |endpoint: &&Endpoint| {
        arguments.config.is_some() || only.is_none_or(|name| endpoint.provider() == name)
    };
    let shown: Vec<_> = endpoints.iter().filter(is_shown).collect();
    let width = shown.iter().map(|endpoint| endpoint.path.len()).max().unwrap_or_default();
    for endpoint in shown {
        let secret = match endpoint.demo {
            Some(_) => format!(
                "DEMO SECRET, which is public; set {}",
                secret_setting(endpoint.verifier.provider())
            ),
            None => "your secret".to_owned(),
        };
        println!("  {:<width$}  {secret}", endpoint.path);
    }
    println!();
    if let Some(file) = &arguments.config {
        for path in endpoints.iter().map(|endpoint| &endpoint.path) {
            let file = quoted(file);
            println!("echo '{{\"id\":\"evt_1\"}}' | \\");
            println!("  cargo run -q --example send -- --config {file} {path} - {url}{path}");
        }
    } else {
        println!("{}", samples::lines(endpoints, url, only));
        let all = quoted(&format!("{url}/"));
        println!(
            "{} senders are known at /webhooks/PROVIDER; all of them at once: curl -s {all} | sh",
            endpoints.len()
        );
    }
    println!("processed events are remembered {place}");
    println!("waiting for events; Ctrl-C ends it, `-- --help` has the options\n");
}

/// Marks the answer to an event that was handled.
#[derive(Clone)]
struct Handled;

/// The handler of every endpoint.
pub(crate) async fn received(event: Event) -> impl IntoResponse {
    let assurance = match event.assurance() {
        Assurance::WholeBody => "whole body signed",
        Assurance::PartOfBody => "only PART of the body signed",
        _ => "body NOT signed",
    };
    println!("EVENT    {}", event.provider().display_name());
    println!("         id       {}", field(event.id()));
    println!("         type     {}", field(event.kind()));
    println!("         proved   {assurance}; by key `{}`", event.key_label());
    println!("         attempt  {}, replay key {}", event.attempt(), event.replay_key());
    println!("         body     {}\n", excerpt(event.body()));
    (Extension(Handled), "handled\n")
}

fn field(field: Option<Field<'_>>) -> String {
    match field {
        Some(field) if field.is_signed() => format!("{field} (signed)"),
        Some(field) => format!("{field} (NOT signed)"),
        None => "none".to_owned(),
    }
}

/// The beginning of a body, on one line: a sender can put anything into it.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line: String =
        text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{line}{}", if text.chars().count() > 200 { " …" } else { "" })
}

/// Called by the layer for each request that is refused. The sender learns only the status.
pub(crate) fn refused(refused: &Refused<'_>) {
    let rejection = refused.rejection;
    println!("REFUSED  {}: {}", refused.provider, rejection.kind());
    println!("         reason   {}", rejection.kind().as_str());
    if let Some(hint) = rejection.hint() {
        println!("         hint     {hint}");
    }
    println!("         answer   {}\n", rejection.status());
}

tokio::task_local! {
    /// Whether the event of this request is a duplicate.
    static IS_DUPLICATE: Cell<bool>;
}

/// Notes it of the request that the layer has at hand.
pub(crate) struct Duplicates;

impl Observer for Duplicates {
    fn observe(&self, _: &Subject<'_>, observation: &Observation<'_>) {
        if matches!(observation, Observation::Duplicate { .. }) {
            // Outside a request there is nobody to tell.
            let _ = IS_DUPLICATE.try_with(|is_duplicate| is_duplicate.set(true));
        }
    }
}

/// Says so, and to a sender that wants no other answer, when the layer acknowledged a request by
/// itself.
pub(crate) async fn acknowledged(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let answer = async {
        let response = next.run(request).await;
        (response, IS_DUPLICATE.with(Cell::get))
    };
    let (mut response, is_duplicate) = IS_DUPLICATE.scope(Cell::new(false), answer).await;
    let by_handler = response.extensions().get::<Handled>().is_some();
    if is_duplicate {
        println!("ANSWERED {path}: processed before, so not again\n");
        if axum::body::HttpBody::is_end_stream(response.body()) {
            *response.body_mut() =
                "received, but not run, because it was processed before\n".into();
        }
    } else if response.status().is_success() && !by_handler {
        println!("ANSWERED {path}: a setup request\n");
    }
    response
}
