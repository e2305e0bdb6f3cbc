use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Url},
    Provider, header, json,
};

/// [Square](https://developer.squareup.com/docs/webhooks/step3validate).
///
/// - **Signed**: the notification URL and the whole body, joined without a border, with
///   HMAC-SHA256 in base64, in `x-square-hmacsha256-signature`. The older SHA-1 header
///   `x-square-signature` is never enough.
///   A body that is no JSON object or array is refused
///   ([`BodyMismatch`](crate::RejectionKind::BodyMismatch)), so that nobody can move a beginning of
///   it into the URL.
/// - **URL**: exactly as registered. Give it with
///   [`exact_url`](crate::VerifierBuilder::exact_url).
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: `event_id` and `type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://developer.squareup.com/docs/webhooks/overview).
/// - **Secret**: the subscription's *Signature key*: Developer Console, the application, Webhooks,
///   Subscriptions. It looks like base64url and is not decoded.
/// - **Answer**: 2xx within 10 s. **Retries**: for up to 72 h (an older text of the same page: 24
///   h).
pub static SQUARE: Provider = Provider::new("square")
    .title("Square")
    .docs("https://developer.squareup.com/docs/webhooks/step3validate")
    .signature(Hmac(Sha256), header("x-square-hmacsha256-signature").base64())
    .never_secrets(&[
        Mistake::new("EAAA", "this is an access token: paste the subscription's *Signature key*"),
        Mistake::new("sq0", "this is of the application: paste the subscription's *Signature key*"),
    ])
    .signs(&[Url, Body])
    .event_id(&[json("/event_id")])
    .event_type(&[json("/type")])
    .identity_source("https://developer.squareup.com/docs/webhooks/overview");
