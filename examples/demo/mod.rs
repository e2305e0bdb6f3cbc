//! What the examples share: a log, a port, and the line that sends them an event.

// Each example uses its part of it.
#![allow(dead_code, unreachable_pub)]

use std::fmt::{self, Write};

use axum::body::Bytes;
use axum::http::Request;
use tokio::net::TcpListener;
use tracing::Level;

/// Why an example ends, printed as it reads.
pub struct Failure(String);

impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// What `main` prints of an error.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows on stderr what the layer accepts and what it refuses, and why.
pub fn log() {
    log_from(Level::INFO);
}

/// Shows what is at least as grave as this.
pub fn log_from(level: Level) {
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
}

/// The secret in an environment variable, or one to try the example with, and how a shell writes it.
/// A real service has no default here.
pub fn secret(variable: &str, demo: &str) -> (String, String) {
    match std::env::var(variable) {
        // It is not printed: the other terminal has it in the same variable.
        Ok(secret) => (secret, format!("\"${variable}\"")),
        Err(_) => (demo.to_owned(), quoted(demo)),
    }
}

/// Listens on the port in `PORT`, or on 8080, and says where.
pub async fn listen() -> Result<(TcpListener, String), Failure> {
    let port = std::env::var("PORT").unwrap_or("8080".into());
    let address = format!("127.0.0.1:{port}");
    let listener = TcpListener::bind(&address).await.map_err(|error| {
        format!("{address}: {error}; PORT=8081 chooses another port, PORT=0 any that is free")
    })?;
    let url = format!("http://{}", listener.local_addr()?);
    println!("listening on {url}");
    Ok((listener, url))
}

/// Says which line sends an event, from a second terminal.
pub fn say_how_to_send(body: &str, arguments: &str) {
    println!(
        "send it an event: echo {} | cargo run -q --example send -- {arguments}",
        quoted(body)
    );
}

/// A request as a line for a shell.
pub fn curl(url: &str, request: &Request<Bytes>) -> String {
    let mut line = format!("curl -i {}", quoted(&format!("{url}{}", request.uri())));
    for (name, value) in request.headers() {
        let _ = write!(
            line,
            " -H {}",
            quoted(&format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        );
    }
    if !request.body().is_empty() {
        let _ = write!(line, " --data-binary {}", quoted(&String::from_utf8_lossy(request.body())));
    }
    line
}

/// One word of a shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
