use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, json};

/// [Onfido](https://documentation.onfido.com/api/latest/#webhook-security).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-SHA2-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; the replay key is a digest of the body. The type is `payload.action` of the
///   body, signed.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the webhook's token, shown when it is created. An API token (`api_live…`) is
///   refused.
/// - **Retries**: unconfirmed.
pub static ONFIDO: Provider = Provider::new("onfido")
    .title("Onfido")
    .docs("https://documentation.onfido.com/api/latest/#webhook-security")
    .signature(Hmac(Sha256), header("x-sha2-signature").hex())
    .never_secrets(&[Mistake::new("api_live", API_TOKEN), Mistake::new("api_sandbox", API_TOKEN)])
    .signs(&[Body])
    .event_type(&[json("/payload/action")]);

const API_TOKEN: &str = "this is an API token: paste the webhook's own token";
