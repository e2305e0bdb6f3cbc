use crate::handshake::{Challenge, Handshake, Mark, Piece};
use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, header, json,
};

/// What the tokens are made of that are signed: no signed content is, for it has a colon.
const TOKEN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-";

/// [Zoom](https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events).
///
/// - **Signed**: `v0:`, the time, a colon and the whole body, with HMAC-SHA256 in hex behind
///   `v0=`, in `x-zm-signature`. Zoom's samples write the parsed body anew; what counts is the
///   body as it was sent.
/// - **Time**: `x-zm-request-timestamp`, signed. Zoom documents no window; 300 s to both sides, as
///   peers have it.
/// - **Event**: `event` of the body is the type, signed. There is no id: the replay key is a digest
///   of the body.
/// - **Identity**: a digest of what is signed: no two events sign the same, by [its
///   documentation](https://developers.zoom.us/docs/api/webhooks/).
/// - **Secret**: the app's *Secret Token* under Features, Access. The retired *Verification Token*
///   does not sign.
/// - **Setup**: `endpoint.url_validation`, a signed POST when you validate the URL and every 72 h
///   after, is answered once verified with `{"plainToken": …, "encryptedToken": …}`: the HMAC of
///   `payload.plainToken` under the secret token that signed the request. That is the key that signs
///   deliveries, so it is made of nothing that could be one.
/// - **Answer**: 200 or 204 within 3 s. **Retries**: 3, after 5, 20 and 60 min.
pub static ZOOM: Provider = Provider::new("zoom")
    .title("Zoom")
    .docs("https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events")
    .signature(Hmac(Sha256), header("x-zm-signature").prefix("v0=").hex())
    .timestamp(header("x-zm-request-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Text("v0:"), Timestamp, Text(":"), Body])
    .event_type(&[json("/event")])
    .handshakes(&[Handshake::signed(&[Mark::Equals(json("/event"), "endpoint.url_validation")])
        .signs_json(
            Challenge::new(json("/payload/plainToken"), TOKEN, 1, 128),
            &[
                Piece::Text(r#"{"plainToken":""#),
                Piece::Token,
                Piece::Text(r#"","encryptedToken":""#),
                Piece::Hex,
                Piece::Text(r#""}"#),
            ],
        )])
    .identity_source("https://developers.zoom.us/docs/api/webhooks/");
