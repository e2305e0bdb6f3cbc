//! Ready-made signed `curl` lines.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use tower_webhooks::testing::{Fixture, Signer};

use crate::demo::{curl, quoted};
use crate::endpoint::Endpoint;

/// An event for each provider with a demo secret, or for one of them, as shell lines.
pub(crate) fn lines(endpoints: &[Endpoint], url: &str, provider: Option<&str>) -> String {
    let now = SystemTime::now();
    // An id that no earlier line had: the second time, a line is a duplicate.
    let unique = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let mut lines = String::from("# Signed with the DEMO secrets, for some minutes.\n");
    let _ = writeln!(lines, "# Fresh ones: curl -s {} | sh", quoted(&format!("{url}/")));
    lines.push_str("# Paste one twice: it does not run again. Change one byte: it is refused.\n\n");
    let demos = endpoints.iter().filter_map(|endpoint| endpoint.demo.as_ref());
    let is_wanted = |name: &str| provider.is_none_or(|wanted| wanted == name);
    for signer in demos.filter(|signer| is_wanted(signer.provider().name())) {
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
