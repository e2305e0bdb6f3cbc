use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp, Value},
    Provider, SecretFormat, Tolerance, header, json,
};

/// [Clerk](https://clerk.com/docs/webhooks/overview), which sends through Svix.
///
/// - **Signed**: `svix-id`, a point, `svix-timestamp`, a point and the whole body, with HMAC-SHA256
///   in base64, as the `v1,` entries of `svix-signature`. Only the headers named `svix-…` are read.
/// - **Time**: `svix-timestamp`, signed; 300 s to both sides. The body's `timestamp` is the
///   event's, not the delivery's.
/// - **Event**: `svix-id`, signed, the same on every retry; it is the replay key. One with a full
///   stop in it is refused. The body's `type` is signed.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://docs.svix.com/receiving/verifying-payloads/how-manual).
/// - **Secret**: the endpoint's *Signing Secret*, `whsec_…`, in the dashboard under Webhooks;
///   base64-decoded. An API key (`sk_…`) is refused.
/// - **Retries**: over about a day, by Svix's schedule.
pub static CLERK: Provider = Provider::new("clerk")
    .title("Clerk")
    .docs("https://clerk.com/docs/webhooks/overview")
    .signature(Hmac(Sha256), header("svix-signature").list(" ", ',').entry("v1").base64())
    .secret(SecretFormat::MayPrefixBase64("whsec_"))
    .never_secrets(&[Mistake::new("sk_", API_KEY), Mistake::new("pk_", API_KEY)])
    .timestamp(header("svix-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Value(header("svix-id")), Text("."), Timestamp, Text("."), Body])
    .event_id(&[header("svix-id")])
    .event_type(&[json("/type")])
    .identity_source("https://docs.svix.com/receiving/verifying-payloads/how-manual");

const API_KEY: &str = "this is an API key: paste the webhook endpoint's signing secret, `whsec_…`";
