use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [Shippo](https://docs.goshippo.com/docs/tracking/webhooksecurity/). Signatures are off until
/// Shippo's support turns them on for your account; without them a token in the URL's query is
/// all there is, and this provider refuses the request.
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v1` of
///   `Shippo-Auth-Signature`.
/// - **Time**: `t`, signed. No window is documented; 300 s to both sides here.
/// - **Event**: `event` of the body is the type, signed. No id is named: the replay key is a
///   digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the HMAC secret that Shippo's support gives you; it is not decoded.
/// - The scheme rests on Shippo's page as three implementations quote it.
pub static SHIPPO: Provider = Provider::new("shippo")
    .title("Shippo")
    .docs("https://docs.goshippo.com/docs/tracking/webhooksecurity/")
    .signature(Hmac(Sha256), header("shippo-auth-signature").list(",", '=').entry("v1").hex())
    .never_secrets(&[Mistake::new("shippo_live_", TOKEN), Mistake::new("shippo_test_", TOKEN)])
    .timestamp(entry("t").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_type(&[json("/event")]);

const TOKEN: &str =
    "this is an API token: paste the webhook HMAC secret that Shippo's support gave you";
