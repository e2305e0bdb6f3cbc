use crate::provider::{Algorithm::Token, Mistake, Provider, json};

/// [Figma](https://developers.figma.com/docs/rest-api/webhooks-security/), webhooks V2.
///
/// - **Signed**: nothing. `passcode` of the body is the secret itself, compared in constant time:
///   it proves who sends, and nothing of what is sent. Who has seen one request can send any other:
///   rely on TLS, and keep bodies out of logs.
/// - **Time**: none that is signed. **The replay store is the only protection against replays**,
///   and weeds out repetitions only.
/// - **Event**: `event_type` of the body, **unsigned**; `webhook_id` is the webhook, not the event.
///   The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the `passcode` that you gave when the webhook was made; any text up to 100
///   characters (unconfirmed).
/// - **Setup**: a `PING` event, an ordinary delivery; it wants a 200.
/// - **Retries**: after 5 min, 30 min and 3 h, when there was no 200.
pub static FIGMA: Provider = Provider::new("figma")
    .title("Figma")
    .docs("https://developers.figma.com/docs/rest-api/webhooks-security/")
    .signature(Token, json("/passcode").text())
    .never_secrets(&[Mistake::new(
        "figd_",
        "this is an access token: give the passcode that you chose for the webhook",
    )])
    .signs(&[])
    .event_type(&[json("/event_type")]);
