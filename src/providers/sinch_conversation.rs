use crate::handshake::Mark;
use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp, Value},
    Provider, Tolerance, header,
};

/// [Sinch Conversation API](https://developers.sinch.com/docs/conversation/callbacks/). Callbacks of
/// Voice and Verification are signed in another way, and are not covered.
///
/// - **Signed**: the whole body, a point, a nonce, a point and the time, with HMAC-SHA256 in
///   base64, in `X-Sinch-Webhook-Signature`. A request must name the algorithm, `HmacSHA256`.
/// - **Time**: `X-Sinch-Webhook-Signature-Timestamp`, signed. No window is documented; 300 s to
///   both sides here.
/// - **Event**: none is named; the body's member such as `message` says what it is about. The
///   replay key is a digest of the body and of `X-Sinch-Webhook-Signature-Nonce`; whether a retry
///   has a new nonce is unconfirmed, and if so it is a new event.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: what you set as the webhook's `secret`; any text.
/// - The scheme rests on Sinch's page and a vector from the tests of its library.
pub static SINCH_CONVERSATION: Provider = Provider::new("sinch-conversation")
    .title("Sinch Conversation API")
    .docs("https://developers.sinch.com/docs/conversation/callbacks/")
    .signature(Hmac(Sha256), header("x-sinch-webhook-signature").base64())
    .requires(&[Mark::Equals(header("x-sinch-webhook-signature-algorithm"), "HmacSHA256")])
    .timestamp(header("x-sinch-webhook-signature-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[
        Body,
        Text("."),
        Value(header("x-sinch-webhook-signature-nonce")),
        Text("."),
        Timestamp,
    ]);
