use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, header, json,
};

/// [Webflow](https://developers.webflow.com/data/docs/working-with-webhooks#validating-request-signatures):
/// webhooks made with the API. Those made in a site's dashboard are unsigned.
///
/// - **Signed**: the time, a colon and the whole body, with HMAC-SHA256 in hex, in
///   `X-Webflow-Signature`.
/// - **Time**: `X-Webflow-Timestamp`, in milliseconds as in Webflow's own example, signed; 300 s
///   to both sides, as Webflow recommends for the past.
/// - **Event**: `triggerType` of the body is the type, signed. No id is named: the replay key is a
///   digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the OAuth app's *client secret*; of a webhook made with a site token, its own
///   `secretKey`. It is not decoded.
/// - **Retries**: three, 10 minutes apart, when there was no 200 (unconfirmed).
pub static WEBFLOW: Provider = Provider::new("webflow")
    .title("Webflow")
    .docs("https://developers.webflow.com/data/docs/working-with-webhooks#validating-request-signatures")
    .signature(Hmac(Sha256), header("x-webflow-signature").hex())
    .timestamp(header("x-webflow-timestamp").millis(), Tolerance::secs(300))
    .signs(&[Timestamp, Text(":"), Body])
    .event_type(&[json("/triggerType")]);
