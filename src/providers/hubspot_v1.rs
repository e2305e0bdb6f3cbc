use crate::handshake::Mark;
use crate::provider::{
    Algorithm::Digest,
    Hash::Sha256,
    Mistake,
    Part::{Body, Secret},
    Provider, header,
};

/// [HubSpot](https://developers.hubspot.com/docs/faq/v1-request-validation), signatures of version
/// 1. **Weak**: use [`HUBSPOT`](super::HUBSPOT) where the version 3 header comes.
///
/// - **Signed**: the secret and the whole body, joined and hashed with plain SHA-256, not an HMAC,
///   in hex in `X-HubSpot-Signature`. Whoever captured one request can append bytes to its body
///   under a signature that matches (length extension).
/// - **Version**: `X-HubSpot-Signature-Version` must be `v1`. It is not signed.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named: the body is a batch, and an `eventId` in it is not unique. The
///   replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the app's *Client secret* under Auth.
/// - **Retries**: unconfirmed.
pub static HUBSPOT_V1: Provider = Provider::new("hubspot-v1")
    .title("HubSpot (signature v1)")
    .docs("https://developers.hubspot.com/docs/faq/v1-request-validation")
    .signature(Digest(Sha256), header("x-hubspot-signature").hex())
    .never_secrets(&[Mistake::new("pat-", ACCESS_TOKEN)])
    .requires(&[Mark::Equals(header("x-hubspot-signature-version"), "v1")])
    .signs(&[Secret, Body]);

const ACCESS_TOKEN: &str = "this is an access token: paste the app's *Client secret*";
