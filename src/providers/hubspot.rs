use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Method, Timestamp, UrlUnescaping},
    Provider, Tolerance, header,
};

/// [HubSpot](https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation),
/// signatures of version 3.
///
/// - **Signed**: method, public URL, the whole body and the time, joined without separators, with
///   HMAC-SHA256 in base64, in `X-HubSpot-Signature-v3`. The older signature beside it is never
///   enough. A body that is no JSON object or array, nor empty on a GET, is refused
///   ([`BodyMismatch`](crate::RejectionKind::BodyMismatch)), so that nobody can move a beginning of
///   it into the URL.
/// - **URL**: give it with [`public_url`](crate::VerifierBuilder::public_url). Of its percent
///   escapes those of `:/?@!$'()*,;` are decoded before signing, as HubSpot does; all others stay
///   (the table is from a copy of HubSpot's page).
/// - **Time**: `X-HubSpot-Request-Timestamp` in milliseconds, signed. 300 s into the past as
///   HubSpot says; here also into the future.
/// - **Event**: none is named: the body is a batch, and an `eventId` in it is not unique. The
///   replay key is a digest of method, URL and body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the app's *Client secret* under Auth.
/// - **Retries**: unconfirmed.
pub static HUBSPOT: Provider = Provider::new("hubspot")
    .title("HubSpot")
    .aliases(&["hub-spot"])
    .docs("https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation")
    .signature(Hmac(Sha256), header("x-hubspot-signature-v3").base64())
    .never_secrets(&[Mistake::new("pat-", ACCESS_TOKEN)])
    .timestamp(header("x-hubspot-request-timestamp").millis(), Tolerance::secs(300))
    .signs(&[Method, UrlUnescaping(":/?@!$'()*,;"), Body, Timestamp])
    .methods(&["POST", "GET"]);

const ACCESS_TOKEN: &str = "this is an access token: paste the app's *Client secret*";
