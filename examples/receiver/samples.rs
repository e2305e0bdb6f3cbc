//! Ready-made signed `curl` lines.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::http::Request;
use tower_webhooks::testing::{Fixture, Signer};

use crate::endpoint::Endpoint;

/// One event for each provider with a demo secret, as shell lines.
pub(crate) fn all(endpoints: &[Endpoint], url: &str) -> String {
    let now = SystemTime::now();
    // An id that no earlier line had: the second time, a line is a replay.
    let unique = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let mut lines = String::from("# Signed with the DEMO secrets, most for five minutes.\n");
    let _ =
        writeln!(lines, "# Fresh ones, all at once:  curl -s {} | sh", quoted(&format!("{url}/")));
    lines.push_str(
        "# Paste one twice: it is not handled again. Change one byte: it is refused.\n\n",
    );
    for signer in endpoints.iter().filter_map(|endpoint| endpoint.demo.as_ref()) {
        let provider = signer.provider();
        let request = sample(signer, unique).at(now).request();
        let _ = writeln!(lines, "# {}\n{}\n", provider.display_name(), curl(url, &request));
        if provider.needs_verify_token() {
            let setup = signer
                .event("")
                .get()
                .query("hub.mode", "subscribe")
                .query("hub.challenge", "1158201444")
                .query("hub.verify_token", Signer::VERIFY_TOKEN)
                .without_signature()
                .request();
            let _ = writeln!(lines, "# its setup request\n{}\n", curl(url, &setup));
        }
    }
    lines
}

/// An event as the sender would send it, as far as that matters here.
fn sample(signer: &Signer, unique: u128) -> Fixture {
    let provider = signer.provider();
    let named = |prefix: &str| format!("{prefix}{unique}");
    match provider.name() {
        "discord" => signer.event(format!(r#"{{"type":2,"id":"{unique}"}}"#)),
        "github" => signer
            .event(format!(r#"{{"ref":"refs/heads/main","after":"{unique:040x}"}}"#))
            .id(named("delivery-"))
            .kind("push"),
        "meta" => signer.event(format!(r#"{{"object":"page","entry":[{{"id":"{unique}"}}]}}"#)),
        "shopify" => signer
            .event(format!(r#"{{"id":{unique},"total_price":"12.00"}}"#))
            .id(named("webhook-"))
            .kind("orders/create"),
        "slack" => signer.event(format!(
            r#"{{"type":"event_callback","event_id":"Ev{unique}","event":{{"type":"message"}}}}"#
        )),
        "twilio" => {
            signer.form([("From", "+15005550006".to_owned()), ("Body", named("Hello no. "))])
        }
        "mattermost" => signer.form([("text", named("hello "))]),
        _ => {
            // A number in the body too: some senders are told apart by nothing else.
            let event = signer.event(format!(r#"{{"type":"demo.happened","number":{unique}}}"#));
            event.id(named("evt_")).kind("demo.happened")
        }
    }
}

fn curl(url: &str, request: &Request<Bytes>) -> String {
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

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
