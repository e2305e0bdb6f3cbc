use crate::handshake::{Handshake, Mark};
use crate::provider::{
    Algorithm::Ed25519,
    Part::{Body, Timestamp},
    Provider, SecretFormat, Tolerance, header, json,
};

/// [Discord](https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint):
/// interactions and webhook events.
///
/// - **Signed**: the time and the whole body, with Ed25519 in hex, in `X-Signature-Ed25519`.
///   Verified strictly: forgeries with small-order points, which plain verification lets pass, are
///   refused. Needs feature `ed25519`.
/// - **Time**: `X-Signature-Timestamp`, signed. Discord names no window; 300 s to both sides here.
/// - **Event**: an interaction's `id` and `type` (an integer) are signed; the id is the replay key.
///   Webhook events have no id: their replay key is a digest of the body; their type is
///   `event.type`.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://docs.discord.com/developers/interactions/receiving-and-responding).
/// - **Secret**: the application's *Public Key* under General Information, 64 hex digits. It is not
///   secret.
/// - **Setup**: a signed PING is answered once verified: `type` 1 with an `id` and without `event`
///   (interactions) with `{"type":1}`; `type` 0 (webhook events) with 204. Discord probes with bad
///   signatures and wants 401.
pub static DISCORD: Provider = Provider::new("discord")
    .title("Discord")
    .docs("https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint")
    .signature(Ed25519, header("x-signature-ed25519").hex())
    .secret(SecretFormat::Hex)
    .timestamp(header("x-signature-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/event/type"), json("/type")])
    .handshakes(&[
        Handshake::signed(&[
            Mark::Equals(json("/type"), "1"),
            Mark::Present(json("/id")),
            Mark::Absent(json("/event")),
        ])
        .json(r#"{"type":1}"#),
        Handshake::signed(&[Mark::Equals(json("/type"), "0"), Mark::Absent(json("/event"))])
            .status(204),
    ])
    .identity_source("https://docs.discord.com/developers/interactions/receiving-and-responding");
