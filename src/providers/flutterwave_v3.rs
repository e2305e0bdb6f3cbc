use crate::provider::{Algorithm::Token, Mistake, Provider, header, json};

/// [Flutterwave](https://developer.flutterwave.com/v3.0/docs/webhooks), API version 3. Version 4
/// signs.
///
/// - **Signed**: nothing. `verif-hash`, no hash in spite of its name, carries the secret itself,
///   compared in constant time: it proves who sends, and nothing of what is sent. Who has seen one
///   request can send any other: rely on TLS, and ask the API for the transaction, as Flutterwave
///   recommends.
/// - **Time**: none. **The replay store is the only protection against replays**, and weeds out
///   repetitions only.
/// - **Event**: `event` of the body is the type, **unsigned**. The replay key is a digest of the
///   body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *Secret hash* that you typed under Settings, Webhooks; any text. An API key
///   (`FLWSECK…`) is refused.
/// - **Retries**: when there was no 200 within 60 s.
pub static FLUTTERWAVE_V3: Provider = Provider::new("flutterwave-v3")
    .title("Flutterwave (v3)")
    .docs("https://developer.flutterwave.com/v3.0/docs/webhooks")
    .signature(Token, header("verif-hash").text())
    .never_secrets(&[Mistake::new("FLWSECK", API_KEY), Mistake::new("FLWPUBK", API_KEY)])
    .signs(&[])
    .event_type(&[json("/event")]);

const API_KEY: &str =
    "this is an API key: paste the secret hash that you typed under Settings, Webhooks";
