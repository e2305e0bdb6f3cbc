use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp, Value},
    Provider, SecretFormat, Tolerance, header, json,
};

/// [Resend](https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests), which sends
/// through Svix.
///
/// - **Signed**: `svix-id`, a point, `svix-timestamp`, a point and the whole body, with HMAC-SHA256
///   in base64, as the `v1,` entries of `svix-signature`. Only the headers named `svix-…` are read.
/// - **Time**: `svix-timestamp`, signed; 300 s to both sides.
/// - **Event**: `svix-id`, signed, the same on every retry; it is the replay key. One with a full
///   stop in it is refused. The body's `type` is signed.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://docs.svix.com/receiving/verifying-payloads/how-manual).
/// - **Secret**: the webhook's *Signing Secret*, `whsec_…`, in the dashboard under Webhooks;
///   base64-decoded. An API key (`re_…`) is refused.
/// - **Retries**: by Svix's schedule (unconfirmed).
pub static RESEND: Provider = Provider::new("resend")
    .title("Resend")
    .docs("https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests")
    .signature(Hmac(Sha256), header("svix-signature").list(" ", ',').entry("v1").base64())
    .secret(SecretFormat::MayPrefixBase64("whsec_"))
    .never_secrets(&[Mistake::new(
        "re_",
        "this is an API key: paste the webhook's signing secret, `whsec_…`",
    )])
    .timestamp(header("svix-timestamp").seconds(), Tolerance::secs(300))
    .signs(&[Value(header("svix-id")), Text("."), Timestamp, Text("."), Body])
    .event_id(&[header("svix-id")])
    .event_type(&[json("/type")])
    .identity_source("https://docs.svix.com/receiving/verifying-payloads/how-manual");
