use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [WorkOS](https://workos.com/docs/events/data-syncing/webhooks).
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v1` of
///   `WorkOS-Signature`.
/// - **Time**: `t`, in **milliseconds**, signed; 300 s to both sides. The Python library takes 180
///   s to both sides, that for Node into the past only.
/// - **Event**: `id` and `event` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id. That it names one event over all its retries is unconfirmed.
/// - **Secret**: the endpoint's signing secret: Dashboard, Webhooks. An API key (`sk_…`) is
///   refused.
/// - Actions, which use the same header, are answered with a signed response, and are not covered.
/// - **Retries**: unconfirmed.
pub static WORKOS: Provider = Provider::new("workos")
    .title("WorkOS")
    .docs("https://workos.com/docs/events/data-syncing/webhooks")
    .signature(
        Hmac(Sha256),
        header("workos-signature").list(",", '=').written_between(", ").entry("v1").hex(),
    )
    .never_secrets(&[
        Mistake::new("sk_", "this is an API key: paste the webhook endpoint's signing secret"),
        Mistake::new("client_", "this is a client id: paste the webhook endpoint's signing secret"),
    ])
    .timestamp(entry("t").millis(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/event")]);
