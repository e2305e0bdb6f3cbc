//! Every example, run as its users run it. `cargo test` builds them; after a change,
//! `cargo test --test examples` alone does not.

#[path = "../examples/custom_provider.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "only its provider is used here")]
mod custom_provider;
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::SystemTime;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use support::postgres::PostgresServer;
use support::redis::RedisServer;
use tempfile::TempDir;
use tower_webhooks::Provider;
use tower_webhooks::providers::{GITHUB, STANDARD_WEBHOOKS, STRIPE};
use tower_webhooks::testing::{Fixture, Signer};

/// An example that listens; it ends with the test.
struct Running {
    child: Child,
    /// Reads all along: an example that fills its pipe would stand still.
    reader: Option<JoinHandle<String>>,
    url: String,
    /// The line that it says to paste.
    line: String,
    /// Where it runs, and leaves its files.
    _directory: Arc<TempDir>,
}

impl Running {
    fn start(example: &str) -> Self {
        Self::start_with(example, &[])
    }

    fn start_with(example: &str, arguments: &[&str]) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), example, arguments)
    }

    fn start_in(directory: Arc<TempDir>, example: &str, arguments: &[&str]) -> Self {
        let mut command = command(example);
        command
            .current_dir(directory.path())
            .args(arguments)
            .env("PORT", "0")
            .env("ACME_SECRET", "whsec_acme");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect(&line).to_owned();
        line.clear();
        stdout.read_line(&mut line).unwrap();
        let line = line.trim().trim_start_matches("send it an event: ").to_owned();
        let reader = std::thread::spawn(move || {
            let mut rest = String::new();
            stdout.read_to_string(&mut rest).unwrap();
            rest
        });
        Self { child, reader: Some(reader), url, line, _directory: directory }
    }

    /// What comes of the line that it says to paste.
    fn pasted(&self) -> String {
        let examples = built("send");
        let program = format!("{}/", examples.parent().unwrap().display());
        let line = self.line.replace("cargo run -q --example ", &program).replace(" -- ", " ");
        assert!(line.contains(&program), "{line}");
        shell(line)
    }

    /// Posts a fixture, signed now, and gives status and body of the answer.
    async fn send(&self, path: &str, fixture: Fixture) -> (u16, String) {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let request = fixture.uri(format!("{}{path}", self.url)).request();
        let response = client.request(request.map(Full::new)).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.into()).unwrap())
    }

    /// Ends it, and gives the rest of what it printed.
    fn printed(mut self) -> String {
        self.child.kill().unwrap();
        self.rest()
    }

    fn rest(&mut self) -> String {
        self.reader.take().expect("it is read once").join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a shell prints that gets this script.
fn shell(script: String) -> String {
    let mut shell = Command::new("sh");
    let mut shell =
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    String::from_utf8(shell.wait_with_output().unwrap().stdout).unwrap()
}

/// An example as cargo built it.
fn built(example: &str) -> PathBuf {
    let mut path: PathBuf = std::env::current_exe().unwrap();
    path.pop();
    path.set_file_name("examples");
    path.push(example);
    assert!(path.exists(), "{} is not built: run `cargo build --examples`", path.display());
    path
}

/// An example in an environment of nothing.
fn command(example: &str) -> Command {
    let mut command = Command::new(built(example));
    command.env_clear();
    command
}

/// Each example says which line sends it an event, signed with its own secret; and says which
/// address is taken.
#[test]
fn the_line_that_an_example_prints_is_accepted_by_it() {
    for example in ["axum", "custom_provider", "hyper", "inbox", "tenants", "transaction"] {
        let running = Running::start(example);
        let answer = running.pasted();
        assert!(answer.contains("200 OK"), "{example}: {answer}");

        let port = running.url.rsplit(':').next().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut second = command(example);
        let second = second.current_dir(directory.path()).env("PORT", port).output().unwrap();
        assert_eq!(second.status.code(), Some(1), "{example}");
        let said = String::from_utf8(second.stderr).unwrap();
        assert!(said.contains(&format!("Error: 127.0.0.1:{port}: ")), "{example}: {said}");
        assert!(said.contains("PORT=8081 chooses another port"), "{example}: {said}");
    }
}

#[test]
fn an_example_says_why_it_refuses() {
    let directory = tempfile::tempdir().unwrap();
    let log = std::fs::File::create(directory.path().join("log")).unwrap();
    let mut running = command("axum");
    let mut running = running.env("PORT", "0").stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(running.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let url = format!("{}/webhooks/stripe", line.trim().trim_start_matches("listening on "));
    let answer = send(&["stripe", "-", &url, "--secret", "whsec_wrong"], r#"{"id":"evt_1"}"#);
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(answer.status.code(), Some(1));
    let told = String::from_utf8(answer.stdout).unwrap();
    assert!(told.contains("the log of the receiver says why"), "{told}");
    let log = std::fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(log.contains("webhook refused") && log.contains("bad_signature"), "{log}");
}

#[test]
fn help_is_no_error() {
    for example in ["receiver", "send"] {
        let output = command(example).arg("--help").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{example}");
        assert!(String::from_utf8(output.stdout).unwrap().starts_with("usage: "), "{example}");
    }
}

fn signer(provider: &Provider, secret: &str) -> Signer {
    Signer::new(provider, secret).unwrap().at(SystemTime::now())
}

#[tokio::test]
async fn axum_handles_an_event_once_and_refuses_a_forged_one() {
    let example = Running::start("axum");
    let paid = signer(&STRIPE, "whsec_demo_secret").json(json!({"id": "evt_1", "type": "paid"}));
    let path = "/webhooks/stripe";
    assert_eq!(example.send(path, paid.clone()).await.0, 200);
    assert_eq!(example.send(path, paid.clone()).await.0, 200);
    assert_eq!(example.send(path, paid.clone().with_changed_body()).await.0, 401);
    assert_eq!(example.send(path, paid.stale()).await.0, 401);
    let other = signer(&STRIPE, "whsec_demo_secret").json(json!({"id": "evt_2"}));
    assert_eq!(example.send(path, other).await.0, 500, "there is no type in it");
    assert_eq!(example.printed(), "evt_1 paid\n");
}

#[tokio::test]
async fn hyper_runs_pushes_and_acknowledges_the_rest() {
    let example = Running::start("hyper");
    let push = |branch: &str| {
        signer(&GITHUB, "a demo secret").json(json!({"ref": branch, "after": "c0ffee"}))
    };
    assert_eq!(example.send("/", push("refs/heads/a").kind("ping")).await.0, 200);
    assert_eq!(example.send("/", push("refs/heads/a").kind("push")).await.0, 200);
    assert_eq!(example.send("/", push("refs/heads/a").kind("push")).await.0, 200);
    assert_eq!(example.send("/", push("refs/heads/broken").kind("push")).await.0, 500);
    assert_eq!(example.send("/", push("refs/heads/b").signed_by_another_key()).await.0, 401);
    assert_eq!(example.printed(), "deploy c0ffee of refs/heads/a (attempt 1)\n");
}

#[tokio::test]
async fn a_provider_of_ones_own_is_verified_and_shakes_hands() {
    let example = Running::start("custom_provider");
    let acme = signer(&custom_provider::ACME, "a demo secret");
    let order = acme.json(json!({"id": "o1", "total": 7})).kind("order.created");
    let path = "/webhooks/acme";
    assert_eq!(example.send(path, order.clone()).await, (200, "thanks for 7\n".into()));
    assert_eq!(example.send(path, order.clone().with_changed_timestamp()).await.0, 401);
    let elsewhere = example.send("/webhooks/acme?x=1", order.clone().with_changed_body()).await;
    assert_eq!(elsewhere.0, 401);
    let hello = acme.json(json!({"topic": "hello", "challenge": "c1"}));
    assert_eq!(example.send(path, hello).await, (200, "c1".into()));
    assert_eq!(example.printed(), "order.created: 7\n");
}

#[tokio::test]
async fn a_payment_is_booked_once_though_the_program_is_killed() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    let path = "/webhooks/stripe";
    let paid = |id: &str, total: i64| {
        let invoice = json!({"customer": "cus_1", "total": total});
        let event = json!({"id": id, "type": "invoice.paid", "data": {"object": invoice}});
        signer(&STRIPE, "whsec_demo_secret").json(event)
    };
    let first = Running::start_in(Arc::clone(&directory), "transaction", &[]);
    assert_eq!(first.send(path, paid("evt_1", 700)).await.0, 200);
    assert_eq!(first.send(path, signer(&STRIPE, "whsec_demo_secret").json(json!({}))).await.0, 500);
    assert_eq!(first.printed(), "cus_1 has 700 cents\n");

    let second = Running::start_in(directory, "transaction", &[]);
    assert_eq!(second.send(path, paid("evt_1", 700)).await.0, 200);
    assert_eq!(second.send(path, paid("evt_2", 50)).await.0, 200);
    assert_eq!(second.printed(), "cus_1 has 750 cents\n");
}

#[tokio::test]
async fn tenants_have_keys_and_events_of_their_own() {
    let example = Running::start("tenants");
    let initech = signer(&STANDARD_WEBHOOKS, "whsec_aW5pdGVjaCwgdGhlIG9ubHkgc2VjcmV0IQ==");
    let globex = signer(&STANDARD_WEBHOOKS, "whsec_Z2xvYmV4LCB0aGUgb2xkIHNlY3JldCEhIQ==");
    let (ours, theirs) = (initech.event("{}").id("msg_1"), globex.event("{}").id("msg_1"));
    let accepted = |line: &str| (200, line.to_owned());
    let answer = example.send("/webhooks/initech", ours.clone()).await;
    assert_eq!(answer, accepted("initech: key 1\n"));
    let answer = example.send("/webhooks/globex", theirs).await;
    assert_eq!(answer, accepted("globex: key april\n"), "the same id is another tenant's event");
    assert_eq!(example.send("/webhooks/globex", ours.clone()).await.0, 401);
    assert_eq!(example.send("/webhooks/nobody", ours).await.0, 401);
}

#[tokio::test]
async fn the_lines_of_the_receiver_work_when_they_are_pasted() {
    let mut example = Running::start("receiver");
    let lines = shell(format!("curl -s {}/", example.url));
    assert!(!lines.is_empty(), "this test needs `curl`");
    let providers = tower_webhooks::providers::ALL.len();

    let answers = shell(lines.clone());
    assert_eq!(answers.matches("200 OK").count(), providers + 1, "{answers}");
    assert_eq!(answers.matches("handled").count(), providers, "{answers}");
    assert!(answers.contains("1158201444"), "Meta's challenge: {answers}");

    let again = shell(lines);
    assert_eq!(again.matches("200 OK").count(), providers + 1, "{again}");
    assert_eq!(again.matches("handled").count(), 0, "{again}");

    let fresh = shell(shell(format!("curl -s {}/", example.url)));
    assert_eq!(fresh.matches("handled").count(), providers, "{fresh}");

    let body = r#"{"id":"evt_9"}"#;
    let stripe = format!("{}/webhooks/stripe", example.url);
    let sent = |options: &[&str]| send(&[&["stripe", "-", &stripe], options].concat(), body);
    assert_eq!(sent(&[]).status.code(), Some(0));
    assert_eq!(sent(&["--bad"]).status.code(), Some(1));
    assert_eq!(sent(&["--stale"]).status.code(), Some(1));
    let twilio = format!("{}/webhooks/twilio", example.url);
    assert_eq!(send(&["twilio", "-", &twilio], body).status.code(), Some(0));

    #[cfg(unix)]
    {
        let pid = example.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(example.child.wait().unwrap().success());
        let printed = example.rest();
        assert_eq!(printed.matches("EVENT ").count(), 2 * providers + 2, "{printed}");
        assert_eq!(printed.matches("processed before").count(), providers, "{printed}");
        assert!(printed.contains("bad_signature"), "{printed}");
        assert!(printed.contains("clock off by"), "{printed}");
        assert!(printed.ends_with("drained: every event was handled to its end\n"), "{printed}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_inbox_works_off_what_it_acknowledged_before_it_was_killed() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    let start = || Running::start_in(Arc::clone(&directory), "inbox", &[]);
    let paid =
        signer(&STRIPE, "whsec_demo_secret").json(json!({"id": "evt_1", "type": "invoice.paid"}));
    let path = "/webhooks/stripe";
    let killed = start();
    assert_eq!(killed.send(path, paid.clone()).await.0, 200);
    drop(killed);

    let mut restarted = start();
    assert_eq!(restarted.send(path, paid.clone()).await.0, 200);
    assert_eq!(restarted.send(path, paid.with_changed_body()).await.0, 401);
    let pid = restarted.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert!(restarted.child.wait().unwrap().success());
    assert!(restarted.rest().ends_with("All\n"));
}

#[test]
fn the_receiver_does_not_start_with_a_wrong_secret() {
    let start = |name: &str, value: &str| {
        let directory = tempfile::tempdir().unwrap();
        let mut receiver = command("receiver");
        let receiver = receiver.current_dir(directory.path()).env("PORT", "0");
        let output = receiver.env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let api_key = start("WEBHOOK_SECRET_STRIPE", "sk_live_1");
    assert!(
        api_key.starts_with("receiver: WEBHOOK_SECRET_STRIPE: this is an API key"),
        "{api_key}"
    );
    let url = start("PUBLIC_URL", "hooks.example.com");
    assert!(url.starts_with("receiver: PUBLIC_URL: `hooks.example.com` is no"), "{url}");
    let misspelt = start("WEBHOOK_SECRET_STRIP", "whsec_1");
    assert!(misspelt.contains("no provider has this name"), "{misspelt}");
}

/// Sends one event to one receiver after the other; the first handles it, and of the rest those
/// that do not know it.
async fn sent_to_each(stores: &[(&[&str], &str, bool)]) {
    let paid = Signer::demo(&STRIPE).unwrap().at(SystemTime::now()).json(json!({"id": "evt_1"}));
    let directory = Arc::new(tempfile::tempdir().unwrap());
    for (arguments, place, is_handled) in stores {
        let receiver = Running::start_in(Arc::clone(&directory), "receiver", arguments);
        assert_eq!(receiver.send("/webhooks/stripe", paid.clone()).await.0, 200);
        let printed = receiver.printed();
        assert!(printed.contains(&format!("events are remembered {place}")), "{printed}");
        assert_eq!(printed.contains("EVENT "), *is_handled, "{arguments:?}: {printed}");
        assert_eq!(printed.contains("processed before"), !is_handled, "{arguments:?}: {printed}");
    }
}

#[tokio::test]
async fn the_receiver_remembers_events_across_a_restart_unless_it_is_told_not_to() {
    sent_to_each(&[
        (&[], "in webhooks.db", true),
        (&[], "in webhooks.db", false),
        (&["--store", "sqlite:webhooks.db"], "in webhooks.db", false),
        (&["--store", "memory"], "in memory", true),
    ])
    .await;
}

#[tokio::test]
async fn receivers_share_the_memory_of_a_server() {
    let (postgres, redis) = (PostgresServer::start(), RedisServer::start());
    for (url, place) in [(postgres.url(), "in the table"), (redis.url(), "on the Redis server")] {
        let arguments: &[&str] = &["--store", &url];
        sent_to_each(&[(arguments, place, true), (arguments, place, false)]).await;
    }
}

#[test]
fn the_receiver_says_what_is_wrong_with_its_store() {
    let start = |store: &str| {
        let mut receiver = command("receiver");
        let output = receiver.env("PORT", "0").args(["--store", store]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let directory = tempfile::tempdir().unwrap();
    let text = start(&format!("sqlite:{}", directory.path().display()));
    assert!(text.starts_with("receiver: --store: "), "{text}");
    assert!(text.contains("this is a directory: give the name of a file in it"), "{text}");
    let text = start("sqlite:/no/such/webhooks.db");
    assert!(text.contains("create its directory /no/such first"), "{text}");
    let text = start("mysql://root:hunter2@localhost/webhooks");
    assert!(text.contains("`sqlite:PATH`") && !text.contains("hunter2"), "{text}");
    for scheme in ["postgres", "redis"] {
        // Nobody listens on port 1.
        let text = start(&format!("{scheme}://root:hunter2@127.0.0.1:1/0"));
        assert!(text.starts_with("receiver: --store: the idempotency store "), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

fn send(arguments: &[&str], stdin: &str) -> Output {
    let mut send = command("send");
    let mut send =
        send.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    send.stdin.take().unwrap().write_all(Bytes::from(stdin.to_owned()).as_ref()).unwrap();
    send.wait_with_output().unwrap()
}

#[tokio::test]
async fn the_receiver_reads_a_configuration_file_and_says_what_would_help() {
    let file = std::env::temp_dir().join(format!("tower-webhooks-{}.toml", std::process::id()));
    let endpoint = "[[endpoint]]\npath = \"/hooks/acme\"\nprovider = \"stripe\"\n";
    std::fs::write(&file, format!("{endpoint}secrets = [\"env:ACME_SECRET\"]\n")).unwrap();
    let arguments = ["--config", file.to_str().unwrap(), "--diagnose"];
    let receiver = Running::start_with("receiver", &arguments);
    let mut sent = command("send");
    let url = format!("{}/hooks/acme", receiver.url);
    let event = file.with_extension("json");
    std::fs::write(&event, r#"{"id":"evt_sent"}"#).unwrap();
    sent.arg("--config").arg(&file).arg("/hooks/acme").arg(&event).arg(&url);
    let sent = sent.env("ACME_SECRET", "whsec_acme").output().unwrap();
    assert!(sent.status.success(), "{sent:?}");
    std::fs::remove_file(&event).unwrap();
    std::fs::remove_file(&file).unwrap();

    let paid = |secret| signer(&STRIPE, secret).json(json!({"id": "evt_1", "type": "paid"}));
    assert_eq!(receiver.send("/hooks/acme", paid("whsec_acme")).await.0, 200);
    assert_eq!(receiver.send("/hooks/acme", paid("acme")).await.0, 401);
    assert_eq!(receiver.send("/webhooks/stripe", paid("whsec_acme")).await.0, 404);
    let printed = receiver.printed();
    assert!(printed.contains("evt_1 (signed)"), "{printed}");
    assert!(printed.contains("evt_sent (signed)"), "{printed}");
    assert!(printed.contains("/hooks/acme - "), "the line to paste: {printed}");
    assert!(printed.contains("the sender uses the secret without its prefix"), "{printed}");
}
