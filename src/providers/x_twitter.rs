use crate::provider::{Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header};

/// [X](https://docs.x.com/x-api/webhooks/quickstart), formerly Twitter.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64 behind `sha256=`, in
///   `X-Twitter-Webhooks-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named; the members of the body say what happened. The replay key is a digest
///   of the body.
/// - **Secret**: the app's *API secret key* (consumer secret), from the developer portal. A bearer
///   token (`AAAA…`) is refused.
/// - **Setup**: the challenge-response check, a GET with `crc_token` at registration and about every
///   hour, is not answered here. Answer it in a route of your own, and only for tokens of a narrow
///   alphabet: the answer is an HMAC under the key that signs deliveries.
/// - **Answer**: 2xx within 10 s.
pub static X_TWITTER: Provider = Provider::new("x-twitter")
    .title("X (Twitter)")
    .aliases(&["x", "twitter"])
    .docs("https://docs.x.com/x-api/webhooks/quickstart")
    .signature(Hmac(Sha256), header("x-twitter-webhooks-signature").prefix("sha256=").base64())
    .never_secrets(&[Mistake::new(
        "AAAAAAAAAAAAAAAAAAAA",
        "this is a bearer token: paste the app's API secret key (consumer secret)",
    )])
    .signs(&[Body]);
