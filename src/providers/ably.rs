use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, SecretFormat, header};

/// [Ably](https://ably.com/docs/integrations/webhooks).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `X-Ably-Signature`. `X-Ably-Key`
///   names the key; a request that names none of yours is refused.
/// - **Time**: none is signed as such (each item has its `timestamp`). **The replay store is the only
///   protection against replays.**
/// - **Event**: none is named; an enveloped delivery is a batch, `items[]`. The replay key is a
///   digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the whole API key that the integration signs with, `appId.keyId:keySecret`, from the
///   app's *API Keys*. What stands before the colon is the key's name, what stands behind it signs.
pub static ABLY: Provider = Provider::new("ably")
    .title("Ably")
    .docs("https://ably.com/docs/integrations/webhooks")
    .signature(Hmac(Sha256), header("x-ably-signature").base64())
    .secret(SecretFormat::NamedText)
    .key_name(header("x-ably-key"))
    .signs(&[Body]);
