//! What is printed: the welcome, each event, each refusal, each repetition.

use axum::Extension;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_webhooks::event::Field;
use tower_webhooks::layer::Refused;
use tower_webhooks::{Assurance, Event};

use crate::endpoint::{Endpoint, secret_setting};
use crate::samples;

pub(crate) fn welcome(url: &str, endpoints: &[Endpoint], remembered: &str) {
    println!("listening on {url}\n");
    for Endpoint { path, verifier, demo, .. } in endpoints {
        let provider = verifier.provider();
        let secret = match demo {
            Some(_) => {
                format!("DEMO SECRET, which everybody knows; set {}", secret_setting(provider))
            }
            None => "your secret".to_owned(),
        };
        println!("  {path:<30}{secret}");
    }
    println!("\n{}", samples::all(endpoints, url));
    println!("handled events are remembered {remembered}");
    println!("waiting for events; Ctrl-C ends it\n");
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

/// The begin of a body, on one line. Whoever can sign can put anything into it.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line: String =
        text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{line}{}", if text.chars().count() > 200 { " …" } else { "" })
}

/// Called by the layer for each request that is refused. The sender learns the status alone.
pub(crate) fn refused(refused: &Refused<'_>) {
    let rejection = refused.rejection;
    println!("REFUSED  {}: {}", refused.provider, rejection.kind());
    println!("         reason   {}", rejection.kind().as_str());
    if let Some(hint) = rejection.hint() {
        println!("         hint     {hint}");
    }
    println!("         answer   {}\n", rejection.status());
}

/// Says so when the layer acknowledged a request by itself.
pub(crate) async fn acknowledged(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let by_handler = response.extensions().get::<Handled>().is_some();
    if response.status().is_success() && !by_handler {
        let what = match response.status() {
            StatusCode::OK if response.headers().is_empty() => "handled before, so not again",
            _ => "a setup request",
        };
        println!("ANSWERED {path}: {what}\n");
    }
    response
}
