use crate::provider::{
    Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, SecretFormat, header, json,
};

/// [Squarespace](https://developers.squarespace.com/webhooks/verifying-notifications).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in hex, in `Squarespace-Signature`. (That the key
///   is the decoded secret rests on a peer.)
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `id` and `topic` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the webhook subscription's `secret`, from the API: hex, decoded.
/// - **Retries**: unconfirmed.
pub static SQUARESPACE: Provider = Provider::new("squarespace")
    .title("Squarespace")
    .docs("https://developers.squarespace.com/webhooks/verifying-notifications")
    .signature(Hmac(Sha256), header("squarespace-signature").hex())
    .secret(SecretFormat::Hex)
    .signs(&[Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/topic")]);
