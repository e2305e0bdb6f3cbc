use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, SecretFormat, header};

/// [Pusher Channels](https://pusher.com/docs/channels/server_api/webhooks/).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `X-Pusher-Signature`. `X-Pusher-Key`
///   says which of the app's tokens signs; it is not signed, and a token verifies only what is said
///   to be its own.
/// - **Time**: none that could be judged. `time_ms` of the body is signed, and no window is
///   documented. **The replay store is the only protection against replays.**
/// - **Event**: none is named; a delivery is a batch, `events[]`. The replay key is a digest of the
///   body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the token's key and secret, `key:secret`, from the app's *App Keys*. Give every
///   active token.
/// - **Retries**: for 5 minutes (unconfirmed).
pub static PUSHER: Provider = Provider::new("pusher")
    .title("Pusher Channels")
    .docs("https://pusher.com/docs/channels/server_api/webhooks/")
    .signature(Hmac(Sha256), header("x-pusher-signature").hex())
    .secret(SecretFormat::NamedText)
    .key_name(header("x-pusher-key"))
    .signs(&[Body]);
