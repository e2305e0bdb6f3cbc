use crate::handshake::Handshake;
use crate::provider::{Algorithm::Token, Provider, header, json};

/// [Okta](https://developer.okta.com/docs/guides/event-hook-implementation/): event hooks.
///
/// - **Signed**: nothing. `Authorization`, or the header that you named in the hook
///   ([`rename_header`](crate::VerifierBuilder::rename_header)), carries the secret itself,
///   compared in constant time: it proves who sends, and nothing of what is sent. Who has seen one
///   request can send any other: rely on TLS.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: `eventId` and `eventType` of the body, both **unsigned**. The replay key is a
///   digest of the body. One delivery may hold several `data.events`.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the hook's *Authentication secret*, the whole value of the header.
/// - **Setup**: a GET with `X-Okta-Verification-Challenge`, once, is answered with
///   `{"verification": "…"}` and that header's value.
/// - **Retries**: one, when there was no 2xx within 3 s.
pub static OKTA_EVENT_HOOKS: Provider = Provider::new("okta-event-hooks")
    .title("Okta (event hooks)")
    .aliases(&["okta"])
    .docs("https://developer.okta.com/docs/guides/event-hook-implementation/")
    .signature(Token, header("authorization").text())
    .signs(&[])
    .event_id(&[json("/eventId")])
    .event_type(&[json("/eventType")])
    .handshakes(&[Handshake::unsigned_get()
        .echoes_json("verification", header("x-okta-verification-challenge"))]);
