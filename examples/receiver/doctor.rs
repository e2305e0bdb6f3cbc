//! With `--diagnose`, what the doctor says of each request that is refused.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::SystemTime;
use tower_webhooks::{Rejection, Verifier};

/// Keeps a copy of each request: for a demonstration, never for a service that strangers reach.
pub(crate) async fn examine(
    State(verifier): State<Verifier>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 25 * 1024 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let copy = Request::from_parts(head.clone(), Body::from(body.clone()));
    let response = next.run(copy).await;
    if response.extensions().get::<Rejection>().is_some() {
        let diagnosis = verifier.diagnose(&head, body, SystemTime::now());
        for finding in diagnosis.findings() {
            println!("DOCTOR   {finding}");
        }
        if let Some(url) = diagnosis.url() {
            println!("DOCTOR   checked over the URL {url}");
        }
        if diagnosis.findings().is_empty() {
            println!("DOCTOR   no single change would make it accepted");
        }
    }
    response
}
