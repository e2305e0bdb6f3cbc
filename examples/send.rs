//! The other end: signs a file as a provider does, and posts it.
//!
//! ```text
//! cargo run --example send -- stripe event.json http://127.0.0.1:8080/webhooks/stripe
//! ```

use std::error::Error;
use std::io::Read;
use std::process::ExitCode;
use std::time::SystemTime;

use axum::body::Bytes;
use axum::http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower_webhooks::providers;
use tower_webhooks::testing::{Fixture, Signer};

const USAGE: &str = "usage: cargo run --example send -- PROVIDER FILE URL [OPTIONS]

PROVIDER  a name such as `stripe`
FILE      the body; `-` reads it from the standard input
URL       where it is posted to, over plain HTTP

--secret SECRET  what it is signed with; else the variable WEBHOOK_SECRET_<PROVIDER>, else the
                 demo secret of the receiver
--id ID          the event's id, where the provider has one
--type TYPE      the event's type, where the provider has one
--stale          signed so long ago that it is refused
--bad            with one bit of the signature wrong";

#[derive(Default)]
struct Options {
    words: Vec<String>,
    secret: Option<String>,
    id: Option<String>,
    kind: Option<String>,
    stale: bool,
    bad: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("send: {error}");
            ExitCode::from(2)
        }
    }
}

/// Sends one event, and says whether it was accepted.
async fn run() -> Result<bool, Box<dyn Error>> {
    let options = parse(std::env::args().skip(1))?;
    let [provider, file, url] = &*options.words else { return Err(USAGE.into()) };
    let request = fixture(&options, provider, read(file)?, url)?.request();
    let answer = post(request).await;
    let (status, body) = answer.map_err(|error| format!("{url}: {}", innermost(&*error)))?;
    println!("{status}");
    print!("{}", String::from_utf8_lossy(&body));
    Ok(status.is_success())
}

fn fixture(
    options: &Options,
    provider: &str,
    body: Bytes,
    url: &str,
) -> Result<Fixture, Box<dyn Error>> {
    let Some(provider) = providers::find(provider) else {
        let known: Vec<_> = providers::ALL.iter().map(|known| known.name()).collect();
        return Err(format!("`{provider}` is no provider; known: {}", known.join(", ")).into());
    };
    let variable = format!("WEBHOOK_SECRET_{}", provider.name().to_uppercase().replace('-', "_"));
    let signer = match options.secret.clone().or_else(|| std::env::var(variable).ok()) {
        Some(secret) => Signer::new(provider, secret)?,
        None => Signer::demo(provider)?,
    };
    let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    let (Some("http"), Some(host)) = (uri.scheme_str(), uri.authority()) else {
        return Err(format!("{url}: give a URL that begins with `http://`").into());
    };
    let signer = signer.public_url(format!("http://{host}"));
    let mut fixture = signer.event(body).uri(url).at(SystemTime::now());
    if let Some(id) = &options.id {
        fixture = fixture.id(id);
    }
    if let Some(kind) = &options.kind {
        fixture = fixture.kind(kind);
    }
    if options.stale && !provider.signs_time() {
        return Err(format!("`{}` signs no time: nothing is stale", provider.name()).into());
    }
    if options.stale {
        fixture = fixture.stale();
    }
    Ok(if options.bad { fixture.with_bad_signature() } else { fixture })
}

async fn post(request: Request<Bytes>) -> Result<(StatusCode, Bytes), Box<dyn Error>> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.map(Full::new)).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

fn read(file: &str) -> Result<Bytes, Box<dyn Error>> {
    if file == "-" {
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body)?;
        return Ok(body.into());
    }
    Ok(std::fs::read(file).map_err(|error| format!("{file}: {error}"))?.into())
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, Box<dyn Error>> {
    let mut options = Options::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value\n\n{USAGE}"));
        match &*word {
            "--secret" => options.secret = Some(value()?),
            "--id" => options.id = Some(value()?),
            "--type" => options.kind = Some(value()?),
            "--stale" => options.stale = true,
            "--bad" => options.bad = true,
            unknown if unknown.starts_with("--") => {
                return Err(format!("{unknown} is unknown\n\n{USAGE}").into());
            }
            _ => options.words.push(word),
        }
    }
    Ok(options)
}

fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
