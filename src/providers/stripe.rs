use crate::provider::{
    Algorithm::Hmac,
    Hash::Sha256,
    Mistake,
    Part::{Body, Text, Timestamp},
    Provider, Tolerance, entry, header, json,
};

/// [Stripe](https://docs.stripe.com/webhooks#verify-manually).
///
/// - **Signed**: the time `t`, a point and the whole body, with HMAC-SHA256 in hex, as the `v1`
///   entries of `Stripe-Signature`. During a secret roll there are several; one match is enough.
///   `v0` entries, which test mode also sends, are never looked at.
/// - **Time**: `t`, signed. 300 s into the past as in Stripe's libraries; here also into the
///   future.
/// - **Event**: `id` and `type` of the body, both signed. The id is the replay key.
/// - **Identity**: the signed id, which names one event over all its retries: by [its
///   documentation](https://docs.stripe.com/webhooks).
/// - **Secret**: the endpoint's signing secret, `whsec_…`: Dashboard, Developers, Webhooks, the
///   endpoint, *Signing secret*. The whole string is the key; it is not decoded. An API key
///   (`sk_…`) is refused.
/// - **Retries**: for days in live mode (the schedule is unconfirmed).
///
/// ```
/// # use std::time::{Duration, UNIX_EPOCH};
/// use tower_webhooks::{Verified, providers::STRIPE};
///
/// // A vector of the crate `webhook-verify`.
/// let (head, body) = http::Request::post("/webhooks/stripe")
///     .header(
///         "stripe-signature",
///         "t=1700000000,v1=d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990",
///     )
///     .body(r#"{"id":"evt_test_webhook","object":"event"}"#)?
///     .into_parts();
/// let verifier = STRIPE.verifier("whsec_test_secret").build()?;
/// let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
///
/// let Verified::Event(event) = verifier.verify(&head, body, now)? else { panic!() };
/// assert!(event.id().is_some_and(|id| id == "evt_test_webhook" && id.is_signed()));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub static STRIPE: Provider = Provider::new("stripe")
    .title("Stripe")
    .docs("https://docs.stripe.com/webhooks#verify-manually")
    .signature(Hmac(Sha256), header("stripe-signature").list(",", '=').entry("v1").hex())
    .never_secrets(&[
        Mistake::new("sk_", API_KEY),
        Mistake::new("rk_", API_KEY),
        Mistake::new("pk_", API_KEY),
        Mistake::new("we_", "this is the endpoint's id: paste its signing secret, `whsec_…`"),
    ])
    .timestamp(entry("t").seconds(), Tolerance::secs(300))
    .signs(&[Timestamp, Text("."), Body])
    .event_id(&[json("/id")])
    .event_type(&[json("/type")])
    .identity_source("https://docs.stripe.com/webhooks");

const API_KEY: &str =
    "this is an API key: paste the endpoint's signing secret, `whsec_…`, from Developers, Webhooks";
