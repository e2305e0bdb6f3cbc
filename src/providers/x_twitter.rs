use crate::handshake::{Challenge, Handshake, Piece};
use crate::provider::{
    Algorithm::Hmac, Hash::Sha256, Mistake, Part::Body, Provider, header, query,
};

/// What the tokens are made of that are signed: no JSON is.
const TOKEN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-";

/// [X](https://docs.x.com/x-api/webhooks/quickstart), formerly Twitter.
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64 behind `sha256=`, in
///   `X-Twitter-Webhooks-Signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named; the members of the body say what happened. The replay key is a digest
///   of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the app's *API secret key* (consumer secret), from the developer portal. A bearer
///   token (`AAAA…`) is refused.
/// - **Setup**: the challenge-response check, a GET with `crc_token` at registration and about every
///   hour, is answered with `{"response_token": …}`, the HMAC of the token under the first of the
///   secrets. That is the key that signs deliveries, so only a token of letters, digits and `+/=_-`,
///   at most 200 of them, is answered: it can be no delivery.
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
    .signs(&[Body])
    .handshakes(&[Handshake::unsigned_get().signs_json(
        Challenge::new(query("crc_token"), TOKEN, 1, 200),
        &[Piece::Text(r#"{"response_token":"sha256="#), Piece::Base64, Piece::Text(r#""}"#)],
    )]);
