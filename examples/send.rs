//! The other end: signs a file as a provider does, and posts it.
//!
//! ```text
//! cargo run --example send -- stripe event.json http://127.0.0.1:8080/webhooks/stripe
//! ```

use std::cell::RefCell;
use std::error::Error;
use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::SystemTime;

use axum::body::Bytes;
use axum::http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower_webhooks::config::{Config, Endpoint};
use tower_webhooks::providers;
use tower_webhooks::testing::{Fixture, Signer};

const USAGE: &str = "usage: cargo run --example send -- PROVIDER FILE URL [OPTIONS]

PROVIDER  a name such as `stripe`; with --config also the path of an endpoint
FILE      the body; `-` reads it from the standard input
URL       where it is posted to; `https` needs the program `curl`

--secret SECRET  what it is signed with; else the variable WEBHOOK_SECRET_<PROVIDER>, else the
                 demo secret of the receiver
--config FILE    a configuration file, TOML or JSON, with senders and secrets of your own
--id ID          the event's id, where the provider has one
--type TYPE      the event's type, where the provider has one
--stale          signed so long ago that it is refused
--bad            with one bit of the signature wrong
--help           this text";

#[derive(Default)]
struct Options {
    words: Vec<String>,
    secret: Option<String>,
    id: Option<String>,
    kind: Option<String>,
    config: Option<String>,
    stale: bool,
    bad: bool,
    help: bool,
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
    if options.help {
        println!("{USAGE}");
        return Ok(true);
    }
    let [provider, file, url] = &*options.words else { return Err(USAGE.into()) };
    let request = fixture(&options, provider, read(file)?, url)?.request();
    let answer = post(request).await;
    let (status, body) = answer.map_err(|error| format!("{url}: {}", innermost(&*error)))?;
    println!("{status}");
    println!("{}", String::from_utf8_lossy(&body).trim_end());
    if !status.is_success() {
        println!("refused: the log of the receiver says why, its answer does not");
    } else if body.is_empty() {
        println!(
            "accepted; an empty answer may also mean a duplicate, or a type that is not handled"
        );
    }
    Ok(status.is_success())
}

fn fixture(
    options: &Options,
    provider: &str,
    body: Bytes,
    url: &str,
) -> Result<Fixture, Box<dyn Error>> {
    let signer = match &options.config {
        Some(file) => configured(file, provider, options.secret.as_deref())?,
        None => known(provider, options.secret.clone())?,
    };
    let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    let (Some(scheme @ ("http" | "https")), Some(host)) = (uri.scheme_str(), uri.authority())
    else {
        return Err(format!("{url}: give a URL that begins with `http://` or `https://`").into());
    };
    let signer = signer.public_url(format!("{scheme}://{host}"));
    let provider = signer.provider();
    let mut fixture = signer.event(body).uri(url).at(SystemTime::now());
    if let Some(id) = &options.id {
        fixture = fixture.id(id);
    }
    if let Some(kind) = &options.kind {
        fixture = fixture.kind(kind);
    }
    if options.stale && !provider.signs_time() {
        return Err(format!("`{}` signs no time, so nothing can be stale", provider.name()).into());
    }
    if options.stale {
        fixture = fixture.stale();
    }
    Ok(if options.bad { fixture.with_bad_signature() } else { fixture })
}

/// A signer for a provider of this crate.
fn known(name: &str, secret: Option<String>) -> Result<Signer, Box<dyn Error>> {
    let Some(provider) = providers::find(name) else {
        return Err(format!("`{name}` is not a provider; PROVIDERS.md lists them").into());
    };
    let variable = format!("WEBHOOK_SECRET_{}", provider.name().to_uppercase().replace('-', "_"));
    Ok(match secret.or_else(|| std::env::var(variable).ok()) {
        Some(secret) => Signer::new(provider, secret)?,
        None => Signer::demo(provider)?,
    })
}

/// A signer for an endpoint of a configuration file, with a secret that the endpoint accepts.
fn configured(file: &str, name: &str, secret: Option<&str>) -> Result<Signer, Box<dyn Error>> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let is_json = file.ends_with(".json");
    let config = if is_json { Config::from_json(&text)? } else { Config::from_toml(&text)? };
    // The configuration keeps its secrets to itself; these are the ones that it asks for.
    let asked = RefCell::new(secret.map(str::to_owned).into_iter().collect::<Vec<_>>());
    let endpoints = config.endpoints_with(|variable| {
        let value = std::env::var(variable).ok()?;
        asked.borrow_mut().push(value.clone());
        Some(value)
    })?;
    let is_named = |endpoint: &&Endpoint| {
        endpoint.path() == name || endpoint.verifier().provider().name() == name
    };
    let endpoint = endpoints.iter().find(is_named);
    let endpoint = endpoint.ok_or_else(|| format!("{file}: no endpoint has `{name}`"))?;
    let signers = asked.into_inner().into_iter();
    let signers =
        signers.filter_map(|secret| Signer::new(endpoint.verifier().provider(), secret).ok());
    let is_accepted = |signer: &Signer| {
        let (head, body) = signer.event("{}").request().into_parts();
        endpoint.verifier().verify(&head, body, signer.now()).is_ok()
    };
    let signers: Vec<_> = signers.collect();
    let signer = signers.iter().find(|signer| is_accepted(signer)).or(signers.first());
    signer.cloned().ok_or_else(|| "give the secret with --secret".into())
}

async fn post(request: Request<Bytes>) -> Result<(StatusCode, Bytes), Box<dyn Error>> {
    if request.uri().scheme_str() == Some("https") {
        return post_by_curl(&request);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.map(Full::new)).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

/// Over TLS, with the certificates that this machine trusts.
fn post_by_curl(request: &Request<Bytes>) -> Result<(StatusCode, Bytes), Box<dyn Error>> {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-X", request.method().as_str(), "-w", "\n%{http_code}"]);
    for (name, value) in request.headers() {
        curl.arg("-H").arg(format!("{name}: {}", value.to_str()?));
    }
    curl.args(["--data-binary", "@-"]).arg(request.uri().to_string());
    let mut curl = curl.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    curl.stdin.take().ok_or("curl takes no body")?.write_all(request.body())?;
    let output = curl.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err("curl failed, and says why above".into());
    }
    let (body, status) = text.rsplit_once('\n').ok_or("curl prints no status")?;
    Ok((status.parse()?, body.to_owned().into()))
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
            "--config" => options.config = Some(value()?),
            "--help" | "-h" => options.help = true,
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
