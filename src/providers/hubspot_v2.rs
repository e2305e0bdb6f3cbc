use crate::handshake::Mark;
use crate::provider::{
    Algorithm::Digest,
    Hash::Sha256,
    Mistake,
    Part::{Body, Method, Secret, Url},
    Provider, header,
};

/// [HubSpot](https://developers.hubspot.com/docs/faq/v2-request-validation), signatures of version
/// 2. **Weak**: use [`HUBSPOT`](super::HUBSPOT) where the version 3 header comes.
///
/// - **Signed**: the secret, method, public URL and the whole body, joined and hashed with plain
///   SHA-256, not an HMAC, in hex in `X-HubSpot-Signature`. Whoever captured one request can
///   append bytes to its body under a signature that matches (length extension). A body that is no
///   JSON object or array, nor empty on a GET, is refused
///   ([`BodyMismatch`](crate::RejectionKind::BodyMismatch)): neither appended bytes nor a piece that
///   was moved into the URL leave one.
/// - **Version**: `X-HubSpot-Signature-Version` must be `v2`. It is not signed.
/// - **URL**: exactly as it is called, nothing decoded; give it with
///   [`public_url`](crate::VerifierBuilder::public_url).
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: none is named. The replay key is a digest of method, URL and body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the app's *Client secret* under Auth.
/// - **Retries**: unconfirmed.
pub static HUBSPOT_V2: Provider = Provider::new("hubspot-v2")
    .title("HubSpot (signature v2)")
    .docs("https://developers.hubspot.com/docs/faq/v2-request-validation")
    .signature(Digest(Sha256), header("x-hubspot-signature").hex())
    .never_secrets(&[Mistake::new("pat-", ACCESS_TOKEN)])
    .requires(&[Mark::Equals(header("x-hubspot-signature-version"), "v2")])
    .signs(&[Secret, Method, Url, Body])
    .methods(&["POST", "GET"]);

const ACCESS_TOKEN: &str = "this is an access token: paste the app's *Client secret*";
