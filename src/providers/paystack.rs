use crate::provider::{Algorithm::Hmac, Hash::Sha512, Mistake, Part::Body, Provider, header, json};

/// [Paystack](https://paystack.com/docs/payments/webhooks/#verify-event-origin).
///
/// - **Signed**: the whole body, with HMAC-SHA512 in hex, in `x-paystack-signature`.
/// - **Time**: none is signed. **The replay store is the only protection against replays.**
/// - **Event**: no id; `event` of the body, signed. The replay key is a digest of the body.
/// - **Identity**: a digest of what is signed. That no two events sign the same is unconfirmed.
/// - **Secret**: the account's *secret key*, `sk_live_…` or `sk_test_…`, under Settings, API Keys &
///   Webhooks. It is an API key as well: whoever can read it can also move money. A public key
///   (`pk_…`) is refused.
/// - **Answer**: 200 within 30 s. **Retries**: in live mode every 3 min four times, then hourly for
///   72 h.
pub static PAYSTACK: Provider = Provider::new("paystack")
    .title("Paystack")
    .docs("https://paystack.com/docs/payments/webhooks/#verify-event-origin")
    .signature(Hmac(Sha512), header("x-paystack-signature").hex())
    .never_secrets(&[Mistake::new(
        "pk_",
        "this is the public key: paste the secret key, `sk_…`, from Settings, API Keys & Webhooks",
    )])
    .signs(&[Body])
    .event_type(&[json("/event")]);
