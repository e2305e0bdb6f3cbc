use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Flutterwave](https://developer.flutterwave.com/docs/webhooks), version 4. Version 3 sends a plain
/// token, and is another provider.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `flutterwave-signature`.
/// - **Time**: none is signed as such (`timestamp` of the body says when the event happened). **The
///   replay store is the only protection against replays.**
/// - **Event**: no id; `type` of the body, signed. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *secret hash* that you typed in the dashboard, under Settings, Webhooks; any
///   text. An API key (`FLWSECK…`, `FLWPUBK…`) is refused.
/// - **Answer**: 200 within 60 s (unconfirmed). Retries have to be enabled in the dashboard
///   (unconfirmed).
pub static FLUTTERWAVE_V4: Provider = Provider::new("flutterwave-v4")
    .title("Flutterwave v4")
    .docs("https://developer.flutterwave.com/docs/webhooks")
    .signature(Hmac(Sha256), header("flutterwave-signature").base64())
    .never_secrets(&[Mistake::new("FLWSECK", API_KEY), Mistake::new("FLWPUBK", API_KEY)])
    .signs(&[Body])
    .event_type(&[json("/type")]);

const API_KEY: &str = "this is an API key: paste the secret hash, from Settings, Webhooks";
