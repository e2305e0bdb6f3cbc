use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp, Value},
    Provider, SecretFormat, Tolerance, header,
};

/// [Svix](https://docs.svix.com/receiving/verifying-payloads/how-manual), and senders that use it.
///
/// - **Signed**: `svix-id`, a point, `svix-timestamp`, a point and the whole body, with
///   HMAC-SHA256 in base64, as the `v1,` entries of `svix-signature`. The same set may come as
///   `webhook-*`; the two are never mixed.
/// - **Time**: `svix-timestamp`, signed; 300 s to both sides.
/// - **Event**: `svix-id`, signed, the same on every retry; it is the replay key. One with a full
///   stop in it is refused. Svix has no type of its own: the payload is the sender's.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://docs.svix.com/receiving/verifying-payloads/how-manual).
/// - **Secret**: `whsec_…` of the endpoint, from the sender's portal; base64-decoded.
/// - **Retries**: over about a day, by Svix's schedule.
pub static SVIX: Provider = Provider::new("svix")
    .title("Svix")
    .docs("https://docs.svix.com/receiving/verifying-payloads/how-manual")
    .signature(Hmac(Sha256), header("svix-signature").list(" ", ',').entry("v1").base64())
    .secret(SecretFormat::MayPrefixBase64("whsec_"))
    .never_secrets(&[Mistake::new("sk_", API_TOKEN), Mistake::new("testsk_", API_TOKEN)])
    .header_families(&["svix", "webhook"])
    .timestamp(header("svix-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Value(header("svix-id")), Text("."), Timestamp, Text("."), Body])
    .event_id(&[header("svix-id")])
    .identity_source("https://docs.svix.com/receiving/verifying-payloads/how-manual");

const API_TOKEN: &str =
    "this is a token for Svix's API: paste the endpoint's signing secret, `whsec_…`";
