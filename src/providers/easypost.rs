use crate::provider::{
    Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, SecretFormat, header, json,
};

/// [EasyPost](https://docs.easypost.com/guides/webhooks-guide).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex behind `hmac-sha256-hex=`, in
///   `X-Hmac-Signature`. The newer `X-Hmac-Signature-V2`, which adds time, method and path, is not
///   covered.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` and `description` (`tracker.updated`) of the body, both signed. The id is the
///   replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the `webhook_secret` that you gave when the webhook was made; the key is its NFKD
///   form. An API key (`EZAK…`, `EZTK…`) is refused.
/// - EasyPost's library for Node rewrites weights before it hashes, that for Python does not; here
///   the bytes are hashed as they arrive.
/// - **Answer**: 2xx, within 7 s (unconfirmed). **Retries**: 6 (unconfirmed); an endpoint that fails
///   again and again may be disabled.
pub static EASYPOST: Provider = Provider::new("easypost")
    .title("EasyPost")
    .docs("https://docs.easypost.com/guides/webhooks-guide")
    .signature(Hmac(Sha256), header("x-hmac-signature").prefix("hmac-sha256-hex=").hex())
    .secret(SecretFormat::NfkdText)
    .never_secrets(&[Mistake::new("EZAK", API_KEY), Mistake::new("EZTK", API_KEY)])
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/description")]);

const API_KEY: &str = "this is an API key: paste the `webhook_secret` that you gave to the webhook";
