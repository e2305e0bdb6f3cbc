use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header,
};

/// [Recharge](https://developer.rechargepayments.com/2021-11/webhooks_explained), in its newer way.
/// The older `X-Recharge-Hmac-Sha256`, which comes beside it, is never looked at here.
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v1` of
///   `X-Recharge-Webhook-Signature`. Other versions are never looked at.
/// - **Time**: `t`, signed; 48 h to both sides, as documented. `X-Recharge-Webhook-Timestamp`
///   repeats it and is not read.
/// - **Event**: none is named; the one member at the top of the body says what it is about. The
///   replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the *API client secret* of the API token, not the token itself; it is not decoded.
/// - **Retries**: 20 over 48 h, when there was no 200 within 5 s; then the webhook is deleted.
/// - The scheme rests on two independent readings of Recharge's page.
pub static RECHARGE: Provider = Provider::new("recharge")
    .title("Recharge")
    .docs("https://developer.rechargepayments.com/2021-11/webhooks_explained")
    .signature(
        Hmac(Sha256),
        header("x-recharge-webhook-signature").list(",", '=').entry("v1").hex(),
    )
    .timestamp(entry("t").seconds(), Tolerance::secs(48 * 60 * 60))
    .signs(&[Timestamp, Text("."), Body]);
