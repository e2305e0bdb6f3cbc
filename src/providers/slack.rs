use crate::handshake::{Handshake, Mark};
use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, form, header, json, query,
};

/// [Slack](https://docs.slack.dev/authentication/verifying-requests-from-slack).
///
/// - **Signed**: `v0:`, the time, a colon and the whole body (JSON or form, raw), with
///   HMAC-SHA256 in hex behind `v0=`, in `X-Slack-Signature`.
/// - **Time**: `X-Slack-Request-Timestamp`, signed; 300 s to both sides.
/// - **Event**: `event_id` and `event.type` (else `type`) of the body, signed. An interaction is a
///   form whose `payload` is the document; its `type` (`block_actions`, `view_submission`) is the
///   type. A slash command is a form too: its `command` is the type. Neither has an id: their replay
///   key is a digest of the signed content without its time.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://docs.slack.dev/apis/events-api/).
/// - **Secret**: the app's *Signing Secret* under Basic Information. It looks like hex and is not
///   decoded.
/// - **Setup**: `url_verification`, a signed POST, is answered with its challenge once verified.
///   `ssl_check=1`, unsigned, by POST or GET when a slash command is saved, with an empty 200.
/// - **Retries**: up to three, when there was no 2xx within 3 s (by peers; unconfirmed).
pub static SLACK: Provider = Provider::new("slack")
    .title("Slack")
    .docs("https://docs.slack.dev/authentication/verifying-requests-from-slack")
    .signature(Hmac(Sha256), header("x-slack-signature").prefix("v0=").hex())
    .timestamp(header("x-slack-request-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Text("v0:"), Timestamp, Text(":"), Body])
    .event_id(&[json("/event_id")])
    .document_in("payload")
    .event_type(&[json("/event/type"), json("/type"), form("command")])
    .handshakes(&[
        Handshake::signed(&[
            Mark::Equals(json("/type"), "url_verification"),
            Mark::Present(json("/challenge")),
        ])
        .echoes(json("/challenge")),
        Handshake::unsigned_post(&[
            Mark::Equals(form("ssl_check"), "1"),
            Mark::Absent(form("command")),
        ]),
        Handshake::unsigned_get().when(&[Mark::Equals(query("ssl_check"), "1")]),
    ])
    .identity_source("https://docs.slack.dev/apis/events-api/");
