//! GitHub pushes with hyper and no router: `GITHUB_WEBHOOK_SECRET=… cargo run --example hyper`.
//!
//! The wrapped service takes events instead of requests: there is no HTTP in it.

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

/// `Ok` is acknowledged and remembered; `Err` is answered 500 and may come again.
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
async fn main() -> Result<(), Box<dyn Error>> {
    // For trying it out; a real service has no default here.
    let secret = std::env::var("GITHUB_WEBHOOK_SECRET").unwrap_or("a demo secret".into());
    let port = std::env::var("PORT").unwrap_or("8080".into());

    let github = WebhookLayer::new("deploy", GITHUB.verifier(secret).build()?);
    let service = ServiceBuilder::new()
        .layer(github.events::<Push>().only(["push"])?) // others, such as `ping`, are acknowledged
        .service_fn(deploy);

    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
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
