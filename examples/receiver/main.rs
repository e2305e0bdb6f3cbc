//! Receives the webhooks of every provider and shows what comes:
//! `cargo run --example receiver`.
//!
//! Each provider is at `/webhooks/{provider}`. At the start it prints a `curl` line to try it with,
//! signed with a demo secret; `/` has a fresh one for every provider. Processed events are remembered
//! in the file `webhooks.db`: after a restart, a duplicate is still a duplicate.
//!
//! | setting | meaning |
//! | --- | --- |
//! | `WEBHOOK_SECRET_STRIPE` | Stripe's secret instead of the demo secret; so for every provider, `-` written as `_` |
//! | `WEBHOOK_SECRET_STRIPE_OLD` | a second one that is still accepted, in the middle of a rotation |
//! | `WEBHOOK_VERIFY_TOKEN_META` | the verify token of a provider that has one |
//! | `PUBLIC_URL` | scheme, host and port that the senders call, for those that sign it |
//! | `--config FILE` | the endpoints of a configuration file, TOML or JSON, instead of all providers |
//! | `--store` | where processed events are remembered: `memory`, `sqlite:PATH`, `postgres://…` or `redis://…`; by default `sqlite:webhooks.db` |
//! | `--diagnose` | say of each refused request what would have to be different |
//! | `--provider NAME`, `--all` | print the `curl` line of this provider, or of all |
//! | `--port`, `PORT` | the port on 127.0.0.1, by default 8080; 0 for any that is free |

mod arguments;
#[path = "../demo/mod.rs"]
mod demo;
mod doctor;
mod endpoint;
mod report;
mod samples;
mod store;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use arguments::Arguments;
use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, header::HOST};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use endpoint::Endpoint;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_webhooks::layer::Drained;

/// Longer than a handler here takes.
const DRAIN: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("receiver: {error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    if arguments.help {
        println!("{}", arguments::USAGE);
        return Ok(());
    }
    // What is less grave it prints itself.
    demo::log_from(tracing::Level::ERROR);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("{address}: {error}; choose another port with `-- --port 0`"))?;
    let url = format!("http://{}", listener.local_addr()?);
    let store = store::open(&arguments.store).await?;
    let endpoints: Arc<[Endpoint]> = match &arguments.config {
        Some(file) => endpoint::of_file(file, &store)?.into(),
        None => endpoint::all(&url, &store)?.into(),
    };

    report::welcome(&url, &endpoints, &store.place, &arguments);
    let server = axum::serve(listener, app(&endpoints, url, arguments.diagnose));
    let server = server.with_graceful_shutdown(shutdown(endpoints));
    // A client that keeps its connection open does not keep the program running.
    tokio::select! {
        served = server => served?,
        () = overdue() => println!("some connections were still open"),
    }
    Ok(())
}

fn app(endpoints: &Arc<[Endpoint]>, url: String, diagnose: bool) -> Router {
    let mut app = Router::new();
    for Endpoint { path, verifier, layer, .. } in endpoints.iter() {
        // Any method: which ones a sender uses is for the layer to say.
        let mut route = any(report::received).layer(layer.clone());
        if diagnose {
            route = route.layer(from_fn_with_state(verifier.clone(), doctor::examine));
        }
        app = app.route(path, route);
    }
    let endpoints = Arc::clone(endpoints);
    let samples = |headers: HeaderMap, Query(wanted): Query<Wanted>| async move {
        // As the client calls it, so that the lines also work through a tunnel.
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let url = host.map_or(url, |host| format!("http://{host}"));
        samples::lines(&endpoints, &url, wanted.provider.as_deref())
    };
    app.layer(from_fn(report::acknowledged)).route("/", get(samples))
}

/// The query of `/`: `?provider=stripe`.
#[derive(serde::Deserialize)]
struct Wanted {
    provider: Option<String>,
}

/// Waits for a signal, then until the runs of handlers have ended.
async fn shutdown(endpoints: Arc<[Endpoint]>) {
    signalled().await;
    println!("draining: new events are answered 503");
    let mut drains = JoinSet::new();
    for endpoint in endpoints.iter() {
        let handle = endpoint.layer.drain_handle();
        drains.spawn(async move { handle.drain(DRAIN).await });
    }
    let drained = drains.join_all().await;
    let left = drained.iter().map(|drained| match drained {
        Drained::Remaining(runs) => *runs,
        _ => 0,
    });
    match left.sum::<usize>() {
        0 => println!("drained: every event was handled to its end"),
        runs => println!("{runs} events were not handled to their end: their senders try again"),
    }
}

async fn overdue() {
    signalled().await;
    tokio::time::sleep(DRAIN + Duration::from_secs(2)).await;
}

/// Ctrl-C, or the signal with which a supervisor stops a service.
async fn signalled() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
