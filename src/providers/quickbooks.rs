use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [QuickBooks](https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks/managing-webhooks-notifications)
/// (Intuit).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `intuit-signature`.
/// - **Time**: none is signed as such (each change has its date). **The replay store is the only
///   protection against replays.**
/// - **Event**: none is named; a delivery is a batch of changes. The replay key is a digest of the
///   body. The announced CloudEvents bodies are signed alike (unconfirmed).
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the app's *verifier token*, under Webhooks in the developer portal; sandbox and
///   production have one each. Not the client secret.
/// - **Answer**: 200 within 3 s. **Retries**: after 20, 30 and 50 min (unconfirmed).
pub static QUICKBOOKS: Provider = Provider::new("quickbooks")
    .title("QuickBooks (Intuit)")
    .aliases(&["intuit"])
    .docs("https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks/managing-webhooks-notifications")
    .signature(Hmac(Sha256), header("intuit-signature").base64())
    .signs(&[Body]);
