//! GitHub pushes with hyper and no router: `WEBHOOK_SECRET_GITHUB=… cargo run --example hyper`.
//!
//! The wrapped service takes events instead of requests: there is no HTTP in it.

mod demo;

use std::error::Error;
use std::fmt;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use tower::ServiceBuilder;
use tower_webhooks::{Event, WebhookLayer, providers::GITHUB};

#[derive(Deserialize)]
struct Push {
    r#ref: String,
    after: String,
}

/// `Ok` is acknowledged and remembered; `Err` is answered 500, and the event may be sent again.
async fn deploy(push: Event<Push>) -> Result<(), DeployError> {
    let Push { r#ref, after } = push.payload();
    if r#ref.ends_with("/broken") {
        return Err(DeployError);
    }
    println!("deploy {after} of {} (attempt {})", r#ref, push.attempt());
    Ok(())
}

#[derive(Debug)]
struct DeployError;

impl fmt::Display for DeployError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the branch does not build")
    }
}

impl Error for DeployError {}

#[tokio::main]
async fn main() -> Result<(), demo::Failure> {
    demo::log();
    let (secret, written) = demo::secret("WEBHOOK_SECRET_GITHUB", "a demo secret");

    let github = WebhookLayer::new("deploy", GITHUB.verifier(secret).build()?);
    let service = ServiceBuilder::new()
        .layer(github.events::<Push>().only(["push"])?) // others, such as `ping`, are acknowledged
        .service_fn(deploy);

    let (listener, url) = demo::listen().await?;
    let event = r#"{"ref":"refs/heads/main","after":"c0ffee"}"#;
    demo::say_how_to_send(event, &format!("github - {url}/ --type push --secret {written}"));
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("connection: {error}");
            }
        });
    }
}
